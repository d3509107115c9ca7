"""A training in its thread: torch is imported there, and the run is saved there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Worker
from cnnviz.nn import loading
from cnnviz.nn.control import Control

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.nn.control import Watch
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Event
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.recording import Run

TURN, USUAL_TURN = 0.0005, sys.getswitchinterval()
"""Seconds that one thread computes in Python while another waits to. A training that
waits 5 ms, as usual, for each picture that the window draws loses a hundredth of its
speed; beside threads of pure Python, such as one that draws digits, the window itself
takes twice as long with short turns, so they last no longer than the training."""


class Training(QObject):
    """One training, from its first batch or a checkpoint to its end.

    Parameters
    ----------
    recipe : Recipe
    data : Dataset
    run : Run
        Where it is recorded; one with a checkpoint goes on from there.
    watch : Watch
        What to see at first.
    """

    told = Signal(object)
    """Each event, once it is on disk."""
    failed = Signal(object)
    """The exception that ended it."""
    ended = Signal()
    """The thread has done all its work."""

    def __init__(
        self,
        recipe: Recipe,
        data: Dataset,
        run: Run,
        watch: Watch,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.recipe, self.run = recipe, run
        self.control = Control(watch)
        self._data = data
        self._worker = Worker(self._events, self)
        self._worker.yielded.connect(self.told)
        self._worker.failed.connect(self.failed)
        self._worker.finished.connect(self.ended)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def shut_down(self) -> None:
        """Stop after the present batch, save, and join the thread."""
        self.control.stop()
        self._worker.cancel()
        self._worker.join()

    def _events(self) -> Generator[Event, None, None]:
        loading.wait_for_turn()
        from cnnviz.nn.branching import resumption
        from cnnviz.nn.recording import record
        from cnnviz.nn.training import train

        resume = resumption(self.run)
        events = record(train(self.recipe, self._data, self.control, resume), self.run)
        sys.setswitchinterval(TURN)
        try:
            # `yield from` would close them together with this.
            for event in events:  # noqa: UP028
                yield event
        finally:
            sys.setswitchinterval(USUAL_TURN)
            self.control.stop()
            for _ in events:  # what is left saves the run
                pass
