"""A network as data: a table of layers with the shapes and parameters they imply.

The same table is what the builder edits, what a checkpoint carries, what is written as
PyTorch or Keras source, and what :mod:`cnnviz.nn.modules` makes a torch module of. This
module does not need torch, so a page can show a network before torch is there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

from cnnviz.errors import InputError
from cnnviz.ops.geometry import Geometry, Pair, output_size, why_invalid
from cnnviz.ops.pooling import why_invalid_pool

Kind = Literal[
    "conv",
    "max-pool",
    "average-pool",
    "subsample",
    "batch-norm",
    "dropout",
    "relu",
    "tanh",
    "sigmoid",
    "scaled-tanh",
    "flatten",
    "dense",
    "rbf",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

WINDOWED = {"conv", "max-pool", "average-pool", "subsample"}
ACTIVATIONS = {"relu", "tanh", "sigmoid", "scaled-tanh"}

MAX_PARAMETERS = 50_000_000
"""More do not train in a lesson, and Adam would hold 600 MB."""

MAX_LAYERS = 40

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One row of the table; a field that its kind has no use for keeps its default.

    Attributes
    ----------
    kind : str
        ``"subsample"`` is the 1998 kind of pooling: the window's sum times a trained
        coefficient, plus a trained bias, one pair a map. ``"scaled-tanh"`` is
        1.7159 · tanh(2x/3), and ``"rbf"`` the squared distance to fixed class codes
        (LeCun et al. 1998, "Gradient-based learning applied to document recognition").
    outputs : int
        Maps of a convolution, units of a dense or RBF layer.
    kernel, stride, padding, dilation : (rows, columns)
        Of a convolution or a pooling window.
    rate : float
        Share of values that dropout sets to zero, 0 ≤ rate < 1.
    connections : tuple of tuples of int
        For a convolution of which each map reads some of the input's maps only: the
        numbers of those, a tuple for each output map. Empty: all read all.
    """

    kind: Kind = "relu"
    outputs: int = 0
    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    rate: float = 0.5
    connections: tuple[tuple[int, ...], ...] = ()

    @property
    def geometry(self) -> Geometry:
        """How the window of a convolution or pooling slides."""
        return Geometry(self.kernel, self.stride, self.padding, self.dilation)


def conv(
    outputs: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    connections: tuple[tuple[int, ...], ...] = (),
) -> Layer:
    """Return a convolution with a square kernel and a bias a map."""
    k, s, p, d = ((n, n) for n in (kernel, stride, padding, dilation))
    return Layer("conv", outputs, k, s, p, d, connections=connections)


def max_pool(window: int) -> Layer:
    """Return max pooling with a square window and the same stride."""
    return Layer("max-pool", kernel=(window, window), stride=(window, window))


def average_pool(window: int) -> Layer:
    """Return average pooling with a square window and the same stride."""
    return Layer("average-pool", kernel=(window, window), stride=(window, window))


def subsample(window: int) -> Layer:
    """Return the trained pooling of 1998, see :class:`Layer`."""
    return Layer("subsample", kernel=(window, window), stride=(window, window))


def dense(outputs: int) -> Layer:
    """Return a fully connected layer with biases."""
    return Layer("dense", outputs)


