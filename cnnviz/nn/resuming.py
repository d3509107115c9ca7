"""What a training writes down to go on later, and going on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.events import Checkpoint
from cnnviz.nn.tally import Clock, Sums, Tally

if TYPE_CHECKING:
    from cnnviz.nn.learner import Learner

ANEW = "A snapshot holds weights alone: the optimizer's averages begin anew here."
"""For the person, see :func:`forgets`."""


def checkpoint(
    learner: Learner, tally: Tally, step: int, epoch: int, *, last: bool = False
) -> Checkpoint:
    """Write down a training whose numbers are all fetched.

    Parameters
    ----------
    learner : Learner
    tally : Tally
    step, epoch : int
        Batches done, and complete epochs.
    last : bool
        Whether the learner learns no more, so that nothing needs to be copied.
    """
    facts: dict[str, object] = {
        "steps_per_epoch": learner.steps_per_epoch,
        "optimizer": learner.recipe.optimizer,
        "seconds": tally.clock.seconds,
        **asdict(tally.sums),
    }
    # They are copies already: the largest network's are half a gigabyte.
    captured = learner.capture(copy=not last).items()
    arrays = {name: np.asarray(tensor.numpy(), order="C") for name, tensor in captured}
    return Checkpoint(step, epoch, arrays, facts)


def resume(learner: Learner, point: Checkpoint) -> Tally:
    """Put a new learner where a checkpoint was; return the numbers of its epoch.

    Raises
    ------
    InputError
        If the checkpoint is of another recipe or data, or damaged; the learner is as it
        was.
    """
    tensors = {k: torch.tensor(array) for k, array in point.tensors.items()}
    learner.model_of(tensors)  # another network's epochs and optimizer say nothing
    per_epoch, facts = learner.steps_per_epoch, point.facts
    if facts.get("steps_per_epoch") != per_epoch or (
        facts.get("optimizer") != learner.recipe.optimizer
    ):
        raise InputError(
            "This checkpoint was made with another batch size, data set or optimizer: "
            "choose those, or start anew."
        )
    numbers = [facts.get(key) for key in ("seconds", "loss", "right", "pictures")]
    begun = point.step - point.epoch * per_epoch
    if not 0 <= begun <= per_epoch or not all(map(_is_number, numbers)):
        raise InputError("This checkpoint is damaged: start anew.")
    learner.restore(tensors)
    seconds, *sums = (float(number) for number in numbers)  # type: ignore[arg-type]
    return Tally(Clock(seconds), Sums(*sums))


def forgets(learner: Learner, point: Checkpoint) -> bool:
    """Whether a checkpoint lacks what the optimizer would remember of its batches."""
    recipe = learner.recipe
    remembers = recipe.optimizer != "sgd" or recipe.momentum > 0
    kept = any(name.startswith("optimizer.") for name in point.tensors)
    return remembers and point.step > 0 and not kept


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0
