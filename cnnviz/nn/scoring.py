"""Any module of others made one that the explanations can ask.

They take float32 (N, C, H, W) and want a score a class; a module of others may take
curves, give maps, end in softmax or take one picture at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.errors import InputError
from cnnviz.nn.following import ONE_AT_A_TIME, Following, Taken, tensors
from cnnviz.nn.probing import device_of, evaluating

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.nn.foreign import Inspected
    from cnnviz.nn.probing import Floats

    Hear = Callable[[int, Tensor], Tensor]

_TINY = 1e-30  # below it a share counts as so much, whose logarithm is finite


class Scores(nn.Module):
    """Asks a module for one score a class, and lets its steps be watched.

    A step is watched as a layer is: :meth:`get_submodule` finds it by its name, and its
    forward hooks see its output. The module keeps its modes, weights and hooks. Where
    it returns maps or curves, the score of a channel is the mean over it; where it ends
    in softmax, the score is the logarithm of the share, whose softmax is the share.

    Parameters
    ----------
    network : nn.Module
    inspected : Inspected
        What :func:`cnnviz.nn.foreign.inspect_module` found in it.
    span : (low, high)
        The values that 0 and 1 stand for.
    """

    def __init__(
        self,
        network: nn.Module,
        inspected: Inspected,
        span: tuple[float, float] = (0.0, 1.0),
    ) -> None:
        super().__init__()
        self._network = [network]  # in a list, so that its modes are not this one's
        self._shape = inspected.input.shape
        self._low, self._width = span[0], span[1] - span[0]
        self._steps = {step.name: nn.Identity() for step in inspected.steps}
        self._shares = gives_shares(inspected)
        self._alone = False

    def get_submodule(self, target: str) -> nn.Module:
        """Return what stands for a step; an AttributeError if there is none such."""
        try:
            return self._steps[target]
        except KeyError as error:
            raise AttributeError(target) from error

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the scores (N, classes) of pictures (N, C, H, W)."""
        values = pictures.reshape(len(pictures), *self._shape)
        values = (self._low + self._width * values).to(device_of(self._network[0]))
        heard = {
            number: step
            for number, step in enumerate(self._steps.values())
            if step._forward_hooks
        }
        with ONE_AT_A_TIME, evaluating(self._network[0]):
            return self._ask(values, heard).to(pictures.device)

    def _ask(self, values: Tensor, heard: dict[int, nn.Identity]) -> Tensor:
        """Ask for all at once, or one after the other where that does not work."""
        if not self._alone:
            try:
                return self._scores(
                    values, heard, lambda number, output: heard[number](output)
                )
            except Exception:
                if len(values) == 1:
                    raise
                self._scores(values[:1], {}, lambda _number, output: output)
                self._alone = True  # it works for one, so the number was at fault
        parts: dict[int, list[Tensor]] = {number: [] for number in heard}

        def gather(number: int, output: Tensor) -> Tensor:
            parts[number].append(output)
            return output

        scores = [self._scores(one, heard, gather) for one in torch.split(values, 1)]
        for number, step in heard.items():
            step(torch.cat(parts[number]))
        return torch.cat(scores)

    def _scores(
        self, values: Tensor, heard: dict[int, nn.Identity], hear: Hear
    ) -> Tensor:
        network = self._network[0]
        if not heard:
            return self._as_scores(network(values), len(values))

        def take(taken: Taken) -> Tensor | None:
            return hear(taken.number, taken.output) if taken.number in heard else None

        with Following(values, take):
            result = network(values)
        return self._as_scores(result, len(values))

    def _as_scores(self, result: Any, count: int) -> Tensor:
        output = next(tensors(result), None)
        if output is None or not output.is_floating_point():
            raise InputError(
                "This network returns no numbers with fractions, so no score of it can "
                "be explained: give the part of it that ends before its decision."
            )
        if output.ndim == 0 or len(output) != count:
            raise InputError(
                "What this network returns has no axis for the pictures, so no score "
                "of it can be explained: give one that returns a row for each picture."
            )
        scores = output.float()
        if scores.ndim != 2:
            scores = scores.reshape(count, *scores.shape[1:2] or (1,), -1).mean(dim=2)
        return scores.clamp(min=_TINY).log() if self._shares else scores


def classes(inspected: Inspected) -> int:
    """Return how many scores a module has."""
    shape = inspected.step(inspected.result).output.shape
    return shape[0] if shape else 1


def gives_shares(inspected: Inspected) -> bool:
    """Tell whether a module ends in a softmax over its classes."""
    step = inspected.step(inspected.result)
    if step.call.kind != "softmax" or not step.output.ndim:
        return False
    return bool(np.allclose(step.output.sum(axis=0), 1, atol=1e-3))


def shares(inspected: Inspected) -> Floats:
    """Return the shares (classes,) that a module gave its example, as :class:`Scores`.

    They are found in what was taken down, without asking again.
    """
    output = inspected.step(inspected.result).output
    scores = output.reshape(classes(inspected), -1).mean(axis=1)
    if not gives_shares(inspected):
        scores = np.exp(scores - scores.max())
        scores = scores / scores.sum()
    found: Floats = scores
    return found
