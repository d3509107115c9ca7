"""The lessons that ship with cnnviz: session files, one for each part of the lecture.

``packaging/lessons.py`` makes them.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from cnnviz import paths, session
from cnnviz.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.session import Lesson


def files() -> list[Path]:
    """List the files of the lessons, in the order of the lecture."""
    return sorted(paths.asset("lessons").glob(f"*{session.SUFFIX}"))


def following(lesson: Lesson) -> Path | None:
    """Return the file of the lesson after this one; None after the last or a stranger.

    Lessons are told apart by their titles.
    """
    for file, follower in pairwise(files()):
        try:
            saved = session.read(file)
        except InputError:
            continue  # the Lessons page says what is wrong with it
        if saved.lesson and saved.lesson.title == lesson.title:
            return follower
    return None
