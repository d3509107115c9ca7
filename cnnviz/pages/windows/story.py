"""One step in words: what lies under the window, its sum, the size of the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.pages.windows import words
from cnnviz.pages.windows.presets import of_the_lecture
from cnnviz.widgets.facts import Facts

if TYPE_CHECKING:
    from cnnviz.ops.worked import Step
    from cnnviz.ops.worked_setting import Setting


EQUATION = 380
"""Width in pixels, at text size 100 %, that the equation wants beside the formula."""


class Story(QWidget):
    """Place, sentence, equation and formula, one under the other."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("This window in words")
        self._place, self._sentence = _label("muted"), _label("")
        self._equation = _label("")
        self._facts = Facts()
        policy = self._facts.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Minimum)
        self._facts.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        self._end = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._end.setSpacing(theme.current().px(8))
        self._end.addWidget(self._equation, 1)
        self._end.addWidget(self._facts)
        for widget in (self._place, self._sentence):
            column.addWidget(widget)
        column.addLayout(self._end)
        column.addStretch(1)

    def set_room(self, room: int) -> None:
        """Put the formula beside the equation where the width leaves room for both."""
        direction = QBoxLayout.Direction
        wide = room >= self._facts.minimumWidth() + theme.current().px(EQUATION)
        self._end.setDirection(direction.LeftToRight if wide else direction.TopToBottom)

    def show_step(self, step: Step, setting: Setting, *, covered: bool) -> None:
        """Tell a step; while it is covered, all but its numbers."""
        left, right = words.equation(step, setting)
        many = len(step.sums) > 1 and not covered
        where = words.place(step, setting)
        # Beside a table of several channels it is one line in every step, or the table
        # would jump: products are counted there, and named in the table alone.
        told = words.where(step, setting, named=0 if many else words.NAMED)
        where = where[0].upper() + where[1:]
        self._place.setText(f"{where}. {told}" if many else where)
        self._sentence.setVisible(not many)
        if covered:
            told = "Work it out: what is the value of this window?"
        size = theme.current().px(16)
        self._sentence.setText(f"<span style='font-size:{size}px'>{told}</span>")
        ink = theme.current().palette.highlight_text
        big = theme.current().px(26 if len(left) < 24 else 19)
        if covered:
            left, right = "value", "?"
        sign, right = words.related(right)
        self._equation.setText(
            f"<span style='font-size:{big}px; font-weight:600'>{left} {sign} "
            f"<span style='color:{ink}'>{right}</span></span>"
        )
        # One height for large and small figures, or the board would jump.
        self._equation.setMinimumHeight(theme.current().px(34))
        self._equation.show()
        self._show_sizes(setting)

    def show_no_result(self, setting: Setting) -> None:
        """Show the formula that comes to no size; the board says why."""
        self._place.setText("There is no result")
        self._sentence.hide()
        self._equation.hide()
        self._show_sizes(setting)

    def _show_sizes(self, setting: Setting) -> None:
        facts = [*words.sizes(setting), *of_the_lecture(setting)]
        self._facts.set_facts(facts)
        name = QFontMetrics(theme.font(12)).horizontalAdvance
        value = QFontMetrics(theme.font(14, bold=True)).horizontalAdvance
        width = max(max(name(fact.name), value(fact.value)) for fact in facts)
        self._facts.setMinimumWidth(width)

    def text(self) -> str:
        """Return the equation as it is written, without markup."""
        return self._equation.text()


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label
