"""A slim bar with the task of the lesson that is open."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton

from cnnviz import theme


class LessonBar(QFrame):
    """Title and task of a lesson, the way to the next one, and out; hidden at first."""

    next_asked = Signal()
    close_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Lesson")
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.RichText)
        self._words.setWordWrap(True)
        self._next = QPushButton("Next lesson")
        self._next.setAccessibleName("Next lesson")
        self._next.setToolTip("Set up the pages for the next lesson")
        self._next.clicked.connect(lambda: self.next_asked.emit())
        self._close = QToolButton()
        self._close.setAccessibleName("Close the lesson")
        self._close.setToolTip("Close the lesson; the pages stay as they are")
        self._close.clicked.connect(lambda: self.close_asked.emit())
        row, px = QHBoxLayout(self), theme.current().px
        row.setContentsMargins(px(20), px(8), px(12), px(8))
        row.setSpacing(px(16))
        row.addWidget(self._words, 1)
        row.addWidget(self._next)
        row.addWidget(self._close)
        self._style()
        self.hide()

    def show_task(self, title: str, task: str, *, follows: bool) -> None:
        """Show a lesson's title and task, and whether another one follows it."""
        self._words.setText(
            f"<span style='font-weight: 600'>{escape(title)}</span> &nbsp; "
            f"{escape(task)}"
        )
        self._next.setVisible(follows)
        self.show()

    def _style(self) -> None:
        self._close.setIcon(theme.icon("close", "text"))
        self._close.setIconSize(QSize(1, 1) * theme.current().px(16))
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._style()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill the bar."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("accent_soft"))
