"""One small picture, a square a pixel, as large as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.widgets.overlay import fill_around

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent


class PictureBox(QWidget):
    """Shows a picture of bytes, grey or in colour.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    """

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._image = QImage()
        self._block: tuple[int, int, int, int] | None = None

    def set_picture(self, pixels: NDArray[np.uint8]) -> None:
        """Show a picture, uint8 (C, H, W) of one or three channels."""
        self._image = picture_image(pixels)
        self.update()

    def set_block(self, block: tuple[int, int, int, int] | None) -> None:
        """Frame the pixels from one row and column to others: top, left, bottom, right.

        What lies outside the picture is cut off; None frames nothing.
        """
        if block != self._block:
            self._block = block
            self.update()

    def heightForWidth(self, width: int) -> int:
        """Return the height of a square."""
        return width

    def sizeHint(self) -> QSize:
        """Ask for a square of 168 pixels at text size 100 %."""
        return QSize(theme.current().px(168), theme.current().px(168))

    def minimumSizeHint(self) -> QSize:
        """Do with 64 pixels."""
        return QSize(theme.current().px(64), theme.current().px(64))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture in the middle."""
        side = min(self.width(), self.height())
        rect = QRect(0, 0, side, side)
        with QPainter(self) as painter:
            if self._image.isNull():
                painter.fillRect(rect, theme.color("line"))
                return
            painter.drawImage(rect, self._image)
            if self._block is not None:
                fill_around(
                    painter,
                    self._pixels(rect, self._block),
                    theme.current().px(2),
                    theme.color("highlight"),
                )

    def _pixels(self, rect: QRect, block: tuple[int, int, int, int]) -> QRect:
        """Return where on the widget these pixels of the picture are."""
        top, left, bottom, right = block
        height, width = self._image.height(), self._image.width()
        down, across = rect.height() / height, rect.width() / width
        corner = QPoint(round(max(0, left) * across), round(max(0, top) * down))
        return QRect(
            corner,
            QPoint(
                round(min(width, right + 1) * across) - 1,
                round(min(height, bottom + 1) * down) - 1,
            ),
        )


def picture_image(pixels: NDArray[np.uint8]) -> QImage:
    """Return a picture of bytes (C, H, W), one or three channels, as one of Qt's."""
    channels, height, width = pixels.shape
    planes = np.broadcast_to(
        pixels[:3] if channels >= 3 else pixels[:1], (3, height, width)
    )
    packed = np.ascontiguousarray(planes.transpose(1, 2, 0))
    image = QImage(packed.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # which owns its bytes
