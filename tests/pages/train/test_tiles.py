"""Which maps are on show, and how they are laid out."""

from __future__ import annotations

import numpy as np
import pytest

from cnnviz.nn import replay
from cnnviz.nn.events import Watched
from cnnviz.nn.models import NETWORKS, tiny
from cnnviz.nn.network import Network
from cnnviz.nn.recipe import Recipe
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
    tile = tiles.Tile("conv1.weight", "", "", "weight", True, (5, 5))
    maps = tile.maps(seen)
    assert maps is not None
    assert maps.shape == (6, 5, 5)
    assert (maps[4] == weights[1, 1]).all()
    gradients = tiles.Tile("conv1.weight", "", "", "gradient", True, (5, 5))
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


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_all_weights_that_are_looked_at_are_on_show(network):
    picture = np.zeros(network.input, np.uint8)
    weights = replay.first_weights(Recipe(network))
    seen = replay.look(network, weights, picture, 0)
    found = tiles.tiles(network, every_layer=True, gradients=False)
    assert {tile.key for tile in found if tile.source == "weight"} == set(seen.weights)
    for tile in found:
        maps = tile.maps(seen)
        assert maps is not None
        assert maps.ndim in (1, 3), tile.key


def test_a_unit_weighs_the_maps_before_it_map_by_map():
    weights = np.arange(10 * 256, dtype=np.float32).reshape(10, 256)
    seen = Watched(0, {}, {"dense1.weight": weights}, {}, np.ones(1, np.float32))
    found = tiles.tiles(tiny.NETWORK, every_layer=True, gradients=False)
    (tile,) = (tile for tile in found if tile.key == "dense1.weight")
    assert (tile.title, tile.caption) == ("Dense 1 weights", "10 × 256")
    maps = tile.maps(seen)
    assert maps.shape == (160, 4, 4)
    assert (maps[16 + 3] == weights[1].reshape(16, 4, 4)[3]).all()
