"""Where the matrices lie on the board, so that their cells are as large as they can be.

Pure arithmetic in pixels: blocks of equal matrices in rows and columns, and the largest
cell with which all of them fit. No widget.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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
    spanning: bool = False
    """Whether it stands in the first row and reaches down beside the others."""
    over: bool = False
    """Whether it stands alone in its row and reaches over the columns of the others."""
    grown: int = 0
    """Its cells in pixels, where they are larger than those of the others."""


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
    roomy: int
    """Smaller cells grow, in all but the largest matrices, if that costs nothing."""


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
    cell, fold = max(4, cell), (together, many, own)
    plan = _grown(plan, cell, width, height, spaces, fold)
    return Layout(cell, tuple(_places(plan, cell, spaces, fold)))


_Fold = tuple[str, int, int]


def _folds(block: Block, fold: _Fold) -> Pair:
    """Return in how many rows and columns the matrices of a block stand."""
    across = min(block.count, fold[2] if block.key == fold[0] else fold[1])
    return math.ceil(block.count / across), across


def _length(cells: int, cell: int, spaces: Spaces) -> int:
    """Return the length of so many cells."""
    return cells * (cell + spaces.cell) - spaces.cell


def _matrix(block: Block, cell: int, spaces: Spaces) -> Pair:
    """Return the height and width of one matrix."""
    cell = max(cell, block.grown)
    return _length(block.size[0], cell, spaces), _length(block.size[1], cell, spaces)


def _room(block: Block, cell: int, spaces: Spaces) -> Pair:
    """Return the height and width that one matrix takes, with what it stands beside."""
    height, width = _matrix(block, cell, spaces)
    down, across = (_length(cells, cell, spaces) for cells in block.pitch)
    return max(height, down), max(width, across)


def _extent(block: Block | None, cell: int, spaces: Spaces, fold: _Fold) -> Pair:
    if block is None:
        return 0, 0
    down, across = _folds(block, fold)
    tall, wide = _room(block, cell, spaces)
    height = down * (tall + spaces.caption) + (down - 1) * spaces.matrix
    width = across * max(wide, block.least) + (across - 1) * spaces.matrix
    return height, width


def _grid(
    plan: Plan, cell: int, spaces: Spaces, fold: _Fold
) -> tuple[list[int], list[int]]:
    """Return the heights of the rows and the widths of the columns of a plan."""
    extents = [[_extent(block, cell, spaces, fold) for block in row] for row in plan]
    heights = [
        max(
            0 if block is not None and block.spanning else extent[0]
            for block, extent in zip(blocks, row, strict=True)
        )
        for blocks, row in zip(plan, extents, strict=True)
    ]
    first = zip(plan[0], extents[0], strict=True)
    tallest = max((e[0] for block, e in first if block and block.spanning), default=0)
    heights[-1] += max(0, tallest - _total(heights, spaces.matrix))
    cells = [list(zip(*each, strict=True)) for each in zip(plan, extents, strict=True)]
    widths = [
        max(0 if block is not None and block.over else extent[1] for block, extent in c)
        for c in zip(*cells, strict=True)
    ]
    over = (e[1] for row in cells for block, e in row if block and block.over)
    widths[-1] += max(0, max(over, default=0) - _total(widths, spaces.block))
    return heights, widths


def _total(lengths: Sequence[int], gap: int) -> int:
    return sum(lengths) + gap * (len(lengths) - 1)


def _fits(
    plan: Plan, cell: int, width: int, height: int, spaces: Spaces, fold: _Fold
) -> bool:
    heights, widths = _grid(plan, cell, spaces, fold)
    low = _total(heights, spaces.matrix) <= height
    return low and _total(widths, spaces.block) <= width


def _grown(
    plan: Plan, cell: int, width: int, height: int, spaces: Spaces, fold: _Fold
) -> Plan:
    """Return the plan with larger cells where there is room: kernels beside a picture.

    Only where the cells are small; all matrices grow alike but the largest ones.
    """
    largest = max(max(block.size) for row in plan for block in row if block)
    for size in range(spaces.roomy, cell, -1):
        grown = tuple(
            tuple(
                replace(block, grown=size)
                if block is not None and max(block.size) < largest
                else block
                for block in row
            )
            for row in plan
        )
        if _fits(grown, cell, width, height, spaces, fold):
            return grown
    return plan


def _largest(plan: Plan, width: int, height: int, spaces: Spaces, fold: _Fold) -> int:
    low, high = 0, spaces.most
    while low < high:
        cell = (low + high + 1) // 2
        if _fits(plan, cell, width, height, spaces, fold):
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
    height, width = _matrix(block, cell, spaces)
    tall, wide = _room(block, cell, spaces)
    step = max(wide, block.least) + spaces.matrix
    for index in range(block.count):
        row, column = divmod(index, across)
        y = top + row * (tall + spaces.caption + spaces.matrix) + spaces.caption
        yield Place(block.key, index, left + column * step, y, width, height)
