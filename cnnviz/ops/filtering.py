"""How pictures are filtered fast at stride 1: ``cv2.filter2D``, whatever the dilation.

Pictures are float32 (H, W) or (H, W, 3), kernels float32 (Kh, Kw). Nothing here checks
that a geometry fits; :mod:`cnnviz.ops.convolution` does.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
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
# From this many pixels on filter2D shares its rows out among the processors.
SHARED_PIXELS = 2**20
# From this many products on, at stride 1, it pays to share out what filter2D does not:
# to wake a thread and to wait at Python's lock takes as long as some millions of them.
SHARED_PRODUCTS = 10**7
# Up to this many products, few parts are faster than wide pixels.
FEW_PRODUCTS = 3 * 10**7
# So many values are a page of memory, and larger arrays than that are new pages each
# time: malloc gives no more than 32 MiB out again that it had before.
PAGE, NEW_PAGES = 2**10, 2**23

T = TypeVar("T")


def filter_all(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` holds its holes, and filter2D skips them."""
    copied, anchor, border = _padding(g)
    if copied:
        picture = padded(picture, g)
    result = cv2.filter2D(picture, -1, kernel, None, anchor, bias, border)
    return np.asarray(result, np.float32)


@lru_cache(256)
def _padding(g: Geometry) -> tuple[bool, Pair, int]:
    """Tell whether a picture is padded first, and filter2D its anchor and border."""
    if g.padding_mode == "circular" or grows(g):
        return True, (0, 0), cv2.BORDER_CONSTANT
    (top, _), (left, _) = g.pads
    return False, (left, top), BORDERS[g.padding_mode]


@cache
def _helpers() -> ThreadPoolExecutor:
    """Return threads that stay: to start one takes as long as to filter a picture."""
    return ThreadPoolExecutor(max(1, cv2.getNumThreads() - 1), "filter")


def pays_to_share(shape: tuple[int, ...], g: Geometry) -> bool:
    """Tell whether a picture is so large that several threads are faster than one."""
    return math.prod(shape) * math.prod(g.kernel_size) >= SHARED_PRODUCTS


def share_out(fill: Callable[[T], None], parts: Sequence[T], shared: bool) -> None:
    """Call `fill` for each of the parts, in this thread and, if `shared`, in others."""
    if not shared:
        for part in parts:
            fill(part)
        return
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


@dataclass(frozen=True)
class Fold:
    """How to filter pictures of one size with a dilation.

    Attributes
    ----------
    holes : dilation that stays in the kernel, as filter2D skips its holes
    apart : which rows are pictures of their own, and how many pixels make a wide one
    padding : with what the picture is copied first, or None
    anchor : column and row of the tap that lies on the first pixel
    parts : the first row of each picture, and which of its own rows
    shared : whether the parts are worth several threads
    """

    holes: Pair
    apart: Pair
    padding: Geometry | None
    anchor: Pair
    parts: tuple[tuple[int, slice], ...]
    shared: bool


