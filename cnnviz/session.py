"""Session files: which page is on show, what state each is in, how large the window is.

The same JSON restores the application at its next start and is what a user saves as a
``.cnnviz`` file; there it may hold one page only. This module knows nothing of what is
in a page's state.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from cnnviz.codec import from_json
from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUFFIX = ".cnnviz"
VERSION = 1
SIZE_LIMIT = 32 * 2**20  # bytes; a state with 31×31 kernels throughout has some 100 kB


@dataclass(frozen=True)
class WindowSize:
    """The window without its frame, in pixels, and whether it fills the screen."""

    width: int = 1280
    height: int = 800
    maximized: bool = False


@dataclass(frozen=True)
class Session:
    """What a session file holds.

    Attributes
    ----------
    page : str
        The id of the page on show.
    pages : mapping of str to dict
        The states, as plain JSON, by page id.
    window : WindowSize
        The window.
    """

    page: str = ""
    pages: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    window: WindowSize = WindowSize()


def write(session: Session, path: Path) -> None:
    """Write a session atomically.

    Raises
    ------
    InputError
        The file cannot be written; what was there is as it was.
    """
    data = {"format": "cnnviz", "version": VERSION, **asdict(session)}
    write_atomic(path, json.dumps(data, indent=1).encode())


def read(path: Path) -> Session:
    """Read a session.

    Raises
    ------
    InputError
        The file is not there, may not be read, is damaged, is from a newer version or
        is no session at all.
    """
    damaged = InputError(
        f"“{path.name}” is damaged or was not saved by cnnviz; open another file."
    )
    text = read_bytes(path, SIZE_LIMIT)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise damaged from None
    if not isinstance(data, dict) or data.get("format") != "cnnviz":
        raise damaged
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise InputError(
            f"“{path.name}” was saved by a newer cnnviz; update this one to open it."
        )
    page, pages = data.get("page"), data.get("pages")
    if (
        version != VERSION
        or not isinstance(page, str)
        or not isinstance(pages, dict)
        or not all(isinstance(state, dict) for state in pages.values())
    ):
        raise damaged
    return Session(page, pages, from_json(WindowSize, data.get("window", {})))


def set_aside(path: Path, reason: object) -> str:
    """Keep a copy of a session file that will be overwritten, and say so.

    Parameters
    ----------
    path : Path
        The file; the copy lies beside it and ends in ``.bad``.
    reason : InputError or str
        Why it could not be used.
    """
    kept = path.with_name(f"{path.name}.bad")
    try:
        shutil.copyfile(path, kept)
    except OSError:
        return str(reason)
    return (
        "The last session could not be restored, so this is a new one; "
        f"the old file is kept as “{kept.name}”."
    )
