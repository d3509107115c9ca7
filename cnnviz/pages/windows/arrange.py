"""Where the matrices lie on the board, so that their cells are as large as they can be.

Pure arithmetic in pixels: blocks of equal matrices in rows and columns, and the largest
cell with which all of them fit. No widget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.ops.geometry import Pair


@dataclass(frozen=True)
class Block:
    """Matrices of one kind.

    Attributes
    ----------
    key : str
        What they are, such as ``"input"``.
    count : int
        How many there are.
    size : (rows, columns)
        Of each.
    least : int
        Width in pixels that the caption over a matrix needs.
    pitch : (rows, columns)
        Cells from one matrix to the next, if more than it has: so it stands beside or
        under a larger one.
    """

    key: str
    count: int
    size: Pair
    least: int = 0
    pitch: Pair = (0, 0)

    @property
    def room(self) -> Pair:
        """Rows and columns of cells that each matrix takes."""
        return max(self.size[0], self.pitch[0]), max(self.size[1], self.pitch[1])


@dataclass(frozen=True)
class Spaces:
    """Lengths in pixels that do not grow with the cells."""

    cell: int
    """Between two cells."""
    matrix: int
    """Between two matrices of a block."""
    block: int
    """Between two blocks."""
    caption: int
    """Above a matrix."""
    most: int
    """The largest cell."""


Plan = tuple[tuple[Block | None, ...], ...]
"""Rows of blocks; those of one column are aligned."""


@dataclass(frozen=True)
class Place:
    """The pixels of one matrix."""

    key: str
    index: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """The places of all matrices, and the side of a cell."""

    cell: int
    places: tuple[Place, ...]


def arrange(
    plans: Sequence[Plan], width: int, height: int, spaces: Spaces, together: str
) -> Layout:
    """Return the plan with the largest cells.

    Parameters
    ----------
    plans : sequence of Plan
        The ways in which the blocks may lie.
    width, height : int
        What there is, in pixels.
    spaces : Spaces
    together : str
        The key of the block that is folded into rows by itself; all others are folded
        alike, so that a channel stands at the same place in each.
    """
    best: tuple[int, Plan, int, int] | None = None
    for plan in plans:
        blocks = [block for row in plan for block in row if block]
        most = max((b.count for b in blocks if b.key != together), default=1)
        alone = max((b.count for b in blocks if b.key == together), default=1)
        for many, own in product(range(1, most + 1), range(1, alone + 1)):
            cell = _largest(plan, width, height, spaces, (together, many, own))
            if best is None or cell > best[0]:
                best = cell, plan, many, own
    assert best is not None
    cell, plan, many, own = best
    cell = max(4, cell)
    return Layout(cell, tuple(_places(plan, cell, spaces, (together, many, own))))


_Fold = tuple[str, int, int]


def _folds(block: Block, fold: _Fold) -> Pair:
    """Return in how many rows and columns the matrices of a block stand."""
    across = min(block.count, fold[2] if block.key == fold[0] else fold[1])
    return math.ceil(block.count / across), across


def _side(cells: int, count: int, cell: int, spaces: Spaces) -> int:
    """Return the length of ``count`` matrices of so many cells, without captions."""
    one = cells * (cell + spaces.cell) - spaces.cell
    return count * one + (count - 1) * spaces.matrix


def _extent(block: Block | None, cell: int, spaces: Spaces, fold: _Fold) -> Pair:
    if block is None:
        return 0, 0
    down, across = _folds(block, fold)
    height = _side(block.room[0], down, cell, spaces) + down * spaces.caption
    width = _side(block.room[1], across, cell, spaces)
    return height, max(width, across * block.least + (across - 1) * spaces.matrix)


def _grid(
    plan: Plan, cell: int, spaces: Spaces, fold: _Fold
) -> tuple[list[int], list[int]]:
    """Return the heights of the rows and the widths of the columns of a plan."""
    extents = [[_extent(block, cell, spaces, fold) for block in row] for row in plan]
    heights = [max(extent[0] for extent in row) for row in extents]
    columns = zip(*extents, strict=True)
    widths = [max(extent[1] for extent in column) for column in columns]
    return heights, widths


def _total(lengths: Sequence[int], gap: int) -> int:
    return sum(lengths) + gap * (len(lengths) - 1)


def _largest(plan: Plan, width: int, height: int, spaces: Spaces, fold: _Fold) -> int:
    low, high = 0, spaces.most
    while low < high:
        cell = (low + high + 1) // 2
        heights, widths = _grid(plan, cell, spaces, fold)
        fits = _total(heights, spaces.matrix) <= height
        if fits and _total(widths, spaces.block) <= width:
            low = cell
        else:
            high = cell - 1
    return low


def _places(plan: Plan, cell: int, spaces: Spaces, fold: _Fold) -> Iterator[Place]:
    heights, widths = _grid(plan, cell, spaces, fold)
    top = 0
    for row, tall in zip(plan, heights, strict=True):
        left = 0
        for block, wide in zip(row, widths, strict=True):
            if block is not None:
                yield from _block(block, left, top, cell, spaces, fold)
            left += wide + spaces.block
        top += tall + spaces.matrix


def _block(
    block: Block, left: int, top: int, cell: int, spaces: Spaces, fold: _Fold
) -> Iterator[Place]:
    _, across = _folds(block, fold)
    height, width = (_side(cells, 1, cell, spaces) for cells in block.size)
    tall, wide = (_side(cells, 1, cell, spaces) for cells in block.room)
    step = max(wide, block.least) + spaces.matrix
    for index in range(block.count):
        row, column = divmod(index, across)
        y = top + row * (tall + spaces.caption + spaces.matrix) + spaces.caption
        yield Place(block.key, index, left + column * step, y, width, height)
