"""One writer a run: a lock that the system itself drops when its holder dies."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    _FAR = 2**31 - 2  # beyond the data, as Windows lets nobody read what is locked

    def _lock(stream: BinaryIO) -> None:
        stream.seek(_FAR)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
else:
    import fcntl

    def _lock(stream: BinaryIO) -> None:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError:
            pass  # a file system without locks: better recorded than refused


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold a file's lock; the file is made if it is absent, and never changed.

    Raises
    ------
    BlockingIOError
        Somebody else holds it, in this process or another.
    OSError
        The file cannot be opened for writing.
    """
    with path.open("ab") as stream:
        _lock(stream)
        yield
        if sys.platform == "win32":
            with suppress(OSError):
                stream.seek(_FAR)
                msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)
