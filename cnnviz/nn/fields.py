"""Where a value comes from and where it goes: windows, receptive fields, readers.

Only places, from a network's table and without torch. ``"input"`` names the picture and
``"softmax"`` the probabilities behind the last layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn.network import WINDOWED
from cnnviz.nn.terms import INPUT, SOFTMAX
from cnnviz.ops.geometry import (
    Pair,
    is_inside,
    reached,
    receptive_field,
    tap_coordinates,
    window,
)

if TYPE_CHECKING:
    from cnnviz.nn.arithmetic import Integers, Place
    from cnnviz.nn.network import Layer, Network, Shape


NOWHERE: Pair = (0, -1)


@dataclass(frozen=True)
class Cells:
    """Values of one layer: all that lie in one of the maps, rows and columns named.

    Attributes
    ----------
    name : str
        The layer.
    maps : tuple of int
        For a flat layer, its units.
    rows, columns : tuple of int
        Below 0 or past the edge in the padding; empty for a flat layer.
    """

    name: str
    maps: tuple[int, ...]
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()


@dataclass(frozen=True)
class Field:
    """The part of the picture that can change one value.

    Attributes
    ----------
    rows, columns : (first, last)
        Of the whole field; below 0 or past the edge in the padding.
    seen_rows, seen_columns : (first, last)
        Of the pixels that it truly depends on: without padding of any layer, and
        without what dilation skips. Both are ``(0, −1)`` if it reads padding only.
    """

    rows: Pair
    columns: Pair
    seen_rows: Pair
    seen_columns: Pair

    @property
    def size(self) -> Pair:
        """Rows and columns of the whole field."""
        return (
            self.rows[1] - self.rows[0] + 1,
            self.columns[1] - self.columns[0] + 1,
        )


def below(network: Network, name: str, place: Place) -> Cells:
    """Find what a value is made of: the cells it reads in the layer below.

    Raises
    ------
    IndexError, KeyError
        There is no such value or layer; ``"input"`` has nothing below.
    """
    number = _number(network, name)
    if not number:
        raise KeyError("nothing lies below the picture")
    before, shape = _names(network)[number - 1], _shape(network, number - 1)
    if name == SOFTMAX:
        return Cells(before, tuple(range(shape[0])))
    layer = network.layers[number - 1]
    if layer.kind in WINDOWED:
        taps = window((place[1], place[2]), _plane(shape), layer.geometry)
        maps = tuple(range(shape[0])) if layer.kind == "conv" else place[:1]
        if layer.connections:
            maps = layer.connections[place[0]]
        return Cells(
            before, maps, tuple(taps.rows.tolist()), tuple(taps.columns.tolist())
        )
    if layer.kind in ("dense", "rbf"):
        return Cells(before, tuple(range(shape[0])))
    if layer.kind == "flatten":
        place = tuple(int(n) for n in np.unravel_index(place[0], shape))
    return Cells(before, *((n,) for n in place))


def above(network: Network, name: str, place: Place) -> Cells | None:
    """Find what a value feeds: the cells of the next layer that read it.

    Returns
    -------
    Cells or None
        None for a probability, behind which nothing comes. A maximum counts as reading
        its whole window.
    """
    names, number = _names(network), _number(network, name)
    if name == SOFTMAX:
        return None
    after, shape = names[number + 1], _shape(network, number)
    if after == SOFTMAX:
        return Cells(after, tuple(range(shape[0])))
    layer = network.layers[number]
    if layer.kind in WINDOWED:
        rows, columns = reached((place[1], place[2]), _plane(shape), layer.geometry)
        return Cells(after, _readers(layer, place[0]), tuple(rows), tuple(columns))
    if layer.kind in ("dense", "rbf"):
        return Cells(after, tuple(range(layer.outputs)))
    if layer.kind == "flatten":
        return Cells(after, (int(np.ravel_multi_index(place, shape)),))
    return Cells(after, *((n,) for n in place))


def field(network: Network, name: str, place: Place) -> Field:
    """Find the receptive field of a value in the picture.

    A unit that reads all maps below it has the field of all of them together.

    Raises
    ------
    IndexError, KeyError
        There is no such value or layer.
    """
    number = _number(network, name)
    if number > len(network.layers):  # a probability needs every score
        number -= 1
    end = _maps_end(network, number)
    axes = []
    for axis, start in enumerate(_start(network, number, end, place)):
        whole = seen = start
        for step in range(end, 0, -1):
            layer, shape = network.layers[step - 1], _shape(network, step - 1)
            if layer.kind in WINDOWED:
                whole = np.unique(tap_coordinates(whole, layer.geometry, axis))
                seen = np.unique(tap_coordinates(seen, layer.geometry, axis))
                seen = seen[is_inside(seen, shape[1 + axis])]
        axes.append((_ends(whole), _ends(seen)))
    (rows, seen_rows), (columns, seen_columns) = axes
    if NOWHERE in (seen_rows, seen_columns):
        seen_rows = seen_columns = NOWHERE
    return Field(rows, columns, seen_rows, seen_columns)


def jump(network: Network, name: str) -> Pair:
    """Return how many pixels lie between the fields of neighbouring values."""
    number = min(_number(network, name), len(network.layers))
    chain = [g.geometry for g in network.layers[:number] if g.kind in WINDOWED]
    return receptive_field(chain).jump


def _start(
    network: Network, number: int, end: int, place: Place
) -> tuple[Integers, Integers]:
    """Return the rows and the columns of a value, on the last maps below its layer."""
    shape = _shape(network, end)
    if any(layer.kind in ("dense", "rbf") for layer in network.layers[end:number]):
        return np.arange(shape[1]), np.arange(shape[2])
    if end < number:
        place = tuple(int(n) for n in np.unravel_index(place[0], shape))
    if not all(0 <= n < length for n, length in zip(place, shape, strict=True)):
        raise IndexError(f"no value at {place}")
    return np.array(place[1:2]), np.array(place[2:3])


def _maps_end(network: Network, number: int) -> int:
    """Return the last layer up to `number` whose output has rows and columns."""
    while len(_shape(network, number)) == 1:
        number -= 1
    return number


def _ends(places: Integers) -> Pair:
    return (int(places[0]), int(places[-1])) if places.size else NOWHERE


def _readers(layer: Layer, channel: int) -> tuple[int, ...]:
    if layer.kind != "conv":
        return (channel,)
    if layer.connections:
        rows = enumerate(layer.connections)
        return tuple(number for number, row in rows if channel in row)
    return tuple(range(layer.outputs))


def _names(network: Network) -> tuple[str, ...]:
    return (INPUT, *network.names, SOFTMAX)


def _number(network: Network, name: str) -> int:
    if name not in _names(network):
        raise KeyError(name)
    return _names(network).index(name)


def _shape(network: Network, number: int) -> Shape:
    return (network.input, *network.shapes)[number]


def _plane(shape: Shape) -> Pair:
    return shape[1], shape[2]
