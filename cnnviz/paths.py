"""Where files are: the same calls in a checkout, in a wheel and in a frozen bundle."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_config_path, user_data_path, user_log_path

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE = Path(__file__).resolve().parent


def asset(name: str) -> Path:
    """Return the path of a file that ships with the application.

    Parameters
    ----------
    name : str
        Path inside ``assets/``, with forward slashes, such as ``"icons/play.svg"``.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    roots = (
        [Path(frozen) / "assets"]
        if frozen
        else [_PACKAGE / "assets", _PACKAGE.parent / "assets"]
    )
    root = next((root for root in roots if root.is_dir()), roots[-1])
    return root / name


def data_dir() -> Path:
    """Return the user's data folder (sessions, pasted pictures); it may not exist yet.

    The environment variable ``CNNVIZ_HOME`` puts data, settings and logs in one folder,
    for a USB stick, a read-only home or a test. A user without a home has one for as
    long as the program runs.
    """
    return _own_home("data") or _at_home("data", user_data_path)


def runs_dir() -> Path:
    """Return the folder of the runs that this user trains; it may not exist yet."""
    return data_dir() / "runs"


def config_dir() -> Path:
    """Return the folder of the settings file; it may not exist yet."""
    return _own_home("config") or _at_home("config", user_config_path)


def log_dir() -> Path:
    """Return the folder of the rotating log; it may not exist yet."""
    return _own_home("log") or _at_home("log", user_log_path)


def _own_home(folder: str) -> Path | None:
    home = os.environ.get("CNNVIZ_HOME")
    return Path(home) / folder if home else None


def _at_home(folder: str, find: Callable[..., Path]) -> Path:
    """Return the user's folder, or one of this process's own for who has no home."""
    with suppress(RuntimeError):  # raised since platformdirs 4.14, else "~" stays
        if (path := find("cnnviz", appauthor=False)).is_absolute():
            return path
    return _homeless() / folder


@cache
def _homeless() -> Path:
    import atexit
    import shutil
    import tempfile

    folder = tempfile.mkdtemp(prefix="cnnviz-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