def filter_folded(picture: Floats, kernel: Floats, fold: Fold, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` comes without its holes.

    The taps of a kernel with dilation (d0, d1) meet only every d0-th row and every
    d1-th column. So d1 neighbouring pixels are taken as the channels of one wide pixel,
    and every d0-th row as a picture of its own, to be filtered without any holes.
    """
    kernel, (d0, d1) = spread(kernel, fold.holes), fold.apart
    if fold.padding:
        picture = padded(picture, fold.padding, multiple=d1)
    folded = picture.reshape(len(picture), picture.shape[1] // d1, -1)
    border = cv2.BORDER_CONSTANT
    if len(fold.parts) == 1:
        whole = cv2.filter2D(folded, -1, kernel, None, fold.anchor, bias, border)
        return np.asarray(whole, np.float32).reshape(picture.shape)
    result = np.empty_like(folded)
    if fold.shared and result.size > NEW_PAGES:
        _claim(result)

    def fill(part: tuple[int, slice]) -> None:
        phase, rows = part
        source, into = folded[phase::d0][rows], result[phase::d0][rows]
        cv2.filter2D(source, -1, kernel, into, fold.anchor, bias, border)

    share_out(fill, fold.parts, fold.shared)
    for phase, rows in fold.parts:
        if rows.start and len(kernel) > 1:
            _mend(folded[phase::d0], kernel, fold, bias, rows.start, result[phase::d0])
    return result.reshape(picture.shape)


def _claim(memory: Floats) -> None:
    """Write to every page of new memory, each thread to those of its own part.

    Threads that write to the same new page at the same time both have one zeroed.
    """
    parts = np.array_split(memory.reshape(-1)[::PAGE], cv2.getNumThreads())
    share_out(lambda part: part.fill(0), parts, True)


def _mend(
    source: Floats, kernel: Floats, fold: Fold, bias: float, cut: int, into: Floats
) -> None:
    """Filter those rows again that read across a cut between two bands."""
    above, below = fold.anchor[1], len(kernel) - 1 - fold.anchor[1]
    first, last = max(cut - below, 0), min(cut + above, len(source))
    start = max(first - above, 0)
    rows = source[start : last + below]
    border = cv2.BORDER_CONSTANT
    found = cv2.filter2D(rows, -1, kernel, None, fold.anchor, bias, border)
    into[first:last] = found.reshape(rows.shape)[first - start : last - start]


def plan_fold(shape: tuple[int, ...], g: Geometry) -> Fold:
    """Plan to fold a picture into few parts, and without a copy where possible."""
    (top, bottom), (left, _) = g.pads
    pixels, copied = math.prod(shape[:2]), g.padding_mode != "zero" or grows(g)
    wide = copied or left % g.dilation[1] == shape[1] % g.dilation[1] == 0
    # Wide pixels are filtered faster; with little to filter the parts are too many.
    holes = (1, 1)
    few = pixels * math.prod(g.kernel_size) < FEW_PRODUCTS
    if not wide or few or pixels < SHARED_PIXELS:
        holes = _holes_left(g, 0 if copied else shape[1], 0 if copied else left)
    d0, d1 = apart = g.dilation[0] // holes[0], g.dilation[1] // holes[1]
    height, anchor, padding = shape[0], (left // d1, top // d0), None
    if copied or top % d0 or left % d1:
        height, anchor, padding = height + top + bottom, (0, 0), g
    elif shape[1] % d1:
        padding = replace(g, padding="valid")
    phases = whole = min(d0, height)
    threads = cv2.getNumThreads()
    shared = pixels < SHARED_PIXELS * d0 * d1 and pays_to_share(shape, g)
    if shared:
        # What would leave a thread without work is cut into bands, mended at last.
        whole -= phases % threads
    parts = [(phase, slice(None)) for phase in range(whole)]
    for phase in range(whole, phases):
        rows = len(range(phase, height, d0))
        cuts = pairwise(rows * number // threads for number in range(threads + 1))
        parts += [(phase, slice(first, last)) for first, last in cuts if first < last]
    return Fold(holes, apart, padding, anchor, tuple(parts), shared)


def _holes_left(g: Geometry, width: int, left: int) -> Pair:
    """Return the dilation that may stay in the kernel: filter2D skips its holes.

    The fewer parts a picture is folded into, the better, and then the narrower its
    pixels are; `width` and the padding on the left are whole multiples of these.
    """
    (k0, k1), (d0, d1) = g.kernel_size, g.dilation
    left_in = [
        (h0, h1)
        for h0 in range(1, d0 + 1)
        for h1 in range(1, d1 + 1)
        if d0 % h0 == d1 % h1 == width % (d1 // h1) == left % (d1 // h1) == 0
        and (h0 * (k0 - 1) + 1) * (h1 * (k1 - 1) + 1) < FOURIER_TAPS
    ]
    return max(left_in, default=(1, 1))


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
    if full.ndim == stride == 2:
        # Two neighbours are one number of 64 bits, whose lower half is the first one.
        pairs = full[:, : min(columns, full.shape[1] // 2) * 2].view(np.uint64)
        result[:, : pairs.shape[1]].view(np.uint32)[:] = pairs
        result[:, pairs.shape[1] :] = full[:, last:][:, : columns - pairs.shape[1]]
        return
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
