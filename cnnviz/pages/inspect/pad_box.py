"""The drawing pad with its pen, eraser, undo and clear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.ops.recipes import Parameter
from cnnviz.pages.inspect.small_controls import button
from cnnviz.widgets.controls import Segmented
from cnnviz.widgets.digit_pad import PEN, DigitPad
from cnnviz.widgets.gestures import Gesture
from cnnviz.widgets.parameters import ParameterRow

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOOLS = (("pen", "Pen"), ("eraser", "Eraser"))
WIDTH = Parameter("width", "Pen width", "%", 100 * PEN, 2.0, 20.0, 0.5)
BESIDE, UNDER = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
LARGEST = 16_777_215
"""Qt's greatest size, which limits nothing."""


class PadBox(QWidget):
    """A pad to draw on, live.

    Attributes
    ----------
    pad : DigitPad
    pen_width : ParameterRow
        For whoever shows the box, to be put below it.
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
        self.pen_width = ParameterRow(WIDTH, in_a_line=True)
        self.pen_width.changed.connect(lambda *_: self._choose())
        self._tools = QBoxLayout(BESIDE)
        self._tools.setSpacing(px(8))
        self._tools.addWidget(self._tool, 1)
        for each in (
            button("Undo", "Take the last stroke back", self.pad.undo),
            button("Clear", "Begin with an empty sheet", self.pad.clear),
        ):
            self._tools.addWidget(each)
        self._parts = QBoxLayout(UNDER)
        self._parts.setSpacing(px(8))
        self._parts.addWidget(self.pad)
        self._parts.addLayout(self._tools)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._parts)

    def whole_height(self, width: int) -> int:
        """Return the height with a pad as wide as the box and the tools below."""
        return width + theme.current().px(8) + self._tool.sizeHint().height()

    def tools_width(self) -> int:
        """Return the least width of the tools beside a pad."""
        return self._tool.minimumSizeHint().width()

    def set_side(self, side: int) -> None:
        """Give the pad a side in pixels and put the tools beside it; 0: see above."""
        self._parts.setDirection(BESIDE if side else UNDER)
        self._tools.setDirection(UNDER if side else BESIDE)
        self._parts.setAlignment(
            self._tools,
            Qt.AlignmentFlag.AlignTop if side else Qt.AlignmentFlag(0),
        )
        self.pad.setMaximumSize(side or LARGEST, side or LARGEST)
        self.pad.setMinimumSize(side, side)

    def set_sheet(self, sheet: NDArray[np.uint8]) -> None:
        """Show a drawing, without a signal; one that is there already stays."""
        if not np.array_equal(self.pad.drawing(), sheet):
            self.pad.set_drawing(sheet)

    def _choose(self) -> None:
        erasing = self._tool.current() == "eraser"
        self.pad.set_pen(self.pen_width.value() / 100, erasing=erasing)

    def _end_stroke(self) -> None:
        self._key = Gesture.fresh()
