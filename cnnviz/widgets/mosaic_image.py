"""Hundreds of maps in one picture: scaled to bytes, enlarged, coloured, set apart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

import cv2
import numpy as np

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.ops.colour import Scale
from cnnviz.palette import sequential_table, signed_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.palette import Palette
    from cnnviz.widgets.tiling import Tiling

Scaling: TypeAlias = Scale | Literal["map", "layer"]
"""A given scale, one for each map, or one for all maps on show."""

SHORT = 16
"""Values of a map's row that are few to be reduced together."""
FEW = 64
"""Values of a map that are few enough for all its means to be one product."""
ALONE = 2**17
"""Multiplications that numpy does in this thread alone: a second one would take the
core of a training for them."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """Maps, and which values the ends of the colours mean.

    Attributes
    ----------
    maps : float32 (N, H, W)
        Divided by their own limits if each map has a scale of its own.
    scale : Scale
        For these maps.
    own : bool
        Whether each map has its own.
    outside : int
        How many values lie outside the scale.
    """

    maps: NDArray[np.float32]
    scale: Scale
    own: bool
    outside: int

    @property
    def table(self) -> NDArray[np.uint8]:
        """The colours in the present theme, uint8 (256, 1, 3)."""
        if self.scale.kind == "signed":
            return signed_table(theme.current().palette)
        return sequential_table()


def scaled(
    maps: NDArray[np.float32], scaling: Scaling, signed: bool | None = None
) -> Scaled:
    """Find the scale of maps.

    Parameters
    ----------
    maps : float32 (N, H, W)
    scaling : Scale, "map" or "layer"
    signed : bool, optional
        Diverging colours or not; by default what
        :func:`cnnviz.ops.colour.natural_scale` finds in the values.
    """
    count = len(maps)
    if isinstance(scaling, Scale):
        signed_limit = max(-scaling.low, scaling.high)
        least = -signed_limit if scaling.kind == "signed" else scaling.low
        beyond = (maps < least) | (maps > scaling.high)
        return Scaled(maps, scaling, False, int(np.count_nonzero(beyond)))
    low, high = colour.value_range(maps.reshape(count, -1))
    if signed is None:
        signed = low < 0
    if scaling == "layer":
        scale = colour.natural_scale(low, high, signed)
        return Scaled(maps, scale, False, 0 if signed else _negative(maps, low))
    limits = np.abs(maps).max(axis=(1, 2), keepdims=True)
    limits[~(limits > colour.SMALLEST)] = 1.0
    limits = np.minimum(limits, np.float32(colour.LARGEST))
    scale = Scale(-1.0, 1.0, "signed") if signed else Scale(0.0, 1.0, "sequential")
    return Scaled(maps / limits, scale, True, 0 if signed else _negative(maps, low))


def _negative(maps: NDArray[np.float32], low: float) -> int:
    return int(np.count_nonzero(maps < 0)) if low < 0 else 0


def blank(tiling: Tiling, ground: str) -> NDArray[np.uint8]:
    """Return the picture that maps are drawn into.

    Parameters
    ----------
    tiling : Tiling
        Where they lie.
    ground : str
        The colour, by its name in the palette, of the places of the last row that are
        left over.

    Returns
    -------
    uint8 array, (H, W, 4)
        As ``QImage.Format_RGB32`` wants it, with a gap more at the right and below.
    """
    rows, columns = tiling.rows, tiling.columns
    down, across = tiling.height + tiling.gap, tiling.width + tiling.gap
    behind = theme.color(ground)
    light = theme.current().palette.name == "light"
    # In the light theme the colours near 0 are all but that of the ground.
    gap = theme.color("line").darker(116) if light else behind
    result = np.full((rows * down, columns * across), gap.rgb(), np.uint32)
    if used := tiling.count % columns:
        result[-down:, used * across - tiling.gap :] = behind.rgb()
    return result.view(np.uint8).reshape(*result.shape, 4)


def compose(scaled: Scaled, tiling: Tiling, over: NDArray[np.uint8]) -> None:
    """Draw maps in rows and columns.

    Enlarged cells are hard squares, reduced ones are means.

    Parameters
    ----------
    scaled : Scaled
    tiling : Tiling
        Where they lie.
    over : uint8 array, (H, W, 4)
        The picture to draw them into, as :func:`blank` returns it.
    """
    rows, columns = tiling.rows, tiling.columns
    down, across = tiling.height + tiling.gap, tiling.width + tiling.gap
    result = over.view(np.uint32).reshape(rows, down, columns, across)
    places = _enlarged(_sheet(scaled, tiling), tiling)
    packed = _packed(scaled.scale.kind == "signed", theme.current().palette)
    pixels = cv2.LUT(places, packed).view(np.uint32)
    pixels = pixels.reshape(rows, tiling.height, columns, tiling.width)
    used = tiling.count % columns
    full = rows - bool(used)
    result[:full, : tiling.height, :, : tiling.width] = pixels[:full]
    if used:
        result[-1, : tiling.height, :used, : tiling.width] = pixels[-1, :, :used]


def _sheet(scaled: Scaled, tiling: Tiling) -> NDArray[np.uint8]:
    """Return the places of all maps on the scale, uint8 (rows, high, columns, wide)."""
    count, height, width = scaled.maps.shape
    high, wide = min(height, tiling.height), min(width, tiling.width)
    stack = reduced(scaled.maps, high, wide).reshape(count * high, wide)
    cells = colour.to_bytes(stack, scaled.scale).reshape(count, high, wide)
    rows, columns = tiling.rows, tiling.columns
    if rows * columns != count:
        some, cells = cells, np.zeros((rows * columns, high, wide), np.uint8)
        cells[:count] = some
    return cells.reshape(rows, columns, high, wide).transpose(0, 2, 1, 3)


def reduced(maps: NDArray[np.float32], high: int, wide: int) -> NDArray[np.float32]:
    """Return maps of (N, high, wide) means; the maps themselves if that is their size.

    OpenCV takes row after row, and those of thousands of kernels are very short: lying
    on their side, they take about half the time, and as one product an eighth.
    """
    count, height, width = maps.shape
    if (high, wide) == (height, width):
        return maps
    if height * width <= FEW:
        return _products(maps, high, wide)
    stack = maps.reshape(count * height, width)
    size = wide, count * high
    if width <= SHORT:
        sides, size = cv2.transpose(stack), size[::-1]
        small = cv2.transpose(cv2.resize(sides, size, interpolation=cv2.INTER_AREA))
    else:
        small = cv2.resize(stack, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32).reshape(count, high, wide)


def _products(maps: NDArray[np.float32], high: int, wide: int) -> NDArray[np.float32]:
    count, height, width = maps.shape
    shares = _shares(height, width, high, wide)
    planes = maps.reshape(count, -1)
    means = np.empty((count, high * wide), np.float32)
    step = max(1, ALONE // shares.size)
    with np.errstate(invalid="ignore"):  # as of infinite values
        for first in range(0, count, step):
            some = slice(first, first + step)
            np.matmul(planes[some], shares, out=means[some])
    return means.reshape(count, high, wide)


@lru_cache(64)
def _shares(height: int, width: int, high: int, wide: int) -> NDArray[np.float32]:
    """Return how much of each cell (a row) is in each mean (a column)."""
    return np.kron(_overlaps(height, high), _overlaps(width, wide)).astype(np.float32)


def _overlaps(cells: int, means: int) -> NDArray[np.float64]:
    zoom = cells / means
    cell, mean = np.arange(cells)[:, None], np.arange(means)
    ends = np.minimum(cell + 1, (mean + 1) * zoom), np.maximum(cell, mean * zoom)
    return np.asarray(np.maximum(ends[0] - ends[1], 0) / zoom, np.float64)


def _enlarged(sheet: NDArray[np.uint8], tiling: Tiling) -> NDArray[np.uint8]:
    """Repeat the bytes of (rows, height, columns, width) into whole squares."""
    rows, high, columns, wide = sheet.shape
    plane = np.ascontiguousarray(sheet).reshape(rows * high, columns * wide)
    if (high, wide) == (tiling.height, tiling.width):
        return plane
    size = (columns * tiling.width, rows * tiling.height)
    # On bytes, before they are coloured: four times less to copy.
    big = cv2.resize(plane, size, interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(big, np.uint8)


@lru_cache(8)
def _packed(signed: bool, palette: Palette) -> NDArray[np.int32]:
    """Return a table of colours with one number an entry."""
    table = signed_table(palette) if signed else sequential_table()
    return cv2.cvtColor(table, cv2.COLOR_BGR2BGRA).view(np.int32).ravel()
