"""Looks at a network at rest, in threads: at one picture, and at a whole test set."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Latest, Worker, raise_again
from cnnviz.errors import InputError
from cnnviz.nn import loading

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.datasets import Split
    from cnnviz.nn.events import Floats, Watched, Weights
    from cnnviz.nn.network import Network
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.recording import Run

    Getter = Callable[[], Weights]

MODEL = "model."  # what a checkpoint puts before the names of weights


class Looking(QObject):
    """Answers two questions; a newer one of a kind overtakes an older one."""

    seen = Signal(object)
    """A Watched."""
    tested = Signal(object, int)
    """Probabilities (N, classes), and the batch after which the weights were so."""
    progressed = Signal(int, int)
    """Pictures tested, of all."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(self)
        self._latest.done.connect(self.seen)
        self._latest.failed.connect(self._fail)
        self._tester: Worker | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._latest.busy or self._tester is not None

    def look(
        self, network: Network, get: Getter, picture: NDArray[np.uint8], step: int
    ) -> None:
        """Ask what the network makes of a picture, uint8 (C, H, W)."""
        self._latest.request(partial(_look, network, get, picture, step))

    def test(self, network: Network, get: Getter, split: Split, step: int) -> None:
        """Ask what it makes of every picture of a split."""
        self.stop_testing()
        self._tester = Worker(partial(_test, network, get, split), self)
        self._tester.yielded.connect(partial(self._hand_on, len(split), step))
        self._tester.failed.connect(self._fail)
        self._tester.start()

    def stop_testing(self) -> None:
        """Drop the question about a test set; at most one chunk is waited for."""
        if self._tester is not None:
            self._tester.cancel()
            self._tester.join()
            self._tester.deleteLater()
            self._tester = None

    def shut_down(self) -> None:
        """Cancel and join."""
        self.stop_testing()
        self._latest.shut_down()

    def _hand_on(self, total: int, step: int, item: Any) -> None:
        if isinstance(item, int):
            self.progressed.emit(item, total)
        else:
            self.stop_testing()
            self.tested.emit(item, step)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self.failed.emit(str(error))


def first_weights(recipe: Recipe) -> Getter:
    """Return what draws the weights that a recipe starts from."""

    def get() -> Weights:
        from cnnviz.nn import replay

        return replay.first_weights(recipe)

    return get


def recorded_weights(run: Run, step: int) -> Getter:
    """Return what reads the weights of a run after so many batches."""
    return partial(run.weights, step)


def newest_weights(run: Run, step: int) -> Getter:
    """Return what reads the weights with which a run goes on.

    Those of the last snapshot, which is `step`, where the checkpoint is older than it
    or damaged.
    """

    def get() -> Weights:
        try:
            checkpoint = run.checkpoint()
        except InputError:
            checkpoint = None
        if checkpoint is None or checkpoint.step < step:
            return run.weights(step)
        weights: dict[str, Any] = {
            name.removeprefix(MODEL): values
            for name, values in checkpoint.tensors.items()
            if name.startswith(MODEL)
        }
        return weights

    return get


def _look(
    network: Network, get: Getter, picture: NDArray[np.uint8], step: int
) -> Watched:
    loading.wait_for_turn()
    from cnnviz.nn import replay  # with torch, in this thread

    return replay.look(network, get(), picture, step)


def _test(
    network: Network, get: Getter, split: Split
) -> Generator[int | Floats, None, None]:
    """Yield how many pictures are done, and all probabilities last."""
    import numpy as np

    from cnnviz.nn import replay

    shares: list[Floats] = []
    for share in replay.test(network, get(), split):
        shares.append(share)
        yield sum(map(len, shares))
    yield np.concatenate(shares)
