"""A row of numbers, and how it is drawn as bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import extremes, round_step
from cnnviz.widgets.plot_frame import draw_place

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.widgets.axes import Axes

# In pixels at text size 100 %.
NUMBER = 20
WIDEST_BAR = 56
PLACES_APART = 44
ROUNDED, RADIUS = 12, 4

FINEST = 3
"""Bars nearer than this become one line through the extremes of each pixel column."""


@dataclass(frozen=True, eq=False)
class Bars:
    """Numbers on a line of samples.

    Attributes
    ----------
    values : float64 (n,)
    start, pitch : float
        The place of the first and the distance from one to the next, in samples.
    symbol : str
        What a number is called: ``"x"`` for x₁, x₂, …
    """

    values: NDArray[np.float64]
    start: float = 0.0
    pitch: float = 1.0
    symbol: str = "x"

    def __eq__(self, other: object) -> bool:
        """Whether they are the same numbers in the same places."""
        if not isinstance(other, Bars):
            return NotImplemented
        alike = (self.start, self.pitch) == (other.start, other.pitch)
        return alike and np.array_equal(self.values, other.values)

    __hash__ = None  # type: ignore[assignment]

    def place(self, index: float) -> float:
        """Return the place of a number."""
        return self.start + self.pitch * index

    def name(self, index: int) -> str:
        """Return the name of a number, counted from 1: ``"x₃"``."""
        return f"{self.symbol}{numbered(index + 1)}"


def numbered(number: int) -> str:
    """Return a whole number as an index below the line."""
    return str(number).translate(str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉"))


def draw_bars(
    painter: QPainter,
    axes: Axes,
    bars: Bars,
    reached: int,
    marked: frozenset[int],
    shown: range,
) -> None:
    """Draw a bar for each number that is ``shown``.

    Parameters
    ----------
    reached : int
        From this one on there is only a dash at 0.
    marked : frozenset of int
        These are drawn in the highlight colour.
    """
    spacing = axes.pitch * bars.pitch
    if spacing < FINEST:
        _draw_outline(painter, axes, bars, reached, marked)
        return
    width = min(0.8 * spacing, theme.current().px(WIDEST_BAR))
    plain, highlight = theme.color("accent"), theme.color("highlight")
    plain.setAlphaF(0.6)
    base = axes.y(0.0)
    values = bars.values[shown.start : shown.stop].tolist()
    for index, value in zip(shown, values, strict=True):
        left, y = axes.x(bars.place(index)) - width / 2, axes.y(value)
        if index >= reached:
            painter.fillRect(QRectF(left, base - 1.5, width, 3), theme.color("line"))
            continue
        box = QRectF(left, min(base, y), width, max(1.5, abs(base - y)))
        _draw_bar(painter, box, highlight if index in marked else plain)


def _draw_bar(painter: QPainter, box: QRectF, fill: QColor) -> None:
    if box.width() < ROUNDED:
        painter.fillRect(box, fill)  # ten times faster, and looks the same
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(fill)
    painter.drawRoundedRect(box, RADIUS, RADIUS)


def draw_values(
    painter: QPainter,
    axes: Axes,
    bars: Bars,
    reached: int,
    marked: frozenset[int],
    shown: range,
) -> None:
    """Write every number that is ``shown`` at the end of its bar if it fits there."""
    px, spacing = theme.current().px, axes.pitch * bars.pitch
    painter.setFont(theme.font(15, bold=True))
    ruler = QFontMetricsF(painter.font())
    last = min(reached, shown.stop)
    for index, value in enumerate(
        bars.values[shown.start : last].tolist(), shown.start
    ):
        text = numbers.approx(value, 3)
        if ruler.horizontalAdvance(text) > spacing - px(4):
            continue
        left, y = axes.x(bars.place(index)) - spacing / 2, axes.y(value)
        top = y - px(NUMBER) if value >= 0 else y
        role = "highlight_text" if index in marked else "text"
        painter.setPen(theme.color(role))
        box = QRectF(left, top, spacing, px(NUMBER))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def draw_columns(
    painter: QPainter, axes: Axes, bars: Bars, marked: frozenset[int], height: int
) -> None:
    """Fill the columns of marked bars from top to bottom."""
    band = theme.color("highlight")
    band.setAlphaF(0.18)
    width = max(3.0, axes.pitch * bars.pitch)
    for index in marked:
        left = axes.x(bars.place(index)) - width / 2
        painter.fillRect(QRectF(left, 0, width, height), band)


def draw_places(painter: QPainter, axes: Axes, bars: Bars) -> None:
    """Write the numbers of the bars, from 1, at round distances below them."""
    apart = theme.current().px(PLACES_APART) / (axes.pitch * bars.pitch)
    step = max(1, int(round_step(apart)))
    first = {1} if step != 2 else set()  # 1 and 2 would touch
    for number in sorted({*first, *range(step, len(bars.values) + 1, step)}):
        draw_place(painter, axes, bars.place(number - 1), f"{number:,}")


def _draw_outline(
    painter: QPainter, axes: Axes, bars: Bars, reached: int, marked: frozenset[int]
) -> None:
    """Draw one upright line for each column of pixels, whatever the length."""
    values = bars.values[:reached]
    if not len(values):
        return
    left = axes.x(bars.place(-0.5))
    right = axes.x(bars.place(len(values) - 0.5))
    columns = min(len(values), max(1, int(right - left)))
    xs = np.linspace(left, right, columns, endpoint=False).tolist()
    low, high = extremes(values, columns).tolist()
    painter.setPen(QPen(theme.color("accent"), 1))
    painter.drawLines(
        [
            QLineF(x, axes.y(top) - 0.5, x, axes.y(bottom) + 0.5)
            for x, bottom, top in zip(xs, low, high, strict=True)
        ]
    )
    painter.setPen(QPen(theme.color("highlight"), 2))
    for index in marked:
        if index < len(values):
            place = bars.place(index)
            end = axes.point(place, float(values[index]))
            painter.drawLine(axes.point(place, 0.0), end)
