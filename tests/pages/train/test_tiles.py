"""Which maps are on show, and how they are laid out."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.nn.events import Watched
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.network import Network
from cnnviz.pages.train import tiles

LECTURE = NETWORKS[0]


def test_main_layers_are_those_that_learn():
    found = tiles.tiles(LECTURE, every_layer=False, gradients=False)
    assert [tile.title for tile in found] == [
        "Conv 1",
        "Conv 1 filters",
        "Conv 2",
        "Conv 2 filters",
        "Dense 1",
        "Dense 2",
    ]
    assert found[0].caption == "32 × 24 × 24"
    assert all(tile.signed for tile in found)


def test_all_layers_are_all_but_the_flattened():
    found = tiles.tiles(LECTURE, every_layer=True, gradients=True)
    keys = [tile.key for tile in found if tile.source == "output"]
    assert keys == [name for name in LECTURE.names if name != "flatten1"]
    signs = {tile.key: tile.signed for tile in found}
    assert signs["conv1"] and signs["dense1"]
    assert not signs["relu1"] and not signs["pool1"]
    assert {tile.source for tile in found} == {"output", "gradient"}


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_every_network_has_maps(network):
    assert tiles.tiles(network, every_layer=False, gradients=False)


def test_a_network_that_does_not_work_has_none():
    assert tiles.tiles(Network(), every_layer=True, gradients=False) == []


def test_filters_are_one_map_for_each_pair_of_maps():
    weights = np.arange(2 * 3 * 5 * 5, dtype=np.float32).reshape(2, 3, 5, 5)
    seen = Watched(0, {}, {"conv1.weight": weights}, {}, np.ones(1, np.float32))
    tile = tiles.Tile("conv1.weight", "", "", "weight", signed=True)
    maps = tile.maps(seen)
    assert maps is not None
    assert maps.shape == (6, 5, 5)
    assert (maps[4] == weights[1, 1]).all()
    gradients = tiles.Tile("conv1.weight", "", "", "gradient", signed=True)
    assert gradients.maps(seen) is None


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [
        (1, 100, 100, 1),
        (4, 100, 100, 2),
        (3, 300, 100, 3),
        (3, 100, 300, 1),
        (0, 100, 100, 1),
    ],
)
def test_tiles_come_near_to_squares(count, width, height, columns):
    assert tiles.best_columns(count, width, height) == columns
