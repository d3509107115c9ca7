"""How pictures are filtered fast: ``cv2.filter2D``, whatever the stride and dilation.

Pictures are float32 (H, W) or (H, W, 3), kernels float32 (Kh, Kw). Nothing here checks
that a geometry fits; :mod:`cnnviz.ops.convolution` does.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import cv2
import numpy as np

from cnnviz.ops.geometry import Geometry, Pair, output_size, source_pixels

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

BORDERS = {
    "zero": cv2.BORDER_CONSTANT,
    "reflect": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
    "circular": cv2.BORDER_WRAP,
}
# From this many taps on, holes included, filter2D takes a Fourier transform, which can
# be ten times slower.
FOURIER_TAPS = 130
# From this many values on, threads gain more than their start costs.
WORTH_THREADS = 2**20
# Above either it pays to compute only the rows that a stride keeps. Below, filter2D has
# passed over the picture as fast as memory allows, and one pass beats several.
SMALL_KERNEL, SMALL_PICTURE = 25, 2**22
# Values of a band of rows: a few of them fit into a processor's cache.
BAND = 2**19

T = TypeVar("T")


def filter_all(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` holds its holes, and filter2D skips them."""
    if g.padding_mode == "circular" or _grows(g):
        picture = padded(picture, g)
        g = replace(g, padding="valid", padding_mode="zero")
    (top, _), (left, _) = g.pads
    border = BORDERS[g.padding_mode]
    result = cv2.filter2D(picture, -1, kernel, None, (left, top), bias, border)
    return np.asarray(result, np.float32)


