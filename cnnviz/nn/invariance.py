"""How much a network minds a change: its probabilities over a slider's range.

The lecture's local invariance: pooling forgives a small shift, a fully connected
network does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.probing import device_of, evaluating, run, to_numpy
from cnnviz.ops.changes import changed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import nn

    from cnnviz.nn.probing import Floats
    from cnnviz.ops.changes import Change

MAX_VALUES = 1000
_BATCH = 25


@dataclass(frozen=True, eq=False)
class Invariance:
    """Curves over the range of one change, or as much of them as is done.

    Attributes
    ----------
    change : str
    values : float32 (V,)
        The slider's settings, the horizontal axis.
    probabilities : float32 (networks, V, classes)
        NaN where no network was asked yet.
    done, total : int
        Values, over all networks.
    """

    change: Change
    values: Floats
    probabilities: Floats
    done: int
    total: int

    def unchanged(
        self, network: int, label: int, neutral: float
    ) -> tuple[float, float]:
        """Return how far the slider goes both ways before `label` stops winning.

        Returns
        -------
        (lowest, highest)
            Values around `neutral` at which `label` still has the highest probability
            without a break; both `neutral` if it does not win there.
        """
        wins = self.probabilities[network].argmax(axis=1) == label
        start = int(np.abs(self.values - neutral).argmin())
        if not wins[start]:
            return neutral, neutral
        losses = np.flatnonzero(~wins)
        low = losses[losses < start].max(initial=-1) + 1
        high = losses[losses > start].min(initial=len(wins)) - 1
        return float(self.values[low]), float(self.values[high])


def invariance(
    modules: Sequence[nn.Module],
    picture: Floats,
    change: Change,
    values: Floats,
    seed: int = 0,
) -> Iterator[Invariance]:
    """Ask networks about a picture at every setting of a change.

    Parameters
    ----------
    modules : sequence of nn.Module
        One, or two to compare, with as many classes; each takes the picture.
    picture : float32 (C, H, W)
        0 to 1.
    change : str
        See :func:`cnnviz.ops.changes.changed`, which also knows `seed`.
    values : float32 (V,)
        1 to 1000 settings in the change's range.

    Yields
    ------
    Invariance
        After every 25 values of each network; may be closed after any.

    Raises
    ------
    InputError
        A value is out of range, the networks differ in their number of classes, or one
        cannot take the picture.
    """
    values = values[:MAX_VALUES]
    pictures = np.stack(
        [changed(picture, change, float(value), seed) for value in values]
    )
    found = np.full((len(modules), len(values), 0), np.nan, np.float32)
    total = len(modules) * len(values)
    for number, module in enumerate(modules):
        for first in range(0, len(values), _BATCH):
            part = slice(first, min(first + _BATCH, len(values)))
            with evaluating(module), torch.no_grad():
                batch = torch.from_numpy(pictures[part]).to(device_of(module))
                asked = to_numpy(run(module, batch).softmax(1))
            if not found.size:
                found = np.full((*found.shape[:2], asked.shape[1]), np.nan, np.float32)
            if asked.shape[1] != found.shape[2]:
                raise InputError(
                    f"These networks have {found.shape[2]} and {asked.shape[1]} "
                    "classes: compare two for the same pictures."
                )
            found[number, part] = asked
            done = number * len(values) + part.stop
            yield Invariance(change, values, found.copy(), done, total)
