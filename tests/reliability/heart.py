"""How long the window stood still, and where it stood."""

from __future__ import annotations

import faulthandler
import time
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QTimer

BEAT = 0.02
"""Seconds from one beat to the next."""

SCHEDULE = Path("/proc/thread-self/schedstat")
"""Of Linux: nanoseconds on a processor, and nanoseconds ready for one and without."""


def waited() -> float:
    """Return for how many seconds this thread was kept from a processor by others."""
    with suppress(OSError, ValueError, IndexError):
        return int(SCHEDULE.read_text().split()[1]) / 1e9
    return 0.0


class Heart:
    """Beats in the GUI thread; where it stops, the stacks of all threads are written.

    Parameters
    ----------
    limit : float
        Seconds without a beat that are too many.
    stacks : Path
        The file that the stacks go to.

    Attributes
    ----------
    longest : float
        Seconds that the GUI thread took for one round of its loop, without those for
        which other programs had the processor.
    """

    def __init__(self, limit: float, stacks: Path) -> None:
        self.longest = 0.0
        self._limit = limit
        self._stacks = stacks.open("w", encoding="utf-8")
        self._last, self._waited = time.monotonic(), waited()
        self._timer = QTimer(interval=round(1000 * BEAT))
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        self._stopped = Event()
        self._thread = Thread(target=self._watch, name="heart", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.stop()
        self._stopped.set()
        self._thread.join()
        self._stacks.close()

    def _beat(self) -> None:
        now, held = time.monotonic(), waited()
        pause = now - self._last - (held - self._waited)
        self.longest = max(self.longest, pause)
        self._last, self._waited = now, held

    def _watch(self) -> None:
        told = 0.0
        while not self._stopped.wait(BEAT):
            last = self._last
            if last != told and time.monotonic() - last > self._limit:
                told = last
                self._stacks.write(f"no beat for {self._limit} s\n")
                self._stacks.flush()
                faulthandler.dump_traceback(self._stacks)
