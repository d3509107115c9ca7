"""The table of layers: what cells say, and what typing in them does."""

from __future__ import annotations

import pytest

from cnnviz.errors import InputError
from cnnviz.nn import network as networks
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.network import Layer, Network, conv, dense
from cnnviz.pages.train import layers

LECTURE = NETWORKS[0]
TITLES = [column.title for column in layers.COLUMNS]


def texts(network, row):
    return dict(zip(TITLES, layers.rows(network)[row].texts, strict=True))


def test_a_row_says_what_its_layer_does():
    assert texts(LECTURE, 0) == {
        "Layer": "Convolution",
        "Outputs": "32",
        "Window": "5",
        "Stride": "1",
        "Padding": "0",
        "Dilation": "1",
        "Rate": "",
        "Shape": "32 × 24 × 24",
        "Parameters": "832",
    }
    assert texts(LECTURE, 7)["Parameters"] == "1,025,000"
    assert texts(LECTURE, 1)["Window"] == ""


def test_shapes_end_where_a_layer_does_not_fit():
    network = Network(layers=(conv(4, 29), Layer("flatten"), dense(10)))
    rows = layers.rows(network)
    assert rows[0].reason is not None
    assert [row.texts[-2] for row in rows] == ["–"] * 3
    assert rows[2].reason is None, "only the layer that does not fit is told so"


@pytest.mark.parametrize(
    ("row", "field", "text", "found"),
    [
        (0, "outputs", "16", "16"),
        (0, "kernel", "3 × 5", "3 × 5"),
        (0, "kernel", "3x5", "3 × 5"),
        (0, "kernel", "7", "7"),
        (2, "stride", "1 2", "1 × 2"),
        (0, "kind", "Dense", "Dense"),
        (1, "kind", "dropout", "Dropout"),
    ],
)
def test_what_is_typed_is_there(row, field, text, found):
    network = layers.edited(LECTURE, row, field, text)
    assert layers.cell(network.layers[row], field) == found
    others = [n for n in range(len(LECTURE.layers)) if n != row]
    assert all(network.layers[n] == LECTURE.layers[n] for n in others)
    assert network.id == "custom"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("outputs", "many"),
        ("outputs", "-3"),
        ("outputs", ""),
        ("kernel", "3 × 3 × 3"),
        ("kernel", "½"),
        ("rate", "half"),
        ("kind", "Magic"),
    ],
)
def test_what_cannot_be_read_says_so(field, text):
    with pytest.raises(InputError, match=r"\.$"):
        layers.edited(LECTURE, 0, field, text)


def test_every_kind_can_be_chosen_and_shown():
    for kind in networks.TITLES:
        network = layers.edited(LECTURE, 0, "kind", kind)
        assert texts(network, 0)["Layer"] == networks.TITLES[kind]


def test_rows_come_go_and_move():
    longer = layers.inserted(LECTURE, 0, "conv")
    assert longer.layers[1:] == LECTURE.layers
    assert layers.removed(longer, 0).layers == LECTURE.layers
    swapped = layers.moved(LECTURE, 1, 1)
    assert swapped.layers[1].kind == "max-pool"
    assert layers.moved(LECTURE, 0, -1) is LECTURE
    full = Network(layers=(Layer("relu"),) * 40)
    with pytest.raises(InputError, match="40 layers"):
        layers.inserted(full, 0, "conv")
