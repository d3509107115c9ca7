"""The pinned picture: one of the test set, or one that was drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.picture import PictureBox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

# In pixels at text size 100 %.
LARGEST, BESIDE = 168, 88
"""The picture's side: at most, and where its title stands beside it."""
AROUND, BELOW = 68, 42
"""The height of the title and of the number with its button, and of the latter alone.
"""
SMALLEST = 64
_Direction = QBoxLayout.Direction


class DigitBox(QWidget):
    """The picture, its number in the test set, and a way to draw another.

    Its title is over the picture, or beside it where the height is needed for that.
    """

    chosen = Signal(int, str)
    """The number of a test picture, and the key of the gesture."""
    draw_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        px = theme.current().px
        self._head = QBoxLayout(_Direction.LeftToRight)
        title, self._class = QLabel("Digit"), QLabel()
        title.setProperty("role", "heading")
        self._class.setProperty("role", "muted")
        self._head.setSpacing(px(4))
        self._class.setMinimumWidth(1)  # a long name may not widen the column
        self._head.addWidget(title)
        self._head.addStretch()
        self._head.addWidget(self._class)
        self._head.addStretch()
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
        self._top = QBoxLayout(_Direction.BottomToTop)
        self._top.setSpacing(px(8))
        self._top.addWidget(self._picture)
        self._top.addLayout(self._head)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(self._top)
        column.addLayout(foot)
        column.addStretch(1)
        # What it asks for may not follow from how it is arranged, for that follows
        # from what it gets.
        self.setMinimumHeight(px(SMALLEST + BELOW))
        self.setMaximumHeight(px(LARGEST + AROUND))

    def set_picture(
        self, pixels: NDArray[np.uint8], words: str, number: int, count: int
    ) -> None:
        """Show a picture, uint8 (C, H, W), with a few words and its number."""
        self._picture.set_picture(pixels)
        self._class.setText(words)
        self._class.setToolTip(words)
        self._number.set_highest(max(0, count - 1))
        self._number.set_value(number)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the title where the picture is larger so."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        px = theme.current().px
        beside = self.height() - px(AROUND) < px(BESIDE)
        self._top.setDirection(
            _Direction.LeftToRight if beside else _Direction.BottomToTop
        )
        self._head.setDirection(
            _Direction.TopToBottom if beside else _Direction.LeftToRight
        )
        self._head.setStretch(1, 0 if beside else 1)
        self._head.setStretch(3, 1 if beside else 0)
        self._class.setWordWrap(beside)
        side = px(BESIDE if beside else LARGEST)
        self._picture.setMaximumSize(side, side)
        column = self.layout()
        assert column is not None
        column.activate()  # at once: else the old places are painted first
