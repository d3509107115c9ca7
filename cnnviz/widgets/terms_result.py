"""The end of an equation: the sum, the value itself, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from cnnviz import theme
from cnnviz.widgets import terms

if TYPE_CHECKING:
    from cnnviz.widgets.terms import Content


class TermsResult(QWidget):
    """Sentence, value, later steps and notes: one under the other, or in a row."""

    def __init__(self) -> None:
        super().__init__()
        self._words = "", ""
        self._sentence, self._value, self._later, self._note = (
            _label(role) for role in ("muted", "value", "", "caption")
        )
        self._lines = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.addStretch(1)
        for label in (self._sentence, self._value, self._later, self._note):
            self._lines.addWidget(label)
        self._lines.addStretch(1)

    def show_content(self, content: Content) -> str:
        """Show the end of an equation and return all of it in words."""
        lines = terms.later_lines(content)
        self._value.setText(terms.value_text(content))
        self._later.setText("\n".join(lines))
        self._later.setVisible(bool(lines))
        notes = [*filter(None, [terms.difference(content), content.note])]
        self._words = content.sentence(), "\n".join(notes)
        value = f"value {self._value.text()}"
        return "; ".join([content.sentence(), value, *lines, *notes])

    def lay_out(self, *, in_a_row: bool, place: str = "") -> None:
        """Put the parts in a row, notes below the sentence, or below each other.

        A place, such as "row 1, column 2", goes over the sentence.
        """
        px, direction = theme.current().px, QBoxLayout.Direction
        self._lines.setDirection(
            direction.LeftToRight if in_a_row else direction.TopToBottom
        )
        self._lines.setSpacing(px(16) if in_a_row else px(2))
        self._lines.setStretch(0, 0 if in_a_row else 1)
        sentence, notes = self._words
        sentence = "\n".join(filter(None, [place, sentence]))
        both = "\n".join(filter(None, [sentence, notes]))
        self._sentence.setText(both if in_a_row else sentence)
        self._note.setText(notes)
        self._note.setVisible(bool(notes) and not in_a_row)


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    return label
