"""How much a network minds a change: its probabilities over a slider's range.

The lecture's local invariance: pooling forgives a small shift, a fully connected
network does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.nn.probing import device_of, evaluating, run, to_numpy
from cnnviz.ops.changes import changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from cnnviz.nn.probing import Floats
    from cnnviz.ops.changes import Change

MAX_VALUES = 1000


@dataclass(frozen=True, eq=False)
class Invariance:
    """Curves over the range of one change.

    Attributes
    ----------
    change : str
    values : float32 (V,)
        The slider's settings, the horizontal axis.
    probabilities : float32 (networks, V, classes)
    """

    change: Change
    values: Floats
    probabilities: Floats

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
) -> Invariance:
    """Ask networks about a picture at every setting of a change.

    Some tens of values are one batch, so this takes a few frames at most.

    Parameters
    ----------
    modules : sequence of nn.Module
        One, or two to compare; each takes the picture.
    picture : float32 (C, H, W)
        0 to 1.
    change : str
        See :func:`cnnviz.ops.changes.changed`, which also knows `seed`.
    values : float32 (V,)
        1 to 1000 settings in the change's range.

    Raises
    ------
    InputError
        A value is out of range, or a network cannot take the picture.
    """
    pictures = np.stack(
        [changed(picture, change, float(value), seed) for value in values[:MAX_VALUES]]
    )
    found = []
    for module in modules:
        with evaluating(module), torch.no_grad():
            batch = torch.from_numpy(pictures).to(device_of(module))
            found.append(to_numpy(run(module, batch).softmax(1)))
    return Invariance(change, values[:MAX_VALUES], np.stack(found))