def pays_by_rows(picture: Floats, g: Geometry) -> bool:
    """Tell whether :func:`filter_by_rows` is faster than to filter and thin out."""
    large = picture.size > SMALL_PICTURE or math.prod(g.kernel_size) > SMALL_KERNEL
    taps = -(-g.extent[0] // g.stride[0]) * g.extent[1]
    return g.stride[0] > 1 and large and taps < FOURIER_TAPS


def filter_by_rows(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate with a stride; no row is computed that the stride passes over.

    Output row i reads the rows i·s, i·s + 1, … So every s-th row is taken as a picture
    of its own, and so is every s-th row of the kernel; what these s filters give is
    summed (the polyphase identity). A band of rows at a time stays in the cache.
    """
    if g.padding_mode == "circular" or _grows(g):
        picture = padded(picture, g)
        g = replace(g, padding="valid", padding_mode="zero")
    (rows, columns), (s0, s1) = output_size(picture.shape[:2], g), g.stride
    (top, _), (left, _) = g.pads
    extent, border = len(kernel), BORDERS[g.padding_mode]
    result = np.empty((rows, columns, *picture.shape[2:]), np.float32)

    def fill(band: Pair) -> None:
        first, last = band
        source = _rows(picture, first * s0 - top, (last - 1) * s0 - top + extent, g)
        parts = (
            cv2.filter2D(
                source[phase::s0],
                -1,
                kernel[phase::s0],
                None,
                (left, 0),
                0 if phase else bias,
                border,
            )[: last - first]
            for phase in range(min(s0, extent))
        )
        total = next(parts)
        for part in parts:
            cv2.add(total, part, total)
        _thin_columns(np.asarray(total, np.float32), s1, result[first:last])

    # The bands in between lie inside the picture and need no copy.
    begin = min(-(-top // s0), rows)
    end = max((len(picture) + top - extent) // s0 + 1, begin)
    step = max(
        1, min(BAND // picture[0].size, -(-(end - begin) // cv2.getNumThreads()))
    )
    cuts = sorted({0, *range(begin, end, step), end, rows})
    _share_out(fill, list(pairwise(cuts)), picture.size)
    return result


def _rows(picture: Floats, first: int, last: int, g: Geometry) -> Floats:
    """Return the rows from `first` to before `last`, those of the padding filled."""
    if first >= 0 and last <= len(picture):
        return picture[first:last]
    sources = source_pixels(np.arange(first, last), len(picture), g.padding_mode)
    rows = picture[sources]
    rows[sources < 0] = 0
    return rows


def _share_out(fill: Callable[[T], None], parts: Sequence[T], values: int) -> None:
    """Call `fill` for each part of a picture of so many values, in threads if large."""
    if values < WORTH_THREADS:
        for part in parts:
            fill(part)
    else:
        # OpenCV shares out large pictures only, and each of these is a part of one.
        with ThreadPoolExecutor(cv2.getNumThreads()) as pool:
            list(pool.map(fill, parts))


def filter_folded(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` comes without its holes.

    The taps of a kernel with dilation (d0, d1) meet only every d0-th row and every
    d1-th column. So d1 neighbouring pixels are taken as the channels of one wide pixel,
    and every d0-th row as a picture of its own, to be filtered without any holes.
    """
    (d0, d1), ((top, _), (left, _)) = g.dilation, g.pads
    if kernel.shape[0] * g.extent[1] < FOURIER_TAPS:
        kernel, d1 = spread(kernel, (1, d1)), 1
    uneven = top % d0 or left % d1 or picture.shape[1] % d1
    if uneven or g.padding_mode != "zero" or _grows(g):
        picture, top, left = padded(picture, g, multiple=d1), 0, 0
    height, width = picture.shape[:2]
    folded = picture.reshape(height, width // d1, -1)
    result = np.empty_like(folded)
    anchor = left // d1, top // d0

    def fill(row: int) -> None:
        part, into = folded[row::d0], result[row::d0]
        cv2.filter2D(part, -1, kernel, into, anchor, bias, cv2.BORDER_CONSTANT)

    _share_out(fill, range(min(d0, height)), picture.size)
    return result.reshape(picture.shape)


def _grows(g: Geometry) -> bool:
    """Tell whether the result at stride 1 is larger than the picture."""
    return any(sum(pad) >= extent for pad, extent in zip(g.pads, g.extent, strict=True))


def thin_out(full: Floats, size: Pair, stride: Pair) -> Floats:
    """Copy every ``stride``-th row and column of `full`, as many as `size` says."""
    result = np.empty((*size, *full.shape[2:]), np.float32)
    _thin_columns(full[: (size[0] - 1) * stride[0] + 1 : stride[0]], stride[1], result)
    return result


def _thin_columns(full: Floats, stride: int, result: Floats) -> None:
    """Copy every ``stride``-th column of `full`, as many as `result` has."""
    rows, columns = result.shape[:2]
    last = (columns - 1) * stride
    if full.ndim == 2 or stride == 1:
        result[:] = full[:, : last + 1 : stride]
        return
    # numpy steps over colours three times slower than resize does, which takes whole
    # multiples of the stride.
    result[:, -1] = full[:, last]
    if last:
        nearest = cv2.INTER_NEAREST
        cv2.resize(full[:, :last], (columns - 1, rows), result[:, :-1], 0, 0, nearest)


def spread(kernel: NDArray[Any], dilation: Pair) -> NDArray[Any]:
    """Put the holes of `dilation` between the rows and columns of `kernel`."""
    (rows, columns), (d0, d1) = kernel.shape, dilation
    if dilation == (1, 1):
        return kernel
    holes = np.zeros((d0 * (rows - 1) + 1, d1 * (columns - 1) + 1), kernel.dtype)
    holes[::d0, ::d1] = kernel
    return holes


def padded(
    picture: Floats, g: Geometry, *, fill: float = 0.0, multiple: int = 1
) -> Floats:
    """Copy `picture` with its padding, and on to the right to a multiple in width."""
    (top, bottom), (left, right) = g.pads
    right += -(left + picture.shape[1] + right) % multiple
    border = BORDERS[g.padding_mode]
    result = cv2.copyMakeBorder(
        picture, top, bottom, left, right, border, value=[fill] * 3
    )
    return np.asarray(result, np.float32)
