"""The outputs along the edges of a picture, whose windows reach into its padding.

Pictures are float32 (H, W) or (H, W, 3), kernels float32 (Kh, Kw) with their holes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.filtering import filter_all
from cnnviz.ops.geometry import Geometry, Pair, source_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


def mend(
    result: Floats,
    picture: Floats,
    kernel: Floats,
    g: Geometry,
    bias: float,
    axes: tuple[int, ...],
) -> None:
    """Work out once more what reads padding along `axes`, as if it were zeros so far.

    A large picture is not copied for the few rows and columns that lie at its edges.
    """
    whole = result.shape[0], result.shape[1]
    strips = [
        tuple(ends if side == axis else (0, whole[side]) for side in (0, 1))
        for axis in axes
        for ends in _edges(whole[axis], picture.shape[axis], g, axis)
    ]
    for outputs in strips:
        part = picture
        # What is taken first leaves the less to take next.
        for axis in sorted(
            (0, 1), key=lambda axis: outputs[axis][1] - outputs[axis][0]
        ):
            first, last = outputs[axis]
            start = first * g.stride[axis] - g.pads[axis][0]
            reach = (last - first - 1) * g.stride[axis] + g.extent[axis]
            taps = np.arange(start, start + reach)
            sources = source_pixels(taps, picture.shape[axis], g.padding_mode)
            part = part.take(sources, axis)
        (top, bottom), (left, right) = outputs
        found = filter_all(part, kernel, Geometry(g.extent), bias)
        into = result[top:bottom, left:right]
        into[:] = found[:: g.stride[0], :: g.stride[1]][: bottom - top, : right - left]


def _edges(outputs: int, length: int, g: Geometry, axis: int) -> list[Pair]:
    """Return the first and the last outputs along an axis, that read its padding."""
    before, stride = g.pads[axis][0], g.stride[axis]
    first = min(-(-before // stride), outputs)
    last = max(first, (before + length - g.extent[axis]) // stride + 1)
    return [(a, b) for a, b in ((0, first), (last, outputs)) if a < b]
