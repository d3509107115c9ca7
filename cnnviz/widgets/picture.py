"""One small picture, a square a pixel, as large as there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._image = QImage()
        self._block: tuple[int, int, int, int] | None = None

    def set_picture(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show a picture, uint8 (C, H, W) of one or three channels, or none."""
        self._image = QImage() if pixels is None else picture_image(pixels)
        self.update()

    def set_block(self, block: tuple[int, int, int, int] | None) -> None:
        """Frame the pixels from one row and column to others: top, left, bottom, right.

        What lies outside the picture is cut off; None frames nothing.
        """
        if block != self._block:
            self._block = block
            self.update()

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
            keep = Qt.AspectRatioMode.KeepAspectRatio
            inside = QRect(QPoint(), self._image.size().scaled(rect.size(), keep))
            inside.moveCenter(rect.center())
            painter.drawImage(inside, self._image)
            if self._block is not None:
                frame = self._pixels(inside, self._block)
                width = theme.current().px(2)
                fill_around(painter, frame, width, theme.color("highlight"))

    def _pixels(self, inside: QRect, block: tuple[int, int, int, int]) -> QRect:
        """Return where on the widget these pixels of the picture are."""
        top, left, bottom, right = block
        height, width = self._image.height(), self._image.width()
        down, across = inside.height() / height, inside.width() / width
        corner = QPoint(round(max(0, left) * across), round(max(0, top) * down))
        end = QPoint(
            round(min(width, right + 1) * across) - 1,
            round(min(height, bottom + 1) * down) - 1,
        )
        return QRect(corner, end).translated(inside.topLeft())


def picture_image(pixels: NDArray[np.uint8]) -> QImage:
    """Return a picture of bytes (C, H, W), one or three channels, as one of Qt's."""
    channels, height, width = pixels.shape
    if channels < 3:
        planes, kind = pixels[0], QImage.Format.Format_Grayscale8
    else:
        planes, kind = pixels[:3].transpose(1, 2, 0), QImage.Format.Format_RGB888
    packed = np.ascontiguousarray(planes)
    image = QImage(packed.data, width, height, packed.nbytes // height, kind)
    return image.copy()  # which owns its bytes
