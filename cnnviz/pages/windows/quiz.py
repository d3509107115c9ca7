"""The line under the board in which a covered value is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.pages.windows.mistakes import why_wrong
from cnnviz.pages.windows.words import number, place
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QResizeEvent

    from cnnviz.pages.windows.state import State
    from cnnviz.widgets.stepper import Stepper


ROOMY, LEAST = 640, 310
"""In pixels at text size 100 %: the width with room for a verdict beside the question,
and the least one."""


class Quiz(QWidget):
    """Asks for the value of a step and says what is wrong with an answer."""

    answered = Signal(float)
    given_up = Signal()
    next_asked = Signal()
    message = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Predict the covered value")
        self._question = QLabel()
        self._question.setProperty("role", "heading")
        self._field = QLineEdit()
        self._field.setAccessibleName("Your answer")
        self._field.setToolTip(
            "Type the value and press Enter; 1/3 and 0.33 do as well"
        )
        self._field.setFixedWidth(theme.current().px(80))
        self._field.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._field.returnPressed.connect(self._check)
        self._field.textChanged.connect(lambda _: self._mark(invalid=False))
        self._checker = _button("Check", "Is it right? (Enter)", self._check)
        self._checker.setProperty("role", "primary")
        self._show = _button("Show", "Uncover the value", self.given_up.emit)
        self._next = _button(
            "Next", "Go to the next covered value", self.next_asked.emit
        )
        self._next.setProperty("role", "primary")
        self._verdict = QLabel()
        self._verdict.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(theme.current().px(8))
        for widget in (
            self._question,
            self._field,
            self._checker,
            self._show,
            self._next,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(theme.current().px(8))
        self._box.addLayout(row)
        self._box.addWidget(self._verdict, 1)
        # Less than the words need: the rail folds before the window has to grow.
        self.setMinimumWidth(theme.current().px(LEAST))
        self._where = ""

    def show_state(self, state: State) -> None:
        """Ask for the value of the present step, or say that it is known."""
        self.setVisible(state.covered and not state.reason)
        if self.isHidden():
            return
        done = state.work
        where = place(done.step(state.step), state.setting)
        if where != self._where:
            self._where = where
            self._field.clear()
        known = state.is_open(state.step)
        self._question.setText(where[0].upper() + where[1:] + ("" if known else " ="))
        for widget in (self._field, self._checker, self._show):
            widget.setVisible(not known)
        left = any(not state.is_open(step) for step in range(state.count))
        self._next.setVisible(known and left)
        self._verdict.setText(self._judge(state))
        self._fit()

    def _fit(self) -> None:
        """Put the verdict under the question where there is no room beside it."""
        narrow = self.width() < theme.current().px(ROOMY)
        direction = QBoxLayout.Direction
        self._box.setDirection(
            direction.TopToBottom if narrow else direction.LeftToRight
        )
        self._verdict.setVisible(not narrow or bool(self._verdict.text()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the verdict where there is room."""
        super().resizeEvent(event)
        self._fit()

    def verdict(self) -> str:
        """Return what is said of the last answer."""
        return self._verdict.text()

    def take_focus(self) -> None:
        """Take the keys for the answer."""
        widget = self._next if self._field.isHidden() else self._field
        widget.setFocus()

    def begin(self, typed: str) -> bool:
        """Take what is typed elsewhere on the page as an answer; say whether it is."""
        asked = not self._field.isHidden() and not self.isHidden()
        if not asked or not typed.isprintable() or not typed.strip():
            return False
        self._field.setFocus()
        self._field.setText(typed)
        return True

    def pass_keys_to(self, stepper: Stepper) -> None:
        """Let the arrow keys step on while the button for the next value has them."""
        self._next.installEventFilter(stepper)

    def _judge(self, state: State) -> str:
        last = next((a for a in reversed(state.answers) if a.step == state.step), None)
        if last is None:
            return ""
        value = number(float(state.work.result.flat[state.step]))
        if last.value is None:
            return f"The value is {value}."
        if state.is_right(last):
            done = all(state.is_open(step) for step in range(state.count))
            right, tried = state.score
            end = f" All values are found: {right} of {tried} right." if done else ""
            return f"Right: {value}.{end}"
        wrong = why_wrong(state.work, state.step, last.value)
        return f"{number(last.value)} is not right. {wrong.sentence}"

    def _check(self) -> None:
        if not self._field.text().strip():
            return
        try:
            self.answered.emit(numbers.parse(self._field.text()))
        except InputError as error:
            self._mark(invalid=True)  # what was typed stays, to be mended
            self.message.emit(str(error))
        else:
            self._field.selectAll()

    def _mark(self, *, invalid: bool) -> None:
        if bool(self._field.property("invalid")) != invalid:
            self._field.setProperty("invalid", invalid)
            self._field.style().unpolish(self._field)
            self._field.style().polish(self._field)


def _button(title: str, tooltip: str, clicked: Callable[[], object]) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tooltip)
    button.clicked.connect(lambda _: clicked())
    return button
