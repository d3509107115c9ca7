"""Which maps of a network are on show, in what order and under what names."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnviz.nn.control import LARGEST_DENSE
from cnnviz.nn.naming import signs, titled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.nn.events import Floats, Watched
    from cnnviz.nn.network import Network, Shape

Source = Literal["output", "weight", "gradient"]

MOST_WEIGHTS = 4096
"""More filters, or weights of a dense layer, are too small to be seen."""


@dataclass(frozen=True)
class Tile:
    """Some maps on show.

    Attributes
    ----------
    key : str
        A layer's name, or a parameter's.
    title, caption : str
        Name and shape, for the screen.
    source : {"output", "weight", "gradient"}
    signed : bool
        Whether values of either sign are to be expected.
    shape : (rows, columns)
        Of each map of weights: a kernel, or what one unit of a dense layer weighs, map
        by map where maps come before it and else as a rectangle; of no use for outputs.
    """

    key: str
    title: str
    caption: str
    source: Source
    signed: bool
    shape: tuple[int, ...] = ()

    def maps(self, seen: Watched) -> Floats | None:
        """Return the values, float32 (N, H, W) or (n,), or None if there are none."""
        where = {
            "output": seen.outputs,
            "weight": seen.weights,
            "gradient": seen.gradients,
        }
        values = where[self.source].get(self.key)
        if values is None or self.source == "output":
            return values
        return values.reshape(-1, *self.shape)


def tiles(network: Network, *, every_layer: bool, gradients: bool) -> list[Tile]:
    """Return the maps on show, in the order of the layers; empty if it is invalid."""
    if network.why_invalid():
        return []
    return [
        tile
        for tile in _all(network, "gradient" if gradients else "weight")
        if every_layer or _is_main(tile)
    ]


def _is_main(tile: Tile) -> bool:
    shown = ("conv", "dense", "rbf") if tile.source == "output" else ("conv",)
    return tile.key.startswith(shown)


def _all(network: Network, source: Source) -> Iterator[Tile]:
    before: Shape = network.input
    planes = before
    for layer, name, shape, signed in zip(
        network.layers, network.names, network.shapes, signs(network), strict=True
    ):
        if layer.kind != "flatten":
            yield Tile(name, titled(name), _by(shape), "output", signed)
        inputs = before[0]
        what = "filters" if layer.kind == "conv" else "weights"
        what = what if source == "weight" else "gradients"
        key, title = f"{name}.weight", f"{titled(name)} {what}"
        if layer.kind == "conv" and layer.outputs * inputs <= MOST_WEIGHTS:
            sizes = _by((layer.outputs, inputs, *layer.kernel))
            yield Tile(key, title, sizes, source, True, layer.kernel)
        elif layer.kind == "dense" and layer.outputs * inputs <= LARGEST_DENSE:
            spread = inputs == math.prod(planes) > planes[0]
            seen = planes[1:] if spread else _rectangle(inputs)
            yield Tile(key, title, _by((layer.outputs, inputs)), source, True, seen)
        before = shape
        planes = shape if len(shape) == 3 else planes


def _by(sizes: Sequence[int]) -> str:
    return " × ".join(f"{n:,}" for n in sizes)


def _rectangle(count: int) -> tuple[int, int]:
    """Return rows and columns for so many values, as near to a square as they go."""
    rows = next(n for n in range(math.isqrt(count), 0, -1) if count % n == 0)
    return rows, count // rows


def common_limit(tiles: Sequence[Tile], seen: Watched) -> float:
    """Return the largest absolute value of all maps on show, of outputs alone."""
    arrays = (tile.maps(seen) for tile in tiles if tile.source == "output")
    return max((float(np.abs(a).max()) for a in arrays if a is not None), default=0.0)


def best_columns(count: int, width: int, height: int, narrowest: int = 1) -> int:
    """Return in how many columns so many equal tiles come nearest to squares.

    No column is narrower than `narrowest`, if there is a way. No tiles, which is what
    a network that cannot work has, take one column.
    """
    if not count:
        return 1

    def side(columns: int) -> float:
        rows = -(-count // columns)
        return min(width / columns, height / rows)

    most = max(1, min(count, width // narrowest))
    return max(range(1, most + 1), key=side)
