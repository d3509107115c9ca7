"""How long an epoch takes on each device of this machine, and whether they agree."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from cnnviz.nn import device as devices
from cnnviz.nn.allocator import keep_large_blocks
from cnnviz.nn.inspection import to_input
from cnnviz.nn.learner import Batch, Learner

if TYPE_CHECKING:
    from collections.abc import Generator

    from torch import Tensor

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recipe import Recipe

SECONDS = 10.0
"""The most that is measured on a device, the epoch is reckoned up from that."""

WARM_UP = 3
COMPARED = 256
TOLD_PER_SECOND = 5


@dataclass(frozen=True)
class DeviceTime:
    """What was measured on one device so far.

    Attributes
    ----------
    device : str
        In words, see :func:`cnnviz.nn.device.title`.
    precision : str
        ``"float32"`` or ``"bf16"``.
    batches, of : int
        Batches measured, and batches of an epoch.
    seconds : float
        Of a whole epoch, reckoned up from the batches measured.
    difference : float or None
        Largest difference between a score of the untrained network here and on the CPU
        in float32, over 256 test pictures; None until the device is done.
    """

    device: str
    precision: str
    batches: int
    of: int
    seconds: float
    difference: float | None = None


def time_devices(recipe: Recipe, data: Dataset) -> Generator[DeviceTime, None, None]:
    """Time one epoch, or 10 seconds of it, on each device, the CPU last.

    Yields
    ------
    DeviceTime
        Some a second while it measures; the last one of a device has a difference. A
        device without the memory for it is left out.

    Raises
    ------
    InputError
        If the recipe does not fit the data.
    """
    keep_large_blocks()
    exact = replace(recipe, precision="float32")
    expected = _scores(Learner(exact, data, torch.device("cpu")), data)
    for name in devices.available():
        try:
            yield from _time(Learner(recipe, data, torch.device(name)), data, expected)
        except torch.OutOfMemoryError:
            continue


def _time(
    learner: Learner, data: Dataset, expected: Tensor
) -> Generator[DeviceTime, None, None]:
    difference = (_scores(learner, data) - expected).abs().max().item()
    for step in range(min(WARM_UP, learner.steps_per_epoch)):
        _learn(learner, step)
    begin = told = time.perf_counter()
    for step in range(learner.steps_per_epoch):
        _learn(learner, step)
        now = time.perf_counter()
        if now - begin >= SECONDS:
            break
        if now - told >= 1 / TOLD_PER_SECOND:
            told = now
            yield _measured(learner, step + 1, now - begin)
    done = _measured(learner, step + 1, time.perf_counter() - begin)
    yield replace(done, difference=difference)


def _learn(learner: Learner, step: int) -> None:
    """Do a batch and wait for the device."""
    recipe = learner.recipe
    learner.learn(Batch(step, recipe.learning_rate, recipe.augmentation)).cpu()


def _measured(learner: Learner, batches: int, seconds: float) -> DeviceTime:
    return DeviceTime(
        devices.title(learner.device),
        "bf16" if learner.bf16 else "float32",
        batches,
        learner.steps_per_epoch,
        seconds / batches * learner.steps_per_epoch,
    )


def _scores(learner: Learner, data: Dataset) -> Tensor:
    pictures = torch.tensor(data.test.images[:COMPARED]).to(learner.device)
    mode = learner.module.training
    learner.module.eval()
    with torch.no_grad():
        scores = learner.scores(to_input(pictures))
    learner.module.train(mode)
    return scores.cpu()
