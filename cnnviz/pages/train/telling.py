"""When curves are drawn and numbers are said, of all that a training tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

if TYPE_CHECKING:
    from cnnviz.pages.train.current_run import CurrentRun

TELL_AFTER, SAY_AFTER = 300, 900
"""Milliseconds from one drawing of curves to the next, and of words with their numbers:
what the window does costs the training its time, on two cores more than its own."""
PATIENCE = 150
"""Milliseconds that a drawing waits for the next maps: together they wake less often,
and what is drawn at once costs less than what is drawn one by one."""


class Telling(QObject):
    """Asks for one drawing of all that comes within a moment.

    Where nothing more is to come, as in a pause, it asks at once.
    """

    due = Signal(bool)
    """The curves are to be drawn; whether the words are to be written, too."""

    def __init__(self, current: CurrentRun) -> None:
        super().__init__(current)
        self._current = current
        self._timer = QTimer(self, singleShot=True)
        self._told, self._said = QElapsedTimer(), QElapsedTimer()
        self._about = 0, 0  # batches and epochs that the words are about
        self.note(words=True)
        self._timer.timeout.connect(self._tell)
        current.curves_changed.connect(self._follow)
        current.epoch_ended.connect(self._follow)
        current.phase_changed.connect(self._say_last)

    @property
    def waits(self) -> bool:
        """Whether there is more to tell than was told."""
        return self._timer.isActive()

    def note(self, *, words: bool) -> None:
        """Take note of what has been told just now."""
        self._told.start()
        if words:
            self._said.start()
            self._about = self._news()

    def stop(self) -> None:
        """Tell no more of what has come."""
        self._timer.stop()

    def _news(self) -> tuple[int, int]:
        curves = self._current.curves
        return curves.steps, len(curves.metrics)

    def _follow(self) -> None:
        running = self._current.phase == "running"
        if not running or self._told.hasExpired(TELL_AFTER):
            self._tell()
        elif not self._timer.isActive():
            self._timer.start(TELL_AFTER + PATIENCE - self._told.elapsed())

    def _say_last(self) -> None:
        """Have the words written where it pauses, unless they are about that batch."""
        if self._about != self._news():
            self._follow()

    def _tell(self) -> None:
        self._timer.stop()
        running = self._current.phase == "running"
        self.due.emit(not running or self._said.hasExpired(SAY_AFTER))
