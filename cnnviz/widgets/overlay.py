"""What is drawn over a picture: the frame of a cell, and a kernel's window.

Everything here works in device pixels; the painter's transform is the identity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetricsF,
    QPainter,
    QPen,
    QRegion,
    QTransform,
)

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.raster import font_in, lefts, snapped, tops

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

# Black stands out from any highlight, so that on light, dark and orange pixels at least
# one of the two stands out from the picture.
CONTRAST = QColor(0, 0, 0, 170)

# At text size 100 %: the hole of the smallest frame, and of one that is lined inside;
# from what size on a tap has a frame, a strong one, and its weight; and the size of
# that text against the cell.
HOLE = 7
LINED = 12
FRAMED = 5
FRAMED_STRONGLY = 16
WEIGHTED = 34
TEXT_SHARE = 0.14

# The taps of the largest kernel; of a receptive field beyond them only the whole shows.
MOST_FRAMES = 31 * 31


@dataclass(frozen=True, eq=False)
class Window:
    """The cells of an array that one output value is computed from.

    Attributes
    ----------
    rows, columns : int arrays, (Kh,) and (Kw,), ascending
        The taps, in cells of the array that the pane shows (for the picture: pixels);
        below 0 or past the edge they lie in the padding.
    weights : array, (Kh, Kw), or None
        What each tap is multiplied by.
    pinned : bool
        Drawn stronger.
    values : float32 array, (Kh, Kw), or None
        What each tap reads; its colour fills a tap that lies in the padding.
    """

    rows: NDArray[np.integer]
    columns: NDArray[np.integer]
    weights: NDArray[np.floating] | None = None
    pinned: bool = False
    values: NDArray[np.float32] | None = None


def fill_around(painter: QPainter, inner: QRect, width: int, color: QColor) -> None:
    """Fill a frame of so many pixels just outside a rectangle."""
    left, top = inner.left(), inner.top()
    across, down = inner.width(), inner.height()
    whole = across + 2 * width
    painter.fillRect(left - width, top - width, whole, width, color)
    painter.fillRect(left - width, top + down, whole, width, color)
    painter.fillRect(left - width, top, width, down, color)
    painter.fillRect(left + across, top, width, down, color)


class Overlay:
    """Draws marks over one array.

    Parameters
    ----------
    painter : QPainter
        In device pixels.
    cells : QTransform
        From cells of the array (x is the column) to device pixels.
    size : (rows, columns)
        Of the array.
    bounds : QRect
        Device pixels that are on show.
    ratio : float
        Device pixels a logical pixel.
    """

    def __init__(
        self,
        painter: QPainter,
        cells: QTransform,
        size: tuple[int, int],
        bounds: QRect,
        ratio: float,
    ) -> None:
        self._painter = painter
        self._cells = cells
        self._bounds = bounds
        self._picture = snapped(cells, 0, 0, size[1], size[0])
        self._ratio = ratio

    def edge(self) -> None:
        """Draw the hairline that shows where a map of neutral colours ends."""
        fill_around(self._painter, self._picture, self._px(1), theme.color("line"))

    def cell(self, row: int, column: int, role: str, *, strong: bool) -> None:
        """Frame one cell in a colour of the palette."""
        place = snapped(self._cells, column, row, column + 1, row + 1)
        self._frame(place, role, strong)
        if min(place.width(), place.height()) >= self._px(LINED):
            thin = self._px(1)
            inner = place.adjusted(thin, thin, -thin, -thin)
            fill_around(self._painter, inner, thin, CONTRAST)

    def window(
        self, window: Window, fills: Sequence[Sequence[Sequence[int]]] | None = None
    ) -> None:
        """Draw the window's taps, those in the padding hatched, and its frame.

        ``fills`` holds red, green and blue for each tap that lies in the padding.
        """
        left, top = int(window.columns[0]), int(window.rows[0])
        right, bottom = int(window.columns[-1]) + 1, int(window.rows[-1]) + 1
        whole = snapped(self._cells, left, top, right, bottom)
        size = min(self._cells.m11(), self._cells.m22())
        count = len(window.rows) * len(window.columns)
        if size < self._px(FRAMED) or count > MOST_FRAMES:
            self._hatch(whole, theme.color("surface"))
        else:
            taps = self._taps(window)
            for u, v, place in taps:
                plain = theme.color("surface")
                self._hatch(place, plain if fills is None else QColor(*fills[u][v]))
            self._painter.setPen(QPen(theme.color("highlight"), 1))
            for n in range(self._px(2 if size >= self._px(FRAMED_STRONGLY) else 1)):
                inner = (place.adjusted(n, n, -n - 1, -n - 1) for _, _, place in taps)
                self._painter.drawRects(list(inner))
            if window.weights is not None and size >= self._px(WEIGHTED):
                self._print_weights(taps, window.weights)
        self._frame(whole, "highlight", window.pinned)

    def _taps(self, window: Window) -> list[tuple[int, int, QRect]]:
        """Return the index of each tap in sight, and its place."""
        rows, columns = (
            list(zip(begin(self._cells, at), begin(self._cells, at + 1), strict=True))
            for begin, at in ((tops, window.rows), (lefts, window.columns))
        )
        places = (
            (u, v, QRect(left, top, right - left, bottom - top))
            for u, (top, bottom) in enumerate(rows)
            for v, (left, right) in enumerate(columns)
        )
        return [tap for tap in places if tap[2].intersects(self._bounds)]

    def _hatch(self, place: QRect, fill: QColor) -> None:
        """Fill and hatch what of a place lies outside the array."""
        if self._picture.contains(place):
            return
        ink = theme.color("muted")
        ink.setAlphaF(0.5)
        hatching = QBrush(ink, Qt.BrushStyle.BDiagPattern)
        hatching.setTransform(QTransform.fromScale(self._ratio, self._ratio))
        outside = QRegion(place).subtracted(QRegion(self._picture))
        for part in outside:  # type: ignore[attr-defined]
            self._painter.fillRect(part, fill)
            self._painter.fillRect(part, hatching)

    def _frame(self, place: QRect, role: str, strong: bool) -> None:
        width = self._px(3 if strong else 2)
        hole = self._px(HOLE)
        across, down = (max(0, hole - n) for n in (place.width(), place.height()))
        inner = place.adjusted(
            -(across // 2), -(down // 2), across - across // 2, down - down // 2
        )
        outer = inner.adjusted(-width, -width, width, width)
        fill_around(self._painter, inner, width, theme.color(role))
        fill_around(self._painter, outer, self._px(1), CONTRAST)

    def _print_weights(
        self, taps: list[tuple[int, int, QRect]], weights: NDArray[np.floating]
    ) -> None:
        highlight = theme.color("highlight")
        font = font_in(self._cells, TEXT_SHARE, self._ratio)
        metrics = QFontMetricsF(font)
        self._painter.setFont(font)
        self._painter.setPen(theme.text_on(highlight))
        for u, v, place in taps:
            text = f"×{numbers.approx(weights[u, v], 3)}"
            width = round(metrics.horizontalAdvance(text)) + self._px(8)
            if width <= place.width():
                chip = QRect(0, 0, width, round(metrics.height()))
                chip.moveBottomRight(place.bottomRight())
                self._painter.fillRect(chip, highlight)
                self._painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)

    def _px(self, pixels: float) -> int:
        return max(1, round(theme.current().px(pixels) * self._ratio))
