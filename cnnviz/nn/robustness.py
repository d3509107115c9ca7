"""How many pictures a network still names right when they are attacked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.adversarial import Attack, attacked, loss_gradient, stepped
from cnnviz.nn.inspection import to_input
from cnnviz.nn.probing import device_of, evaluating, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from cnnviz.nn.datasets import Split

FIRST = 100
"""Pictures of the first part, so that a first point is there within a second."""

MAX_BATCH = 125
"""Pictures at once; bounds memory and the time until a cancel is heard."""


@dataclass(frozen=True, eq=False)
class AccuracyCurve:
    """Accuracy against epsilon over the pictures asked so far.

    Attributes
    ----------
    epsilons : float64 (E,)
    right, asked : int64 (E,)
        Pictures at each epsilon; an epsilon is ahead of the next by one part at most.
    done, total : int
        Questions: a picture at an epsilon is one.
    """

    epsilons: NDArray[np.float64]
    right: NDArray[np.int64]
    asked: NDArray[np.int64]
    done: int
    total: int

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """Share of right answers at each epsilon, NaN where none was asked."""
        with np.errstate(invalid="ignore"):
            return self.right / self.asked


def accuracy_curve(
    module: nn.Module,
    split: Split,
    epsilons: Sequence[float],
    attack: Attack = Attack(),  # noqa: B008 (frozen)
    seed: int = 0,
) -> Iterator[AccuracyCurve]:
    """Attack the pictures of a split at several strengths; may be closed at any yield.

    All epsilons are asked about 100 pictures first and then about more and more, in
    random order, so that the whole curve is there early and only gets sharper.

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    split : Split
        Its labels are led away from.
    epsilons : sequence of float
        In pixel units of 0 to 1; they replace the attack's own.
    attack : Attack
    seed : int
        Draws the order.

    Yields
    ------
    AccuracyCurve
        After each epsilon of each part of at most 125 pictures.

    Raises
    ------
    InputError
        There is no picture or no epsilon, or see :func:`cnnviz.nn.adversarial.perturb`.
    """
    if not len(split) or not epsilons:
        raise InputError("There is no picture or no epsilon to ask about: add some.")
    attacks = [replace(attack, epsilon=float(epsilon)) for epsilon in epsilons]
    strengths = np.array(epsilons, np.float64)
    right, asked = np.zeros((2, len(attacks)), np.int64)
    total = len(split) * len(attacks)
    order = np.random.default_rng(seed).permutation(len(split))
    for part in np.split(order, range(FIRST, len(order), MAX_BATCH)):
        pictures = to_input(split.images[part]).to(device_of(module))
        labels = torch.from_numpy(split.labels[part]).to(pictures.device)
        direction = None
        for place, one in enumerate(attacks):
            if one.method == "fgsm" and direction is None and one.epsilon > 0:
                direction = loss_gradient(module, pictures, labels)
            changed = _changed(module, pictures, labels, one, direction)
            right[place] += _right(module, changed, labels)
            asked[place] += len(part)
            yield AccuracyCurve(
                strengths, right.copy(), asked.copy(), int(asked.sum()), total
            )


def _changed(
    module: nn.Module,
    pictures: Tensor,
    labels: Tensor,
    attack: Attack,
    direction: Tensor | None,
) -> Tensor:
    """Attack a batch; FGSM goes along the same direction at every epsilon."""
    if direction is None or attack.method != "fgsm" or attack.why_invalid():
        return attacked(module, pictures, labels, attack)
    return stepped(pictures, direction, attack.norm, attack.epsilon)


def _right(module: nn.Module, pictures: Tensor, labels: Tensor) -> int:
    with evaluating(module), torch.no_grad():
        return int((run(module, pictures).argmax(dim=1) == labels).sum())
