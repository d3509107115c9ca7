"""Ink on a square sheet: smooth strokes as they are drawn, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_UNDONE = 64


class Ink:
    """A grey picture that strokes are added to, each of which can be taken back.

    A stroke runs from middle to middle of the points that it is told, with the points
    themselves as controls of quadratic curves, so that it has no corners.

    Parameters
    ----------
    side : int
        Pixels of the sheet, a multiple of 4.
    """

    def __init__(self, side: int) -> None:
        self._pixels = np.zeros((side, side), np.uint8)
        grey, indexed = QImage.Format.Format_Grayscale8, QImage.Format.Format_Indexed8
        # Both share the memory: one to draw on, the other to be looked at.
        self._image, self._shown = (
            QImage(self._pixels.data, side, side, side, how) for how in (grey, indexed)
        )
        self._shade: int | None = None
        self._before: list[NDArray[np.uint8]] = []
        self._points: list[tuple[QPointF, float]] = []
        self._color = QColor("white")

    @property
    def drawing(self) -> bool:
        """Whether the pen is down."""
        return bool(self._points)

    @property
    def empty(self) -> bool:
        """Whether there is no ink."""
        return not self._pixels.any()

    def pixels(self) -> NDArray[np.uint8]:
        """Return the sheet, uint8 (side, side), ink 255 on 0; a copy."""
        return self._pixels.copy()

    def coloured(self, color: QColor) -> QImage:
        """Return the sheet as transparent paper with ink of a colour; not a copy."""
        if color.rgb() != self._shade:
            self._shade = color.rgb()
            ink = self._shade & 0xFFFFFF
            self._shown.setColorTable([alpha << 24 | ink for alpha in range(256)])
        return self._shown

    def replace(self, pixels: NDArray[np.uint8]) -> None:
        """Put other ink, uint8 (side, side), on the sheet; can be undone."""
        self._keep()
        self._pixels[:] = pixels

    def undo(self) -> bool:
        """Take back the last change; return whether there was one."""
        self._points = []
        if not self._before:
            return False
        self._pixels[:] = self._before.pop()
        return True

    def begin(self, place: QPointF, width: float, *, erase: bool = False) -> QRectF:
        """Put the pen down; return the part of the sheet that it changed."""
        self._keep()
        self._color = QColor("black" if erase else "white")
        self._points = [(place, width)]
        return self._draw(place, place, place, width)

    def go_on(self, place: QPointF, width: float) -> QRectF:
        """Move the pen; return the part of the sheet that it changed."""
        self._points.append((place, width))
        last, between = self._points[-2:], self._points[-3:]
        end = (last[0][0] + last[1][0]) / 2
        start = (between[0][0] + between[1][0]) / 2 if len(between) > 2 else last[0][0]
        return self._draw(start, last[0][0], end, (last[0][1] + width) / 2)

    def end(self) -> None:
        """Draw to where the pen is, and lift it."""
        if len(self._points) > 1:
            (before, _), (last, width) = self._points[-2:]
            self._draw((before + last) / 2, last, last, width)
        self._points = []

    def _draw(
        self, start: QPointF, control: QPointF, end: QPointF, width: float
    ) -> QRectF:
        path = QPainterPath(start)
        path.quadTo(control, end)
        if start == end:  # Qt draws nothing of no length
            path.lineTo(end + QPointF(0.01, 0))
        with QPainter(self._image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            solid = Qt.PenStyle.SolidLine
            painter.setPen(QPen(self._color, width, solid, cap, join))
            painter.drawPath(path)
        around = width / 2 + 1
        return path.controlPointRect().adjusted(-around, -around, around, around)

    def _keep(self) -> None:
        self._before = [*self._before[1 - MOST_UNDONE :], self._pixels.copy()]