@dataclass(frozen=True)
class Network:
    """A chain of layers from a picture to one score a class.

    Attributes
    ----------
    id : str
        What the command line and files call it.
    title : str
        What the screen calls it.
    layers : tuple of Layer
        From the picture to the scores; no softmax, which belongs to the loss.
    input : (channels, rows, columns)
        Shape of one picture.
    note : str
        One sentence about it.
    """

    id: str = "custom"
    title: str = "My network"
    layers: tuple[Layer, ...] = ()
    input: tuple[int, int, int] = (1, 28, 28)
    note: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """A name a layer, such as ``conv1``, ``relu1``, ``pool1``, ``dense2``.

        They number each kind from 1 and name the tensors of a checkpoint.
        """
        seen: dict[str, int] = {}
        names = []
        for layer in self.layers:
            word = _WORDS.get(layer.kind, layer.kind)
            seen[word] = seen.get(word, 0) + 1
            names.append(f"{word}{seen[word]}")
        return tuple(names)

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape of each layer's output for one picture.

        Raises
        ------
        InputError
            With the sentence of :meth:`why_invalid` for the first layer that does not
            fit.
        """
        shapes: list[Shape] = [self.input]
        for number, layer in enumerate(self.layers):
            if reason := why_layer_invalid(layer, shapes[-1]):
                begun = reason[0].lower() + reason[1:]
                raise InputError(f"Layer {number + 1} ({layer.kind}): {begun}")
            shapes.append(layer_shape(layer, shapes[-1]))
        return tuple(shapes[1:])

    @cached_property
    def parameters(self) -> tuple[int, ...]:
        """How many numbers each layer learns."""
        chain = (self.input, *self.shapes)
        return tuple(
            layer_parameters(layer, before)
            for layer, (before, _) in zip(self.layers, pairwise(chain), strict=True)
        )

    @property
    def classes(self) -> int:
        """How many scores come out."""
        return math.prod(self.shapes[-1])

    def fitted(self, shape: tuple[int, int, int], classes: int | None) -> Network:
        """Return the same network for pictures of another shape, or other classes.

        Parameters
        ----------
        shape : (channels, rows, columns)
            Of one picture.
        classes : int or None
            How many scores a dense last layer is to give; ``None`` leaves them.
        """
        layers = self.layers
        if classes and layers and layers[-1].kind in ("dense", "rbf"):
            layers = (*layers[:-1], replace(layers[-1], outputs=classes))
        return replace(self, input=shape, layers=layers)

    def why_invalid(self, classes: int | None = None) -> str | None:
        """Say in one sentence why this cannot be built, or None.

        Parameters
        ----------
        classes : int, optional
            How many scores the data needs.
        """
        if not self.layers:
            return "The network has no layer yet: add a dense layer with 10 outputs."
        if len(self.layers) > MAX_LAYERS:
            return f"{MAX_LAYERS} layers are the most: take some away."
        try:
            shapes, total = self.shapes, sum(self.parameters)
        except InputError as error:
            return str(error)
        if total > MAX_PARAMETERS:
            return (
                f"{total:,} parameters are more than {MAX_PARAMETERS:,}: make a layer "
                "smaller or pool more."
            )
        if len(shapes[-1]) != 1:
            return "The last layer must be dense: add flatten and dense."
        if classes is not None and shapes[-1] != (classes,):
            return (
                f"The last layer gives {shapes[-1][0]} scores and the data has "
                f"{classes} classes: give it {classes} outputs."
            )
        return None if total else "Nothing in this network can be trained: add dense."


_WORDS = {
    "max-pool": "pool",
    "average-pool": "pool",
    "batch-norm": "norm",
    "scaled-tanh": "tanh",
}


def why_layer_invalid(layer: Layer, before: Shape) -> str | None:
    """Say in one sentence why a layer cannot follow an output of shape `before`."""
    spatial = len(before) == 3
    if layer.kind in WINDOWED:
        if not spatial:
            return "it needs maps, and they were flattened before: move it up."
        if reason := why_window_invalid(layer, before):
            return reason
    if layer.kind == "flatten" and not spatial:
        return "its input is flat already: take it away."
    if layer.kind in ("dense", "rbf") and spatial:
        return "its input still has rows and columns: put flatten before it."
    if layer.kind in ("conv", "dense", "rbf") and not 1 <= layer.outputs <= 4096:
        return f"{layer.outputs} outputs do not work: choose 1 to 4096."
    if layer.kind == "dropout" and not 0 <= layer.rate < 1:
        return f"a rate of {layer.rate:g} does not work: choose 0 up to 0.95."
    return _why_connections_invalid(layer, before[0])


def why_window_invalid(layer: Layer, before: Shape) -> str | None:
    """Say in one sentence why a window cannot slide over maps of shape `before`."""
    size = (before[1], before[2])
    ask = why_invalid if layer.kind == "conv" else why_invalid_pool
    return ask(size, layer.geometry)


def _why_connections_invalid(layer: Layer, channels: int) -> str | None:
    if not layer.connections:
        return None
    right = len(layer.connections) == layer.outputs and all(
        row and len(set(row)) == len(row) and all(0 <= n < channels for n in row)
        for row in layer.connections
    )
    return None if right else "its table of connections does not fit its maps."


def layer_shape(layer: Layer, before: Shape) -> Shape:
    """Return the shape of one picture's output; the layer must be valid."""
    if layer.kind in WINDOWED:
        channels = layer.outputs if layer.kind == "conv" else before[0]
        return (channels, *output_size((before[1], before[2]), layer.geometry))
    if layer.kind == "flatten":
        return (math.prod(before),)
    return (layer.outputs,) if layer.kind in ("dense", "rbf") else before


def layer_parameters(layer: Layer, before: Shape) -> int:
    """Return how many numbers a layer learns, weights and biases."""
    match layer.kind:
        case "conv":
            reads = layer.connections or ((0,) * before[0],) * layer.outputs
            return sum(map(len, reads)) * math.prod(layer.kernel) + layer.outputs
        case "dense":
            return before[0] * layer.outputs + layer.outputs
        case "subsample" | "batch-norm":
            return 2 * before[0]
        case _:
            return 0
