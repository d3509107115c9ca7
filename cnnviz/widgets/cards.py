"""Cards side by side, as many in a row as the width has room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from cnnviz import theme
from cnnviz.widgets.flowing import Flowing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

NARROWEST, GAP = 320, 16  # pixels at text size 100 %
MOST = 4
"""Cards in a row; more would make their sentences hard to take in at a glance."""


class Card(QFrame):
    """A number, a title, a sentence, a task, where it takes place, and a button.

    Parameters
    ----------
    number : int
    title, sentence, task : str
    places : sequence of (title, icon)
        The pages that it sets up.
    """

    opened = Signal()
    """The button was pressed."""

    def __init__(
        self,
        number: int,
        title: str,
        sentence: str,
        task: str,
        places: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self._places = [(QLabel(), QLabel(name), icon) for name, icon in places]
        px = theme.current().px
        column, head, foot = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(px(20), px(16), px(16), px(16))
        for box in (column, head, foot):
            box.setSpacing(px(8))
        figure = QLabel(str(number))
        figure.setProperty("role", "number")
        head.addWidget(figure, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(_words(title, "title"), 1)
        column.addLayout(head)
        column.addWidget(_words(sentence, ""))
        column.addWidget(_words(task, "muted"))
        column.addStretch(1)
        for picture, name, _ in self._places:
            name.setProperty("role", "caption")
            foot.addWidget(picture)
            foot.addWidget(name)
        foot.addStretch(1)
        self.button = QPushButton("Open")
        self.button.setAccessibleName(f"Open “{title}”")
        self.button.setToolTip("Set up these pages for the lesson, and show the first")
        self.button.clicked.connect(lambda: self.opened.emit())
        foot.addWidget(self.button)
        column.addLayout(foot)
        self._style()

    def _style(self) -> None:
        side = QSize(1, 1) * theme.current().px(16)
        for picture, _, icon in self._places:
            picture.setPixmap(theme.icon(icon).pixmap(side))
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._style()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card under its words."""
        radius = theme.current().px(8)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("line"), 1, Qt.PenStyle.SolidLine))
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(
                self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), radius, radius
            )


def _words(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


class Cards(Flowing):
    """Cards in rows; those of a row are equally high."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[Card] = []

    def add(self, card: Card) -> None:
        """Put a card behind the others."""
        card.setParent(self)
        self._cards.append(card)
        self.flow()

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the cards take in a width; put them there."""
        px = theme.current().px
        gap = px(GAP)
        columns = max(1, min(MOST, (width + gap) // (px(NARROWEST) + gap)))
        each = (width - (columns - 1) * gap) // columns
        top = 0
        for first in range(0, len(self._cards), columns):
            row = self._cards[first : first + columns]
            height = max(card.heightForWidth(each) for card in row)
            if move:
                for number, card in enumerate(row):
                    card.setGeometry(QRect(number * (each + gap), top, each, height))
            top += height + gap
        return max(0, top - gap)
