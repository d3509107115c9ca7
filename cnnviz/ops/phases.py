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
from cnnviz.ops.geometry import Pair, source_pixels
from cnnviz.ops.kept import keep, kept_of
from cnnviz.ops.phase_plans import KEPT_STRIDE, Band, Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rectangle = tuple[slice, slice]

# So many taps are added one by one sooner than filter2D begins.
FEW_TAPS = 3

_thread = threading.local()


def filter_by_phases(
    picture: Floats, kernel: Floats, plan: Plan, bias: float
) -> Floats:
    """Correlate with the stride of a plan, in bands of rows.

    Those of a large picture are shared out among the processors.
    """
    aligned = np.zeros(plan.kernel, np.float32)
    aligned[plan.before[0] :, plan.before[1] :][: len(kernel), : kernel.shape[1]] = (
        kernel
    )
    result = np.empty((*plan.size, *picture.shape[2:]), np.float32)

    def fill(band: Band) -> None:
        if plan.keeps:
            phases = _phases_kept(picture, plan, band)
        else:
            phases = _phases(_rows_around(picture, band.rows, plan), plan)
        first, last = band.result
        _sum_of_filters(phases, aligned, plan, bias, band.inside, result[first:last])

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


def _phases(rows: Floats, plan: Plan) -> list[Floats]:
    """Take apart a band of rows, filled up with zeros."""
    if plan.step[1] == 1:
        length = -(-len(rows) // plan.step[0])
        phases = [rows[part.at[0] :: plan.step[0]] for part in plan.parts]
        return [_with_zeros(phase, length - len(phase)) for phase in phases]
    columns = columns_apart(rows, plan.step, {part.at[1] for part in plan.parts})
    return [columns[part.at[1]][part.at[0] :: plan.step[0]] for part in plan.parts]


def _phases_kept(picture: Floats, plan: Plan, band: Band) -> list[Floats]:
    """Take a frozen picture apart once for all the kernels that it is filtered with."""
    step = plan.step
    phases = kept_of(picture, step)
    if not phases:
        columns = columns_apart(picture, step, set(range(step[1])))
        phases = {
            (row, column): columns[column][row :: step[0]].copy()
            for row in range(step[0])
            for column in range(step[1])
        }
        keep(picture, step, phases)
    start, end = (-(-row // step[0]) for row in band.rows)
    return [phases[part.at][start:end] for part in plan.parts]


def columns_apart(picture: Floats, step: Pair, wanted: set[int]) -> dict[int, Floats]:
    """Copy every ``step[1]``-th column: from the first on, from the second on, ...

    Zeros fill up what is missing to whole multiples of the step in height and width.
    With single columns the picture itself is returned.
    """
    (height, width), stride = picture.shape[:2], step[1]
    if stride == 1:
        return {0: picture}
    rows, whole = -(-height // step[0]) * step[0], width // stride
    size = (rows, -(-width // stride), *picture.shape[2:])
    at_once = picture.ndim == 2 and stride <= KEPT_STRIDE
    names = range(stride) if at_once else wanted
    phases = {q: scratch(f"phase {q}", size) for q in names}
    inside = [phase[:height, :whole] for phase in phases.values()]
    if whole and at_once:
        pixels = picture[:, : whole * stride].reshape(height, whole, stride)
        cv2.split(pixels, inside)
    elif whole:
        for q, into in zip(names, inside, strict=True):
            thin_columns(picture[:, q:], stride, into)
    for q, phase in phases.items():
        last = whole * stride + q
        phase[height:] = 0
        phase[:height, whole:] = picture[:, last : last + 1] if last < width else 0
    return phases


def _sum_of_filters(
    phases: list[Floats],
    kernel: Floats,
    plan: Plan,
    bias: float,
    inside: slice,
    into: Floats,
) -> None:
    """Correlate each phase with its kernel, add up, and keep the rows `inside`."""
    anchor, border = (plan.anchor[1], plan.anchor[0]), plan.border
    whole = plan.step == plan.g.stride and phases[0].shape == into.shape
    total = into if whole else scratch("total", phases[0].shape)
    weights = kernel.tolist()
    for number, (part, phase) in enumerate(zip(plan.parts, phases, strict=True)):
        few = len(part.taps) <= FEW_TAPS and border == cv2.BORDER_CONSTANT
        if number and few:
            for (row, column), move in part.taps:
                _add_tap(phase, weights[row][column], move, total)
            continue
        every = kernel[part.at[0] :: plan.step[0], part.at[1] :: plan.step[1]]
        found = scratch("part", phase.shape) if number else total
        offset = 0.0 if number else bias
        cv2.filter2D(phase, -1, every, found, anchor, offset, border)
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


def _with_zeros(phase: Floats, below: int) -> Floats:
    """Return a phase with rows of zeros below, itself if there are none."""
    if not below:
        return phase
    zeros = np.zeros((below, *phase.shape[1:]), np.float32)
    return np.concatenate([phase, zeros])


def scratch(name: str, shape: tuple[int, ...]) -> Floats:
    """Return memory of this thread: new memory costs as much as a small filter."""
    memory: dict[str, Floats] = _thread.__dict__
    size = math.prod(shape)
    if name not in memory or memory[name].size < size:
        memory[name] = np.empty(size, np.float32)
    return memory[name][:size].reshape(shape)
