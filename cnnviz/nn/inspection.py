"""What the layers of a network give for some pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from cnnviz.nn.modules import Dropout, PartialConv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TWO_WAYS = Dropout, nn.BatchNorm1d, nn.BatchNorm2d
"""The layers that compute otherwise while training."""


def to_input(images: Tensor | NDArray[np.uint8]) -> Tensor:
    """Make pictures what the networks here take.

    Parameters
    ----------
    images : uint8 (N, C, H, W)

    Returns
    -------
    float32 tensor (N, C, H, W)
        0 to 1, on the device of a tensor's images.
    """
    return torch.as_tensor(images).to(torch.float32).div_(255)


def layer_outputs(
    module: nn.Module, pictures: Tensor, *, as_trained: bool = False
) -> dict[str, Tensor]:
    """Compute the output of every layer, in the table's order also if it is fused.

    Parameters
    ----------
    module : nn.Module
        From :func:`cnnviz.nn.modules.build`; it is left as it was.
    pictures : float32 tensor (N, C, H, W)
        On the module's device.
    as_trained : bool
        As while training: dropout drops, and batch norm takes the batch's own mean (and
        remembers it). Else as in a test.

    Returns
    -------
    dict
        By the layer's name: a tensor (N, …) that no later layer changes, without
        gradients; of a layer that changes nothing it may be its input's memory.
    """
    layers = dict(module.named_children())
    others: list[nn.Module] = [
        layer
        for layer in layers.values()
        if isinstance(layer, _TWO_WAYS) and layer.training != as_trained
    ]
    outputs, values = {}, pictures
    try:
        for other in others:
            other.train(as_trained)
        with torch.no_grad():
            for name, layer in layers.items():
                # In place it would overwrite the output of the layer before. No hooks:
                # thirty looks a second feel what torch does for them.
                relu = isinstance(layer, nn.ReLU)
                values = torch.relu(values) if relu else layer.forward(values)
                outputs[name] = values
    finally:
        for other in others:
            other.train(not as_trained)
    return outputs


def filters(module: nn.Module) -> dict[str, Tensor]:
    """Return the kernels of every convolution as ``Conv2d`` shapes them.

    Returns
    -------
    dict
        By parameter name: (outputs, inputs, rows, columns), without gradients. Kernels
        that a partial convolution lacks are zero.
    """
    kernels = {}
    with torch.no_grad():
        for name, layer in module.named_children():
            if isinstance(layer, nn.Conv2d):
                kernels[f"{name}.weight"] = layer.weight.detach()
            elif isinstance(layer, PartialConv):
                kernels[f"{name}.weight"] = layer.full_weight
    return kernels
