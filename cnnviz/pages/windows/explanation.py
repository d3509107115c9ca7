"""The panel under the board: the table of terms and the story, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.pages.windows.story import Story
from cnnviz.pages.windows.table import TermsOfStep, content

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.pages.windows.state import State

# In pixels at text size 100 %: the least width of the story beside the table.
NARROWEST = 300
BESIDE, BELOW = 40, 10


class Explanation(QWidget):
    """Table beside story, or under it where the table is wide."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.story = TermsOfStep(), Story()
        for part in (self.table, self.story):
            part.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_state(self, state: State) -> None:
        """Show the terms of the present step, or why there are none."""
        self.table.setVisible(not state.reason)
        if state.reason:
            self.story.show_no_result(state.setting)
        else:
            step = state.work.step(state.step)
            covered = not state.is_open(state.step)
            self.table.show_content(content(step, state.setting, covered=covered))
            self.story.show_step(step, state.setting, covered=covered)
        self._place(self.width(), move=True)
        self.updateGeometry()

    def _place(self, width: int, *, move: bool) -> int:
        """Return the height that both parts take in a width; put them there."""
        px = theme.current().px
        self.table.fold(width)
        table = self.table.sizeHint()
        if self.table.isHidden():
            table = QSize(0, 0)
        left = table.width() + px(BESIDE) if table.width() else 0
        beside = left + px(NARROWEST) <= width
        room = width - left if beside else width
        if move:
            self.story.set_room(room)
        height = self.story.heightForWidth(room)
        top = 0 if beside else height + px(BELOW)
        if move:
            self.story.setGeometry(left if beside else 0, 0, room, height)
            self.table.move(0, top)
        return max(height, top + table.height())

    # ---------------------------------------------------------------- Qt

    def heightForWidth(self, width: int) -> int:
        """Return the height of table and story in a width."""
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Return the same: every term is to be read."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit table and story to the width."""
        super().resizeEvent(event)
        self._place(self.width(), move=True)
        self.updateGeometry()

    def changeEvent(self, event: QEvent) -> None:
        """Place both anew in another text size."""
        if event.type() == QEvent.Type.FontChange:
            self._place(self.width(), move=True)
        super().changeEvent(event)
