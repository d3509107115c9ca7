"""Opens networks in a thread; the newest wish wins."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Latest, raise_again
from cnnviz.errors import InputError
from cnnviz.pages.inspect import networks

if TYPE_CHECKING:
    from cnnviz.pages.inspect.subject import Handed, Subject


class NetworkLoader(QObject):
    """One network at a time."""

    loaded = Signal(object)
    """A Subject or what was handed over."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handed: Handed | None = None
        self._trusted: set[str] = set()
        self._latest = Latest(self)
        self._latest.done.connect(self.loaded)
        self._latest.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether a network is still to come."""
        return self._latest.busy

    def hand_over(self, handed: Handed) -> None:
        """Keep a module of a script's, for states that name it."""
        self._handed = handed

    def trust(self, key: str) -> None:
        """Take a person's word that a file's origin is to be trusted."""
        self._trusted.add(key)

    def request(self, key: str) -> None:
        """Open what a state names."""
        self._latest.request(
            partial(_open, key, self._handed, trusted=key in self._trusted)
        )

    def shut_down(self) -> None:
        """Drop what was asked and join."""
        self._latest.shut_down()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self.failed.emit(str(error))


def _open(key: str, handed: Handed | None, *, trusted: bool) -> Subject | Handed:
    if key == networks.MODULE and handed is not None:
        return handed
    return networks.load(key, trusted=trusted)
