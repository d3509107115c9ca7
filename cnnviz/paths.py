"""Where files are: the same calls in a checkout, in a wheel and in a frozen bundle."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from platformdirs import user_config_path, user_data_path, user_log_path

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
    for a USB stick, a read-only home or a test.
    """
    return _own_home("data") or user_data_path("cnnviz", appauthor=False)


def config_dir() -> Path:
    """Return the folder of the settings file; it may not exist yet."""
    return _own_home("config") or user_config_path("cnnviz", appauthor=False)


def log_dir() -> Path:
    """Return the folder of the rotating log; it may not exist yet."""
    return _own_home("log") or user_log_path("cnnviz", appauthor=False)


def _own_home(folder: str) -> Path | None:
    home = os.environ.get("CNNVIZ_HOME")
    return Path(home) / folder if home else None
