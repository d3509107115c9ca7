"""Tries a network on a whole test set in a thread, to find what it gets wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Worker, raise_again
from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.nn.datasets import Dataset, Split
    from cnnviz.nn.events import Floats
    from cnnviz.pages.inspect.subject import Subject


class Trying(QObject):
    """One test at a time; asking for the same again changes nothing."""

    tried = Signal(object)
    """Probabilities, float32 (N, classes)."""
    progressed = Signal(int, int)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._asked: tuple[Subject, Dataset] | None = None
        self._shares: Floats | None = None

    @property
    def busy(self) -> bool:
        """Whether a test is under way."""
        return self._worker is not None

    def request(self, subject: Subject, data: Dataset) -> None:
        """Try a network on the test pictures of a data set."""
        asked = (subject, data)
        if self._asked is not None and all(
            one is other for one, other in zip(self._asked, asked, strict=True)
        ):
            if self._shares is not None:
                self.tried.emit(self._shares)
            return
        self.cancel()
        if subject.network.input != data.test.images.shape[1:]:
            self.failed.emit("The pictures of this test set do not fit this network.")
            return
        self._asked = asked
        self._worker = Worker(partial(_shares, subject, data.test), self)
        self._worker.yielded.connect(partial(self._hand_on, len(data.test)))
        self._worker.failed.connect(self._fail)
        self._worker.finished.connect(self._end)
        self._worker.start()

    def cancel(self) -> None:
        """Drop what was asked; at most one chunk is waited for."""
        self._asked = self._shares = None
        if self._worker is not None:
            self._worker.cancel()
            self._worker.join()
            self._worker.deleteLater()
            self._worker = None

    def shut_down(self) -> None:
        """Cancel and join."""
        self.cancel()

    def _hand_on(self, total: int, item: Any) -> None:
        if isinstance(item, int):
            self.progressed.emit(item, total)
        else:
            self._shares = item
            self.tried.emit(item)

    def _fail(self, error: Exception) -> None:
        self._asked = None
        if not isinstance(error, InputError):
            raise_again(error)
        self.failed.emit(str(error))

    def _end(self) -> None:
        self._worker = None


def _shares(subject: Subject, split: Split) -> Generator[int | Floats, None, None]:
    """Yield how many pictures are done, and all probabilities last."""
    import numpy as np

    from cnnviz.nn import replay  # with torch, in this thread

    shares: list[Floats] = []
    for share in replay.test(subject.network, subject.weights, split):
        shares.append(share)
        yield sum(map(len, shares))
    yield np.concatenate(shares)
