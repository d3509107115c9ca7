"""A real screen with a person at it: an eye, a pointer and a keyboard, nothing else."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import time
from contextlib import contextmanager
from ctypes import c_char_p, c_int, c_long, c_ulong, c_void_p
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

T = TypeVar("T")

SOURCE = (sys.executable, "-W", "error", "-m", "cnnviz")
"""The program as it is in the checkout."""

DEADLINE = 20
"""Seconds that anything may take on a busy machine."""

EYE = """
import sys
from PySide6.QtGui import QGuiApplication, QImage
application = QGuiApplication([])
screen = application.primaryScreen()
print(screen.size().height(), screen.size().width(), flush=True)
for _ in sys.stdin:
    image = screen.grabWindow(0).toImage().convertToFormat(QImage.Format.Format_RGB32)
    sys.stdout.buffer.write(image.constBits())
    sys.stdout.flush()
"""

CLIPBOARD = """
import sys
from PySide6.QtGui import QGuiApplication
application = QGuiApplication([])
application.clipboard().setText(sys.argv[1])
print(flush=True)
application.exec()
"""


class Desktop:
    """The screen of an X server, and hands on its pointer and keyboard.

    Parameters
    ----------
    environment : mapping
        The environment of a program that shows itself there.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", EYE]
        self._eye = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, env=self.environment
        )
        self._size = tuple(map(int, self._eye.stdout.readline().split()))

    def close(self) -> None:
        """Shut the eye."""
        self._eye.communicate(timeout=DEADLINE)

    def pixels(self) -> Pixels:
        """Return what is on the screen, uint8 (rows, columns, 3), red first."""
        rows, columns = self._size
        self._eye.stdin.write(b"\n")
        self._eye.stdin.flush()
        data = self._eye.stdout.read(rows * columns * 4)
        return np.frombuffer(data, np.uint8).reshape(rows, columns, 4)[..., 2::-1]

    def still(self, seconds: float = 0.4, part: Any = ...) -> Pixels:
        """Return what is on a part of the screen once nothing moves there for a while.

        Parameters
        ----------
        seconds : float
        part : slices
            Of the rows and columns; ``...`` for the whole screen.
        """
        seen, since = self.pixels()[part], time.monotonic()

        def unchanged() -> bool:
            nonlocal seen, since
            now = self.pixels()[part]
            if not np.array_equal(now, seen):
                seen, since = now, time.monotonic()
            return time.monotonic() - since >= seconds

        until(unchanged, "nothing moves on the screen")
        return seen

    def do(self, *words: object) -> None:
        """Carry out commands of xdotool."""
        done = self._xdotool(*words)
        assert not done.returncode, done.stderr

    def windows(self, *words: object) -> list[str]:
        """Return the ids of the visible windows that xdotool's options select."""

        def search() -> list[list[str]]:
            done = self._xdotool("search", "--onlyvisible", *words)
            # It fails where a window goes while it looks, and then it looks again.
            return [] if done.stderr else [done.stdout.split()]

        return until(search, "xdotool lists the windows")[0]

    def _xdotool(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["xdotool", *map(str, words)],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            env=self.environment,
        )

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, in the window with the focus."""
        self.do("key", *keys)

    def write(self, text: object) -> None:
        """Type a text."""
        self.do("type", "--delay", 5, text)

    @contextmanager
    def copied(self, text: object) -> Iterator[None]:
        """Have a text on the clipboard meanwhile."""
        command = [sys.executable, "-c", CLIPBOARD, str(text)]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, env=self.environment) as owner:
            owner.stdout.readline()
            try:
                yield
            finally:
                owner.terminate()

    def click(self, x: int, y: int) -> None:
        """Click on a pixel."""
        self.do("mousemove", x, y, "click", 1)

    def drag_up(self, x: int, y: int, pixels: int) -> None:
        """Press the mouse button, pull the pointer up as a hand does, let go."""
        way = [word for up in range(pixels + 1) for word in ("mousemove", x, y - up)]
        self.do("mousemove", x, y, "mousedown", 1, *way, "mouseup", 1)


class App:
    """The running program and its window.

    Parameters
    ----------
    desktop : Desktop
        Where it shows itself.
    words : object
        Its command line.
    home : Path
        Where it keeps settings, session and log.
    program : sequence of str
        What the command line begins with.
    """

    def __init__(
        self,
        desktop: Desktop,
        *words: object,
        home: Path,
        program: Sequence[str] = SOURCE,
    ) -> None:
        self._desktop = desktop
        # The file dialog is to be Qt's own, whatever desktop the tests are started on.
        own = {"CNNVIZ_HOME": str(home), "QT_QPA_PLATFORMTHEME": "generic"}
        self.process = subprocess.Popen(
            [*program, *map(str, words)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**desktop.environment, **own},
        )
        self.window = ""

    def take_over(self) -> None:
        """Wait for the window and give it the keyboard."""
        self.window = self.find_window()
        self.focus()

    def find_window(self, title: str = "") -> str:
        """Return the id of a window of this program once it is on the screen."""
        words = ("--all", "--pid", self.process.pid, "--name", title)

        def found() -> list[str]:
            assert self.process.poll() is None, self.process.stderr.read()
            return self._desktop.windows(*words)

        return until(found, f"a window {title} is on the screen")[0]

    def focus(self) -> None:
        """Give the window the keyboard; there is no window manager to do it."""
        self._desktop.do("windowfocus", "--sync", self.window)

    def answer(self, title: str, text: object) -> None:
        """Paste a path into the file dialog of this title, and press Enter.

        Qt's dialog completes what is typed while it lists each folder on the way, and
        on a busy machine it replaces half a path by what it selected meanwhile.
        """
        dialog = self.find_window(title)
        self._desktop.do("windowfocus", "--sync", dialog)
        self._desktop.press("ctrl+a")
        open_ones = partial(self._desktop.windows, "--name", "")
        with self._desktop.copied(text):
            self._desktop.press("ctrl+v", "Return")
            until(lambda: dialog not in open_ones(), f"{title} is closed")
        self.focus()

    def close_window(self) -> None:
        """Ask the window to close, as a window manager's button does."""
        ask_to_close(self._desktop.environment["DISPLAY"], int(self.window))

    def ended(self) -> tuple[int, str, str]:
        """Wait for the end; return exit code, standard output and standard error."""
        out, err = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, out, err


