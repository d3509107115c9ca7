"""What a network says of every picture of a split, and where it errs most surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.inspection import to_input
from cnnviz.nn.probing import device_of, evaluating, run, to_numpy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import nn

    from cnnviz.nn.datasets import Split

_BATCH = 250


@dataclass(frozen=True, eq=False)
class Verdicts:
    """The answers so far.

    Attributes
    ----------
    predicted : int64 (done,)
        The class with the highest score.
    probability : float32 (done,)
        Of that class.
    done, total : int
        Pictures.
    """

    predicted: NDArray[np.int64]
    probability: NDArray[np.float32]
    done: int
    total: int

    def mistakes(self, labels: NDArray[np.int64]) -> NDArray[np.intp]:
        """Return the pictures whose answer is not their label, the surest first."""
        wrong = np.flatnonzero(self.predicted != labels[: self.done])
        order = np.argsort(-self.probability[wrong], kind="stable")
        return wrong[order]


def verdicts(module: nn.Module, split: Split) -> Iterator[Verdicts]:
    """Ask about all pictures in order.

    Yields
    ------
    Verdicts
        After every 250 pictures; may be closed after any.

    Raises
    ------
    InputError
        There is no picture, or the network cannot take them.
    """
    if not len(split):
        raise InputError("There is no picture to ask about: choose other data.")
    predicted = np.zeros(len(split), np.int64)
    probability = np.zeros(len(split), np.float32)
    for first in range(0, len(split), _BATCH):
        part = slice(first, min(first + _BATCH, len(split)))
        with evaluating(module), torch.no_grad():
            pictures = to_input(split.images[part]).to(device_of(module))
            found = to_numpy(run(module, pictures).softmax(1))
        predicted[part], probability[part] = found.argmax(axis=1), found.max(axis=1)
        done = part.stop
        yield Verdicts(
            predicted[:done].copy(), probability[:done].copy(), done, len(split)
        )
