"""A look at the network in training: maps, kernels, gradients, probabilities."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.nn.control import LARGEST_DENSE
from cnnviz.nn.events import Watched
from cnnviz.nn.inspection import filters, layer_outputs, to_input
from cnnviz.nn.modules import PartialConv

if TYPE_CHECKING:
    from torch import Tensor, nn

    from cnnviz.nn.control import Watch
    from cnnviz.nn.events import Floats, Weights


def look(
    module: nn.Module, watch: Watch, step: int, *, weights: bool = True
) -> Watched | None:
    """See the pinned picture with the weights as they are now.

    Parameters
    ----------
    module : nn.Module
        In training; left as it was.
    watch : Watch
    step : int
        Batches done.
    weights : bool
        Whether to copy weights and gradients too.

    Returns
    -------
    Watched, or None without a picture
    """
    if watch.picture is None:
        return None
    device = next(module.parameters()).device
    outputs = layer_outputs(module, _input(watch, device))
    scores = list(outputs.values())[-1]
    return Watched(
        step,
        outputs={name: _first(values) for name, values in outputs.items()},
        weights=seen_weights(module) if weights else {},
        gradients=seen_gradients(module) if weights and watch.gradients else {},
        probabilities=_first(scores.softmax(1)),
    )


@lru_cache(1)
def _input(watch: Watch, device: torch.device) -> Tensor:
    assert watch.picture is not None
    return to_input(watch.picture[None].copy()).to(device)


def seen_weights(module: nn.Module) -> Weights:
    """Copy the kernels of the convolutions and the weights of small dense layers."""
    seen = filters(module)
    for name, parameter in module.named_parameters():
        if parameter.ndim == 2 and parameter.numel() <= LARGEST_DENSE:
            seen[name] = parameter.detach()
    return {name: _copy(values) for name, values in seen.items()}


def seen_gradients(module: nn.Module) -> Weights:
    """Copy the gradients of the last batch for :func:`seen_weights`; may be empty."""
    seen = {}
    for name, parameter in module.named_parameters():
        layer = module.get_submodule(name.rpartition(".")[0])
        gradient = parameter.grad
        if gradient is None or not name.endswith(".weight"):
            continue
        if isinstance(layer, PartialConv):
            seen[name] = _copy(layer.full(gradient))
        elif gradient.ndim == 4 or (
            gradient.ndim == 2 and gradient.numel() <= LARGEST_DENSE
        ):
            seen[name] = _copy(gradient)
    return seen


def _copy(values: Tensor) -> Floats:
    order = torch.contiguous_format
    copied = values.detach().to("cpu", torch.float32, copy=True, memory_format=order)
    return copied.numpy()


def _first(values: Tensor) -> Floats:
    # By numpy, which is quicker than torch where there is so little to copy.
    return np.ascontiguousarray(values.cpu().numpy()[0], np.float32)
