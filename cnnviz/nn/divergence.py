"""Where a loss that is no number any more began."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.nn.augmentation import augment
from cnnviz.nn.events import Diverged
from cnnviz.nn.inspection import layer_outputs, to_input
from cnnviz.nn.naming import titled

if TYPE_CHECKING:
    from cnnviz.nn.learner import Batch, Learner

WAY_OUT = (
    "Choose a smaller learning rate, and train on from a snapshot before it or start "
    "again."
)


def diverged(learner: Learner, batch: Batch) -> Diverged:
    """Compute a batch once more, layer by layer, and say what happened.

    Parameters
    ----------
    learner : Learner
        As it was before the batch; it must not be trained on afterwards.
    batch : Batch
        The one with the loss or the gradients that are not finite.
    """
    number = batch.step + 1
    noise = learner.noise
    images, labels = learner.pictures(batch.step)
    inputs = augment(to_input(images), batch.augmentation, noise)
    state = noise.get_state()
    outputs = layer_outputs(learner.module, inputs, as_trained=True)
    for name, values in outputs.items():
        if not torch.isfinite(values).all():
            reason = (
                f"the values of {titled(name)} are the first that are no finite numbers"
            )
            return Diverged(number, name, _sentence(number, reason))
    noise.set_state(state)
    learner.gradients(inputs, labels)
    for name, parameter in reversed(list(learner.module.named_parameters())):
        gradient = parameter.grad
        # A norm that overflows is what the training stopped for.
        if gradient is not None and not torch.isfinite(gradient.norm()):
            layer = name.rpartition(".")[0]
            reason = (
                f"the gradients of {titled(layer)} are the first that are no finite "
                "numbers"
            )
            return Diverged(number, layer, _sentence(number, reason))
    return Diverged(
        number, "", _sentence(number, "only the loss itself is no finite number")
    )


def _sentence(number: int, reason: str) -> str:
    return f"The training broke down at batch {number}: {reason}. {WAY_OUT}"
