"""What all controls share: bursts of change for undo, and a wheel that does no harm."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

BURST = 0.8
"""Seconds of rest that end a burst of wheel or key steps."""

_keys = itertools.count(1)


class Gesture:
    """Names bursts of change, so that one drag or one spin is one step to undo."""

    def __init__(self) -> None:
        self._of = ""
        self._key = ""
        self._last = -BURST

    def key(self, of: str = "") -> str:
        """Return the key of the burst that a change of ``of`` now belongs to."""
        now = time.monotonic()
        if of != self._of or now - self._last > BURST:
            self._key = self.fresh()
        self._of, self._last = of, now
        return self._key

    @staticmethod
    def fresh() -> str:
        """Return a key that no other gesture has, for a drag of any length."""
        return f"gesture {next(_keys)}"


class _WheelGuard(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget):
            if not watched.hasFocus():
                event.ignore()  # and so it scrolls the area around
                return True
        return False


class _UndoGuard(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and (
            isinstance(event, QKeyEvent)
            and (
                event.matches(QKeySequence.StandardKey.Undo)
                or event.matches(QKeySequence.StandardKey.Redo)
            )
        ):
            event.ignore()
            return True
        return False


class _SpaceGuard(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress
        if event.type() in kinds and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Space:
                event.ignore()
                return True
        return False


class _KeyKeeper(QObject):
    def __init__(self, widget: QWidget, keys: frozenset[int]) -> None:
        super().__init__(widget)
        self._keys = keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        return keeps(event, self._keys)


def keep_keys(widget: QWidget, keys: Iterable[int]) -> None:
    """Give keys to a widget while it has the focus, though they are a page's too."""
    widget.installEventFilter(_KeyKeeper(widget, frozenset(keys)))


def keeps(event: QEvent, keys: Container[int]) -> bool:
    """Keep a key if an event asks whether it is the page's, and return whether it did.

    For a widget that is painted so often that a filter in Python would be felt.
    """
    if event.type() == QEvent.Type.ShortcutOverride:
        if isinstance(event, QKeyEvent) and event.key() in keys:
            event.accept()
            return True
    return False


def leave_undo_to_page(field: QWidget) -> None:
    """Let the undo keys take back steps of the page, not letters in a field."""
    field.installEventFilter(_UndoGuard(field))


def leave_space_to_page(field: QWidget) -> None:
    """Let Space start and pause: no number has one, and typed it would be none."""
    field.installEventFilter(_SpaceGuard(field))


def wheel_needs_focus(widget: QWidget) -> None:
    """Let the wheel change a control that has the focus, and else scroll past it."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_WheelGuard(widget))
