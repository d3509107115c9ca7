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
        As in a checkpoint.
    geometry : Geometry or None
    groups : int
        Of a convolution.
    epsilon : float
        Of batch norm.
    """

    kind: str
    note: str = ""
    weights: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    geometry: Geometry | None = None
    groups: int = 1
    epsilon: float = 0.0


SAME = {"contiguous", "clone", "detach", "to", "float", "type", "alias", "lift"}
"""Calls that change nothing that is seen."""

RESHAPES = {"flatten", "view", "reshape", "squeeze", "unsqueeze", "unflatten"}

NOT_TWO = "It adds something else than two branches of one shape."

_POINTS = {"relu", "tanh", "sigmoid", "dropout"}

_NOTES = {
    "conv1d": "A one-dimensional convolution: its maps are curves, and its terms are "
    "not written out.",
    "conv3d": "A three-dimensional convolution: its terms are not written out.",
    "conv_transpose1d": "A transposed convolution along one axis: its terms are not "
    "written out.",
    "conv_transpose2d": "A transposed convolution lays its kernel down once for each "
    "input value: the Windows page shows how, and its terms are not written out here.",
    "cat": "It lays its inputs one behind the other and computes nothing.",
}

# Of torch's functions; its operators have the same, but for batch norm.
_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "conv2d": ("input", "weight", "bias", "stride", "padding", "dilation", "groups"),
    "linear": ("input", "weight", "bias"),
    "max_pool2d": (
        "input",
        "kernel_size",
        "stride",
        "padding",
        "dilation",
        "ceil_mode",
    ),
    "avg_pool2d": (
        "input",
        "kernel_size",
        "stride",
        "padding",
        "ceil_mode",
        "count_include_pad",
        "divisor_override",
    ),
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
        case "conv2d":
            return _conv(given)
        case "max_pool2d" | "avg_pool2d" | "adaptive_avg_pool2d":
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


def _conv(given: dict[str, Any]) -> Call:
    weights = _weights(weight=given["weight"], bias=given.get("bias"))
    padding: Any = given.get("padding", 0)
    padding = padding if isinstance(padding, str) else _pair(padding)
    g = Geometry(
        _pair(tuple(given["weight"].shape[2:])),
        _pair(given.get("stride", 1)),
        padding,
        _pair(given.get("dilation", 1)),
    )
    note = why_invalid(_plane(given["input"]), g) or _batched(given["input"])
    return Call("conv", note, weights, g, int(given.get("groups", 1)))


def _pool(name: str, given: dict[str, Any], output: Tensor) -> Call:
    size = _plane(given["input"])
    if name == "adaptive_avg_pool2d":
        parts = _plane(output)
        if size[0] % parts[0] or size[1] % parts[1]:
            return Call("average-pool", "Its windows are not all of the same size.")
        kernel = stride = size[0] // parts[0], size[1] // parts[1]
        padding: Padding = (0, 0)
    else:
        kernel = _pair(given["kernel_size"])
        stride = _pair(given.get("stride") or kernel)
        padding = _pair(given.get("padding", 0))
    g = Geometry(kernel, stride, padding, _pair(given.get("dilation", 1)))
    kind = "max-pool" if name == "max_pool2d" else "average-pool"
    note = why_invalid_pool(size, g) or _batched(given["input"])
    if not note and output_size(size, g) != _plane(output):
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


def _batched(tensor: Tensor) -> str:
    return "" if tensor.ndim == 4 else "Its maps came without a batch axis."


def _plane(tensor: Tensor) -> Pair:
    return int(tensor.shape[-2]), int(tensor.shape[-1])


def _pair(value: Any) -> Pair:
    """Return (rows, columns) of what torch takes as one number or a sequence."""
    try:
        numbers = [int(n) for n in value]
    except TypeError:
        numbers = [int(value)]
    if len(numbers) not in (1, 2):
        raise InputError(f"{value} is no size of a window: give one number or two.")
    return numbers[0], numbers[-1]
