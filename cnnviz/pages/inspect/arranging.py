"""In how many columns tiles stand, and how much height they need to be read; no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz.widgets.tiling import tile

if TYPE_CHECKING:
    from collections.abc import Sequence

    Shape = tuple[int, int, int]

EMPTY = 0.02
"""How much smaller maps may be for each place that stays empty in the last row."""

FLATTEST = 0.45
"""Of a tile's width: how high its maps are at the least, or they cannot be read."""

TALLEST = 1.25
"""Of a tile's width: height above it counts for nothing, or tiles would be towers."""


@dataclass(frozen=True)
class Room:
    """What a wall of tiles has, in pixels.

    Attributes
    ----------
    width : int
        Of the wall.
    words : int
        Height that the title and the legend of a tile take.
    gap : int
        Between two tiles.
    narrowest : int
        Width under which no tile is made for the sake of fewer rows.
    unit, most : float and int
        Of the narrowest gap between maps, and of the largest cell; as
        :func:`cnnviz.widgets.tiling.tile` takes them.
    """

    width: int
    words: int
    gap: int
    narrowest: int
    unit: float = 1.0
    most: int = 72

    def tile(self, columns: int) -> float:
        """Return the width of a tile."""
        return (self.width - (columns - 1) * self.gap) / columns

    def need(self, count: int, pictures: int, columns: int) -> float:
        """Return the height in which tiles can be read in so many columns."""
        rows = _rows(count, pictures, columns)
        each = self.words + FLATTEST * max(0.0, self.tile(columns))
        return rows * each + (rows - 1) * self.gap


def best_columns(
    shapes: Sequence[Shape], pictures: int, room: Room, height: int
) -> int:
    """Return in how many columns maps are largest, in full rows if so.

    The maps of every tile count the same, be they hundreds or one: it is the mean of
    the logarithms of their areas that is largest.

    Where no number of columns leaves maps that can be read, it is the one that needs
    the least height, see :func:`least_height`; so it is the same once there is as much.

    Parameters
    ----------
    shapes : sequence of (count, height, width)
        Of the maps of each tile of one picture, in cells.
    pictures : int
        How many rows of tiles each row stands for.
    room : Room
    height : int
        Pixels that there are.
    """
    count = len(shapes)

    def size(columns: int) -> float:
        rows = _rows(count, pictures, columns)
        high = (height + room.gap) / rows - room.gap - room.words
        wide = max(1.0, room.tile(columns))
        inside = max(1, int(min(high, TALLEST * wide))), int(wide)
        found = [tile(shape, inside, room.unit, room.most) for shape in shapes]
        areas = sum(math.log(maps.width * maps.height) for maps in found)
        empty = columns * -(-count // columns) - count
        return areas / max(1, count) + 2 * math.log(max(0.1, 1 - EMPTY * empty))

    choices = _choices(count, room)
    needs = {columns: room.need(count, pictures, columns) for columns in choices}
    fitting = [columns for columns in choices if needs[columns] <= height]
    return max(fitting, key=size) if fitting else min(choices, key=needs.__getitem__)


def least_height(count: int, pictures: int, room: Room) -> int:
    """Return the least height in which all tiles can be read.

    Parameters are those of :func:`best_columns`; `count` is the number of tiles.
    """
    choices = _choices(count, room)
    return int(min(room.need(count, pictures, n) for n in choices)) + 1


def _choices(count: int, room: Room) -> list[int]:
    """Return the numbers of columns that leave no tile too narrow; at least one."""
    found = [n for n in range(1, max(1, count) + 1) if room.tile(n) >= room.narrowest]
    return found or [1]


def _rows(count: int, pictures: int, columns: int) -> int:
    return pictures * -(-count // columns)
