"""The one error that a user reads: a plain sentence with the way out."""

from __future__ import annotations

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
    return (
        f"{what} need {names}: run “{sys.executable} -m pip install "
        f"{' '.join(packages)}” and start again."
    )
