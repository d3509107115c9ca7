"""Loss, accuracy and probabilities of a network on pictures it isn't trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from cnnviz.nn.inspection import to_input
from cnnviz.nn.losses import mean_loss

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.nn.events import Floats
    from cnnviz.nn.recipe import Recipe

BATCH = 500
"""Pictures at once: large enough to be quick, small enough to stop within 0.1 s."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """How a network does.

    Attributes
    ----------
    loss, accuracy : float
        Means over the pictures.
    probabilities : float32 (N, classes)
    """

    loss: float
    accuracy: float
    probabilities: Floats


def evaluate(
    module: nn.Module,
    images: Tensor,
    labels: Tensor,
    recipe: Recipe,
    stopped: Callable[[], bool] = lambda: False,
    size: int = BATCH,
) -> Evaluation | None:
    """Try a network on pictures, in float32 and as in use (no dropout).

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    images, labels : uint8 (N, C, H, W) and int64 (N,) tensors
        On the module's device; N is at least 1.
    recipe : Recipe
        Tells the loss.
    stopped : callable
        Asked between batches.
    size : int
        Pictures at once.

    Returns
    -------
    Evaluation, or None if it was stopped
    """
    mode = module.training
    module.eval()
    losses, right, probabilities = [], [], []
    try:
        with torch.inference_mode():
            for first in range(0, len(labels), size):
                if stopped():
                    return None
                truth = labels[first : first + size]
                scores = module(to_input(images[first : first + size])).float()
                losses.append(mean_loss(scores, truth, recipe) * len(truth))
                right.append((scores.argmax(1) == truth).sum())
                probabilities.append(scores.softmax(1))
            return Evaluation(
                torch.stack(losses).sum().item() / len(labels),
                torch.stack(right).sum().item() / len(labels),
                torch.cat(probabilities).cpu().numpy(),
            )
    finally:
        module.train(mode)
