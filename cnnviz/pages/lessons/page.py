"""The Lessons page: a card for each lesson that ships with cnnviz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel

from cnnviz import lessons, session, theme
from cnnviz.errors import InputError
from cnnviz.pages.base import Page
from cnnviz.pages.lessons.state import State
from cnnviz.widgets.cards import Card, Cards

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

INTRODUCTION = (
    "One for each part of the lecture. A lesson sets its pages up with one click, and "
    "its task stays on show; Ctrl+Z brings back what was on a page before."
)


def create() -> LessonsPage:
    """Make the page."""
    return LessonsPage()


class LessonsPage(Page):
    """The lessons, in the order of the lecture."""

    id = "lessons"
    title = "Lessons"

    def __init__(self) -> None:
        super().__init__(State())
        heading, words = QLabel(self.title), QLabel(INTRODUCTION)
        heading.setProperty("role", "title")
        words.setProperty("role", "muted")
        words.setWordWrap(True)
        self._cards = Cards()
        for part in (heading, words, self._cards):
            self.canvas.addWidget(part)
        self.canvas.setSpacing(theme.current().px(16))
        self.canvas.addStretch(1)
        self.hide_parts(())
        for number, file in enumerate(lessons.files(), 1):
            try:
                self._add(number, file)
            except InputError as error:
                self.show_message(str(error))

    def _add(self, number: int, file: Path) -> None:
        saved = session.read(file)
        if (lesson := saved.lesson) is None:
            return
        places = [(key.replace("-", " ").title(), key) for key in saved.pages]
        card = Card(number, lesson.title, lesson.sentence, lesson.task, places)
        card.opened.connect(lambda: self.lesson_asked.emit(str(file)))
        self._cards.add(card)

    def show_state(self, old: State) -> None:
        """Do nothing: there is one state."""

    def hide_parts(self, hidden: Collection[str]) -> None:
        """Show the canvas alone, whatever is asked for."""
        super().hide_parts(("controls", "explanation"))
