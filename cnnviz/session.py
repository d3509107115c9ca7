"""Session files: which page is on show, what state each is in, how large the window is.

The same JSON restores the application at its next start and is what a user saves as a
``.cnnviz`` file; there it may hold one page only. A lesson is such a file with a title,
a sentence and a task. This module knows nothing of what is in a page's state.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from cnnviz.codec import from_json
from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SUFFIX = ".cnnviz"
VERSION = 1
SIZE_LIMIT = 32 * 2**20  # bytes; a state with 31×31 kernels throughout has some 100 kB

Part = Literal["controls", "explanation"]
"""A part of a page that a lesson can hide while it is presented."""

LONGEST_TITLE, LONGEST_SENTENCE, LONGEST_TASK = 80, 240, 400
"""Characters that a card and a bar have room for."""


@dataclass(frozen=True)
class Lesson:
    """What makes a lesson of a session file.

    Attributes
    ----------
    title : str
        What it is called, 1 to 80 characters.
    sentence : str
        What it shows, at most 240 characters.
    task : str
        What there is to do, at most 400 characters.
    hide : tuple of {"controls", "explanation"}
        The parts of its pages that are out of the way while it is presented.
    """

    title: str
    sentence: str = ""
    task: str = ""
    hide: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what no card and no bar have room for."""
        for name, text, most in (
            ("title", self.title, LONGEST_TITLE),
            ("sentence", self.sentence, LONGEST_SENTENCE),
            ("task", self.task, LONGEST_TASK),
        ):
            if len(text) > most:
                raise InputError(
                    f"The {name} of this lesson has {len(text)} characters; shorten it "
                    f"to {most}."
                )
        if not self.title.strip():
            raise InputError("This lesson has no title; write one into its file.")


@dataclass(frozen=True)
class WindowSize:
    """The window without its frame, in pixels, and whether it fills the screen."""

    width: int = 1280
    height: int = 800
    maximized: bool = False

    def within(self, rooms: Sequence[tuple[int, int]]) -> WindowSize:
        """Return the size, cut to the first of some rooms if it fits into none.

        Parameters
        ----------
        rooms : sequence of (width, height)
            What screens have free, in pixels; with none, nothing is cut.
        """
        fits = any(self.width <= w and self.height <= h for w, h in rooms)
        if fits or not rooms:
            return self
        width, height = rooms[0]
        return replace(
            self, width=min(self.width, width), height=min(self.height, height)
        )


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
    lesson : Lesson or None
        The lesson that the file is, or that was open when it was saved.
    """

    page: str = ""
    pages: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    window: WindowSize = WindowSize()
    lesson: Lesson | None = None


def write(session: Session, path: Path) -> None:
    """Write a session atomically.

    Raises
    ------
    InputError
        The file cannot be written; what was there is as it was.
    """
    data = {"format": "cnnviz", "version": VERSION, **asdict(session)}
    if session.lesson is None:
        del data["lesson"]
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
    return Session(
        page,
        pages,
        from_json(WindowSize, data.get("window", {})),
        from_json(Lesson, data["lesson"]) if "lesson" in data else None,
    )


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
