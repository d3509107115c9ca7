"""Correlation with a stride, without the sums that the stride passes over.

Output i reads the pixels i·s, i·s + 1, … So every s-th row and column is taken as a
picture of its own, and so is every s-th row and column of the kernel; what these small
filters give is summed (the polyphase identity). The small pictures are called phases
and are known by the row and the column, from 0 to s − 1, that they begin with.

Pictures are float32 (H, W) or (H, W, 3), kernels float32 (Kh, Kw) with their holes.
"""

from __future__ import annotations

import math
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cnnviz.ops.filtering import BORDERS, share_out, thin_columns
from cnnviz.ops.geometry import source_pixels
from cnnviz.ops.kept import keep, kept_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.phase_plans import Band, Plan

    Floats = NDArray[np.float32]
    Columns = dict[int, Floats]
    Rectangle = tuple[slice, slice]

# So many taps are added one by one sooner than filter2D begins.
FEW_TAPS = 3
# OpenCV takes up to so many columns apart all at once.
SPLIT_STRIDE = 4

_thread = threading.local()


def filter_by_phases(
    picture: Floats, kernel: Floats, plan: Plan, bias: float
) -> Floats:
    """Correlate with the stride of a plan, in bands of rows.

    Those of a large picture are shared out among the processors.
    """
    aligned = np.zeros(plan.kernel, np.float32)
    aligned[plan.inside] = kernel
    result = np.empty((*plan.size, *picture.shape[2:]), np.float32)

    def fill(band: Band) -> None:
        columns = _columns(picture, band, plan)
        first, last = band.result
        _sum_of_filters(columns, aligned, plan, bias, band.inside, result[first:last])

    share_out(fill, plan.bands, plan.shared)
    return result


def _rows_around(picture: Floats, rows: Pair, plan: Plan) -> Floats:
    """Return rows of a picture with their padding, copied only if there is some."""
    (first, last), height, mode = rows, len(picture), plan.g.padding_mode
    above, below = max(-first, 0), max(last - height, 0)
    part = picture[max(first, 0) : max(last, 0)]
    complete = mode != "circular" or len(part) == height
    if (above or below) and not (complete and len(part) > max(above, below)):
        # OpenCV does not see the rows that these repeat.
        sources = source_pixels(np.arange(first, last), height, mode)
        part = picture.take(sources, 0)
        part[sources < 0] = 0
        above = below = 0
    left, right = plan.g.pads[1] if plan.pads[1] else (0, 0)
    if not (above or below or left or right):
        return part
    copy = cv2.copyMakeBorder(part, above, below, left, right, BORDERS[mode])
    return np.asarray(copy, np.float32)


def _columns(picture: Floats, band: Band, plan: Plan) -> Columns:
    """Take the columns of a band apart, those of a picture that stays only once."""
    if not plan.keeps:
        rows = _rows_around(picture, band.rows, plan)
        return columns_apart(rows, plan.step, plan.columns)
    step = plan.step
    columns = kept_of(picture, step)
    if not columns:
        columns = columns_apart(picture, step, range(step[1]), new=True)
        keep(picture, step, columns)
    first, last = band.rows
    whole = slice(first, -(-last // step[0]) * step[0])
    return {q: columns[q][whole] for q in plan.columns}


def columns_apart(
    picture: Floats, step: Pair, wanted: Sequence[int], *, new: bool = False
) -> Columns:
    """Copy every ``step[1]``-th column: from the first on, from the second on, ...

    Zeros fill up what is missing to whole multiples of the step in height and width.
    The copies lie in memory of this thread, or in `new` memory; with single columns the
    picture itself is returned.
    """
    (height, width), stride = picture.shape[:2], step[1]
    if stride == 1:
        return {0: picture}
    rows, whole = -(-height // step[0]) * step[0], width // stride
    at_once = picture.ndim == 2 and stride <= SPLIT_STRIDE
    names = range(stride) if at_once else wanted
    size = (rows, -(-width // stride), *picture.shape[2:])
    columns = dict(zip(names, _unlike(len(names), size, new), strict=True))
    inside = [column[:height, :whole] for column in columns.values()]
    if whole and at_once:
        pixels = picture[:, : whole * stride].reshape(height, whole, stride)
        cv2.split(pixels, inside)
    elif whole:
        for q, into in zip(names, inside, strict=True):
            thin_columns(picture[:, q:], stride, into)
    if size[:2] != (height, whole):
        for q, column in columns.items():
            last = whole * stride + q
            column[height:] = 0
            column[:height, whole:] = picture[:, last : last + 1] if last < width else 0
    return columns


def _unlike(count: int, shape: tuple[int, ...], new: bool) -> list[Floats]:
    """Return memory for pictures that begin at unlike addresses.

    Where all are equally far from a multiple of 64 bytes ``cv2.split`` writes past the
    cache, and what reads them waits for the memory.
    """
    size = math.prod(shape)
    every = count, -(-size // 16) * 16 + 4
    block = np.empty(every, np.float32) if new else scratch("columns", every)
    return [row[:size].reshape(shape) for row in block]


def _sum_of_filters(
    columns: Columns,
    kernel: Floats,
    plan: Plan,
    bias: float,
    inside: slice,
    into: Floats,
) -> None:
    """Correlate each phase with its kernel, add up, and keep the rows `inside`."""
    first = columns[plan.columns[0]]
    shape = (-(-len(first) // plan.step[0]), *first.shape[1:])
    whole = plan.step == plan.g.stride and shape == into.shape
    total = into if whole else scratch("total", shape)
    few = FEW_TAPS if plan.keeps else 0
    for number, part in enumerate(plan.parts):
        phase = columns[part.column][part.rows]
        if len(phase) < shape[0]:
            phase = np.concatenate([phase, np.zeros_like(phase, shape=(1, *shape[1:]))])
        if number and len(part.taps) <= few:
            for at, move in part.taps:
                _add_tap(phase, float(kernel[at]), move, total)
            continue
        found = scratch("part", shape) if number else total
        offset = 0.0 if number else bias
        weights = kernel[part.rows, part.columns]
        cv2.filter2D(phase, -1, weights, found, plan.anchor, offset, plan.border)
        if number:
            cv2.add(total, found, total)
    if total is not into:
        thin_columns(total[inside], plan.g.stride[1] // plan.step[1], into)


def _add_tap(phase: Floats, weight: float, move: Pair, total: Floats) -> None:
    """Add `weight` times a phase that is moved down and right by so many pixels."""
    if not weight:
        return
    read, into = _overlap(total.shape[:2], move)
    part = total[into]
    if part.size:
        cv2.scaleAdd(phase[read], weight, part, part)


@lru_cache(256)
def _overlap(size: Pair, move: Pair) -> tuple[Rectangle, Rectangle]:
    """Return what a picture of `size` and itself, moved, have in common."""
    ranges = [
        (slice(max(m, 0), max(n + min(m, 0), 0)), slice(max(-m, 0), max(n - m, 0)))
        for n, m in zip(size, move, strict=True)
    ]
    return (ranges[0][0], ranges[1][0]), (ranges[0][1], ranges[1][1])


def scratch(name: str, shape: tuple[int, ...]) -> Floats:
    """Return memory of this thread: new memory costs as much as a small filter."""
    memory: dict[str, Floats] = _thread.__dict__
    last = memory.get(name)
    if last is not None and last.shape == shape:
        return last
    size = math.prod(shape)
    found = None if last is None else last.base
    if found is None or found.size < size:
        found = np.empty(size, np.float32)
    memory[name] = found[:size].reshape(shape)
    return memory[name]
