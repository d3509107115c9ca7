"""Draw a picture: pin it, or keep it among those to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.nn.picture_folders import save_drawing
from cnnviz.ops import handwriting
from cnnviz.widgets.controls import Choice, labelled
from cnnviz.widgets.digit_pad import DigitPad
from cnnviz.widgets.picture import PictureBox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.train.page import TrainPage

PAD = 320  # pixels at text size 100 %
HINT = "Draw a digit; it is scaled and centred as MNIST is."


def draw(page: TrainPage, data: Dataset | None, home: Path) -> None:
    """Open the dialog on a page, whose state takes the picture that is pinned there."""
    dialog = DrawingDialog(page, data.classes if data else (), home)
    dialog.pinned.connect(lambda pixels: page.edit(page.state.with_drawing(pixels)))
    dialog.open()


class DrawingDialog(QDialog):
    """A pad, the picture as the network will see it, and what to do with it.

    Parameters
    ----------
    parent : QWidget
    classes : sequence of str
        What a drawing can be kept as.
    home : Path
        The user's data folder.
    """

    pinned = Signal(object)
    """A picture, uint8 (28, 28)."""

    def __init__(self, parent: QWidget, classes: Sequence[str], home: Path) -> None:
        super().__init__(parent)
        self.setWindowTitle("Draw a picture")
        self._home = home
        px = theme.current().px
        self._pad = DigitPad("Drawing pad", ground="background")
        self._pad.setFixedSize(px(PAD), px(PAD))
        self._pad.drawn.connect(self._show)
        self._seen = PictureBox("What the network sees", "Cropped, scaled, centred")
        self._seen.setFixedSize(px(112), px(112))
        names = classes or tuple("0123456789")
        options = [(name, name, f"Keep as {name}") for name in names]
        self._class = Choice((("", options),), "Class", "What the drawing is")
        self._words = QLabel(HINT)
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        side = QVBoxLayout()
        side.setSpacing(px(8))
        side.addWidget(self._seen)
        side.addWidget(
            self._button("Undo", "Take the last stroke back", self._pad.undo)
        )
        side.addWidget(self._button("Clear", "Begin anew", self._pad.clear))
        side.addStretch(1)
        side.addWidget(labelled("Class", self._class))
        side.addWidget(
            self._button("Keep", "Add it to our drawings, to learn from", self._keep)
        )
        pin = self._button("Pin", "Let the network look at it", self._pin)
        pin.setProperty("role", "primary")
        side.addWidget(pin)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        row.addWidget(self._pad)
        row.addLayout(side)
        column = QVBoxLayout(self)
        column.setSpacing(px(12))
        column.addLayout(row)
        column.addWidget(self._words)

    def _button(self, text: str, tip: str, do: Callable[[], None]) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: do())
        return button

    def _prepared(self) -> NDArray[np.uint8] | None:
        try:
            return handwriting.prepare(255 - self._pad.drawing()).picture
        except InputError as error:
            self._words.setText(str(error))
            return None

    def _show(self) -> None:
        self._words.setText(HINT)
        pixels = None if self._pad.empty else self._prepared()
        self._seen.set_picture(None if pixels is None else pixels[None])

    def _pin(self) -> None:
        pixels = self._prepared()
        if pixels is not None:
            self.pinned.emit(pixels)
            self.accept()

    def _keep(self) -> None:
        pixels = self._prepared()
        if pixels is None:
            return
        try:
            save_drawing(pixels, self._class.current(), self._home)
        except InputError as error:
            self._words.setText(str(error))
            return
        self._pad.clear()
        self._words.setText(f"Kept as {self._class.current()}.")
