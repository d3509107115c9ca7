"""The one error that a user reads: a plain sentence with the way out."""

from __future__ import annotations

import os
import re
import shlex
import sys


class InputError(ValueError):
    """Input that cannot be used.

    ``str(error)`` is one plain sentence for the person in front of the screen; it says
    what is wrong and what to do instead, and is shown as it stands. Whoever raises it
    has changed nothing.
    """


def absent(what: str, *packages: str) -> str:
    """Return the sentence for a part that needs packages that are not here.

    Parameters
    ----------
    what : str
        The part, as the plural subject of the sentence: ``"ONNX files"``.
    *packages : str
        By the names that pip knows.
    """
    names = " and ".join(packages)
    if getattr(sys, "frozen", False):
        return (
            f"{what} need {names}, which this ready-made cnnviz does not contain: run "
            "cnnviz from its source, with Python."
        )
    words = (sys.executable, "-m", "pip", "install", *packages)
    command = " ".join(map(_pasteable, words))
    return f"{what} need {names}: run “{command}” and start again."


def _pasteable(word: str) -> str:
    """Quote a word for the command line where it has to be."""
    if os.name == "nt":
        # Folder by folder: PowerShell runs no line that begins with a quotation mark.
        folders = word.split("\\")  # which hold no quotation marks
        return "\\".join(
            f'"{w}"' if re.search(r"[^\w.:+/-]", w) else w for w in folders
        )
    return shlex.quote(word)
