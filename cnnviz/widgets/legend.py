"""The bar that says which colour means which value."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.widgets import numbers
from cnnviz.widgets.raster import to_image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.colour import Scale

# At text size 100 %.
BAR = 8
TICK = 3
GAP = 12
SHORTEST = 100
SHORTEST_LINE, LONGEST_LINE, LEAST_LINE = 36, 240, 12


_NO_DIGITS = "−max0∞Na"
"""The letters of ends that are no numbers, or have none to leave out."""


class Layout(NamedTuple):
    """Where a legend's parts stand: least, greatest and perhaps 0 are the numbers."""

    bar: QRectF
    numbered: list[tuple[QRectF, str]]
    note: QRectF


class Legend(QWidget):
    """A horizontal bar of colours over its lowest and highest value, and 0 between."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: Scale | None = None
        self._table: NDArray[np.uint8] | None = None
        self._note = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_scale(self, scale: Scale, table: NDArray[np.uint8], note: str = "") -> None:
        """Show a scale.

        Parameters
        ----------
        scale : Scale
            What the ends mean.
        table : uint8 array, (256, 1, 3)
            Blue, green and red of each place on it.
        note : str
            A few words to the right, such as ``"12 values lie outside"``.
        """
        if (scale, note) == (self._scale, self._note) and table is self._table:
            return
        self._scale, self._table, self._note = scale, table, note
        low, high = (numbers.approx(np.float32(n)) for n in (scale.low, scale.high))
        words = f"Colours from {low} to {high}"
        self.setToolTip(". ".join(filter(None, (words, note))))
        self.setAccessibleName(self.toolTip())
        self.update()

    def layout_for(self, width: float) -> Layout:
        """Arrange bar, numbers and note so that none touches another.

        The note stands left of the greatest value, or right of a shorter bar where it
        is too long for that, and there it may be cut, for the tool tip has it too; the
        0 is left out where there is no room.
        """
        assert self._scale is not None
        px, metrics = theme.current().px, QFontMetricsF(theme.font(12))
        bar = QRectF(0, 1, width, px(BAR))
        numbered = _numbered(self._scale, bar, metrics)
        if not self._note:
            return Layout(bar, numbered, QRectF())
        needed = metrics.horizontalAdvance(self._note)
        right = numbered[1][0].left() - px(GAP)
        taken = max(place.right() for place, _ in (numbered[0], *numbered[2:]))
        if right - needed > taken + px(GAP):
            top = numbered[1][0].top()
            note = QRectF(right - needed, top, needed, metrics.height())
            return Layout(bar, numbered, note)
        shortest = sum(place.width() for place, _ in numbered[:2]) + px(GAP)
        bar.setWidth(max(width - needed - px(GAP), shortest))
        left = bar.right() + px(GAP)
        note = QRectF(left, 0, width - left, self.sizeHint().height())
        return Layout(bar, _numbered(self._scale, bar, metrics), note)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a bar of 240 pixels with room for its numbers."""
        return QSize(theme.current().px(240), legend_height())

    def minimumSizeHint(self) -> QSize:
        """Do with a bar that has room for two long numbers."""
        return QSize(theme.current().px(SHORTEST), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar, the numbers, the tick at 0 and the note."""
        if self._scale is None or self._table is None:
            return
        layout = self.layout_for(self.width())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            _paint_bar(painter, layout.bar, self._scale, self._table)
            _paint_numbers(painter, layout.bar, layout.numbered, self._scale)
            note = QFontMetricsF(painter.font()).elidedText(
                self._note, Qt.TextElideMode.ElideRight, layout.note.width() + 1
            )
            painter.drawText(layout.note, Qt.AlignmentFlag.AlignVCenter, note)


def legend_height() -> int:
    """Return the pixels that a bar over its numbers takes."""
    px, metrics = theme.current().px, QFontMetricsF(theme.font(12))
    return round(px(BAR) + px(TICK) + metrics.height()) + 2


def draw_legend(
    painter: QPainter, place: QRectF, scale: Scale, table: NDArray[np.uint8]
) -> None:
    """Draw a bar over its numbers; where there is no room for both, the bar alone."""
    bar = QRectF(0, 1, place.width(), theme.current().px(BAR))
    numbered = _numbered(scale, bar, QFontMetricsF(theme.font(12)))
    if numbered[0][0].right() > numbered[1][0].left():
        numbered = []
    painter.save()
    painter.translate(place.topLeft())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_bar(painter, bar, scale, table)
    _paint_numbers(painter, bar, numbered, scale)
    painter.restore()


def _paint_numbers(
    painter: QPainter, bar: QRectF, numbered: list[tuple[QRectF, str]], scale: Scale
) -> None:
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("muted"))
    if scale.low < 0 < scale.high:
        top = QPointF(_place(0, scale, bar), bar.bottom())
        painter.drawLine(top, top + QPointF(0, theme.current().px(TICK)))
    for place, text in numbered:
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _paint_bar(
    painter: QPainter, bar: QRectF, scale: Scale, table: NDArray[np.uint8]
) -> None:
    ramp = np.linspace(scale.low, scale.high, 256, dtype=np.float32)
    pixels = colour.to_bgrx(ramp[np.newaxis], scale, table)
    brush = QBrush(to_image(pixels))
    place = QTransform.fromTranslate(bar.left(), 0)
    brush.setTransform(place.scale(bar.width() / 256, 1))
    painter.setBrush(brush)
    painter.setPen(QPen(theme.color("line"), 1))
    radius = bar.height() / 2
    painter.drawRoundedRect(bar.adjusted(0.5, 0, -0.5, 0), radius, radius)


def draw_line_legend(
    painter: QPainter,
    rect: QRectF,
    scale: Scale,
    table: NDArray[np.uint8],
    ends: tuple[str, str],
    note: str,
) -> None:
    """Draw a bar between its least and its greatest value, and a note, in one line.

    Parameters
    ----------
    rect : QRectF
        Where; a note that finds no room is left out.
    scale, table
        The colours of the bar.
    ends : (str, str)
        What stands left and right of it; numbers for which there is no room are
        written with fewer digits.
    note : str
        A few words after the greatest value.
    """
    px, font = theme.current().px, theme.font(12)
    metrics = QFontMetricsF(font)
    # Room for any number of two digits, so that the bar stands still while they change.
    usual = metrics.horizontalAdvance("≈−0.00")
    ends = fitting_ends(scale, ends, rect.width() - px(GAP + LEAST_LINE), metrics)
    low, high = least = [metrics.horizontalAdvance(text) for text in ends]
    if rect.width() - 2 * usual - px(GAP) >= px(SHORTEST_LINE):
        low, high = (
            max(usual * text.startswith(numbers.ROUNDED), width)
            for text, width in zip(ends, least, strict=True)
        )
    after = f"{ends[1]} · {note}" if note else ends[1]
    needed = max(high, metrics.horizontalAdvance(after))
    if rect.width() - low - needed - px(GAP) < px(SHORTEST_LINE):
        after, needed = ends[1], high
    length = min(rect.width() - low - needed - px(GAP), px(LONGEST_LINE))
    middle = rect.center().y()
    left = rect.left() + low + px(GAP / 2)
    bar = QRectF(left, middle - px(BAR) / 2, max(1.0, length), px(BAR))
    _paint_bar(painter, bar, scale, table)
    painter.setFont(font)
    painter.setPen(theme.color("muted"))
    flags = Qt.AlignmentFlag
    painter.drawText(rect, flags.AlignLeft | flags.AlignVCenter, ends[0])
    right = rect.adjusted(bar.right() + px(GAP / 2) - rect.left(), 0, 0, 0)
    painter.drawText(right, flags.AlignLeft | flags.AlignVCenter, after)


def fitting_ends(
    scale: Scale, ends: tuple[str, str], room: float, metrics: QFontMetricsF
) -> tuple[str, str]:
    """Return the ends of a scale with as many digits as have room side by side."""
    values = np.float32(scale.low), np.float32(scale.high)
    shorter = ends
    for digits in (2, 1):
        if sum(map(metrics.horizontalAdvance, shorter)) <= room:
            break
        first, last = (
            min(text, numbers.powered(value, digits), key=metrics.horizontalAdvance)
            if text.strip(_NO_DIGITS)
            else text
            for text, value in zip(ends, values, strict=True)
        )
        shorter = first, last
    return shorter


def _numbered(
    scale: Scale, bar: QRectF, metrics: QFontMetricsF
) -> list[tuple[QRectF, str]]:
    """Place the least and the greatest value under a bar, and 0 if there is room."""
    result: list[tuple[QRectF, str]] = []
    top = bar.bottom() + theme.current().px(TICK) + 1
    zero = [0.0] if scale.low < 0 < scale.high else []
    for value in (scale.low, scale.high, *zero):
        text = numbers.approx(np.float32(value))
        width = metrics.horizontalAdvance(text)
        left = _place(value, scale, bar) - width / 2
        left = min(max(left, bar.left()), bar.right() - width)
        place = QRectF(left, top, width, metrics.height())
        apart = place.adjusted(-width, 0, width, 0)
        if value or not any(apart.intersects(other) for other, _ in result):
            result.append((place, text))
    return result


def _place(value: float, scale: Scale, bar: QRectF) -> float:
    share = (value - scale.low) / (scale.high - scale.low)
    return bar.left() + bar.width() * share
