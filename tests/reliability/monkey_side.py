"""The program with a monkey at mouse and keyboard.

``python -m reliability.monkey_side SEED EVENTS FOLDER``: the events enter where those
of the X server do, into the window or whatever lies over it. Each is drawn from the
seed, its number and what is on the screen, so that a seed does the same again, but for
what threads have ready by then. In FOLDER, which nothing leaves, ``events.txt`` tells
what was done, ``stacks.txt`` where a freeze was, ``figures.json`` what was measured.
"""

from __future__ import annotations

import faulthandler
import json
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnviz import dialogs
from reliability import paws
from reliability.cage import Cage
from reliability.heart import Heart
from reliability.inside import run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cnnviz.window import Window

FREEZE = 1.0
"""Seconds that the window may take for one event."""

PACE, REST = 2, 150
"""Milliseconds from one event to the next; at a rest the threads come along."""


class Monkey(QObject):
    """Does so many random things to a window, then closes it."""

    def __init__(self, window: Window, seed: str, events: int, folder: Path) -> None:
        super().__init__(window)
        self._window, self._seed, self._events = window, seed, events
        self._folder = folder
        self.done = self.dismissed = 0
        self._log = (folder / "events.txt").open("w", encoding="utf-8")
        self._heart = Heart(FREEZE, folder / "stacks.txt")
        self._asked = self._ended = False
        self._drag = self._seen = 0  # the number of a drag that has not ended
        self._rescue = QTimer(self, interval=REST)
        self._rescue.timeout.connect(self._look)
        self._rescue.start()
        window.installEventFilter(self)

    def ask(self, milliseconds: int = PACE) -> None:
        """See to it that one thing is done soon."""
        if not self._asked:
            self._asked = True
            QTimer.singleShot(milliseconds, self._step)

    def _step(self) -> None:
        errors = [w for w in paws.tops() if isinstance(w, dialogs.ErrorDialog)]
        if self.done == self._events or errors:
            self._end()
            return
        self.done += 1
        draw = Random(f"{self._seed} {self.done}")
        rests = draw.random() < 0.03
        widget = paws.uppermost(self._window)
        away = widget is not self._window and draw.random() < 0.15
        deed = paws.escape if away else paws.choose(draw)
        print(self.done, type(widget).__name__, end=" ", file=self._log, flush=True)
        self._asked = False
        self._drag = self.done if deed is paws.drag else 0
        done = deed(draw, widget)
        self._drag = 0
        if self._ended:  # in a menu that the deed opened, and waited for
            return
        print(done, file=self._log, flush=True)
        self.ask(REST if rests else PACE)

    def _look(self) -> None:
        """Leave a file dialog; go on in a menu whose button waits for its end.

        Words that are dragged wait for a release that only the X server could send.
        """
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog):
            self.dismissed += 1
            dialog.reject()
        elif paws.uppermost(self._window) is not self._window and not self._ended:
            self.ask()
        elif self._drag and self._drag == self._seen:
            paws.strike(self._window, Qt.Key.Key_Escape)
        self._seen = self._drag

    def _end(self) -> None:
        """Close what lies over the window, one after the other, then the window."""
        self._asked = True
        widget = paws.uppermost(self._window)
        if widget is not self._window:
            widget.close()
            QTimer.singleShot(PACE, self._end)
            return
        self._rescue.stop()
        self._heart.stop()
        self._log.close()
        self._ended = True
        figures = {
            "events": self.done,
            "dialogs": self.dismissed,
            "longest_seconds": round(self._heart.longest, 3),
        }
        (self._folder / "figures.json").write_text(json.dumps(figures), "utf-8")
        self._window.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Save the session where the window is asked to close, and keep it open."""
        if event.type() == QEvent.Type.Close and not self._ended:
            self._window.save_session()
            event.ignore()
            return True
        return False


def main(seed: str, events: str, folder: str) -> int:
    faulthandler.enable()
    cage = Cage(Path(folder))

    def hand(window: Window) -> Generator[Callable[[], object], None, None]:
        window.activateWindow()
        monkey = Monkey(window, seed, int(events), Path(folder))
        yield lambda: QApplication.focusWindow() is not None
        monkey.ask()

    code = run(hand)
    for attempt in cage.attempts:
        print("cage:", attempt, file=sys.stderr)
    return code or bool(cage.attempts)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
