"""Windows, receptive fields and readers, against torch's gradients."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import networks

from cnnviz.nn.fields import Cells, above, below, field, jump
from cnnviz.nn.inspection import layer_outputs
from cnnviz.nn.models import lecture, lenet5
from cnnviz.nn.modules import build
from cnnviz.nn.network import Layer, Network, conv, dense

SLOW = {
    "max_examples": 40,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
}


def linear(network: Network) -> torch.nn.Sequential:
    """Build a network through which every path has a positive slope."""
    module = build(network).double().eval()
    with torch.no_grad():
        for weight in module.parameters():
            weight.abs_().add_(0.1)
    return module


def slopes(network: Network, start: int, end: int, place, *, read: str) -> np.ndarray:
    """Return the derivative of one value by all of an earlier layer's, or the reverse.

    `place` lies in the later layer if `read` is "before", else in the earlier one.
    """
    module = torch.nn.Sequential(*list(linear(network))[start:end])
    shape = (network.input, *network.shapes)[start]
    values = torch.zeros(1, *shape, dtype=torch.float64, requires_grad=True)
    result = module(values)
    if read == "before":
        (found,) = torch.autograd.grad(result[0][place], values)
        return found[0].numpy()
    moved = values.detach().clone()
    moved[0][place] += 1
    return (module(moved) - result).detach()[0].numpy()


SMOOTH = {"conv", "average-pool", "subsample", "flatten", "dense", "dropout"}


@settings(**SLOW)
@given(network=networks(), data=st.data())
def test_what_a_value_reads_and_feeds_is_what_its_slopes_say(network, data):
    number = data.draw(st.integers(0, len(network.layers) - 1))
    if network.layers[number].kind not in SMOOTH:
        return
    shapes, names = (network.input, *network.shapes), ("input", *network.names)
    up = tuple(data.draw(st.integers(0, n - 1)) for n in shapes[number + 1])
    down = tuple(data.draw(st.integers(0, n - 1)) for n in shapes[number])
    cells = below(network, names[number + 1], up)
    assert cells.name == names[number]
    read = slopes(network, number, number + 1, up, read="before")
    np.testing.assert_array_equal(mask(cells, shapes[number]), read != 0)
    cells = above(network, names[number], down)
    assert cells.name == names[number + 1]
    fed = slopes(network, number, number + 1, down, read="after")
    np.testing.assert_array_equal(mask(cells, shapes[number + 1]), abs(fed) > 1e-9)


def mask(cells: Cells, shape) -> np.ndarray:
    """Return True at every one of the cells that lies on the maps."""
    result = np.zeros(shape, bool)
    sides = [cells.maps, cells.rows, cells.columns][: len(shape)]
    inside = [
        [n for n in side if 0 <= n < length]
        for side, length in zip(sides, shape, strict=True)
    ]
    result[np.ix_(*inside)] = True
    return result


@settings(**SLOW)
@given(network=networks(), data=st.data())
def test_the_field_is_where_the_picture_has_a_slope(network, data):
    smooth = tuple(
        layer if layer.kind in SMOOTH | {"max-pool"} else Layer("dropout")
        for layer in network.layers
        if layer.kind != "rbf"
    )
    smooth = tuple(
        replace(layer, kind="average-pool") if layer.kind == "max-pool" else layer
        for layer in smooth
    )
    network = Network(input=network.input, layers=smooth)
    number = data.draw(st.integers(1, len(network.layers)))
    place = tuple(data.draw(st.integers(0, n - 1)) for n in network.shapes[number - 1])
    found = field(network, network.names[number - 1], place)
    slope = slopes(network, 0, number, place, read="before").any(axis=0)
    for axis, (first, last) in enumerate((found.seen_rows, found.seen_columns)):
        seen = np.flatnonzero(slope.any(axis=1 - axis))
        assert (first, last) == ((seen.min(), seen.max()) if seen.size else (0, -1))


@settings(**SLOW)
@given(network=networks(), data=st.data())
def test_nothing_outside_the_field_changes_a_value(network, data):
    number = data.draw(st.integers(1, len(network.layers)))
    place = tuple(data.draw(st.integers(0, n - 1)) for n in network.shapes[number - 1])
    name = network.names[number - 1]
    found = field(network, name, place)
    module = build(network).eval()
    picture = torch.rand(1, *network.input, generator=torch.Generator().manual_seed(0))
    other = 1 - picture
    rows, columns = (slice(a, b + 1) for a, b in (found.seen_rows, found.seen_columns))
    other[..., rows, columns] = picture[..., rows, columns]
    values = [layer_outputs(module, x)[name][0][place] for x in (picture, other)]
    torch.testing.assert_close(*values)


def test_the_lectures_fields():
    network = lecture.NETWORK
    pinned = field(network, "conv2", (12, 2, 5))
    assert pinned.size == (14, 14)
    assert (pinned.rows, pinned.columns) == ((4, 17), (10, 23))
    assert jump(network, "conv2") == (2, 2)
    assert field(network, "input", (0, 3, 4)).rows == (3, 3)
    assert field(network, "flatten1", (17,)) == field(network, "pool2", (1, 0, 1))
    assert field(network, "dense2", (3,)).seen_rows == (0, 27)
    assert field(network, "softmax", (3,)) == field(network, "dense2", (3,))
    assert above(network, "dense2", (3,)) == Cells("softmax", tuple(range(10)))
    assert below(network, "softmax", (3,)) == Cells("dense2", tuple(range(10)))
    assert above(network, "softmax", (3,)) is None


def test_padding_is_part_of_the_field_but_not_seen():
    found = field(lenet5.LENET5, "conv1", (0, 0, 27))
    assert (found.rows, found.columns) == ((-2, 2), (25, 29))
    assert (found.seen_rows, found.seen_columns) == ((0, 2), (25, 27))


def test_a_value_of_padding_alone_sees_nothing():
    layers = (Layer("conv", 1, padding=(0, 1)), Layer("flatten"), dense(2))
    network = Network(input=(1, 7, 7), layers=layers)
    found = field(network, "flatten1", (0,))
    assert (found.rows, found.columns) == ((0, 0), (-1, -1))
    assert found.seen_rows == found.seen_columns == (0, -1)


def test_a_table_of_connections_says_who_reads_whom():
    network = lenet5.LENET5_1998
    assert below(network, "conv2", (7, 0, 0)).maps == lenet5.C3[7]
    readers = above(network, "tanh2", (0, 3, 3))
    assert readers is not None
    assert readers.maps == tuple(n for n, row in enumerate(lenet5.C3) if 0 in row)


def test_what_is_not_there_raises():
    network = Network(layers=(conv(2, 3), Layer("flatten"), dense(2)))
    with pytest.raises(IndexError):
        field(network, "conv1", (0, 26, 0))
    with pytest.raises(KeyError, match="conv9"):
        field(network, "conv9", (0, 0, 0))
    with pytest.raises(KeyError, match="nothing"):
        below(network, "input", (0, 0, 0))
