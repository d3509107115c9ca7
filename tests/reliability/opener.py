"""The real window in a process of its own, which opens one file after another.

It is opened by the very function that a menu, a drop or the command line calls. The
process takes (door, path) from a pipe and answers with what the window said.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from cnnviz.window import Window

ROOM = 2 * 2**30
"""Bytes that one file may ask for at most, so that none takes the machine along."""


DEATHS = {"hang": lambda: time.sleep(60), "crash": os.abort}
"""Doors that show that the bounds are watched."""


@dataclass(frozen=True)
class Answer:
    """What came of opening a file.

    Attributes
    ----------
    sentences : tuple of str
        What the window said; empty where the file simply opened.
    errors : tuple of str
        Tracebacks that reached the application's last resort.
    seconds : float
    growth : int
        Bytes by which the process grew at its largest.
    """

    sentences: tuple[str, ...]
    errors: tuple[str, ...]
    seconds: float
    growth: int


def serve(pipe: Connection) -> None:
    """Open files until the pipe is closed; runs in a process of its own."""
    import faulthandler

    from cnnviz import app
    from cnnviz.settings import Settings
    from cnnviz.widgets.controls import Banner
    from cnnviz.window import Window

    faulthandler.enable()
    said: list[str] = []
    errors: list[str] = []
    _listen(said, errors)
    show = Banner.show_message

    def note(banner: Banner, text: str) -> None:
        said.append(text)
        show(banner, text)

    Banner.show_message = note  # every page's sentences come by here
    application = app.make_application(Settings())
    window = Window(Settings())
    window.restore_session()
    window.show()
    first = _warm_up(window, partial(app.settle, application, window))
    _limit_memory()
    pipe.send((tuple(said), tuple(errors)))
    while True:
        try:
            door, path = pipe.recv()
        except EOFError:
            break
        said.clear()
        errors.clear()
        pipe.send(_open(door, path, window, first, said, errors))
    window.shut_down()


def _listen(said: list[str], errors: list[str]) -> None:
    """Note what nobody caught, in any thread."""
    import threading

    def note(kind: Any, error: Any, trace: Any) -> None:
        errors.append("".join(traceback.format_exception(kind, error, trace)))

    sys.excepthook = note
    threading.excepthook = lambda a: note(a.exc_type, a.exc_value, a.exc_traceback)
    sys.unraisablehook = lambda a: note(a.exc_type, a.exc_value, a.exc_traceback)


def _warm_up(window: Window, settle: Any) -> dict[str, dict[str, Any]]:
    """Make every page, with torch; return their first states by page."""
    import torch  # noqa: F401

    first = {}
    for entry in window.pages.entries:
        window.show_page(entry.id)
        settle()
        first[entry.id] = window.page.state_json()
    return first


def _limit_memory() -> None:
    if sys.platform == "linux":
        import resource

        now = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + ROOM, now + ROOM))


def _open(
    door: str,
    path: str,
    window: Window,
    first: dict[str, dict[str, Any]],
    said: list[str],
    errors: list[str],
) -> Answer:
    from PySide6.QtWidgets import QApplication

    from cnnviz import app, commands

    page = "kernel-lab" if door == "kernel" else door
    window.show_page(page if window.pages.has(page) else window.pages.current)
    window.page.banner.hide()
    start, before = time.perf_counter(), _memory()
    try:
        if door in DEATHS:
            DEATHS[door]()
        elif door == "kernel":
            _import_kernel(path, window)
        elif door == "inspect":  # where the window would show a run on another page
            window.page.open_paths([path])
        else:
            commands.attempt(partial(commands.open_paths, [path]), window)
        _trust(window)
        app.settle(QApplication.instance(), window)
    except Exception:
        errors.append(traceback.format_exc())
    took, grown = time.perf_counter() - start, max(0, _peak() - before)
    answer = Answer(tuple(said), tuple(errors), took, grown)
    if door == "session":  # what a hostile state shows must not slow the next file
        for key, state in first.items():
            window.pages.page(key).restore(state)
        app.settle(QApplication.instance(), window)
    return answer


def _import_kernel(path: str, window: Window) -> None:
    """Import a kernel, as if a person had chosen the file in the dialog."""
    from PySide6.QtWidgets import QFileDialog

    from cnnviz.widgets.kernel_editor import KernelEditor

    ask = QFileDialog.getOpenFileName
    QFileDialog.getOpenFileName = lambda *_: (path, "")
    try:
        window.page.findChild(KernelEditor)._import()
    finally:
        QFileDialog.getOpenFileName = ask


def _trust(window: Window) -> None:
    """Answer the question whether a file is to be trusted with yes."""
    from PySide6.QtWidgets import QMessageBox

    for box in window.page.findChildren(QMessageBox):
        box.button(QMessageBox.StandardButton.Open).click()


def _memory() -> int:
    """Return the bytes in use, and forget how many there have been."""
    if sys.platform == "linux":
        with open("/proc/self/clear_refs", "w") as stream:
            stream.write("5")
        return _status("VmRSS")
    import psutil

    return int(psutil.Process().memory_info().rss)


def _peak() -> int:
    """Return the most bytes in use since; where that is not told, those in use now."""
    return _status("VmHWM") if sys.platform == "linux" else _memory()


def _status(name: str) -> int:
    with open("/proc/self/status") as stream:
        line = next(line for line in stream if line.startswith(name))
    return int(line.split()[1]) * 1024
