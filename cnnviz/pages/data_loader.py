"""Opens, makes or fetches a data set in a thread; a newer wish ends an older one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Worker, raise_again
from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from cnnviz.nn.datasets import Dataset


class DataLoader(QObject):
    """One data set at a time.

    Parameters
    ----------
    home : Path
        The user's data folder.
    """

    progressed = Signal(str, object, object)
    """A sentence, how much is done and how much there is in all, 0 if unknown."""
    loaded = Signal(str, object)
    """The source as it was asked for, and its Dataset."""
    failed = Signal(str, str)
    """The source and one sentence."""

    def __init__(self, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._worker: Worker | None = None
        self._cancelled: list[Worker] = []

    @property
    def busy(self) -> bool:
        """Whether somebody still waits for data."""
        return self._worker is not None

    def request(self, source: str, *, download: bool = False) -> None:
        """Open a source, or download it first; what was asked before is dropped."""
        self.cancel()
        make = partial(_events, source, self._home, download=download)
        worker = Worker(make, self)
        worker.yielded.connect(partial(self._hand_on, source))
        worker.failed.connect(partial(self._fail, source))
        self._worker = worker
        worker.start()

    def cancel(self) -> None:
        """Drop what was asked for."""
        self._cancelled = [old for old in self._cancelled if not old.join(0)]
        if self._worker is not None:
            self._worker.cancel()
            self._cancelled.append(self._worker)
            self._worker = None

    def shut_down(self) -> None:
        """Cancel and join."""
        self.cancel()
        for worker in self._cancelled:
            worker.join()

    def _hand_on(self, source: str, item: Any) -> None:
        from cnnviz.nn.datasets import Dataset

        if isinstance(item, Dataset):
            self._worker = None
            self.loaded.emit(source, item)
        else:
            self.progressed.emit(*item)

    def _fail(self, source: str, error: Exception) -> None:
        self._worker = None
        if not isinstance(error, InputError):
            raise_again(error)
        self.failed.emit(source, str(error))


def _events(source: str, home: Path, *, download: bool) -> Generator[Any, None, None]:
    """Yield (sentence, done, total) while it is made, and the Dataset last."""
    from cnnviz.nn import datasets, digits
    from cnnviz.nn.download import download as fetch

    if source == "generated":
        for progress in digits.generating(home):
            words = "Making generated digits"
            yield words, progress.done, progress.total
    elif download:
        for received in fetch(source, home):
            yield received.sentence, received.received_bytes, received.total_bytes
    yield datasets.load(source, home)


def about(data: Dataset) -> str:
    """Say in a line what a data set holds."""
    channels, rows, columns = data.shape
    colour = "grey" if channels == 1 else "colour"
    words = (
        f"{data.name}: {len(data.train):,} pictures to learn from, {len(data.test):,} "
        f"to test, {rows} × {columns}, {colour}"
    )
    return f"{words}. {data.note}" if data.note else words