def until(condition: Callable[[], T], what: str, seconds: float = DEADLINE) -> T:
    """Ask again and again until the answer is true, and return it."""
    end = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < end, f"after {seconds} s it is not so that {what}"
        time.sleep(0.01)
    return answer


class _ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib, with room for any XEvent."""

    _fields_ = (
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("window", c_ulong),
        ("message_type", c_ulong),
        ("format", c_int),
        ("data", c_long * 20),
    )


def ask_to_close(display: str, window: int) -> None:
    """Send WM_DELETE_WINDOW; xdotool learned it in 2021 only."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = c_void_p
    x11.XInternAtom.argtypes = (c_void_p, c_char_p, c_int)
    x11.XInternAtom.restype = c_ulong
    x11.XSendEvent.argtypes = (c_void_p, c_ulong, c_int, c_long, c_void_p)
    x11.XCloseDisplay.argtypes = (c_void_p,)
    server = x11.XOpenDisplay(display.encode())
    message = _ClientMessage(type=33, window=window, format=32)
    message.message_type = x11.XInternAtom(server, b"WM_PROTOCOLS", False)
    message.data[0] = x11.XInternAtom(server, b"WM_DELETE_WINDOW", False)
    x11.XSendEvent(server, window, False, 0, ctypes.byref(message))
    x11.XCloseDisplay(server)
