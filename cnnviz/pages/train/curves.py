"""The numbers of a training as growing arrays, fed by events or read from a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cnnviz.nn.events import Metrics, Steps

    Floats = NDArray[np.float32]

FIELDS = ("loss", "accuracy", "learning_rate", "gradient_norm")


class Growing:
    """A float32 array to which more is appended without copying all of it each time."""

    def __init__(self) -> None:
        self._room = np.empty(1024, np.float32)
        self._length = 0

    def append(self, values: Floats) -> None:
        """Put values at the end."""
        needed = self._length + len(values)
        if needed > len(self._room):
            grown = np.empty(max(needed, 2 * len(self._room)), np.float32)
            grown[: self._length] = self.values
            self._room = grown
        self._room[self._length : needed] = values
        self._length = needed

    def keep(self, length: int) -> None:
        """Forget all but the first values."""
        if length < self._length:  # earlier views keep their memory
            self._room, self._length = self._room.copy(), length

    @property
    def values(self) -> Floats:
        """What there is so far; a view that the next append leaves as it is."""
        return self._room[: self._length]


class Point(NamedTuple):
    """An epoch's end: batches done and the value there."""

    step: int
    value: float


class Curves:
    """Per batch: loss, accuracy, learning rate, gradient norm; per epoch: metrics."""

    def __init__(self) -> None:
        self._columns = {name: Growing() for name in FIELDS}
        self.metrics: list[Metrics] = []
        self.speed = 0.0
        # Where it is a run to compare with: what it is called, and its colour's name.
        self.title = self.role = ""

    def add(self, steps: Steps) -> None:
        """Append some batches."""
        for name, column in self._columns.items():
            column.append(getattr(steps, name))
        self.speed = steps.speed

    def keep(self, steps: int) -> None:
        """Forget what came after so many batches, which a resumed training repeats."""
        for column in self._columns.values():
            column.keep(steps)
        self.metrics = [line for line in self.metrics if line.step <= steps]

    def column(self, name: str) -> Floats:
        """Return one number a batch: one of ``FIELDS``."""
        return self._columns[name].values

    @property
    def steps(self) -> int:
        """Batches so far."""
        return len(self.column("loss"))

    def epochs(self, name: str) -> Sequence[Point]:
        """Return a field of the metrics at each epoch's end, where it is known."""
        found = ((line.step, getattr(line, name)) for line in self.metrics)
        return [Point(step, value) for step, value in found if value is not None]
