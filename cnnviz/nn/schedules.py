"""How the learning rate changes over a training; needs no torch."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.nn.recipe import Schedule

WARM_UP, FIRST, LAST = 0.3, 1 / 25, 1 / 250_000
"""Of one-cycle: the share of the steps that climb, and the rates at both ends."""


def factor(schedule: Schedule, step: int, steps: int) -> float:
    """Return what the learning rate is multiplied by for one step.

    - ``"constant"``: 1.
    - ``"cosine"``: half a cosine from 1 down to 0 (Loshchilov and Hutter 2017).
    - ``"one-cycle"``: up from 1/25 to 1 in three tenths of the steps and down to
      almost nothing, both along half a cosine, as ``torch.optim.lr_scheduler.
      OneCycleLR`` does (Smith and Topin 2018, "Super-convergence").
    - ``"step"``: 1, a tenth from the middle on, a hundredth in the last quarter.

    Parameters
    ----------
    schedule : str
    step : int
        Steps done before, 0 to `steps` − 1.
    steps : int
        Of the whole training, at least 1.
    """
    match schedule:
        case "constant":
            return 1.0
        case "cosine":
            return _between(1, 0, step / steps)
        case "step":
            return 0.1 ** ((2 * step >= steps) + (4 * step >= 3 * steps))
        case "one-cycle":
            top, end = max(WARM_UP * steps - 1, 0.0), max(steps - 1.0, 1.0)
            if step < top:
                return _between(FIRST, 1, step / top)
            return _between(1, LAST, (step - top) / (end - top))


def _between(first: float, last: float, share: float) -> float:
    """Go from one value to another along half a cosine."""
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2
