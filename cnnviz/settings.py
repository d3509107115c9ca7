"""What the user has chosen once for all: one dataclass, kept in an ini file.

A value that is missing, damaged or out of range is replaced by its default, with a
warning in the log and a sentence for the person; the others stay.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

from PySide6.QtCore import QSettings

from cnnviz.errors import InputError
from cnnviz.files import make_folder, write_atomic

ThemeChoice = Literal["system", "light", "dark"]
RECENT_LIMIT = 10

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """The user's choices.

    Attributes
    ----------
    theme : {"system", "light", "dark"}
        ``"system"`` follows the desktop.
    text_size : int
        Percent, 80 to 200.
    recent : tuple of str
        Absolute paths of the files opened last, newest first, at most ten.
    """

    theme: ThemeChoice = "system"
    text_size: int = 100
    recent: tuple[str, ...] = ()

    def opened(self, path: str) -> Settings:
        """Return the settings after a file was opened: it leads the recent ones."""
        others = (other for other in self.recent if other != path)
        return replace(self, recent=(path, *others)[:RECENT_LIMIT])


def load(path: Path) -> tuple[Settings, str]:
    """Read the settings, as far as they can be read.

    Parameters
    ----------
    path : Path
        The ini file; it need not exist.

    Returns
    -------
    settings : Settings
    trouble : str
        What could not be read, in one plain sentence; empty if all is well.
    """
    store = _store(path)
    values: dict[str, Any] = {}
    lost: list[str] = []
    for name, check in _CHECKS.items():
        if store.contains(name):
            value = store.value(name)
            try:
                values[name] = check(value)
            except (TypeError, ValueError):
                _log.warning("%s: %s cannot be %r; default taken", path, name, value)
                lost.append(_NAMES[name])
    if _warn_of(store):
        lost = [words for name, words in _NAMES.items() if name not in values]
    return Settings(**values), _explain(lost)


def _explain(lost: list[str]) -> str:
    if not lost:
        return ""
    *others, last = lost
    names = f"{', '.join(others)} and {last}" if others else last
    starts = "start" if others else "starts"
    return (
        f"The settings file could not be read in full, so {names} {starts} anew; "
        "choose again what you want to keep."
    )


def save(settings: Settings, path: Path) -> None:
    """Write the settings atomically; a failure is logged and costs only them.

    What a newer version keeps in the same file stays there.
    """
    # If QSettings is killed while it writes, its draft stays for good, and the lock
    # that it leaves half written holds the next one up for 30 seconds.
    try:
        with TemporaryDirectory() as folder:
            store = _store(Path(folder) / path.name)
            for name, value in (_unknown(path) | asdict(settings)).items():
                store.setValue(name, list(value) if isinstance(value, tuple) else value)
            store.sync()
            data = Path(store.fileName()).read_bytes()
        make_folder(path.parent)
        write_atomic(path, data)
    except (OSError, InputError) as error:
        _log.warning("%s: %s", path, error)


def _unknown(path: Path) -> dict[str, Any]:
    """Read what the file holds under names that this version does not know."""
    store = _store(path)
    strange = sorted(set(store.allKeys()) - _CHECKS.keys())
    whole = store.status() == QSettings.Status.NoError
    return {name: store.value(name) for name in strange if whole}


def _store(path: Path) -> QSettings:
    return QSettings(str(path), QSettings.Format.IniFormat)


def _warn_of(store: QSettings) -> bool:
    """Log what is wrong with the file, and tell whether there was anything."""
    wrong = store.status() != QSettings.Status.NoError
    if wrong:
        _log.warning("%s: %s", store.fileName(), store.status().name)
    return wrong


def _theme(value: Any) -> str:
    if not isinstance(value, str) or value not in get_args(ThemeChoice):
        raise ValueError(value)
    return value


def _text_size(value: Any) -> int:
    if not 80 <= (percent := int(value)) <= 200:
        raise ValueError(value)
    return percent


def _recent(value: Any) -> tuple[str, ...]:
    # An ini file cannot tell a list of none or one from nothing or a text.
    paths = [value] if isinstance(value, str) else value or []
    if not all(isinstance(path, str) for path in paths):
        raise TypeError(value)
    return tuple(paths[:RECENT_LIMIT])


_CHECKS = {"theme": _theme, "text_size": _text_size, "recent": _recent}
_NAMES = {
    "theme": "the theme",
    "text_size": "the text size",
    "recent": "the list of recent files",
}
