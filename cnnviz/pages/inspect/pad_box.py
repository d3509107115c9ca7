"""The drawing pad with its pen, eraser, undo and clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.ops.recipes import Parameter
from cnnviz.widgets.controls import Segmented
from cnnviz.widgets.digit_pad import PEN, DigitPad
from cnnviz.widgets.gestures import Gesture
from cnnviz.widgets.parameters import ParameterRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

TOOLS = (("pen", "Pen"), ("eraser", "Eraser"))
WIDTH = Parameter("width", "Pen width", "%", 100 * PEN, 2.0, 20.0, 0.5)


class PadBox(QWidget):
    """A pad to draw on, live.

    Attributes
    ----------
    pad : DigitPad
    """

    drawn = Signal(object, str)
    """The sheet, uint8 (280, 280), and the key of the stroke."""

    def __init__(self) -> None:
        super().__init__()
        px = theme.current().px
        self._key = Gesture.fresh()
        self.pad = DigitPad("Drawing pad", "Draw a digit")
        self.pad.drawn.connect(lambda: self.drawn.emit(self.pad.drawing(), self._key))
        self.pad.stroke_finished.connect(self._end_stroke)
        self._tool = Segmented(TOOLS, "Tool", "Draw or erase; the right button erases")
        self._tool.changed.connect(lambda _: self._choose())
        self._width = ParameterRow(WIDTH, in_a_line=True)
        self._width.changed.connect(lambda *_: self._choose())
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self._tool, 1)
        row.addWidget(_button("Undo", "Take the last stroke back", self.pad.undo))
        row.addWidget(_button("Clear", "Begin with an empty sheet", self.pad.clear))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self.pad)
        column.addLayout(row)
        column.addWidget(self._width)

    def set_sheet(self, sheet: NDArray[np.uint8]) -> None:
        """Show a drawing, without a signal; one that is there already stays."""
        if not np.array_equal(self.pad.drawing(), sheet):
            self.pad.set_drawing(sheet)

    def _choose(self) -> None:
        erasing = self._tool.current() == "eraser"
        self.pad.set_pen(self._width.value() / 100, erasing=erasing)

    def _end_stroke(self) -> None:
        self._key = Gesture.fresh()


def _button(text: str, tooltip: str, act: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tooltip)
    button.clicked.connect(lambda: act())
    return button
