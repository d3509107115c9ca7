"""A network with its weights written as an ONNX graph, a few nodes a layer.

It takes no torch and milliseconds, where torch's own exporter traces for seconds that
nobody can end. The operators are those of https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

import importlib
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.nn.checkpoints import tensor_shapes
from cnnviz.nn.class_codes import class_codes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.nn.events import Weights
    from cnnviz.nn.network import Layer, Network, Shape

    Array = NDArray[Any]

OPSET, IR = 17, 8
"""Of 2022: old enough for whatever reads ONNX today."""

INPUT, OUTPUT = "pictures", "scores"

ACTIVATIONS = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid"}
NORM = ("weight", "bias", "running_mean", "running_var")


def fits(network: Network, weights: Weights) -> bool:
    """Whether these are the weights of a network, all of them and no others."""
    shapes = {name: np.shape(values) for name, values in weights.items()}
    return shapes == tensor_shapes(network)


def write(network: Network, weights: Weights) -> bytes:
    """Return the file: ``pictures`` (N, C, H, W) in, ``scores`` (N, classes) out.

    Parameters
    ----------
    network : Network
        One that works. Each layer's last output has the layer's name; dropout, which
        does nothing after training, is left out.
    weights : dict of float32 arrays
        Those that fit.
    """
    graph = _Graph(weights)
    chain = pairwise((network.input, *network.shapes))
    for name, layer, (before, _) in zip(
        network.names, network.layers, chain, strict=True
    ):
        graph.add(name, layer, before)
    return graph.serialized(network)


class _Graph:
    """Nodes one after the other, each reading what the one before it gives."""

    def __init__(self, weights: Weights) -> None:
        self._onnx: Any = importlib.import_module("onnx")
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._last = INPUT

    def add(self, name: str, layer: Layer, before: Shape) -> None:
        """Add what a layer does to an output of this shape."""
        match layer.kind:
            case "conv" | "max-pool" | "average-pool" | "subsample":
                self._windowed(name, layer, before[0])
            case "batch-norm":
                norm = [self._own(name, key) for key in NORM]
                self._node("BatchNormalization", name, *norm, epsilon=1e-5)
            case "dropout":
                pass
            case "scaled-tanh":
                self._node("Mul", f"{name}.slope", self._number(name, "slope", 2 / 3))
                self._node("Tanh", f"{name}.tanh")
                self._node("Mul", name, self._number(name, "height", 1.7159))
            case "flatten":
                self._node("Flatten", name, axis=1)
            case "dense":
                own = self._own(name, "weight"), self._own(name, "bias")
                self._node("Gemm", name, *own, transB=1)
            case "rbf":
                self._distances(name, class_codes(layer.outputs, before[0]))
            case _:
                self._node(ACTIVATIONS[layer.kind], name)

    def serialized(self, network: Network) -> bytes:
        """Return the graph as the file's bytes."""
        helper, kind = self._onnx.helper, self._onnx.TensorProto.FLOAT
        self._node("Identity", OUTPUT)
        shapes = {INPUT: network.input, OUTPUT: (network.classes,)}
        ends = [
            [helper.make_tensor_value_info(name, kind, ["N", *shape])]
            for name, shape in shapes.items()
        ]
        graph = helper.make_graph(self._nodes, "network", *ends, self._constants)
        versions = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(
            graph, opset_imports=versions, ir_version=IR, producer_name="cnnviz"
        )
        result: bytes = model.SerializeToString()
        return result

    def _windowed(self, name: str, layer: Layer, channels: int) -> None:
        window = {
            "kernel_shape": layer.kernel,
            "strides": layer.stride,
            "pads": (*layer.padding, *layer.padding),
        }
        dilated = {**window, "dilations": layer.dilation}
        if layer.kind == "conv":
            kernels = self._weights[f"{name}.weight"]
            if layer.connections:
                kernels = _among_zeros(kernels, layer, channels)
            weight = self._constant(f"{name}.weight", kernels)
            self._node("Conv", name, weight, self._own(name, "bias"), **dilated)
        elif layer.kind == "max-pool":
            self._node("MaxPool", name, **dilated)
        elif layer.kind == "average-pool" and layer.dilation == (1, 1):
            self._node("AveragePool", name, **window, count_include_pad=1)
        else:  # each map for itself, by a kernel of equal weights
            trained = layer.kind == "subsample"
            equal = np.full(channels, 1 / math.prod(layer.kernel), np.float32)
            each = self._weights[f"{name}.weight"] if trained else equal
            shape = channels, 1, *layer.kernel
            kernels = np.broadcast_to(each[:, None, None, None], shape)
            given = [self._constant(f"{name}.weight", kernels)]
            given += [self._own(name, "bias")] * trained
            self._node("Conv", name, *given, **dilated, group=channels)

    def _distances(self, name: str, codes: Array) -> None:
        """Add −‖x − code‖² for each row of codes."""
        axis = self._constant(f"{name}.axis", np.array([1], np.int64))
        self._node("Unsqueeze", f"{name}.inputs", axis)
        self._node("Sub", f"{name}.ways", self._constant(f"{name}.codes", codes))
        self._node("Mul", f"{name}.squares", self._last)
        axis = self._constant(f"{name}.last", np.array([-1], np.int64))
        self._node("ReduceSum", f"{name}.distances", axis, keepdims=0)
        self._node("Neg", name)

    def _node(self, operator: str, name: str, *given: str, **options: Any) -> None:
        make = self._onnx.helper.make_node
        self._nodes.append(
            make(operator, [self._last, *given], [name], name, **options)
        )
        self._last = name

    def _own(self, layer: str, key: str) -> str:
        name = f"{layer}.{key}"
        return self._constant(name, self._weights[name])

    def _number(self, layer: str, key: str, value: float) -> str:
        return self._constant(f"{layer}.{key}.value", np.array(value, np.float32))

    def _constant(self, name: str, values: Array) -> str:
        whole = np.ascontiguousarray(values).reshape(np.shape(values))
        self._constants.append(self._onnx.numpy_helper.from_array(whole, name))
        return name


def _among_zeros(kernels: Array, layer: Layer, channels: int) -> Array:
    """Return kernels (pairs, rows, columns) as (outputs, channels, rows, columns)."""
    pairs = [(m, n) for m, row in enumerate(layer.connections) for n in row]
    full = np.zeros((layer.outputs, channels, *layer.kernel), np.float32)
    full[tuple(np.transpose(pairs))] = kernels
    return full
