"""What went wrong unforeseen: into the log, and one dialog; the application goes on."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections import deque
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QtMsgType, Signal, qInstallMessageHandler

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from PySide6.QtCore import QMessageLogContext
    from PySide6.QtWidgets import QWidget

    from cnnviz.dialogs import ErrorDialog

QUIET_SECONDS = 10
"""For so long after its dialog was closed the same error is only logged."""

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}

_log = logging.getLogger(__name__)


def start_log(folder: Path) -> None:
    """Log to a rotating file, and warnings to the terminal if there is one.

    Parameters
    ----------
    folder : Path
        Where ``cnnviz.log`` goes; made if absent. If that fails the file is left out.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    if sys.stderr is not None:  # None in a windowed bundle
        terminal = logging.StreamHandler()
        terminal.setLevel(logging.WARNING)
        root.addHandler(terminal)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = RotatingFileHandler(
            folder / "cnnviz.log", maxBytes=2**20, backupCount=3, encoding="utf-8"
        )
    except OSError as error:
        _log.warning("no log file: %s", error)
    else:
        form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
        file.setFormatter(logging.Formatter(form))
        root.addHandler(file)
    logging.captureWarnings(True)


def log_qt_messages() -> None:
    """Send Qt's messages to the log."""
    qInstallMessageHandler(_log_qt_message)


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if text.startswith("This plugin does not support"):
        return  # what Qt says of every offscreen window
    logging.getLogger("Qt").log(_LEVELS[kind], "%s", text)


class Reporter(QObject):
    """Catches what nobody caught, in any thread, and shows it in a dialog.

    Errors that come while the dialog is open are added to it. The same error coming
    back at once, as from a widget that fails to paint, does not open it again.

    Parameters
    ----------
    window : QWidget
        The window that the dialog belongs to.
    """

    _woken = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._queue: deque[str] = deque(maxlen=20)
        self._dialog: ErrorDialog | None = None
        self._shown = ""
        self._closed = 0.0
        self._woken.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of the interpreter and of threads."""
        sys.excepthook = self._report
        threading.excepthook = lambda args: self._report(
            args.exc_type, args.exc_value, args.exc_traceback
        )
        sys.unraisablehook = lambda args: self._report(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def _report(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        details = "".join(traceback.format_exception(kind, error, trace))
        _log.error("%s", details)
        self._queue.append(details)
        self._woken.emit()  # this may be any thread

    def _show(self) -> None:
        from cnnviz import dialogs  # no start needs them

        while self._queue:
            details = self._queue.popleft()
            again = details == self._shown
            if self._dialog is None:
                if again and time.monotonic() < self._closed + QUIET_SECONDS:
                    continue
                facts = dialogs.versions()
                self._dialog = dialogs.ErrorDialog(self._window, f"{details}\n{facts}")
                self._dialog.finished.connect(self._forget)
                self._dialog.show()
            elif not again:
                self._dialog.add(details)
            self._shown = details

    def _forget(self) -> None:
        self._dialog = None
        self._closed = time.monotonic()


def uninstall() -> None:
    """Give the hooks back, before the window goes."""
    sys.excepthook = sys.__excepthook__
    threading.excepthook = threading.__excepthook__
    sys.unraisablehook = sys.__unraisablehook__
