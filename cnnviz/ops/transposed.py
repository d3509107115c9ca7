"""Transposed convolution as zero insertion: sizes, and the array its windows lie on.

A transposed convolution of stride s is a correlation of stride 1 with the kernel turned
by half a turn, over the input with s − 1 zeros between its values: Dumoulin and Visin,
"A guide to convolution arithmetic for deep learning", arXiv:1603.07285, chapter 4. The
names and the rules are those of ``torch.nn.ConvTranspose2d``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.geometry import Taps, is_inside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Geometry, Pair


def why_invalid_transposed(size: Pair, g: Geometry, output_padding: Pair) -> str | None:
    """Say in one sentence why `g` cannot be transposed on a map of `size`, or None.

    `g.padding` is a pair of numbers here.
    """
    for axis, unit in enumerate(("rows", "columns")):
        most = max(g.stride[axis], g.dilation[axis]) - 1
        if output_padding[axis] > most:
            return (
                f"The output padding of {output_padding[axis]} {unit} must be smaller "
                f"than the stride or the dilation; choose at most {most}."
            )
        length = transposed_length(size[axis], g, output_padding, axis)
        if length < 1:
            return (
                f"A padding of {g.pads[axis][0]} {unit} cuts the whole result away; "
                "lower the padding."
            )
    return None


def transposed_size(size: Pair, g: Geometry, output_padding: Pair) -> Pair:
    """Rows and columns of the result: (n − 1)·s − 2p + d·(k − 1) + o + 1.

    Raises
    ------
    InputError
        With the sentence of :func:`why_invalid_transposed`.
    """
    if reason := why_invalid_transposed(size, g, output_padding):
        raise InputError(reason)
    rows, columns = (
        transposed_length(size[axis], g, output_padding, axis) for axis in (0, 1)
    )
    return rows, columns


def transposed_length(length: int, g: Geometry, output_padding: Pair, axis: int) -> int:
    """Length of the result along `axis`; below 1 there is none."""
    reach = g.extent[axis] - 1 - sum(g.pads[axis])
    return (length - 1) * g.stride[axis] + reach + output_padding[axis] + 1


def transposed_formula(
    length: int, g: Geometry, output_padding: Pair, axis: int
) -> str:
    """Write out the output size along `axis` (0 rows, 1 columns) with its numbers.

    For example "(3 − 1)·2 − 2·0 + 1·(3 − 1) + 0 + 1 = 7".
    """
    k, d, s = g.kernel_size[axis], g.dilation[axis], g.stride[axis]
    result = transposed_length(length, g, output_padding, axis)
    return (
        f"({length} − 1)·{s} − 2·{g.pads[axis][0]} + {d}·({k} − 1) + "
        f"{output_padding[axis]} + 1 = {result}"
    )


def gathered(position: Pair, size: Pair, g: Geometry) -> Taps:
    """Find the pixels of a map of `size` that lay their stamp on one output value.

    Input pixel i lays tap k of the kernel on output i·s − p + d·k, so tap k brings to
    output o the pixel (o + p − d·k) / s, where that is a whole number on the map. The
    taps come last to first, for a kernel turned by half a turn; a tap that no pixel
    lays there has the coordinate −1 and reads a zero.
    """
    rows, columns = (_laid(position[axis], size[axis], g, axis) for axis in (0, 1))
    inside = np.logical_and.outer(rows >= 0, columns >= 0)
    return Taps(rows, columns, inside, rows, columns)


def _laid(output: int, length: int, g: Geometry, axis: int) -> NDArray[np.intp]:
    taps = np.arange(g.kernel_size[axis])[::-1]
    places = output + g.pads[axis][0] - g.dilation[axis] * taps
    pixels, between = np.divmod(places, g.stride[axis])
    return np.where((between == 0) & is_inside(pixels, length), pixels, -1)


def insert_zeros(
    maps: NDArray[Any], g: Geometry, output_padding: Pair, fill: float = 0
) -> NDArray[Any]:
    """Spread maps (..., H, W) so that windows of stride 1 make the transposed result.

    There are s − 1 zeros between the values, d·(k − 1) − p around them, cut off where
    that is negative, and the output padding at the bottom and the right. `fill` stands
    for the zeros.
    """
    for axis in (0, 1):
        before = g.extent[axis] - 1 - g.pads[axis][0]
        length = transposed_length(maps.shape[axis - 2], g, output_padding, axis)
        places = before + g.stride[axis] * np.arange(maps.shape[axis - 2])
        kept = (places >= 0) & (places < length + g.extent[axis] - 1)
        turned = np.moveaxis(maps, axis - 2, 0)
        wide = np.full(
            (length + g.extent[axis] - 1, *turned.shape[1:]), fill, maps.dtype
        )
        wide[places[kept]] = turned[kept]
        maps = np.moveaxis(wide, 0, axis - 2)
    return maps
