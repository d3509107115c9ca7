"""The real program, started as ``python -m cnnviz`` is, with a hand inside its window.

A hand is a generator that gets the window: it acts, and yields a condition whenever it
has to wait. Errors in it go where the program's own go: into the log.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QWidget

from cnnviz import __main__, cli

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from types import ModuleType

    from cnnviz.window import Window

    Hand = Callable[[Window], Generator[Callable[[], object], None, None]]

TESTS = Path(__file__).resolve().parents[1]

POLL = 5
"""Milliseconds from one look at a condition to the next."""

PATIENCE = 60
"""Seconds that a condition may take."""


def run(hand: Hand, *words: str) -> int:
    """Run the program with a command line; return its exit code."""
    load = cli.load_app

    def load_app() -> ModuleType:
        app = load()
        start = app.start

        def started(file: str | None = None) -> Window:
            window: Window = start(file)
            window.painted.connect(lambda: _go_on(hand(window)))
            return window

        app.start = started
        return app

    cli.load_app = load_app
    sys.argv = ["cnnviz", *words]
    return __main__.main()


def _go_on(hand: Generator[Callable[[], object], None, None]) -> None:
    condition = next(hand, None)
    if condition is not None:
        _wait(hand, condition, time.monotonic() + PATIENCE)


def _wait(hand: Any, condition: Callable[[], object], end: float) -> None:
    if condition():
        _go_on(hand)
    elif time.monotonic() < end:
        QTimer.singleShot(POLL, partial(_wait, hand, condition, end))
    else:
        hand.throw(AssertionError(f"after {PATIENCE} s it is not so"))


def button(parent: QWidget, name: str) -> QPushButton:
    """Return a button by its accessible name."""
    buttons = parent.findChildren(QPushButton)
    return next(one for one in buttons if one.accessibleName() == name)


def press(parent: QWidget, name: str) -> None:
    """Press a button by its accessible name."""
    button(parent, name).click()


def prepare_home(home: Path) -> None:
    """Leave out the tour of the first start."""
    settings = home / "config" / "settings.ini"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("[General]\ntheme=light\n", "utf-8")


def launch(
    module: str,
    *words: object,
    environment: Mapping[str, str],
    folder: Path | None = None,
) -> subprocess.Popen[str]:
    """Start a module of this package in a process and a working folder of its own."""
    path = f"{TESTS}{os.pathsep}{TESTS.parent}"
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", f"reliability.{module}"]
        + [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={**environment, "PYTHONPATH": path},
    )


def troubles(home: Path) -> list[str]:
    """Return the lines of the program's log that tell of something wrong."""
    try:
        lines = (home / "log" / "cnnviz.log").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return ["there is no log"]
    words = (" WARNING ", " ERROR ", " CRITICAL ", "Traceback", "QThread")
    first = next(
        (n for n, line in enumerate(lines) if any(w in line for w in words)), None
    )
    return [] if first is None else lines[first : first + 40]
