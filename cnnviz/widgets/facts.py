"""A few numbers side by side, each under its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.flowing import Flowing, in_lines

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fact(NamedTuple):
    """A name, its value as text, and a sentence about it."""

    name: str
    value: str
    sentence: str


class Facts(Flowing):
    """Facts in a line, or in as many lines as the width asks for."""

    def __init__(self) -> None:
        super().__init__()
        self._facts: tuple[Fact, ...] = ()
        self._cells: list[_Cell] = []

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show facts in the place of those that are there."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        while len(self._cells) > len(facts):
            cell = self._cells.pop()
            cell.hide()
            cell.deleteLater()
        while len(self._cells) < len(facts):
            self._cells.append(_Cell(self))
            self._cells[-1].show()
        for cell, fact in zip(self._cells, facts, strict=True):
            if fact != cell.fact:
                cell.set_fact(fact)
        self.flow()

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the facts take in a width; put them there."""
        px = theme.current().px
        return in_lines(self._cells, width, px(28), px(4), move=move)


class _Cell(QWidget):
    """One fact; numbers that change often change in place."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.fact: Fact | None = None
        self._name, self._value = QLabel(), QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for label, role in ((self._name, "caption"), (self._value, "heading")):
            label.setProperty("role", role)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)

    def set_fact(self, fact: Fact) -> None:
        self.fact = fact
        self.setToolTip(fact.sentence)
        self.setAccessibleName(f"{fact.name}: {fact.value}. {fact.sentence}")
        self._name.setText(fact.name)
        self._value.setText(fact.value)
