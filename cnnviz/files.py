"""Read and write whole files, with sentences for what can go wrong on a disk."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

STALE = 3600
"""Seconds after which nobody is still writing a draft."""

LONGEST_NAME = 80
"""Characters of a file's name in a sentence."""

_REASONS = {
    errno.EACCES: "permission is denied",
    errno.EPERM: "permission is denied",
    errno.EROFS: "the disk is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk is full",
    errno.EFBIG: "the file is too large for this disk",
    errno.ENOENT: "there is no such file or folder",
    errno.ENOTDIR: "there is no such folder",
    errno.EEXIST: "a file has its name",
    errno.EISDIR: "it is a folder",
    errno.ENXIO: "it is a device and not a file",
    errno.ENAMETOOLONG: "its name is too long",
    errno.ELOOP: "its links go round in circles",
}


def read_bytes(path: str | Path, limit: int) -> bytes:
    """Return what a file holds.

    Parameters
    ----------
    path : str or Path
    limit : int
        The most bytes it may hold; a larger file is not read.

    Raises
    ------
    InputError
        If it is too large, is a folder or a device, has gone, or may not be read.
    """
    path = Path(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise OSError(errno.EISDIR, "")
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise OSError(errno.ENXIO, "")
        with path.open("rb") as stream:
            # With a number, `read` would take that much memory at once.
            data = stream.read() if status.st_size <= limit else None
    except (OSError, ValueError) as error:
        raise InputError(
            f"“{shown(path)}” cannot be read: {reason(error)}; choose another file."
        ) from error
    if data is None or len(data) > limit:
        raise InputError(
            f"“{shown(path)}” is larger than {limit / 1e6:g} MB; choose a smaller file."
        )
    return data


def check_open(folder: Path) -> None:
    """Refuse a folder that may not be entered; what is no folder passes.

    Raises
    ------
    InputError
    """
    if os.path.isdir(folder) and not os.access(folder, os.X_OK):
        raise InputError(
            f"The folder “{shown(folder)}” cannot be read: permission is denied; "
            "choose another folder."
        )


def write_atomic(
    path: str | Path,
    data: bytes | Sequence[bytes | memoryview],
    advice: str = "choose another folder or name",
) -> None:
    """Write a file so that it holds either all of the data or what it held before.

    The data, whole or in pieces, goes to a new file in the same folder, reaches the
    disk, and then takes the name. A link is followed: its target is replaced and not
    the link. ``advice`` is the way out that a sentence on failure ends with.

    Raises
    ------
    InputError
        If the folder is absent, read-only or full, or the file is write-protected.
    """
    path = Path(path)
    try:
        target = path.resolve()
        draft = target.with_name(f".{os.urandom(8).hex()}.part")
        try:
            with draft.open("xb") as stream:
                for piece in (data,) if isinstance(data, bytes) else data:
                    stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                if not os.access(target, os.W_OK):
                    raise OSError(errno.EACCES, "")
                shutil.copymode(target, draft)
            draft.replace(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"“{shown(path)}” cannot be saved: {reason(error)}; {advice}."
        ) from error


def sweep(folder: Path) -> None:
    """Remove the drafts that killed programs left in a folder over an hour ago."""
    last = time.time() - STALE
    with suppress(OSError):  # there is no folder yet, or nothing may be removed
        for draft in folder.glob(f".{'[0-9a-f]' * 16}.part"):
            if draft.stat().st_mtime < last:
                draft.unlink()


def make_folder(path: str | Path, advice: str = "choose another folder") -> None:
    """Make a folder and those around it, unless it is there.

    ``advice`` is the way out that a sentence on failure ends with.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise InputError(
            f"The folder “{path}” cannot be made: {reason(error)}; {advice}."
        ) from error


def shown(path: Path) -> str:
    """Return what a sentence calls a file: its name, cut where no screen holds it."""
    name = path.name or str(path)
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def reason(error: Exception) -> str:
    """Say in words why an operation on a file failed."""
    if isinstance(error, OSError):
        return _REASONS.get(error.errno or 0, error.strerror or "the disk failed")
    return "its name is not valid"  # a null character, or a circle of links
