"""What every plot has around it: a title, levels on the left, places below."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from cnnviz import theme
from cnnviz.widgets.axes import tick_text, ticks

if TYPE_CHECKING:
    from cnnviz.widgets.axes import Axes

# In pixels at text size 100 %.
LEFT, HEAD, FOOT = 52, 24, 20
LEVELS_APART = 28
HALF_LABEL = 30


def draw_title(painter: QPainter, axes: Axes, title: str, caption: str) -> None:
    """Write a title on the left and a muted caption on the right."""
    box = QRectF(0, 0, axes.rect.right(), theme.current().px(HEAD - 4))
    painter.setFont(theme.font(14, bold=True))
    painter.setPen(theme.color("text"))
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, title)
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("muted"))
    painter.drawText(box, Qt.AlignmentFlag.AlignRight, caption)


def draw_head(painter: QPainter, rect: QRectF, title: str, caption: str) -> None:
    """Write a title on the left and a muted caption on the right, in one line.

    Where both are too long the title is cut; where little of it would be left, the
    caption goes.
    """
    bold, plain = theme.font(14, bold=True), theme.font(14)
    whole = _title_width(title, theme.current().text_size)
    taken = QFontMetricsF(plain).horizontalAdvance(caption) + theme.current().px(12)
    left = rect.width() - taken
    if left < min(whole, rect.width() / 2):
        caption, left = "", rect.width()
    if whole > left:
        right = Qt.TextElideMode.ElideRight
        title = QFontMetricsF(bold).elidedText(title, right, left + 1)
    painter.setFont(bold)
    painter.setPen(theme.color("text"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignLeft, title)
    painter.setFont(plain)
    painter.setPen(theme.color("muted"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignRight, caption)


@lru_cache(64)
def _title_width(title: str, text_size: int) -> float:
    ruler = QFontMetricsF(theme.font(14, bold=True))  # at the present text size
    return ruler.horizontalAdvance(title)


def draw_levels(painter: QPainter, axes: Axes) -> None:
    """Draw a line and a number at round values, that of 0 darker."""
    px, rect = theme.current().px, axes.rect
    painter.setFont(theme.font(12))
    for value in ticks(axes.up, max(2, int(rect.height() / px(LEVELS_APART)))):
        y = axes.y(value)
        painter.setPen(QPen(theme.color("muted" if value == 0 else "line"), 1))
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        box = QRectF(0, y - px(9), px(LEFT - 8), px(18))
        painter.setPen(theme.color("muted"))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box, flags, tick_text(value))


def draw_place(painter: QPainter, axes: Axes, place: float, text: str) -> None:
    """Write a muted number below a place, all of it inside the plot."""
    px = theme.current().px
    x = min(axes.x(place), axes.rect.right() - px(HALF_LABEL / 2))
    box = QRectF(x - px(HALF_LABEL), axes.rect.bottom(), px(2 * HALF_LABEL), px(FOOT))
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("muted"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
