"""How many values of a map lie where, in the map's own colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.colour import Scale

HEIGHT = 36  # pixels at text size 100 %


class Histogram(QWidget):
    """Bars as high as the logarithm of their counts, with a line at 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: NDArray[np.int64] | None = None
        self._ends = np.zeros(1)
        self._colors: list[QColor] = []
        self.setAccessibleName("Histogram")
        self.setToolTip("How many values lie where; heights are logarithmic.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_counts(
        self,
        counts: NDArray[np.int64],
        low: float,
        high: float,
        scale: Scale,
        table: NDArray[np.uint8],
    ) -> None:
        """Show counts in bins of equal width.

        Parameters
        ----------
        counts : int64 array, (bins,)
            How many values each bin holds, see :func:`cnnviz.ops.colour.counts`.
        low, high : float
            The lower end of the first bin and the upper end of the last.
        scale, table
            The colours of the map; a bar has that of the middle of its bin.
        """
        self._counts = counts
        self._ends = np.linspace(low, high, len(counts) + 1)
        middles = (self._ends[:-1] + self._ends[1:]) / 2
        row = middles.astype(np.float32)[np.newaxis]
        bars = colour.to_bgrx(row, scale, table)[0].tolist()
        self._colors = [QColor(red, green, blue) for blue, green, red, _ in bars]
        most = self.describe(int(np.argmax(counts)))
        total = numbers.text(int(counts.sum()))
        self.setAccessibleDescription(
            f"{total} values, heights are logarithmic. Most frequent: {most}"
        )
        self.update()

    def bin_at(self, x: float) -> int | None:
        """Return the bin at a horizontal place in this widget."""
        if self._counts is None or not 0 <= x < self.width():
            return None
        return int(x * len(self._counts) / self.width())

    def describe(self, index: int) -> str:
        """Say in words which values a bin holds, and how many."""
        assert self._counts is not None
        low, high = (numbers.approx(end) for end in self._ends[index : index + 2])
        count = numbers.text(int(self._counts[index]))
        return f"{low} to {high}: {count} {'value' if count == '1' else 'values'}"

    def _tops(self) -> NDArray[np.float64]:
        """Return how far below the widget's top each bar begins."""
        assert self._counts is not None
        heights = np.log1p(self._counts)
        heights /= max(1.0, heights.max())
        return np.asarray(self.height() - 1 - (self.height() - 2) * heights)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for 240 pixels across at text size 100 %."""
        return QSize(theme.current().px(240), theme.current().px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Do with 96 pixels across."""
        return QSize(theme.current().px(96), theme.current().px(HEIGHT))

    def event(self, event: QEvent) -> bool:
        """Say what the bar under the pointer holds."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.bin_at(event.pos().x())
            if index is not None:
                text = f"{self.describe(index)}\n{self.toolTip()}"
                QToolTip.showText(event.globalPos(), text, self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, their outline, the base line and the line at 0."""
        if self._counts is None:
            return
        base, width = self.height() - 1, self.width()
        sides = np.linspace(0, width, len(self._counts) + 1)
        tops, outline = self._tops(), QPolygonF()
        with QPainter(self) as painter:
            for left, right, top, color in zip(
                sides[:-1], sides[1:], tops, self._colors, strict=True
            ):
                painter.fillRect(QRectF(left, top, right - left, base - top), color)
                outline.append(QPointF(left, top))
                outline.append(QPointF(right, top))
            # Near 0 the colours of a signed map are those of the background.
            painter.setPen(QPen(theme.color("muted"), 1))
            painter.drawPolyline(outline)
            painter.drawLine(0, base, width, base)
            low, high = self._ends[0], self._ends[-1]
            if low < 0 < high:
                x = -low / (high - low) * width
                painter.drawLine(QLineF(x, 0, x, base))
