"""The one way to start: log, application, theme, window, hooks, and torch last."""

from __future__ import annotations

import logging
import signal
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication

from cnnviz import __version__, commands, paths, reporting, settings
from cnnviz import theme as themes
from cnnviz.background import Worker
from cnnviz.errors import InputError
from cnnviz.files import sweep, write_atomic
from cnnviz.nn import loading
from cnnviz.settings import Settings
from cnnviz.window import Window

if TYPE_CHECKING:
    from cnnviz.settings import ThemeChoice

PATIENCE = 60
"""Seconds that a screenshot waits for its page."""

ROUNDS = 8
"""Of events after the last answer: what it shows asks each layout above it for room."""

_log = logging.getLogger(__name__)


def run(file: str | None = None) -> int:
    """Show the window until it is closed; return the exit code.

    Parameters
    ----------
    file : str or None
        A picture or session file to open.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Python's waits for the next event
    first = not _settings_file().exists()
    loading.hold()
    window = start(file)
    if first:
        window.painted.connect(partial(commands.show_tour, window))
    torch = load_torch(window)
    code = QApplication.exec()
    loading.leave()
    window.shut_down()
    torch.cancel()
    torch.join()
    reporting.uninstall()
    return code


def start(file: str | None = None) -> Window:
    """Make the application, and show its window as it was when it was last closed."""
    reporting.start_log(paths.log_dir())
    settings_file = _settings_file()
    session_file = paths.data_dir() / "session.cnnviz"
    with suppress(OSError):  # saving the session says it in a sentence
        session_file.parent.mkdir(parents=True, exist_ok=True)
    sweep(session_file.parent)
    chosen, trouble = settings.load(settings_file)
    application = make_application(chosen)
    window = Window(chosen, settings_file, session_file)
    reporting.Reporter(window).install()
    window.restore_session()
    if file:
        commands.attempt(partial(commands.open_paths, [file]), window)
    if trouble:
        window.explain(trouble)
    themes.dress(application)
    window.show()
    return window


def _settings_file() -> Path:
    return paths.config_dir() / "settings.ini"


def make_application(chosen: Settings) -> QApplication:
    """Return the application with its name, icon and theme."""
    reporting.log_qt_messages()
    application = QApplication(["cnnviz", "-style", "Fusion"])
    application.setApplicationName("cnnviz")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("cnnviz")
    application.setWindowIcon(QIcon(str(paths.asset("icons/cnnviz.svg"))))
    themes.choose(application, chosen.theme, chosen.text_size)
    return application


def load_torch(window: Window) -> Worker:
    """Load torch in a thread once the window is on the screen, and show its device.

    It waits while a page is made.

    Returns
    -------
    Worker
        To be cancelled and joined before the process ends.
    """
    torch = Worker(loading.load)
    torch.yielded.connect(window.set_device)
    torch.failed.connect(partial(_log.error, "torch does not load: %s"))
    window.painted.connect(torch.start)
    window.pages.making.connect(loading.pause)
    window.pages.made.connect(loading.go_on)
    return torch


def screenshot(
    out: str,
    file: str | None = None,
    *,
    page: str | None = None,
    state: str | None = None,
    size: tuple[int, int] = (1280, 800),
    theme: ThemeChoice = "light",
    text_size: int = 100,
) -> int:
    """Paint a page into a PNG file; the user's session and settings stay as they are.

    Parameters
    ----------
    out : str
        The file to write.
    file, state : str or None
        A picture or session file, and a session file, to open first.
    page : str or None
        The id of the page; that of ``state`` or else the Kernel Lab by default.
    size : (width, height)
        Of the window and the picture, in pixels; more where the page needs more.
    theme, text_size
        As in :class:`Settings`.

    Returns
    -------
    int
        The exit code: 0, 1 if a file cannot be used, 2 if there is no such page.
    """
    chosen = Settings(theme=theme, text_size=text_size)
    application = make_application(chosen)
    window = Window(chosen)
    if page and not window.pages.has(page):
        known = ", ".join(entry.id for entry in window.pages.entries)
        return _complain(f"there is no page “{page}”; choose one of {known}.", 2)
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    window.restore_session()
    try:
        if state:
            commands.open_session(Path(state), window)
        if page:
            window.show_page(page)
        if file:
            commands.open_paths([file], window)
        window.resize(*size)
        themes.dress(application)
        window.show()
        settle(application, window)
        if message := window.page.banner.text():
            raise InputError(message)
        image = QImage(window.size(), QImage.Format.Format_RGB32)
        window.render(image)
        write_atomic(out, commands.png(image))
    except InputError as error:
        return _complain(str(error), 1)
    finally:
        window.shut_down()
    return 0


def settle(application: QApplication, window: Window) -> None:
    """Wait until the page on show is at rest.

    Raises
    ------
    InputError
        It is still at work after a minute.
    """
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        if window.page.settled():
            for _ in range(ROUNDS):  # what the last result made
                application.processEvents()
            return
        time.sleep(0.005)
    raise InputError(f"The page is still at work after {PATIENCE} seconds.")


def _complain(sentence: str, code: int) -> int:
    print(f"cnnviz: {sentence}", file=sys.stderr)
    return code
