"""What a plot of a training has around its curves: head, levels, places, read-out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPixmap

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import tick_text, ticks
from cnnviz.widgets.probability_bars import percentage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QSize

    from cnnviz.widgets.axes import Axes

# In pixels at text size 100 %.
RIGHT = 52
BELOW = 28
LEVELS_APART, PLACES_APART = 30, 70
SWATCH, GAP = 14, 8
LINE = 18

MOST_LEVELS = 6
"""Steps from level to level: more are a grid over the curves, however high they are."""

DIGITS = 3
"""Significant digits of a value."""


class Row(NamedTuple):
    """A line of the legend or the read-out: a colour's name and words."""

    role: str
    name: str
    value: str = ""


@lru_cache(64)  # of the last points, to tell and to paint
def value_text(value: float, *, percent: bool) -> str:
    """Write a value of a curve: ``"≈0.0523"``, or as bars do ``"≈98.36 %"``."""
    if percent:
        return percentage(value)
    return numbers.brief(np.float32(value), DIGITS)


class Ground:
    """The levels and places of a plot, kept as a picture while they stay the same.

    Their words take longer to draw than the curves, which grow a few times a second.
    """

    def __init__(self) -> None:
        self._drawn: object = None
        self._pixmap = QPixmap()

    def pixmap(
        self,
        size: QSize,
        ratio: float,
        axes: Axes,
        unit: str,
        *,
        log: bool,
        percent: bool,
    ) -> QPixmap:
        """Return the picture, transparent elsewhere.

        Parameters
        ----------
        size : QSize
            Of the whole plot.
        ratio : float
            Device pixels in one of its own.
        axes : Axes
        unit : str
            What is counted across; empty for no places.
        log, percent : bool
            How levels are written.

        """
        wanted = size, ratio, theme.current(), axes, unit, log, percent
        if wanted != self._drawn:
            self._drawn, self._pixmap = wanted, QPixmap(size * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(self._pixmap) as painter:
                draw_levels(painter, axes, log=log, percent=percent)
                if unit:
                    draw_places(painter, axes, unit)
        return self._pixmap


def draw_levels(painter: QPainter, axes: Axes, *, log: bool, percent: bool) -> None:
    """Draw a line at round values and write them on the right."""
    px, rect = theme.current().px, axes.rect
    painter.setFont(theme.font(12))
    for level in _levels(axes, log):
        value = 10.0**level if log else level
        y = round(axes.y(level)) + 0.5
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        box = QRectF(rect.right() + px(GAP), y - px(9), px(RIGHT - GAP), px(18))
        painter.setPen(theme.color("muted"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        text = f"{numbers.text(100 * value)} %" if percent else tick_text(value)
        painter.drawText(box, flags, text)


def _levels(axes: Axes, log: bool) -> list[float]:
    most = max(2, int(axes.rect.height() / theme.current().px(LEVELS_APART)))
    levels = ticks(axes.up, min(most, MOST_LEVELS))
    if not log:
        return levels
    if axes.up.length > 2:
        return [level for level in levels if level == round(level)]
    first, last = round(axes.up.low), round(axes.up.high)
    between = (1, 2, 5) if axes.up.length <= 1 else (1, 3)
    return [
        power + float(np.log10(factor))
        for power in range(first, last + 1)
        for factor in between
        if power + np.log10(factor) <= axes.up.high + 1e-9
    ]


def draw_places(painter: QPainter, axes: Axes, unit: str) -> None:
    """Write round places below the plot, and what they count at the end of the line."""
    px, rect = theme.current().px, axes.rect
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("muted"))
    ruler = QFontMetricsF(painter.font())
    top = rect.bottom() + px(BELOW - LINE)
    most = max(1, int(rect.width() / px(PLACES_APART)))
    for place in ticks(axes.across, most):
        text = numbers.counted(place)
        width = ruler.horizontalAdvance(text)
        left = min(max(axes.x(place) - width / 2, rect.left()), rect.right() - width)
        painter.drawText(QRectF(left, top, width + 1, px(LINE)), text)
    box = QRectF(rect.right() + px(GAP), top, px(RIGHT - GAP), px(LINE))
    painter.drawText(box, unit)


def draw_legend(
    painter: QPainter, left: float, right: float, rows: Sequence[Row]
) -> None:
    """Write names with their colours beside a title, as many as have room."""
    px = theme.current().px
    painter.setFont(theme.font(12))
    ruler, title = QFontMetricsF(painter.font()), QFontMetricsF(theme.font(14))
    baseline = title.ascent()
    for row in rows:
        width = px(SWATCH + GAP) + ruler.horizontalAdvance(row.name)
        if left + width > right:
            return
        draw_swatch(painter, left, baseline - ruler.xHeight() / 2, row.role)
        painter.setPen(theme.color("muted"))
        painter.drawText(QPointF(left + px(SWATCH + GAP - 2), baseline), row.name)
        left += width + px(2 * GAP)


def draw_swatch(painter: QPainter, left: float, middle: float, role: str) -> None:
    """Draw a short piece of a curve, none without a role."""
    px = theme.current().px
    if role:
        box = QRectF(left, middle - px(1.5), px(SWATCH), px(3))
        painter.fillRect(box, theme.color(role))


def draw_read_out(
    painter: QPainter, axes: Axes, place: float, head: str, rows: Sequence[Row]
) -> None:
    """Draw a line at a place and, beside it, the values of all curves there.

    Where their names have no room on either side, colours must do: over the line they
    would cover the very curve.
    """
    px, rect, x = theme.current().px, axes.rect, axes.x(place)
    # In a low plot it covers the places below: half of it would mislead.
    rows = rows[: int((rect.height() + px(BELOW - GAP - 2)) / px(LINE)) - 1]
    painter.setPen(QPen(theme.color("muted"), px(1)))
    painter.drawLine(QLineF(x, rect.top(), x, rect.bottom()))
    inner = _inner_width(head, rows)
    left = beside(axes, x, inner + px(2 * GAP))
    if left is None:
        rows = [Row(row.role, "", row.value) for row in rows if row.role]
        inner = _inner_width(head, rows)
        left = beside(axes, x, inner + px(2 * GAP))
    if left is None:
        left = max(0.0, rect.right() + px(RIGHT) - inner - px(2 * GAP))
    size = inner + px(2 * GAP), px(LINE) * (len(rows) + 1) + px(GAP)
    box = QRectF(left, rect.top() + px(2), *size)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(theme.color("surface"))
    painter.drawRoundedRect(box, px(6), px(6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    line = QRectF(box.left() + px(GAP), box.top() + px(GAP / 2), inner, px(LINE))
    _draw_line(painter, line, head, "")
    for row in rows:
        line.translate(0, px(LINE))
        draw_swatch(painter, line.left(), line.center().y(), row.role)
        _draw_line(painter, line.adjusted(px(SWATCH + GAP), 0, 0, 0), *row[1:])


def beside(axes: Axes, x: float, width: float) -> float | None:
    """Return where a box begins, right or else left of a line; None for neither."""
    px = theme.current().px
    gap, room = px(GAP), axes.rect.right() + px(RIGHT)
    if x + gap + width <= room:
        return x + gap
    return x - gap - width if x - gap - width >= 0 else None


def _inner_width(head: str, rows: Sequence[Row]) -> float:
    px = theme.current().px
    plain, bold = (QFontMetricsF(theme.font(12, bold=b)) for b in (False, True))
    names = max((plain.horizontalAdvance(row.name) for row in rows), default=0)
    values = max((bold.horizontalAdvance(row.value) for row in rows), default=0)
    gaps = 3 if names else 2
    inner = px(SWATCH + gaps * GAP) + names + values
    return float(max(inner, plain.horizontalAdvance(head)))


def _draw_line(painter: QPainter, line: QRectF, name: str, value: str) -> None:
    flags = Qt.AlignmentFlag
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("muted"))
    painter.drawText(line, flags.AlignLeft | flags.AlignVCenter, name)
    painter.setFont(theme.font(12, bold=True))
    painter.setPen(theme.color("text"))
    painter.drawText(line, flags.AlignRight | flags.AlignVCenter, value)
