"""Writes a run that branches off another one, in a thread; a cancelled one is gone."""

from __future__ import annotations

import shutil
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cnnviz.nn.recording import Run


class BranchWriter(QObject):
    """At most one run is being written; it stays only if :meth:`take` takes it.

    Nobody has trained it yet, so one that is no longer wanted when it is whole would
    be an empty run in the list that nobody asked for.
    """

    written = Signal(object)
    """A Run, to be taken before this returns."""
    failed = Signal(object)
    """The exception that :meth:`request` was met with."""
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offer = _Offer()
        self._stream = Stream(self)
        self._stream.yielded.connect(self._hand_on)
        self._stream.failed.connect(self.failed)
        self._stream.finished.connect(self.finished)

    @property
    def busy(self) -> bool:
        """Whether a run is being written."""
        return self._stream.busy

    def request(self, make: Callable[[], Run]) -> None:
        """Write what ``make()`` makes, in place of what is being written."""
        self.cancel()
        self._offer = _Offer()
        self._stream.request(partial(_offered, make, self._offer))

    def take(self) -> None:
        """Keep the run that was written."""
        self._offer.taken = True

    def cancel(self) -> None:
        """Want it no more; what there is of it is removed."""
        self._stream.cancel()
        self._offer.answered.set()

    def shut_down(self) -> None:
        """Cancel and join."""
        self.cancel()
        self._stream.shut_down()

    def _hand_on(self, run: Run) -> None:
        offer = self._offer
        try:
            self.written.emit(run)
        finally:
            offer.answered.set()


class _Offer:
    """A run, until the window has answered whether it takes it."""

    def __init__(self) -> None:
        self.taken, self.answered = False, Event()


def _offered(make: Callable[[], Run], offer: _Offer) -> Generator[Run, None, None]:
    run = make()
    try:
        yield run
        offer.answered.wait()
    finally:  # it is closed at the yield where it was cancelled before
        if not offer.taken:
            shutil.rmtree(run.folder, ignore_errors=True)
