"""A small picture of a strip: what it is and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QLinearGradient, QPainter, QPen, QPixmap

from cnnviz import theme

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.ops.colour import Scale

CAPTION = 18
"""Height of a caption in pixels at text size 100 %."""


@dataclass(frozen=True, eq=False)
class Thumb:
    """A small picture with its caption and tooltip, and what its colours mean."""

    image: QImage
    caption: str
    tooltip: str
    legend: tuple[Scale, NDArray[np.uint8]] | None = None


def render_into(thumb: Thumb, room: QSize, ratio: float) -> QPixmap:
    """Return the picture as large as a room has it, on a screen of ``ratio``.

    Magnified pixels stay pixels; what is made smaller is made smooth.
    """
    size = room * ratio
    image, modes = thumb.image, Qt.TransformationMode
    small = image.width() < size.width() and image.height() < size.height()
    mode = modes.FastTransformation if small else modes.SmoothTransformation
    pixmap = QPixmap.fromImage(
        image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode)
    )
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def draw_thumb(
    painter: QPainter, rect: QRect, pixmap: QPixmap, caption: str, current: int
) -> None:
    """Draw a picture over its caption; ``current`` is 1, or 2 with the focus."""
    px = theme.current().px
    picture = QRect(QPoint(), pixmap.deviceIndependentSize().toSize())
    picture.moveCenter(rect.center())
    painter.fillRect(rect, theme.color("surface"))
    painter.drawPixmap(picture.topLeft(), pixmap)
    frame = theme.color("accent" if current else "line")
    painter.setPen(QPen(frame, px(1 + current)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, 4, 4)
    painter.setFont(theme.font(12))
    painter.setPen(theme.color("text" if current else "muted"))
    below = QRect(rect.left(), rect.bottom(), rect.width(), px(CAPTION))
    below.adjust(-px(6), 0, px(6), 0)
    right = Qt.TextElideMode.ElideRight
    words = painter.fontMetrics().elidedText(caption, right, below.width())
    flags = Qt.AlignmentFlag
    painter.drawText(below, flags.AlignHCenter | flags.AlignBottom, words)


def draw_plus(painter: QPainter, rect: QRect, *, hot: bool) -> None:
    """Draw the place where another picture can be added."""
    px, ink = theme.current().px, theme.color("accent" if hot else "muted")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(ink, 1, Qt.PenStyle.DashLine))
    painter.drawRoundedRect(rect, px(8), px(8))
    arm, middle = px(9), rect.center()
    painter.setPen(QPen(ink, px(2)))
    painter.drawLine(middle - QPoint(arm, 0), middle + QPoint(arm, 0))
    painter.drawLine(middle - QPoint(0, arm), middle + QPoint(0, arm))


def draw_cross(painter: QPainter, rect: QRect) -> None:
    """Draw the button that removes a picture."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("surface"))
    painter.drawEllipse(rect)
    cross = theme.icon("close", "text").pixmap(64, 64)
    painter.drawPixmap(rect.adjusted(2, 2, -2, -2), cross)


def draw_more(painter: QPainter, rect: QRect, *, down: bool) -> None:
    """Fade the pictures at an end, and point to those beyond it."""
    solid, clear = theme.color("background"), theme.color("background")
    clear.setAlpha(0)
    fade = QLinearGradient(rect.topLeft(), rect.bottomLeft())
    fade.setColorAt(0, clear if down else solid)
    fade.setColorAt(0.6 if down else 0.4, solid)
    fade.setColorAt(1, solid if down else clear)
    painter.fillRect(rect, fade)
    side = theme.current().px(16)
    place = QRect(0, 0, side, side)
    place.moveCenter(rect.center())
    if down:
        place.moveBottom(rect.bottom())
    else:
        place.moveTop(rect.top())
    theme.icon("chevron-down" if down else "chevron-up").paint(painter, place)
