"""A tour over a window: all but one part goes dark, and a card says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QMouseEvent, QPaintEvent

SHADE = QColor(0, 0, 0, 150)
ARROWS = Qt.Key.Key_Left, Qt.Key.Key_Right
CARD_WIDTH, APART = 360, 16  # pixels at text size 100 %


class Step(NamedTuple):
    """A title, a sentence or two, and what returns the part of the window meant."""

    title: str
    text: str
    target: Callable[[], QWidget]


class Spotlight(QWidget):
    """Lies over a window until its last step or Esc, and then deletes itself.

    Parameters
    ----------
    window : QWidget
    steps : sequence of Step
        At least one.
    """

    ended = Signal()

    def __init__(self, window: QWidget, steps: Sequence[Step]) -> None:
        super().__init__(window)
        self._window, self._steps, self._at = window, steps, 0
        self._focus_before: QWidget | None = None
        self._card = _Card(self)
        self._card.skip.clicked.connect(lambda: self.end())
        self._card.back.clicked.connect(lambda: self.go(self._at - 1))
        self._card.next.clicked.connect(lambda: self.go(self._at + 1))
        self.setAccessibleName("Tour")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        window.installEventFilter(self)
        for button in self._card.buttons:
            button.installEventFilter(self)  # arrows would move between them

    @property
    def step(self) -> int:
        """The step on show, from 0."""
        return self._at

    def begin(self) -> None:
        """Show the first step."""
        self._focus_before = QApplication.focusWidget()
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.go(0)
        self._card.next.setFocus(Qt.FocusReason.TabFocusReason)

    def go(self, step: int) -> None:
        """Show a step; past the last one, end."""
        if step >= len(self._steps):
            self.end()
            return
        self._at = max(0, step)
        title, text, _ = self._steps[self._at]
        self._card.show_step(title, text, self._at, len(self._steps))
        self._arrange()

    def end(self) -> None:
        """Give the window and its keyboard back."""
        self._window.removeEventFilter(self)
        self.hide()
        if self._focus_before is not None:
            self._focus_before.setFocus()
        self.ended.emit()
        self.deleteLater()

    def _target(self) -> QRect:
        """Return where the part is, in this widget; empty if it is not on show."""
        part = self._steps[self._at].target()
        if not part.isVisible():
            return QRect()
        corner = part.mapTo(self._window, QPoint())
        return QRect(corner, part.size()).intersected(self.rect())

    def _arrange(self) -> None:
        px = theme.current().px
        width = min(px(CARD_WIDTH), self.width() - 2 * px(APART))
        size = QSize(width, self._card.heightForWidth(width))
        corner = beside(self._target(), size, self.rect(), px(APART))
        self._card.setGeometry(QRect(corner, size))
        self.update()

    # ---------------------------------------------------------------- Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window in its new size; take the arrows from the buttons."""
        if watched is self._window:
            if event.type() is QEvent.Type.Resize:
                self.setGeometry(self._window.rect())
                self._arrange()
        elif isinstance(event, QKeyEvent) and event.key() in ARROWS:
            if event.type() is QEvent.Type.KeyPress:
                self.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the sizes of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and self.isVisible():
            self._arrange()

    def focusNextPrevChild(self, onward: bool) -> bool:
        """Keep the keyboard on the card."""
        buttons = [each for each in self._card.buttons if each.isEnabled()]
        here = next((n for n, each in enumerate(buttons) if each.hasFocus()), -1)
        there = buttons[(here + (1 if onward else -1)) % len(buttons)]
        there.setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back, or out."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go(self._at + 1)
        elif event.key() == Qt.Key.Key_Left:
            self.go(self._at - 1)
        # Every other key stays here, too: what it would change is in the dark.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep clicks from what is in the dark."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken all but the part."""
        radius = theme.current().px(8)
        part = self._target().toRectF().adjusted(1, 1, -1, -1)
        shade, light = QPainterPath(), QPainterPath()
        shade.addRect(self.rect().toRectF())
        if not part.isEmpty():
            light.addRoundedRect(part, radius, radius)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillPath(shade - light, SHADE)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawPath(light)


def beside(part: QRect, card: QSize, room: QRect, apart: int) -> QPoint:
    """Return the corner of a card that hides as little of a part as can be.

    Right of it is tried first, then left, below and above; without a part, the card is
    in the middle.
    """
    middle = (room if part.isEmpty() else part).center()
    x, y = middle.x() - card.width() // 2, middle.y() - card.height() // 2
    limits = room.adjusted(apart, apart, -apart, -apart)
    corners = (
        QPoint(part.right() + apart, y),
        QPoint(part.left() - apart - card.width(), y),
        QPoint(x, part.bottom() + apart),
        QPoint(x, part.top() - apart - card.height()),
    )
    places = [
        _kept(QRect(corner, card), limits)
        for corner in ([QPoint(x, y)] if part.isEmpty() else corners)
    ]
    return min(places, key=lambda place: _area(place & part)).topLeft()


def _area(place: QRect) -> int:
    return 0 if place.isEmpty() else place.width() * place.height()


def _kept(card: QRect, limits: QRect) -> QRect:
    """Return a card moved into the limits."""
    x = max(limits.left(), min(card.left(), limits.right() - card.width() + 1))
    y = max(limits.top(), min(card.top(), limits.bottom() - card.height() + 1))
    return QRect(QPoint(x, y), card.size())


class _Card(QFrame):
    """What a step says, and the buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._text, self._count = QLabel(), QLabel(), QLabel()
        self._title.setProperty("role", "title")
        self._count.setProperty("role", "caption")
        for label in (self._title, self._text):
            label.setWordWrap(True)
        self.skip = _button("Skip", "End the tour (Esc)")
        self.back = _button("Back", "The step before (left arrow)")
        self.next = _button("Next", "The next step (right arrow)")
        self.next.setProperty("role", "primary")
        self.buttons = self.skip, self.back, self.next
        px = theme.current().px
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(self._count, 1)
        for button in self.buttons:
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(12))
        for label in (self._title, self._text):
            column.addWidget(label)
        column.addLayout(row)

    def show_step(self, title: str, text: str, at: int, steps: int) -> None:
        """Say what a step says, and have it read out."""
        self._title.setText(title)
        self._text.setText(text)
        self._count.setText(f"{at + 1} of {steps}")
        self.setAccessibleName(f"{title}. {text}")
        last = at + 1 == steps
        self.next.setText("Done" if last else "Next")
        self.next.setAccessibleName(self.next.text())
        if self.back.hasFocus() and not at:
            self.next.setFocus()
        self.back.setEnabled(at > 0)
        self.skip.setVisible(not last)
        from PySide6.QtGui import QAccessible, QAccessibleEvent  # as the Banner does

        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card under its words."""
        radius = theme.current().px(8)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(theme.color("line"))
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(self.rect(), radius, radius)


def _button(text: str, tooltip: str) -> QPushButton:
    result = QPushButton(text)
    result.setAccessibleName(text)
    result.setToolTip(tooltip)
    return result
