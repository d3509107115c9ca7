"""A network's table made into a torch module, with the same names and numbers.

Module-level torch: import this only where torch is needed anyway.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from cnnviz.errors import InputError
from cnnviz.nn import winograd
from cnnviz.nn.class_codes import class_codes
from cnnviz.nn.initialisation import initialise

if TYPE_CHECKING:
    from cnnviz.nn.network import Layer, Network, Shape
    from cnnviz.nn.recipe import Initialisation

# Layers that don't keep their own output for the backward pass, so that a ReLU behind
# them may overwrite it.
_OVERWRITABLE = (nn.Conv2d, nn.Linear, nn.MaxPool2d)


def build(
    network: Network,
    seed: int = 0,
    initialisation: Initialisation = "torch",
    *,
    fused: bool = False,
) -> nn.Sequential:
    """Make a network that can be trained, on the CPU and in training mode.

    Parameters
    ----------
    network : Network
    seed : int
        Draws the initial weights; torch's own generator is left alone.
    initialisation : str
        See :func:`cnnviz.nn.initialisation.initialise`.
    fused : bool
        For training. Compute ``relu`` before ``max-pool`` the other way round, and in
        place: the same numbers, because the largest of some values stays the largest,
        from a quarter of the work. While it is trained on a CPU, some convolutions of
        5 × 5 are the same but for rounding, see :mod:`cnnviz.nn.winograd`. Children,
        parameters and their names are the same.

    Returns
    -------
    nn.Sequential
        Its children are named ``network.names``, in the table's order. It takes float32
        (N, C, H, W) and gives the scores (N, classes).

    Raises
    ------
    InputError
        With the sentence of :meth:`Network.why_invalid`.
    """
    if reason := network.why_invalid():
        raise InputError(reason)
    chain = Chain()
    table = zip(network.names, network.layers, strict=True)
    with torch.random.fork_rng(devices=[]):  # torch draws weights that aren't used
        for (name, layer), before in zip(
            table, (network.input, *network.shapes), strict=False
        ):
            chain.add_module(name, _module(layer, before))
    initialise(chain, seed, initialisation)
    if fused:
        chain.fuse()
    return chain


class Chain(nn.Sequential):
    """Layers one after the other, computed in an order that may differ from theirs."""

    def __init__(self) -> None:
        super().__init__()
        self._order: list[str] | None = None

    def fuse(self) -> None:
        """Prepare for training.

        Pool before ReLU, let ReLU overwrite its input where that is safe, and allow
        minimal filtering.
        """
        order = list(self._modules)
        for place in range(len(order) - 1):
            first, second = (self.get_submodule(name) for name in order[place:][:2])
            if isinstance(first, nn.ReLU) and isinstance(second, nn.MaxPool2d):
                order[place : place + 2] = order[place + 1], order[place]
        for place, name in enumerate(order[1:]):
            module = self.get_submodule(name)
            if isinstance(module, nn.ReLU):
                previous = self.get_submodule(order[place])
                module.inplace = isinstance(previous, _OVERWRITABLE)
        self._order = order
        for module in self.children():
            if isinstance(module, winograd.Conv2d):
                module.minimal = True

    def forward(self, input: Tensor) -> Tensor:
        """Return the scores."""
        for name in self._order or self._modules:
            input = self.get_submodule(name)(input)
        return input


def _module(layer: Layer, before: Shape) -> nn.Module:
    match layer.kind:
        case "conv" | "max-pool" | "average-pool" | "subsample":
            return _windowed(layer, before[0])
        case "batch-norm":
            norm = nn.BatchNorm2d if len(before) == 3 else nn.BatchNorm1d
            return norm(before[0])
        case "dropout":
            return Dropout(layer.rate)
        case "relu":
            return nn.ReLU()
        case "tanh":
            return nn.Tanh()
        case "sigmoid":
            return nn.Sigmoid()
        case "scaled-tanh":
            return ScaledTanh()
        case "flatten":
            return nn.Flatten()
        case "dense":
            return nn.Linear(before[0], layer.outputs)
        case "rbf":
            return RBF(before[0], layer.outputs)


def _windowed(layer: Layer, channels: int) -> nn.Module:
    if layer.kind == "conv" and layer.connections:
        return PartialConv(layer, channels)
    if layer.kind == "conv":
        return winograd.Conv2d(
            channels,
            layer.outputs,
            layer.kernel,
            layer.stride,
            layer.padding,
            layer.dilation,
        )
    if layer.kind == "max-pool":
        return nn.MaxPool2d(layer.kernel, layer.stride, layer.padding, layer.dilation)
    return Subsample(layer, channels) if layer.kind == "subsample" else Average(layer)


class Average(nn.Module):
    """Average pooling; zeros of the padding count, and unlike torch's it can dilate."""

    def __init__(self, layer: Layer) -> None:
        super().__init__()
        self._layer = layer

    def forward(self, maps: Tensor) -> Tensor:
        """Return the means under the window, (N, C, H', W')."""
        return window_sums(maps, self._layer) / math.prod(self._layer.kernel)


