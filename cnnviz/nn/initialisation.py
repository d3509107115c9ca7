"""Where the weights of a network begin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.nn.recipe import Initialisation

NORMAL_DEVIATION = 0.05
"""Of ``"normal"``, as Keras's ``RandomNormal``."""


def initialise(network: nn.Module, seed: int, kind: Initialisation) -> None:
    """Draw the weights and biases of convolutions and dense layers.

    With *in* and *out* the numbers of values that a unit reads and that a value is read
    by, the weights are

    - ``"torch"``: uniform in ±1/√in, biases too, as torch draws them;
    - ``"xavier"``: uniform in ±√(6 / (in + out)) (Glorot and Bengio 2010);
    - ``"he"``: normal with deviation √(2 / in) (He et al. 2015);
    - ``"normal"``: normal with deviation 0.05;

    and the biases 0 but for the first. Other layers keep where they begin.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight, bias, inputs, outputs in _learned(network):
            _draw(weight, inputs, outputs, kind, generator)
            bound = 1 / math.sqrt(inputs) if kind == "torch" else 0.0
            bias.uniform_(-bound, bound, generator=generator)


def _draw(
    weight: Tensor, inputs: int, outputs: int, kind: str, generator: torch.Generator
) -> None:
    if kind in ("he", "normal"):
        deviation = math.sqrt(2 / inputs) if kind == "he" else NORMAL_DEVIATION
        weight.normal_(0, deviation, generator=generator)
        return
    bound = math.sqrt(1 / inputs if kind == "torch" else 6 / (inputs + outputs))
    weight.uniform_(-bound, bound, generator=generator)


def _learned(network: nn.Module) -> Iterator[tuple[Tensor, Tensor, int, int]]:
    """Yield weights and biases, with what a unit reads and what a value is read by."""
    for layer in network.children():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            weight, bias = layer.weight, layer.bias
            area = math.prod(weight.shape[2:])
            assert bias is not None
            yield weight, bias, weight.shape[1] * area, weight.shape[0] * area
        elif fans := getattr(layer, "fans", None):
            # Each map of a partial convolution reads a number of maps of its own.
            weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
            area, start = math.prod(weight.shape[1:]), 0
            for number, fan in enumerate(fans):
                own = slice(start, start + fan)
                one = slice(number, number + 1)
                yield weight[own], bias[one], fan * area, len(fans) * area
                start += fan
