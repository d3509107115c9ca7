"""A training's events without a training: every number follows from its step.

``python streams.py FOLDER`` records them into the run there, for a test that kills it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.events import (
    Checkpoint,
    EpochEnd,
    Finished,
    Metrics,
    Snapshot,
    Started,
    Steps,
)
from cnnviz.nn.models import tiny
from cnnviz.nn.recipe import Recipe
from cnnviz.nn.recording import open_run, record

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.nn.events import Event

RECIPE = Recipe(tiny.NETWORK, epochs=6)
EPOCH = 8
"""Batches an epoch."""

CLASSES = tuple("0123456789")
DATA = Dataset(
    "MNIST",
    Split(np.zeros((8, 1, 28, 28), np.uint8), np.arange(8)),
    Split(np.zeros((5, 1, 28, 28), np.uint8), np.array([3, 1, 4, 1, 5])),
    CLASSES,
)


def weights(step: int) -> dict[str, np.ndarray]:
    return {"conv1.weight": np.full((8, 1, 5, 5), step, np.float32)}


def batches(first: int, last: int) -> Steps:
    numbers = np.arange(first, last + 1, dtype=np.float32)
    return Steps(last, 1 / numbers, numbers / 100, numbers * 0 + 0.1, numbers, 9e3)


def metrics(epoch: int, *, validation: bool = False) -> Metrics:
    line = Metrics(epoch, epoch * EPOCH, 1 / epoch, 0.5, 2 / epoch, 0.25, 1.5)
    return replace(line, val_loss=3.0, val_accuracy=0.125) if validation else line


def probabilities(epoch: int) -> np.ndarray:
    return np.eye(5, 10, k=epoch % 3, dtype=np.float32)


def checkpoint(step: int) -> Checkpoint:
    tensors = {"model.w": np.full((300, 100), step), "random.cpu": np.arange(step % 7)}
    return Checkpoint(step, step // EPOCH, tensors, {"order": list(range(step))})


def training(
    recipe: Recipe = RECIPE, resume: Checkpoint | None = None
) -> Generator[Event, None, None]:
    """Yield what a training of the recipe's epochs would, from a checkpoint on."""
    step = resume.step if resume else 0
    assert not resume or resume.facts["order"] == list(range(step))
    steps = recipe.epochs * EPOCH
    yield Started("CPU", "float32", step, step // EPOCH, EPOCH, steps)
    if not resume:
        yield Snapshot(0, 0, weights(0))
        yield checkpoint(0)
    while step < steps:
        last = min(step + 3, (step // EPOCH + 1) * EPOCH)
        yield batches(step + 1, last)
        step = last
        if step % EPOCH == 0:
            epoch = step // EPOCH
            yield EpochEnd(metrics(epoch), probabilities(epoch))
            yield Snapshot(step, epoch, weights(step))
        if step % EPOCH == 0 or step % 5 == 0:
            yield checkpoint(step)
    yield Finished(step, complete=True)


if __name__ == "__main__":
    run = open_run(Path(sys.argv[1]))
    for event in record(training(run.recipe, run.checkpoint()), run):
        print(type(event).__name__, flush=True)