class Subsample(nn.Module):
    """Pooling of 1998: a window's sum times a trained coefficient, plus a trained bias.

    LeCun et al. 1998, section II.B, layer S2. It begins as average pooling.
    """

    def __init__(self, layer: Layer, channels: int) -> None:
        super().__init__()
        self._layer = layer
        start = 1 / math.prod(layer.kernel)
        self.weight = nn.Parameter(torch.full((channels,), start))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, C, H', W')."""
        scale, shift = self.weight[:, None, None], self.bias[:, None, None]
        return window_sums(maps, self._layer) * scale + shift


def window_sums(maps: Tensor, layer: Layer) -> Tensor:
    """Add up what lies under the layer's window, in each map for itself."""
    k, s, p = layer.kernel, layer.stride, layer.padding
    if layer.dilation == (1, 1):
        # Not divisor_override=1, which torch's ONNX exporter passes over in silence.
        return nn.functional.avg_pool2d(maps, k, s, p) * math.prod(k)
    channels = maps.shape[1]
    ones = maps.new_ones(channels, 1, *k)
    return nn.functional.conv2d(maps, ones, None, s, p, layer.dilation, groups=channels)


class PartialConv(nn.Module):
    """A convolution of which each map reads only some of the input's maps.

    Only the kernels that exist are stored: ``weight`` is (pairs, rows, columns), a
    kernel for each number in the table of connections, row after row of the table.
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, layer: Layer, channels: int) -> None:
        super().__init__()
        self._layer = layer
        self._channels = channels
        self.fans = tuple(map(len, layer.connections))
        kernels = torch.zeros(sum(self.fans), *layer.kernel)
        self.weight = nn.Parameter(kernels)
        self.bias = nn.Parameter(torch.zeros(layer.outputs))
        pairs = [(m, n) for m, row in enumerate(layer.connections) for n in row]
        rows, columns = torch.tensor(pairs).T
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("columns", columns, persistent=False)

    @property
    def full_weight(self) -> Tensor:
        """All kernels as ``Conv2d`` shapes them, with zeros where nothing is read."""
        return self.full(self.weight)

    def full(self, kernels: Tensor) -> Tensor:
        """Return kernels (pairs, rows, columns), or their gradients, among zeros."""
        outputs = self._layer.outputs
        full = kernels.new_zeros(outputs, self._channels, *self._layer.kernel)
        return full.index_put((self.rows, self.columns), kernels)

    def forward(self, maps: Tensor) -> Tensor:
        """Return (N, outputs, H', W')."""
        layer = self._layer
        return nn.functional.conv2d(
            maps,
            self.full_weight,
            self.bias,
            layer.stride,
            layer.padding,
            layer.dilation,
        )


class ScaledTanh(nn.Module):
    """1.7159 · tanh(2x/3), which maps ±1 to ±1 (LeCun et al. 1998, appendix A)."""

    def forward(self, values: Tensor) -> Tensor:
        """Return the same shape."""
        return 1.7159 * torch.tanh(values * (2 / 3))


class RBF(nn.Module):
    """How near the input is to the fixed code of each class: −‖x − code‖².

    LeCun et al. 1998, equation 7, with the sign turned so that the largest score wins
    and softmax gives probabilities. Nothing in it is trained.
    """

    codes: Tensor

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        codes = torch.from_numpy(class_codes(outputs, inputs))
        self.register_buffer("codes", codes, persistent=False)

    def forward(self, values: Tensor) -> Tensor:
        """Return the scores (N, outputs) of values (N, inputs)."""
        return -((values[:, None] - self.codes) ** 2).sum(-1)


class Dropout(nn.Dropout):
    """Dropout that draws from a generator of its own, if it is given one."""

    generator: torch.Generator | None = None

    def forward(self, input: Tensor) -> Tensor:
        """Return the input, in training mode thinned out and scaled up."""
        if not self.training:
            return input
        kept = torch.empty_like(input).bernoulli_(1 - self.p, generator=self.generator)
        return input * kept.div_(1 - self.p)
