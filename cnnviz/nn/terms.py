"""How a value in a layer of a network was made: the layer's arithmetic, looked up.

Takes arrays only, so a page can hold a network's weights and outputs and explain the
value under the pointer without torch. :mod:`cnnviz.nn.arithmetic` does the sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn import arithmetic, pointwise
from cnnviz.nn.class_codes import class_codes
from cnnviz.nn.network import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cnnviz.nn.arithmetic import Floats, Place, PointTerms, Terms
    from cnnviz.nn.network import Layer, Network

INPUT = "input"
"""What the picture is called among the outputs."""

SOFTMAX = "softmax"
"""What the probabilities are called, which come after the last layer."""

NORM_EPSILON = 1e-5
"""What torch adds to a variance."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """A value and all that made it.

    Attributes
    ----------
    name : str
        Its layer.
    before : str
        The layer below, or ``"input"``.
    place : tuple of int
        (map, row, column) or (unit,).
    terms : Terms
        The layer's own arithmetic.
    activation : PointTerms or None
        What the activation behind the layer makes of it, if there is one.
    """

    name: str
    before: str
    place: Place
    terms: Terms
    activation: PointTerms | None


def explain(
    network: Network,
    weights: Mapping[str, NDArray[np.float32]],
    outputs: Mapping[str, Floats],
    name: str,
    place: Place,
) -> Explanation:
    """Write out how the value at `place` of the layer `name` was made.

    Parameters
    ----------
    network : Network
    weights : dict of float32 arrays
        By their names in a checkpoint, such as ``"conv1.weight"``; with batch norm its
        running mean and variance too.
    outputs : dict of float32 arrays
        Of one picture, without a batch axis, from
        :func:`cnnviz.nn.probing.outputs`: ``"input"``, every layer, ``"softmax"``.
    name : str
        A layer of ``network.names``, or ``"softmax"``.
    place : tuple of int
        (map, row, column) or (unit,).

    Raises
    ------
    IndexError, KeyError
        There is no such value, layer or weight.
    """
    names = (*network.names, SOFTMAX)
    if name not in names:
        raise KeyError(name)
    values, number = outputs[name], names.index(name)
    if not all(0 <= n < size for n, size in zip(place, values.shape, strict=True)):
        raise IndexError(f"no value at {place} of {name}")
    before = names[number - 1] if number else INPUT
    if name == SOFTMAX:
        terms: Terms = arithmetic.softmax_terms(outputs[before], values, *place)
        return Explanation(name, before, place, terms, None)
    layer = network.layers[number]
    terms = layer_terms(
        layer, weights_of(weights, name), outputs[before], values, place
    )
    activation, after = None, names[number + 1]
    if after != SOFTMAX and network.layers[number + 1].kind in ACTIVATIONS:
        kind, activated = network.layers[number + 1].kind, float(outputs[after][place])
        activation = pointwise.point_terms(kind, terms.own, activated, place)
    return Explanation(name, before, place, terms, activation)


def weights_of(
    weights: Mapping[str, NDArray[np.float32]], name: str
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of one layer, by their names without the layer's."""
    start = f"{name}."
    return {
        key.removeprefix(start): array
        for key, array in weights.items()
        if key.startswith(start)
    }


def layer_terms(
    layer: Layer,
    weights: Mapping[str, NDArray[np.float32]],
    before: Floats,
    own: Floats,
    place: Place,
) -> Terms:
    """Write out one value of one layer.

    Parameters
    ----------
    layer : Layer
    weights : dict of float32 arrays
        The layer's own, by their names without the layer's: ``"weight"``, ``"bias"``.
    before, own : float32 arrays
        Its input and its output for one picture.
    place : tuple of int
    """
    value = float(own[place])
    match layer.kind:
        case "conv":
            return _conv(layer, weights, before, own, place)
        case "max-pool" | "average-pool":
            return arithmetic.pool_terms(layer.kind, before, own, layer.geometry, place)
        case "subsample":
            pair = (float(weights[key][place[0]]) for key in ("weight", "bias"))
            return arithmetic.pool_terms(
                layer.kind, before, own, layer.geometry, place, *pair
            )
        case "dense":
            row, bias = weights["weight"][place[0]], float(weights["bias"][place[0]])
            return arithmetic.dense_terms(before, row, bias, own, place[0])
        case "rbf":
            codes = class_codes(layer.outputs, before.size)[place[0]]
            return arithmetic.rbf_terms(before, codes, own, place[0])
        case "batch-norm":
            numbers = norm_numbers(weights, place[0], NORM_EPSILON)
            return pointwise.norm_terms(float(before[place]), value, place, numbers)
        case "flatten":
            source = tuple(int(n) for n in np.unravel_index(place[0], before.shape))
            below = float(before[source])
            return pointwise.point_terms(layer.kind, below, value, source)
        case _:
            below = float(before[place])
            return pointwise.point_terms(layer.kind, below, value, place)


def norm_numbers(
    weights: Mapping[str, NDArray[np.float32]], channel: int, epsilon: float
) -> dict[str, float]:
    """Return the numbers of batch norm for one channel, with their names."""
    keys = {
        "mean": "running_mean",
        "variance": "running_var",
        "weight": "weight",
        "bias": "bias",
    }
    numbers = {name: float(weights[key][channel]) for name, key in keys.items()}
    return {**numbers, "epsilon": epsilon}


def _conv(
    layer: Layer,
    weights: Mapping[str, NDArray[np.float32]],
    before: Floats,
    own: Floats,
    place: Place,
) -> arithmetic.ConvTerms:
    number = place[0]
    if layer.connections:
        # Only the kernels that exist are stored, row after row of the table.
        reads = layer.connections[number]
        first = sum(map(len, layer.connections[:number]))
        kernel = weights["weight"][first : first + len(reads)]
    else:
        reads = tuple(range(before.shape[0]))
        kernel = weights["weight"][number]
    return arithmetic.conv_terms(
        before,
        kernel,
        float(weights["bias"][number]),
        own,
        layer.geometry,
        place,
        np.array(reads, np.intp),
    )
