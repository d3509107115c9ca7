"""Keeps a process in one folder: it writes nowhere else, starts nothing, calls nobody.

The interpreter tells its audit hooks what Python code is about to do (PEP 578). What
libraries do in C is not seen, so a cage holds a clumsy guest, and no malicious one.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

CHANGES = frozenset(
    f"os.{name}"
    for name in (
        "remove rename rmdir mkdir truncate link symlink chmod chown utime"
    ).split()
)
"""Events whose arguments begin with one path, or two."""

REFUSED = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.startfile",
        "os.system",
        "subprocess.Popen",
        "webbrowser.open",
    }
)
UNAME = ["uname", "-p"]
"""What Python's platform module asks for the kind of the processor."""


class Cage:
    """Locked for good once it is made.

    Parameters
    ----------
    folder : Path
        Where everything is allowed.

    Attributes
    ----------
    attempts : list of str
        What was refused, but for calls over a net: there is none, as in many rooms.
    """

    def __init__(self, folder: Path) -> None:
        self.attempts: list[str] = []
        self._inside = os.path.realpath(folder) + os.sep
        sys.addaudithook(self._judge)

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            bad = bool(flags & WRITES) and self._is_outside(path)
        elif event in CHANGES:
            place = arguments[-1] if event != "os.truncate" else -1
            bad = any(self._is_outside(path, place) for path in arguments[:2])
        elif event == "socket.getaddrinfo" or (
            event == "socket.connect" and isinstance(arguments[1], tuple)
        ):
            raise OSError("the cage has no net")
        else:
            bad = event in REFUSED and arguments[1:2] != (UNAME,)
        if bad:
            self.attempts.append(f"{event} {arguments!r}"[:300])
            raise PermissionError(f"the cage is locked: {event}")

    def _is_outside(self, path: Any, folder: Any = -1) -> bool:
        """Whether a path, seen from an open folder if that is given, leads outside."""
        if not isinstance(path, str | bytes | os.PathLike):
            return False  # an open file
        name = os.fsdecode(path)
        if isinstance(folder, int) and folder >= 0:
            name = os.path.join(os.readlink(f"/proc/self/fd/{folder}"), name)
        where = os.path.realpath(name)
        return where != os.devnull and not f"{where}{os.sep}".startswith(self._inside)
