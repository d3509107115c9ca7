"""An ONNX graph as a torch module: the operators of usual picture classifiers.

The operators and their defaults are those of https://onnx.ai/onnx/operators/.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

Attributes = dict[str, Any]


class OnnxGraph(nn.Module):
    """Computes the nodes of a graph one after the other.

    Parameters
    ----------
    nodes : list of (operator, inputs, outputs, attributes)
        In an order in which each finds its inputs.
    weights : dict of tensors
        The graph's constants by name.
    inputs, outputs : list of str
        Of the whole graph; one of each.

    Raises
    ------
    InputError
        The graph has an operator that is not known here, or several inputs.
    """

    def __init__(
        self,
        nodes: list[tuple[str, list[str], list[str], Attributes]],
        weights: dict[str, Tensor],
        inputs: list[str],
        outputs: list[str],
    ) -> None:
        super().__init__()
        unknown = sorted({node[0] for node in nodes} - OPERATORS.keys())
        if unknown:
            raise InputError(
                f"This ONNX file uses {', '.join(unknown)}, which cnnviz does not "
                "know: open a network of convolutions, pooling and dense layers."
            )
        if len(inputs) != 1:
            raise InputError(
                f"This ONNX file takes {len(inputs)} inputs: open one that takes a "
                "picture alone."
            )
        self._nodes, self._constants = nodes, list(weights)
        self._input, self._output = inputs[0], outputs[0]
        for number, tensor in enumerate(weights.values()):
            self.register_buffer(f"constant{number}", tensor)

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the first output."""
        values: dict[str, Tensor | None] = {"": None, self._input: pictures}
        for number, name in enumerate(self._constants):
            values[name] = self.get_buffer(f"constant{number}")
        for operator, inputs, outputs, attributes in self._nodes:
            given = [values[name] for name in inputs]
            values[outputs[0]] = OPERATORS[operator](given, attributes)
        result = values[self._output]
        assert result is not None
        return result


def _padded(x: Tensor, attributes: Attributes, fill: float) -> tuple[Tensor, Any]:
    """Return the input and the padding that torch is to add to it.

    What torch cannot add, because one side gets more, is added here.
    """
    axes = x.ndim - 2
    _check_pads(attributes)
    pads = list(attributes.get("pads", [0] * 2 * axes))
    before, after = pads[:axes], pads[axes:]
    if before == after:
        return x, before
    sides = [
        n for pair in zip(reversed(before), reversed(after), strict=True) for n in pair
    ]
    return functional.pad(x, sides, value=fill), [0] * axes


def _check_pads(attributes: Attributes) -> None:
    if attributes.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID"):
        raise InputError(
            "This ONNX file leaves its padding to the reader (auto_pad): export it "
            "with explicit pads."
        )


def _conv(given: list[Any], attributes: Attributes) -> Tensor:
    x, padding = _padded(given[0], attributes, 0.0)
    weight, bias = given[1], given[2] if len(given) > 2 else None
    axes = x.ndim - 2
    conv = functional.conv1d if axes == 1 else functional.conv2d
    return conv(
        x,
        weight,
        bias,
        attributes.get("strides", [1] * axes),
        padding,
        attributes.get("dilations", [1] * axes),
        attributes.get("group", 1),
    )


def _transposed(given: list[Any], attributes: Attributes) -> Tensor:
    x, weight = given[0], given[1]
    axes = x.ndim - 2
    _check_pads(attributes)
    pads = list(attributes.get("pads", [0] * 2 * axes))
    if pads[:axes] != pads[axes:] or "output_shape" in attributes:
        raise InputError(
            "This ONNX file pads a transposed convolution unevenly, which cnnviz does "
            "not know: export it with the same padding on both sides."
        )
    conv = functional.conv_transpose1d if axes == 1 else functional.conv_transpose2d
    return conv(
        x,
        weight,
        given[2] if len(given) > 2 else None,
        attributes.get("strides", [1] * axes),
        pads[:axes],
        attributes.get("output_padding", [0] * axes),
        attributes.get("group", 1),
        attributes.get("dilations", [1] * axes),
    )


def _max_pool(given: list[Any], attributes: Attributes) -> Tensor:
    x, padding = _padded(given[0], attributes, -math.inf)
    axes = x.ndim - 2
    pool = functional.max_pool1d if axes == 1 else functional.max_pool2d
    return pool(
        x,
        attributes["kernel_shape"],
        attributes.get("strides", [1] * axes),
        padding,
        attributes.get("dilations", [1] * axes),
        bool(attributes.get("ceil_mode", 0)),
    )


def _average_pool(given: list[Any], attributes: Attributes) -> Tensor:
    x, padding = _padded(given[0], attributes, 0.0)
    axes, counted = x.ndim - 2, bool(attributes.get("count_include_pad", 0))
    if (x is not given[0] and not counted) or max(attributes.get("dilations", [1])) > 1:
        raise InputError(
            "This ONNX file averages over a window with gaps or with uneven padding, "
            "which cnnviz does not know: export it without."
        )
    pool: Any = functional.avg_pool1d if axes == 1 else functional.avg_pool2d
    return pool(  # type: ignore[no-any-return]
        x,
        attributes["kernel_shape"],
        attributes.get("strides", [1] * axes),
        padding,
        bool(attributes.get("ceil_mode", 0)),
        counted,
    )


