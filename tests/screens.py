"""What stands on the screen after parts of a widget were painted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPixmap
    from PySide6.QtWidgets import QWidget

SHADE = 3
"""Edges of curves come out so much lighter or darker where a part was cut."""


def stale(window: QWidget) -> int:
    """Return how far, of 255, the screen is from a fresh picture of a window."""
    QApplication.processEvents()
    on_screen = window.screen().grabWindow(window.winId())
    return int(np.abs(_pixels(on_screen) - _pixels(window.grab())).max())


def _pixels(pixmap: QPixmap) -> NDArray[np.int_]:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].astype(int)
