"""Which maps of a network are on show, in what order and under what names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnviz.nn.naming import signs, titled
from cnnviz.nn.network import WINDOWED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.nn.events import Floats, Watched
    from cnnviz.nn.network import Network

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
    """

    key: str
    title: str
    caption: str
    source: Source
    signed: bool

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
        return values.reshape(-1, *values.shape[2:])


def tiles(network: Network, *, every_layer: bool, gradients: bool) -> list[Tile]:
    """Return the maps on show, in the order of the layers; empty if it is invalid."""
    if network.why_invalid():
        return []
    return [
        tile
        for tile in _all(network, "gradient" if gradients else "weight")
        if every_layer or tile.source != "output" or _is_main(tile.key)
    ]


def _is_main(name: str) -> bool:
    return name.startswith(("conv", "dense", "rbf"))


def _all(network: Network, source: Source) -> Iterator[Tile]:
    before = network.input[0]
    for layer, name, shape, signed in zip(
        network.layers, network.names, network.shapes, signs(network), strict=True
    ):
        if layer.kind != "flatten":
            caption = " × ".join(f"{n:,}" for n in shape)
            yield Tile(name, titled(name), caption, "output", signed)
        count = layer.outputs * before
        if layer.kind == "conv" and count <= MOST_WEIGHTS and not layer.connections:
            sizes = (layer.outputs, before, *layer.kernel)
            what = "filters" if source == "weight" else "gradients"
            yield Tile(
                f"{name}.weight",
                f"{titled(name)} {what}",
                " × ".join(map(str, sizes)),
                source,
                True,
            )
        if layer.kind in WINDOWED:
            before = shape[0]


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
