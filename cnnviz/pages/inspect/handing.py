"""What of a pinned value other pages take over: its window, its kernel, its map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.codec import to_json
from cnnviz.errors import InputError
from cnnviz.nn.arithmetic import ConvTerms, PoolTerms
from cnnviz.ops.geometry import Geometry
from cnnviz.ops.kernels import Kernel
from cnnviz.ops.pipeline import Stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.nn.arithmetic import Floats
    from cnnviz.nn.terms import Explanation
    from cnnviz.pages.inspect.stages import Seen

SIDE = 12
"""Rows and columns that the Windows page can show."""


def for_windows(made: Explanation, channel: int) -> dict[str, Any]:
    """Return what the Windows page works by hand: one channel's window and kernel.

    Of several channels it is that channel's sum, without the bias; of one it is the
    value itself, with bias and ReLU.

    Raises
    ------
    InputError
        There is no window behind this value, or the page is too small for it.
    """
    found = made.terms
    if isinstance(found, PoolTerms) and found.kind != "subsample":
        _check(found.values)
        if not found.taps.inside.all():
            raise InputError(
                "This window lies partly on padding, which pooling by hand does not "
                "show; choose a value further inside."
            )
        ones = np.ones_like(found.values)
        operation = "max" if found.kind == "max-pool" else "average"
        return {
            "values": found.values.tolist(),
            "kernel": ones.tolist(),
            "operation": operation,
        }
    if not isinstance(found, ConvTerms):
        raise InputError("Only windows of convolutions and pooling are worked there.")
    at = _at(found, channel)
    _check(found.values[at])
    alone = len(found.channels) == 1
    relu = alone and made.activation is not None and made.activation.kind == "relu"
    return {
        "values": found.values[at].tolist(),
        "kernel": found.weights[at].tolist(),
        "operation": "correlation",
        "bias": found.bias if alone else 0.0,
        "relu": relu,
    }


def for_lab(
    seen: Seen, made: Explanation, channel: int
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Return a map as a picture, and the stage that slides the kernel over it.

    Returns
    -------
    picture : uint8 (H, W)
        The map below, its least value black and its largest white.
    stage : dict
        Plain JSON of a :class:`cnnviz.ops.pipeline.Stage`.

    Raises
    ------
    InputError
        This value is not made by a kernel.
    """
    found = made.terms
    if not isinstance(found, ConvTerms):
        raise InputError("Only a convolution has a kernel to slide.")
    if found.transposed:
        raise InputError(
            "The Kernel Lab slides kernels, and this one is laid down by each value: "
            "work it by hand on the Windows page."
        )
    at = _at(found, channel)
    number = int(found.channels[at])
    name = f"{made.name}, map {made.place[0]}, channel {number}"
    slides = geometry(seen, made.name)
    stage = Stage(
        (Kernel(name, found.weights[at].tolist()),),
        stride=slides.stride,
        padding=slides.padding,
        dilation=slides.dilation,
        padding_mode=slides.padding_mode,
    )
    return picture(seen.outputs[made.before][number]), to_json(stage)


def geometry(seen: Seen, name: str) -> Geometry:
    """Return how the kernels of a convolution slide; by ones if that is unknown."""
    found: Geometry | None = None
    if seen.subject is not None:
        network = seen.subject.network
        found = network.layers[network.names.index(name)].geometry
    elif seen.inspected is not None:
        steps = {step.name: step.call.geometry for step in seen.inspected.steps}
        found = steps.get(name)
    return found or Geometry((1, 1))


def picture(plane: Floats) -> NDArray[np.uint8]:
    """Return a map (H, W) as a grey picture from its least value to its largest."""
    low, high = float(plane.min()), float(plane.max())
    if not high > low:
        return np.zeros(plane.shape, np.uint8)
    grey: NDArray[np.uint8] = np.rint((plane - low) * (255 / (high - low))).astype(
        np.uint8
    )
    return grey


def _at(found: ConvTerms, channel: int) -> int:
    read = found.channels.tolist()
    return read.index(channel) if channel in read else int(found.strongest(1)[0])


def _check(values: Floats) -> None:
    if max(values.shape) > SIDE:
        rows, columns = values.shape
        raise InputError(
            f"A window of {rows} × {columns} is too large to be worked by hand; "
            f"{SIDE} × {SIDE} is the most."
        )
