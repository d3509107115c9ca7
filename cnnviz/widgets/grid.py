"""Where the cells of a matrix lie in a rectangle, and how large its numbers can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QFont, QFontMetricsF

from cnnviz import theme
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

Cell: TypeAlias = tuple[int, int]
Values: TypeAlias = "NDArray[np.floating[Any]]"

WIDE_GAP, NARROW_GAP = 3, 1
SMALLEST_LETTERED = 18
"""Smaller cells, in pixels, carry colours only."""

SMALLEST_TYPE = 12

# Significant digits of the largest number, and the type size they need to be worth it:
# fewer digits before smaller type. The last ones drop the zero before the point.
_STEPS = ((4, 15, False), (3, 13, False), (2, 12, False), (2, 12, True), (1, 12, True))


@dataclass(frozen=True)
class Grid:
    """Cells in a rectangle of pixels, from its top left corner.

    Attributes
    ----------
    rows, columns : int
        Number of cells.
    width, height : int
        Of the rectangle; ``height`` None for as high as the cells become.
    max_cell : int
        Largest height of a cell.
    aspect : float
        Largest ratio of a cell's width to its height.
    """

    rows: int
    columns: int
    width: int
    height: int | None
    max_cell: int
    aspect: float = 1.0

    @cached_property
    def gap(self) -> int:
        """Pixels between two cells, fewer between small ones."""
        px = theme.current().px
        wide = px(WIDE_GAP)
        return wide if min(self._fit(wide)) >= px(SMALLEST_LETTERED) else NARROW_GAP

    @cached_property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell, each at least 1."""
        width, height = self._fit(self.gap)
        return max(1.0, width), max(1.0, height)

    def _fit(self, gap: int) -> tuple[float, float]:
        width = (self.width + gap) / self.columns - gap
        height = min(self.max_cell, width)
        if self.height is not None:
            height = min(height, (self.height + gap) / self.rows - gap)
        return min(width, height * self.aspect), height

    def size(self) -> tuple[int, int]:
        """Return the width and height that the cells take."""
        last = self.rect((self.rows - 1, self.columns - 1))
        return last.right() + 1, last.bottom() + 1

    def rect(self, cell: Cell) -> QRect:
        """Return the pixels of a cell; its edges lie on whole pixels."""
        (y, height), (x, width) = self._spans[0][cell[0]], self._spans[1][cell[1]]
        return QRect(x, y, width, height)

    @cached_property
    def _spans(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        width, height = self.cell
        return _spans(self.rows, height, self.gap), _spans(
            self.columns, width, self.gap
        )

    def within(self, rect: QRect) -> Iterator[Cell]:
        """Yield the cells that reach into a rectangle, and a few beside it."""
        width, height = self.cell
        rows = _range(rect.top(), rect.bottom(), height + self.gap, self.rows)
        columns = _range(rect.left(), rect.right(), width + self.gap, self.columns)
        return product(rows, columns)

    def at(self, x: int, y: int) -> Cell | None:
        """Return the cell at a pixel; a gap belongs to the cell before it."""
        width, height = self.cell
        row = math.floor((y + 0.5) / (height + self.gap))
        column = math.floor((x + 0.5) / (width + self.gap))
        inside = 0 <= row < self.rows and 0 <= column < self.columns
        return (row, column) if inside else None


def _range(first: int, last: int, pitch: float, count: int) -> range:
    """Return which cells lie from one pixel to another, and one more at each end."""
    start, stop = math.floor(first / pitch) - 1, math.floor(last / pitch) + 2
    return range(max(0, start), min(count, stop))


def _spans(count: int, length: float, gap: int) -> list[tuple[int, int]]:
    starts = [place * (length + gap) for place in range(count)]
    return [(round(start), round(start + length) - round(start)) for start in starts]


@dataclass(frozen=True)
class Lettering:
    """The texts of all cells in one type size; ``rounded`` if one is not exact."""

    texts: tuple[tuple[str, ...], ...]
    font: QFont
    rounded: bool


def letter(values: Values, width: float, height: float) -> Lettering | None:
    """Choose digits and type size so that every number fits its cell.

    Parameters
    ----------
    values : float array (rows, columns)
        The numbers.
    width, height : float
        Size of a cell in pixels.

    Returns
    -------
    Lettering or None
        None where the cells are too small to read.
    """
    px = theme.current().px
    if min(width, height) < px(SMALLEST_LETTERED):
        return None
    ruler = QFontMetricsF(theme.font(100, bold=True))
    for digits, smallest, short in _STEPS:
        texts = _texts(values, digits, short)
        widest = max(ruler.horizontalAdvance(text) for text in _longest(texts))
        room = px(100) * (width - px(6)) / widest
        size = min(room, max(0.36 * height, px(SMALLEST_TYPE)))
        if size >= min(px(smallest), max(0.36 * height, px(SMALLEST_TYPE))):
            rounded = any(
                numbers.is_rounded(value, text)
                for value, text in zip(values.flat, _flat(texts), strict=True)
            )
            scale = theme.current().text_size / 100
            return Lettering(texts, theme.font(size / scale, bold=True), rounded)
    return None


def _texts(values: Values, digits: int, short: bool) -> tuple[tuple[str, ...], ...]:
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    exponent = math.floor(math.log10(largest)) if largest else 0
    if not numbers.SMALLEST <= exponent < numbers.LARGEST:
        return tuple(tuple(numbers.text(v, digits) for v in row) for row in values)
    decimals = max(0, digits - 1 - exponent)
    rows = (tuple(numbers.fixed(v, decimals) for v in row) for row in values)
    return (
        tuple(tuple(_short(t) for t in row) for row in rows) if short else tuple(rows)
    )


def _short(text: str) -> str:
    return text.replace("0.", ".", 1) if text.lstrip("−").startswith("0.") else text


def _flat(texts: Iterable[Iterable[str]]) -> Iterable[str]:
    return (text for row in texts for text in row)


def _longest(texts: Iterable[Iterable[str]]) -> set[str]:
    # Figures are tabular: the widest text is one of the longest, give or take one.
    flat = list(_flat(texts))
    length = max(map(len, flat))
    return {text for text in flat if len(text) >= length - 1}
