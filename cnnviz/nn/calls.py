"""What a call of torch computes: its kind, its numbers, and if it can be explained.

A step of any network is one call, such as ``conv2d(input, weight, bias, …)``, be it
made by a module, by a ``forward`` or by an exported graph.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch._ops import OpOverload

from cnnviz.errors import InputError
from cnnviz.nn.probing import to_numpy
from cnnviz.ops.geometry import Geometry, output_size, why_invalid
from cnnviz.ops.pooling import why_invalid_pool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Padding, Pair


@dataclass(frozen=True, eq=False)
class Call:
    """What is known of a call.

    Attributes
    ----------
    kind : str
        A kind of :mod:`cnnviz.nn.network` where it is one of those, ``"softmax"``,
        ``"add"``, ``"reshape"``, or torch's own name.
    note : str
        A plain sentence that says why its terms cannot be shown; empty if they can.
    weights : dict of float32 arrays
        As in a checkpoint; a convolution's kernels as ``Conv2d`` shapes them, along one
        axis with a single row.
    geometry : Geometry or None
        Along one axis its rows are single.
    groups : int
        Of a convolution.
    transposed : bool
        Whether it is a transposed convolution.
    epsilon : float
        Of batch norm.
    """

    kind: str
    note: str = ""
    weights: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    geometry: Geometry | None = None
    groups: int = 1
    transposed: bool = False
    epsilon: float = 0.0


SAME = {"contiguous", "clone", "detach", "to", "float", "type", "alias", "lift"}
"""Calls that change nothing that is seen."""

RESHAPES = {"flatten", "view", "reshape", "squeeze", "unsqueeze", "unflatten"}

NOT_TWO = "It adds something else than two branches of one shape."

_POOLS = {
    f"{kind}_pool{axes}d" for kind in ("max", "avg", "adaptive_avg") for axes in (1, 2)
}
_POINTS = {"relu", "tanh", "sigmoid", "dropout"}

_NOTES = {
    "conv3d": "A three-dimensional convolution: its terms are not written out.",
    "conv_transpose3d": "A transposed convolution in three dimensions: its terms are "
    "not written out.",
    "cat": "It lays its inputs one behind the other and computes nothing.",
}

_CONV = ("input", "weight", "bias", "stride", "padding", "dilation", "groups")
_TRANSPOSED = (*_CONV[:5], "output_padding", "groups", "dilation")
_MAXIMUM = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode")
_AVERAGE = (*_MAXIMUM[:4], "ceil_mode", "count_include_pad", "divisor_override")

# Of torch's functions; its operators have the same, but for batch norm.
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "conv1d": _CONV,
    "conv2d": _CONV,
    "conv_transpose1d": _TRANSPOSED,
    "conv_transpose2d": _TRANSPOSED,
    "linear": ("input", "weight", "bias"),
    "max_pool1d": _MAXIMUM,
    "max_pool2d": _MAXIMUM,
    "avg_pool1d": _AVERAGE,
    "avg_pool2d": _AVERAGE,
    "adaptive_avg_pool1d": ("input", "output_size"),
    "adaptive_avg_pool2d": ("input", "output_size"),
    "batch_norm": (
        "input",
        "running_mean",
        "running_var",
        "weight",
        "bias",
        "training",
        "momentum",
        "eps",
    ),
}
_NORM_OPERATOR = (
    "input",
    "weight",
    "bias",
    "running_mean",
    "running_var",
    "training",
    "momentum",
    "eps",
)


def name_of(function: Any) -> str:
    """Return the plain name of a torch function, operator or method."""
    name = str(getattr(function, "__name__", function)).split(".")[0]
    name = name.strip("_")
    return name[1:] if name in ("iadd", "radd") else name


def known(
    function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], output: Tensor
) -> Call:
    """Tell what a call computes from its arguments.

    Never raises for a call that it does not know: the note says so.
    """
    name = name_of(function)
    names = _ARGUMENTS.get(name, ())
    if name == "batch_norm" and isinstance(function, OpOverload):
        names = _NORM_OPERATOR
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    match name:
        case "conv1d" | "conv2d":
            return _conv(given)
        case "conv_transpose1d" | "conv_transpose2d":
            return _conv(given, transposed=True)
        case _ if name in _POOLS:
            return _pool(name, given, output)
        case "linear":
            bias = given.get("bias")
            flat = given["input"].ndim == 2
            note = "" if flat else "It is applied along one axis of several."
            return Call("dense", note, _weights(weight=given["weight"], bias=bias))
        case "batch_norm":
            return _norm(given)
        case "add":
            tensors = [
                a for a in args if isinstance(a, Tensor) and a.shape == output.shape
            ]
            plain = len(tensors) == 2 and kwargs.get("alpha", 1) == 1
            note = "" if plain else "It adds something else than two equal shapes."
            return Call("add", note)
        case _ if name in RESHAPES:
            return Call("flatten" if name == "flatten" else "reshape")
        case _ if name in _POINTS:
            return Call(name)
        case "softmax":
            return Call(name, "" if output.ndim == 2 else "It is not over one row.")
    unknown = (
        f"The arithmetic of {name} is not known here, so its result alone is shown."
    )
    return Call(name, _NOTES.get(name, unknown))


def _conv(given: dict[str, Any], *, transposed: bool = False) -> Call:
    weight, groups = given["weight"], int(given.get("groups", 1))
    if transposed:  # (inputs, outputs of a group, …), unlike the others
        weight = weight.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)
    line = weight.ndim == 3
    weight = weight.unsqueeze(2) if line else weight
    one, none = (1, 0) if line else (None, None)
    padding: Any = given.get("padding", 0)
    padding = padding if isinstance(padding, str) else _pair(padding, none)
    stride, dilation = (_pair(given.get(key, 1), one) for key in ("stride", "dilation"))
    g = Geometry(_plane(weight), stride, padding, dilation)
    note = "" if transposed else why_invalid(_plane(given["input"], line), g)
    note = note or _batched(given["input"], line)
    weights = _weights(weight=weight, bias=given.get("bias"))
    return Call("conv", note, weights, g, groups, transposed)


def _pool(name: str, given: dict[str, Any], output: Tensor) -> Call:
    line = name.endswith("1d")
    size = _plane(given["input"], line)
    one, none = (1, 0) if line else (None, None)
    if name.startswith("adaptive"):
        parts = _plane(output, line)
        if size[0] % parts[0] or size[1] % parts[1]:
            return Call("average-pool", "Its windows are not all of the same size.")
        kernel = stride = size[0] // parts[0], size[1] // parts[1]
        padding: Padding = (0, 0)
    else:
        kernel = _pair(given["kernel_size"], one)
        stride = _pair(given.get("stride") or kernel, one)
        padding = _pair(given.get("padding", 0), none)
    g = Geometry(kernel, stride, padding, _pair(given.get("dilation", 1), one))
    kind = "max-pool" if name.startswith("max") else "average-pool"
    note = why_invalid_pool(size, g) or _batched(given["input"], line)
    if not note and output_size(size, g) != _plane(output, line):
        note = "Its last windows reach over the edge, so that their terms differ."
    padded = padding != (0, 0) and not given.get("count_include_pad", True)
    if padded or given.get("divisor_override") is not None:
        note = "It divides by another number than its window has values."
    return Call(kind, note, geometry=g)


def _norm(given: dict[str, Any]) -> Call:
    weights = _weights(
        running_mean=given.get("running_mean"),
        running_var=given.get("running_var"),
        weight=given.get("weight"),
        bias=given.get("bias"),
    )
    known_statistics = "running_mean" in weights and not given.get("training")
    note = "" if known_statistics else "It takes the mean of the batch that it sees."
    return Call("batch-norm", note, weights, epsilon=float(given.get("eps", 1e-5)))


def _weights(**tensors: Tensor | None) -> dict[str, NDArray[np.float32]]:
    return {
        name: to_numpy(tensor).copy()
        for name, tensor in tensors.items()
        if tensor is not None
    }


def _batched(tensor: Tensor, line: bool) -> str:
    alone = "Its maps came without a batch axis."
    return "" if tensor.ndim == (3 if line else 4) else alone


def _plane(tensor: Tensor, line: bool = False) -> Pair:
    """Return rows and columns of maps; of curves, that are one row, if `line`."""
    return 1 if line else int(tensor.shape[-2]), int(tensor.shape[-1])


def _pair(value: Any, rows: int | None = None) -> Pair:
    """Return (rows, columns) of what torch takes as one number or a sequence.

    `rows` is what stands for the rows along one axis.
    """
    try:
        numbers = [int(n) for n in value]
    except TypeError:
        numbers = [int(value)]
    if len(numbers) not in (1, 2):
        raise InputError(f"{value} is no size of a window: give one number or two.")
    return numbers[0] if rows is None else rows, numbers[-1]
