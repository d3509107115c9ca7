"""Where hundreds of equal maps lie in a rectangle, as large as the room allows.

All lengths are device pixels, whole ones. Cells are equal squares where that costs
little room; else, as anywhere in the application, hard squares of nearly equal size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np

EQUAL = 0.8
"""Maps are made smaller for the sake of equal cells, but not below this share."""

WHOLE = 0.85
"""The same for the sake of rows that are all complete."""

NARROW, TINY, COARSE = 16, 4, 5
"""Narrower maps, still narrower ones, and larger cells have other gaps; in units."""

Place: TypeAlias = tuple[int, int, int]
"""Map, row and column, each from 0."""


@dataclass(frozen=True)
class Tiling:
    """Maps in rows and columns, with gaps between them.

    Attributes
    ----------
    count : int
        How many maps.
    map_height, map_width : int
        Cells of a map.
    columns : int
        Maps side by side.
    height, width : int
        Pixels of a map; fewer than it has cells where it is reduced.
    gap : int
        Pixels between two maps.
    """

    count: int
    map_height: int
    map_width: int
    columns: int
    height: int
    width: int
    gap: int

    @property
    def rows(self) -> int:
        """Maps under each other."""
        return -(-self.count // self.columns)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of it all."""
        return (
            self.rows * (self.height + self.gap) - self.gap,
            self.columns * (self.width + self.gap) - self.gap,
        )

    def map_corner(self, index: int) -> tuple[int, int]:
        """Return the left and top pixel of a map."""
        row, column = divmod(index, self.columns)
        return column * (self.width + self.gap), row * (self.height + self.gap)

    def cell_box(self, place: Place) -> tuple[int, int, int, int]:
        """Return left, top, width and height of a cell, at least a pixel each."""
        left, top = self.map_corner(place[0])
        x, right = _ends(place[2], self.width / self.map_width)
        y, bottom = _ends(place[1], self.height / self.map_height)
        return left + x, top + y, right - x, bottom - y

    def at(self, x: float, y: float) -> Place | None:
        """Return the cell at a pixel, none in a gap."""
        column, x = divmod(x, self.width + self.gap)
        row, y = divmod(y, self.height + self.gap)
        index = int(row * self.columns + column)
        inside = 0 <= column < self.columns and 0 <= index < self.count and row >= 0
        if not inside or x >= self.width or y >= self.height:
            return None
        return (
            index,
            _cell(y, self.height / self.map_height, self.map_height),
            _cell(x, self.width / self.map_width, self.map_width),
        )

    def moved(self, place: Place, rows: int, columns: int) -> Place:
        """Return the cell so far away, across the gaps; stay where there is none."""
        row, column = divmod(place[0], self.columns)
        across = column * self.map_width + place[2] + columns
        down = row * self.map_height + place[1] + rows
        column, x = divmod(across, self.map_width)
        row, y = divmod(down, self.map_height)
        index = row * self.columns + column
        inside = 0 <= column < self.columns and row >= 0 and index < self.count
        return (index, y, x) if inside else place


def _ends(cell: int, zoom: float) -> tuple[int, int]:
    """Return the first pixel of a cell and that after its last, as OpenCV has them.

    A pixel shows the cell that its middle lies in.
    """
    first = math.ceil(cell * zoom - 0.5)
    return first, max(first + 1, math.ceil((cell + 1) * zoom - 0.5))


def _cell(pixel: float, zoom: float, count: int) -> int:
    return min(count - 1, int((math.floor(pixel) + 0.5) / zoom))


@lru_cache(maxsize=256)  # of several ways to arrange a network
def tile(
    shape: tuple[int, int, int], room: tuple[int, int], unit: float, most: int
) -> Tiling:
    """Choose the columns that show maps largest.

    Parameters
    ----------
    shape : (count, height, width)
        Of the maps, in cells; all 1 or more.
    room : (height, width)
        Pixels there are.
    unit : float
        Pixels of the narrowest gap, between small maps. It doubles between others, is
        three times as wide between maps of large cells, and there is none between maps
        so tiny that gaps would be most of what is seen.
    most : int
        Largest side of a cell.

    Returns
    -------
    Tiling
        Of equal ones the one shaped most like the room. It is larger than the room only
        where a map would have less than a pixel.
    """
    result = _tile(shape, room, max(1, round(2 * unit)), most)
    if result.width < NARROW * unit:
        result = _tile(shape, room, max(1, round(unit)), most)
        return result if result.width >= TINY * unit else _tile(shape, room, 0, most)
    if result.width >= COARSE * unit * result.map_width:
        return _tile(shape, room, max(1, round(3 * unit)), most)
    return result


def _tile(
    shape: tuple[int, int, int], room: tuple[int, int], gap: int, most: int
) -> Tiling:
    count, height, width = shape
    columns = np.arange(1, count + 1)
    rows = -(-count // columns)
    across = ((room[1] + gap) // columns - gap) / width
    down = ((room[0] + gap) // rows - gap) / height
    zooms = np.minimum(np.minimum(across, down), most)
    zooms = np.where(np.floor(zooms) >= EQUAL * zooms, np.floor(zooms), zooms)
    whole = (columns * rows == count) & (zooms >= WHOLE * zooms.max())
    oblong = np.abs(np.log(columns * width * room[0] / (rows * height * room[1])))
    best = int(np.lexsort((oblong, -zooms, ~whole))[0])
    zoom = float(zooms[best])
    high, wide = (max(1, int(side * zoom)) for side in (height, width))
    return Tiling(count, height, width, int(columns[best]), high, wide, gap)
