"""How pictures are filtered fast at stride 1: ``cv2.filter2D``, whatever the dilation.

Pictures are float32 (H, W) or (H, W, 3), kernels float32 (Kh, Kw). Nothing here checks
that a geometry fits; :mod:`cnnviz.ops.convolution` does.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Geometry, Pair

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
# From this many pixels on filter2D shares its rows out among the processors. Below it,
# waking another thread takes longer than to filter.
SHARED_PIXELS = 2**20

T = TypeVar("T")


def filter_all(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` holds its holes, and filter2D skips them."""
    if g.padding_mode == "circular" or grows(g):
        picture = padded(picture, g)
        g = replace(g, padding="valid", padding_mode="zero")
    (top, _), (left, _) = g.pads
    border = BORDERS[g.padding_mode]
    result = cv2.filter2D(picture, -1, kernel, None, (left, top), bias, border)
    return np.asarray(result, np.float32)


def _correlated(rows: Floats, kernel: Floats, anchor: Pair, bias: float) -> Floats:
    """Correlate with zeros all around; `anchor` (x, y) is the tap on the first one."""
    border = cv2.BORDER_CONSTANT
    result = cv2.filter2D(rows, -1, kernel, None, anchor, bias, border)
    return np.asarray(result, np.float32).reshape(rows.shape)


def _pixels(picture: Floats) -> int:
    return math.prod(picture.shape[:2])


@cache
def _helpers() -> ThreadPoolExecutor:
    """Return threads that stay: to start one takes as long as to filter a picture."""
    return ThreadPoolExecutor(max(1, cv2.getNumThreads() - 1), "filter")


def share_out(fill: Callable[[T], None], parts: Sequence[T]) -> None:
    """Call `fill` for each of the parts, in this thread and in others if several."""
    left = iter(parts)

    def work() -> None:
        for part in left:
            fill(part)

    others = max(min(len(parts), cv2.getNumThreads()) - 1, 0)
    helping = [_helpers().submit(work) for _ in range(others)]
    work()
    for helper in helping:
        if not helper.cancel():
            helper.result()


def filter_folded(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` comes without its holes.

    The taps of a kernel with dilation (d0, d1) meet only every d0-th row and every
    d1-th column. So d1 neighbouring pixels are taken as the channels of one wide pixel,
    and every d0-th row as a picture of its own, to be filtered without any holes.
    """
    ((top, _), (left, _)) = g.pads
    kernel, (d0, d1) = _without_most_holes(kernel, g.dilation)
    if g.padding_mode != "zero" or top % d0 or left % d1 or grows(g):
        picture, top, left = padded(picture, g, multiple=d1), 0, 0
    elif picture.shape[1] % d1:
        picture = padded(picture, replace(g, padding="valid"), multiple=d1)
    height, width = picture.shape[:2]
    folded = picture.reshape(height, width // d1, -1)
    result = np.empty_like(folded)
    above = top // d0
    anchor = left // d1, above

    def fill(part: tuple[int, int, int]) -> None:
        phase, number, bands = part
        source, into = folded[phase::d0], result[phase::d0]
        if bands == 1:
            border = cv2.BORDER_CONSTANT
            cv2.filter2D(source, -1, kernel, into, anchor, bias, border)
            return
        first, last = (len(source) * n // bands for n in (number, number + 1))
        start = max(first - above, 0)
        rows = source[start : last + len(kernel)]
        found = _correlated(rows, kernel, anchor, bias)
        into[first:last] = found[first - start : last - start]

    phases, threads = min(d0, height), cv2.getNumThreads()
    if _pixels(folded) // d0 < SHARED_PIXELS <= _pixels(picture):
        # What would leave a thread without work is cut into bands, at a copy's cost.
        whole = phases - phases % threads
    else:
        whole, threads = phases, 1
    parts = [(phase, 0, 1) for phase in range(whole)]
    for phase in range(whole, phases):
        parts += [(phase, number, threads) for number in range(threads)]
    if threads == 1:
        for part in parts:
            fill(part)
    else:
        share_out(fill, parts)
    return result.reshape(picture.shape)


def _without_most_holes(kernel: Floats, dilation: Pair) -> tuple[Floats, Pair]:
    """Return a kernel of few enough taps and the dilation that it leaves to fold.

    The fewer parts a picture is folded into, the better, and filter2D skips holes.
    """
    d0, d1 = dilation
    columns = d1 * (kernel.shape[1] - 1) + 1
    if len(kernel) * columns >= FOURIER_TAPS:
        return kernel, dilation
    holes = next(
        d
        for d in range(d0, 0, -1)
        if d0 % d == 0 and (d * (len(kernel) - 1) + 1) * columns < FOURIER_TAPS
    )
    return spread(kernel, (holes, d1)), (d0 // holes, 1)


def grows(g: Geometry) -> bool:
    """Tell whether the result at stride 1 is larger than the picture."""
    return any(sum(pad) >= extent for pad, extent in zip(g.pads, g.extent, strict=True))


def thin_out(full: Floats, size: Pair, stride: Pair) -> Floats:
    """Take every ``stride``-th row and column of `full`, as many as `size` says.

    Rows alone need no copy: OpenCV and numpy step over them at no cost.
    """
    if stride[1] == 1:
        return full[: (size[0] - 1) * stride[0] + 1 : stride[0], : size[1]]
    result = np.empty((*size, *full.shape[2:]), np.float32)
    thin_columns(full[: (size[0] - 1) * stride[0] + 1 : stride[0]], stride[1], result)
    return result


def thin_columns(full: Floats, stride: int, result: Floats) -> None:
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