def _global(x: Tensor) -> Tensor:
    if x.ndim == 3:
        return functional.adaptive_avg_pool1d(x, 1)
    return functional.adaptive_avg_pool2d(x, 1)


def _gemm(given: list[Any], attributes: Attributes) -> Tensor:
    a, b = given[:2]
    a = a.T if attributes.get("transA") else a
    b = b if attributes.get("transB") else b.T
    c = given[2] if len(given) > 2 else None
    alpha, beta = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
    bias = None if c is None else c.expand(len(b)) * beta
    return functional.linear(a, b * alpha, bias)


def _matmul(given: list[Any], attributes: Attributes) -> Tensor:
    if given[1].ndim == 2:
        return functional.linear(given[0], given[1].T)
    return torch.matmul(given[0], given[1])


def _norm(given: list[Any], attributes: Attributes) -> Tensor:
    x, weight, bias, mean, variance = given
    epsilon = attributes.get("epsilon", 1e-5)
    return functional.batch_norm(x, mean, variance, weight, bias, False, 0.0, epsilon)


def _reshape(given: list[Any], attributes: Attributes) -> Tensor:
    x, wanted = given[0], given[1].tolist()
    return torch.reshape(
        x, [x.shape[n] if size == 0 else size for n, size in enumerate(wanted)]
    )


def _clip(given: list[Any], attributes: Attributes) -> Tensor:
    low, high = (*given[1:], None, None)[:2]
    low = attributes.get("min") if low is None else low
    high = attributes.get("max") if high is None else high
    return torch.clamp(given[0], low, high)


def _axes(given: list[Any], attributes: Attributes) -> tuple[int, ...]:
    """Return the axes, an attribute once and an input since version 13."""
    named = attributes.get("axes")
    return tuple(given[1].tolist() if named is None else named)


def _unsqueeze(given: list[Any], attributes: Attributes) -> Tensor:
    x: Tensor = given[0]
    for axis in sorted(_axes(given, attributes)):
        x = x.unsqueeze(axis)
    return x


def _scatter(given: list[Any], attributes: Attributes) -> Tensor:
    data, places, updates = given
    return torch.index_put(data, tuple(places.unbind(-1)), updates)


def _filled(given: list[Any], attributes: Attributes) -> Tensor:
    value = attributes.get("value", torch.zeros(1))
    return torch.full(given[0].tolist(), value.item(), dtype=value.dtype)


def _reduced(
    function: Callable[..., Tensor],
) -> Callable[[list[Any], Attributes], Tensor]:
    def reduce(given: list[Any], attributes: Attributes) -> Tensor:
        keep = bool(attributes.get("keepdims", 1))
        return function(given[0], _axes(given, attributes), keepdim=keep)

    return reduce


OPERATORS: dict[str, Callable[[list[Any], Attributes], Tensor]] = {
    "Conv": _conv,
    "ConvTranspose": _transposed,
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": lambda given, _: _global(given[0]),
    "Gemm": _gemm,
    "MatMul": _matmul,
    "BatchNormalization": _norm,
    "Reshape": _reshape,
    "Flatten": lambda given, a: torch.flatten(given[0], a.get("axis", 1)),
    "Squeeze": lambda given, a: given[0].squeeze(_axes(given, a)),
    "Unsqueeze": _unsqueeze,
    "Transpose": lambda given, a: given[0].permute(a["perm"]),
    "Concat": lambda given, a: torch.cat(given, a["axis"]),
    "Add": lambda given, _: torch.add(given[0], given[1]),
    "Sub": lambda given, _: torch.sub(given[0], given[1]),
    "Mul": lambda given, _: torch.mul(given[0], given[1]),
    "Div": lambda given, _: torch.div(given[0], given[1]),
    "Relu": lambda given, _: torch.relu(given[0]),
    "LeakyRelu": lambda given, a: functional.leaky_relu(given[0], a.get("alpha", 0.01)),
    "Tanh": lambda given, _: torch.tanh(given[0]),
    "Sigmoid": lambda given, _: torch.sigmoid(given[0]),
    "Softmax": lambda given, a: torch.softmax(given[0], a.get("axis", -1)),
    "LogSoftmax": lambda given, a: torch.log_softmax(given[0], a.get("axis", -1)),
    "Clip": _clip,
    "Dropout": lambda given, _: functional.dropout(given[0], training=False),
    "Identity": lambda given, _: given[0].clone(),
    "Neg": lambda given, _: torch.neg(given[0]),
    "Pow": lambda given, _: torch.pow(given[0], given[1]),
    "Exp": lambda given, _: torch.exp(given[0]),
    "Sqrt": lambda given, _: torch.sqrt(given[0]),
    "ReduceMean": _reduced(torch.mean),
    "ReduceSum": _reduced(torch.sum),
    "ReduceMax": _reduced(torch.amax),
    "ConstantOfShape": _filled,
    "ScatterND": _scatter,
}
