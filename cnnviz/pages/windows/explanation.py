"""The panel under the board: the table of terms and the story, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize

from cnnviz import theme
from cnnviz.pages.windows.mistakes import clue
from cnnviz.pages.windows.story import Story
from cnnviz.pages.windows.table import TermsOfStep, content
from cnnviz.widgets.flowing import Flowing

if TYPE_CHECKING:
    from cnnviz.pages.windows.state import State

# In pixels at text size 100 %: the least width of the story beside the table.
NARROWEST = 300
BESIDE, BELOW = 40, 10


class Explanation(Flowing):
    """Table beside story, or under it where the table is wide."""

    def __init__(self) -> None:
        super().__init__()
        self._state: State | None = None
        self.table, self.story = TermsOfStep(), Story()
        for part in (self.table, self.story):
            part.setParent(self)

    def show_state(self, state: State) -> None:
        """Show the terms of the present step, or why there are none."""
        self._state = state
        self.table.setVisible(not state.reason)
        if state.reason:
            self.story.show_no_result(state.setting)
        else:
            step = state.work.step(state.step)
            covered = not state.is_open(state.step)
            seen = clue(state)
            self.table.show_content(
                content(step, state.setting, covered=covered, seen=seen)
            )
            self.story.show_step(step, state.setting, covered=covered)
        self.flow()

    def changeEvent(self, event: QEvent) -> None:
        """Write the words anew in the sizes and colours of another theme."""
        super().changeEvent(event)
        kinds = QEvent.Type.PaletteChange, QEvent.Type.FontChange
        if event.type() in kinds and self._state is not None:
            self.show_state(self._state)

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that both parts take in a width; put them there."""
        px = theme.current().px
        self.table.fold(width)
        table = self.table.sizeHint()
        if self.table.isHidden():
            table = QSize(0, 0)
        left = table.width() + px(BESIDE) if table.width() else 0
        beside = left + px(NARROWEST) <= width
        room = width - left if beside else width
        self.story.set_room(room)
        height = self.story.heightForWidth(room)
        top = 0 if beside else height + px(BELOW)
        if move:
            self.story.setGeometry(left if beside else 0, 0, room, height)
            self.table.move(0, top)
        return max(height, top + table.height())
