"""What to do where a device has too little memory for a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.nn.learner import Learner

if TYPE_CHECKING:
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recipe import Recipe

IN_HALVES = (
    "The card's memory was too small for a whole batch, so each batch is computed in "
    "two halves now, with the same result."
)
HALVES_NORMED = (
    "The card's memory was too small for a whole batch, so each batch is computed in "
    "two halves now, and batch norm sees one half at a time."
)
ON_CPU = (
    "The card's memory was too small, so the training goes on on the CPU, more slowly."
)


def make_learner(
    recipe: Recipe, data: Dataset, device: torch.device
) -> tuple[Learner, str]:
    """Make a learner on the device, or on the CPU if the device has not the memory.

    Returns
    -------
    Learner, str
        And a sentence for the person, empty if all is well.
    """
    try:
        return Learner(recipe, data, device), ""
    except torch.OutOfMemoryError:
        return Learner(recipe, data, torch.device("cpu")), ON_CPU


def relieve(learner: Learner, data: Dataset) -> tuple[Learner, str]:
    """Compute batches in halves, or where that was not enough on the CPU.

    Returns
    -------
    Learner, str
        The same one or another in its place, and a sentence for the person.
    """
    learner.optimizer.zero_grad()
    if learner.parts == 1:
        learner.parts = 2
        layers = learner.recipe.network.layers
        normed = any(layer.kind == "batch-norm" for layer in layers)
        return learner, HALVES_NORMED if normed else IN_HALVES
    state = learner.capture()
    moved = Learner(learner.recipe, data, torch.device("cpu"))
    moved.restore(state)
    return moved, ON_CPU
