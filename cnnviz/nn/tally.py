"""The numbers of the batches, fetched from the device many at a time."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.nn.events import Steps

if TYPE_CHECKING:
    from torch import Tensor

    from cnnviz.nn.events import Floats
    from cnnviz.nn.learner import Batch

RECENT = 2.0
"""Seconds over which the speed is a mean."""


class Clock:
    """Counts seconds while it runs."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._before, self._since = seconds, math.nan

    @property
    def seconds(self) -> float:
        """Seconds counted so far."""
        running = not math.isnan(self._since)
        return self._before + (time.perf_counter() - self._since if running else 0)

    def start(self) -> None:
        """Count from now on, if it did not already."""
        if math.isnan(self._since):
            self._since = time.perf_counter()

    def stop(self) -> None:
        """Count no more."""
        self._before, self._since = self.seconds, math.nan


@dataclass
class Sums:
    """Totals over the batches of an epoch so far.

    Attributes
    ----------
    loss, right : float
        Losses, and correct answers, of all pictures together.
    pictures : float
    """

    loss: float = 0.0
    right: float = 0.0
    pictures: float = 0.0


@dataclass
class Tally:
    """What the batches gave: waiting on the device, then fetched, then told.

    Attributes
    ----------
    clock : Clock
    sums : Sums
        Of the epoch, as far as fetched.
    """

    clock: Clock = field(default_factory=Clock)
    sums: Sums = field(default_factory=Sums)
    _waiting: list[tuple[Batch, Tensor]] = field(default_factory=list)
    _fetched: list[tuple[Batch, Floats]] = field(default_factory=list)
    _lately: deque[tuple[float, float]] = field(default_factory=deque)
    _pictures: float = 0.0

    def __post_init__(self) -> None:
        """Measure from here on: a training that goes on has seconds from before."""
        self._lately.append((self.clock.seconds, 0.0))

    def add(self, batch: Batch, numbers: Tensor) -> None:
        """Take what :meth:`cnnviz.nn.learner.Learner.learn` returned."""
        self._waiting.append((batch, numbers))

    def fetch(self) -> Batch | None:
        """Wait for the device; return the first batch whose numbers are not finite.

        That one and those after it are forgotten.
        """
        if not self._waiting:
            return None
        rows = torch.stack([numbers for _, numbers in self._waiting]).cpu().numpy()
        batches = [batch for batch, _ in self._waiting]
        self._waiting.clear()
        for batch, row in zip(batches, rows, strict=True):
            if not np.isfinite(row).all():
                return batch
            loss, accuracy, _, pictures = map(float, row)
            self.sums.loss += loss * pictures
            self.sums.right += round(accuracy * pictures)  # a share in float32
            self.sums.pictures += pictures
            self._pictures += pictures
            self._fetched.append((batch, row))
        return None

    def tell(self) -> Steps | None:
        """Return what was fetched and not told yet, None if there is nothing."""
        if not self._fetched:
            return None
        batches, rows = zip(*self._fetched, strict=True)
        self._fetched.clear()
        table = np.stack(rows)
        return Steps(
            batches[-1].step + 1,
            loss=table[:, 0].copy(),
            accuracy=table[:, 1].copy(),
            learning_rate=np.array([b.rate for b in batches], np.float32),
            gradient_norm=table[:, 2].copy(),
            speed=self._speed(),
        )

    def _speed(self) -> float:
        lately = self._lately
        lately.append((self.clock.seconds, self._pictures))
        while len(lately) > 2 and lately[-1][0] - lately[1][0] >= RECENT:
            lately.popleft()
        seconds = lately[-1][0] - lately[0][0]
        return (lately[-1][1] - lately[0][1]) / seconds if seconds > 0 else 0.0
