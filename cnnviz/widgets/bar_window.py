"""How a kernel and its window are drawn over a row of bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPen

from cnnviz import theme
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from cnnviz.widgets.axes import Axes

WIDEST_CHIP = 64


@dataclass(frozen=True)
class BarWindow:
    """A kernel over a row of samples, and the padding around them.

    Attributes
    ----------
    taps : tuple of int
        The sample that each weight lies on, from 0; below 0 or past the end is padding.
    weights : tuple of float
        One for each tap.
    padding : (int, int)
        Zeros before the first and after the last sample.
    length : int
        The number of samples.
    """

    taps: tuple[int, ...]
    weights: tuple[float, ...]
    padding: tuple[int, int]
    length: int

    @property
    def step(self) -> int:
        """From one tap to the next."""
        return self.taps[1] - self.taps[0] if len(self.taps) > 1 else 1


def draw_window(
    painter: QPainter, axes: Axes, window: BarWindow, offset: float
) -> None:
    """Hatch the padding; fill the window from its first tap to its last."""
    before, after = window.padding
    rect = axes.rect
    hatch = theme.color("muted")
    hatch.setAlphaF(0.28)
    for first, count in ((-before, before), (window.length, after)):
        left, right = axes.x(first - 0.5), axes.x(first + count - 0.5)
        box = QRectF(left, rect.top(), right - left, rect.height())
        painter.fillRect(box, QBrush(hatch, Qt.BrushStyle.BDiagPattern))
    band = theme.color("highlight")
    band.setAlphaF(0.14)
    left = axes.x(window.taps[0] - 0.5 + offset)
    right = axes.x(window.taps[-1] + 0.5 + offset)
    painter.setBrush(band)
    painter.setPen(QPen(theme.color("highlight"), theme.current().px(2)))
    painter.drawRoundedRect(QRectF(left, rect.top(), right - left, rect.height()), 6, 6)


def draw_chips(
    painter: QPainter, axes: Axes, window: BarWindow, offset: float, height: float
) -> None:
    """Draw the weights over their taps, in the colours of signed numbers."""
    px = theme.current().px
    room = axes.pitch * window.step
    width = max(2.0, min(room - 2, px(WIDEST_CHIP)))
    limit = max(map(abs, window.weights))
    painter.setFont(theme.font(14, bold=True))
    ruler = QFontMetricsF(painter.font())
    for tap, weight in zip(window.taps, window.weights, strict=True):
        x = axes.x(tap + offset)
        top = axes.rect.top() - height + px(1)
        box = QRectF(x - width / 2, top, width, height - px(6))
        fill = theme.signed_color(weight, limit)
        painter.setPen(QPen(theme.color("highlight"), 1.5))
        painter.drawLine(QLineF(x, box.bottom(), x, axes.rect.top()))
        painter.setBrush(fill)
        painter.drawRoundedRect(box, min(6, width / 4), min(6, width / 4))
        text = numbers.approx(weight, 2)
        if ruler.horizontalAdvance(text) <= width - px(4):
            painter.setPen(theme.text_on(fill))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
