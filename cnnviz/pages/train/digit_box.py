"""The pinned picture: one of the test set, or one that was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.picture import PictureBox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


LARGEST = 168  # pixels at text size 100 %


class DigitBox(QWidget):
    """The picture, its number in the test set, and a way to draw another."""

    chosen = Signal(int, str)
    """The number of a test picture, and the key of the gesture."""
    draw_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        px = theme.current().px
        head = QHBoxLayout()
        title, self._class = QLabel("Digit"), QLabel()
        title.setProperty("role", "heading")
        self._class.setProperty("role", "muted")
        head.addWidget(title)
        head.addStretch(1)
        head.addWidget(self._class)
        self._picture = PictureBox("Pinned picture", "What the network looks at")
        self._picture.setMaximumHeight(px(LARGEST))
        self._number = NumberField(
            "Test picture",
            "The number of the picture in the test set, from 0",
            low=0,
            high=9999,
            decimals=0,
        )
        self._number.changed.connect(
            lambda value, gesture: self.chosen.emit(round(value), gesture)
        )
        draw = QPushButton("Draw…")
        draw.setAccessibleName("Draw a picture")
        draw.setToolTip("Draw a digit yourself and pin it")
        draw.clicked.connect(self.draw_asked)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(self._number, 1)
        foot.addWidget(draw, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(head)
        column.addWidget(self._picture)
        column.addLayout(foot)
        column.addStretch(1)

    def set_picture(
        self, pixels: NDArray[np.uint8], words: str, number: int, count: int
    ) -> None:
        """Show a picture, uint8 (C, H, W), with a few words and its number."""
        self._picture.set_picture(pixels)
        self._class.setText(words)
        self._number.set_highest(max(0, count - 1))
        self._number.set_value(number)
