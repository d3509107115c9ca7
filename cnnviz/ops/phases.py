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
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cnnviz.ops.edges import mend
from cnnviz.ops.filtering import (
    BORDERS,
    FOURIER_TAPS,
    SHARED_PIXELS,
    grows,
    padded,
    pays_to_share,
    share_out,
    thin_columns,
)
from cnnviz.ops.geometry import Geometry, Pair, output_size
from cnnviz.ops.kept import keep, kept_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.kept import Phases

    Floats = NDArray[np.float32]
    Rectangle = tuple[slice, slice]

# Up to these many taps filter2D is as fast as memory. To take columns apart then costs
# more than it saves, and sooner so where colours are copied or threads share the work:
# every step more is a wait at Python's lock.
SMALL_KERNEL, SMALL_SHARED_KERNEL = 9, 25
# Up to these many values, to filter all rows with a small kernel is faster.
SMALL_PICTURE = 2**22
# Values of a band of rows, which stays in the cache from one step to the next. Threads
# with smaller bands mostly wait for each other at Python's lock.
BAND = 2**19
# No kernel has more; the zeros that fill up the phases of a small picture would count.
MOST_PHASES = 32
# So many taps are added one by one sooner than filter2D begins.
FEW_TAPS = 3
# The phases of a picture are kept up to this stride, which is OpenCV's limit too for
# taking columns apart all at once.
KEPT_STRIDE = 4

_thread = threading.local()


@dataclass(frozen=True)
class Part:
    """The phase that begins at a row and a column, and what of the kernel reads it.

    Attributes
    ----------
    at : the row and the column
    taps : of each tap the row and column in the aligned kernel, and how many rows down
        and columns to the right of the output it reads
    """

    at: Pair
    taps: tuple[tuple[Pair, Pair], ...]


@dataclass(frozen=True)
class Plan:
    """How to correlate a picture of one size, whatever is in it and in the kernel.

    Attributes
    ----------
    g : Geometry
    pads : whether the picture is padded first, and not while it is filtered
    mends : the axes at whose edges it is filtered as if padded with zeros, and then
        once more
    border : what filter2D does at the other edges
    keeps : whether the phases of the picture are kept for another kernel
    size : rows and columns of the result
    step : rows and columns taken apart; columns that are not are thinned out at last
    kernel : rows and columns of the aligned kernel, which has zeros around it so that
        the same tap of all phases lies on the first output
    before : zero rows and columns before the kernel
    anchor : row and column of that tap
    parts : those with most taps first
    bands : first and last row of the result, band for band
    shared : whether the bands are worth several threads
    """

    g: Geometry
    pads: bool
    mends: tuple[int, ...]
    border: int
    keeps: bool
    size: Pair
    step: Pair
    kernel: Pair
    before: Pair
    anchor: Pair
    parts: tuple[Part, ...]
    bands: tuple[Pair, ...]
    shared: bool


@lru_cache(256)
def plan_phases(shape: tuple[int, ...], g: Geometry, again: bool) -> Plan | None:
    """Plan the phases of a picture, or None where to filter and thin out is faster.

    Parameters
    ----------
    shape : of the picture
    g : Geometry that fits it
    again : whether the picture :func:`~cnnviz.ops.kept.comes_again`
    """
    large = math.prod(shape[:2]) >= SHARED_PIXELS
    mends = large and g.padding_mode != "zero" and not grows(g)
    pads = _needs_padding(g) and not mends
    keeps = again and not pads and not large and max(g.stride) <= KEPT_STRIDE
    step = _step(shape, g, keeps)
    if not step:
        return None
    whole_rows = mends and step[1] == 1 and g.padding_mode != "circular"
    size = output_size(shape[:2], g)
    first = [0 if pads else pad for pad, _ in g.pads]
    before = -first[0] % step[0], -first[1] % step[1]
    anchor = (first[0] + before[0]) // step[0], (first[1] + before[1]) // step[1]
    rows, columns = (
        s * max(a + 1, -(-(b + e) // s))
        for s, a, b, e in zip(step, anchor, before, g.extent, strict=True)
    )
    shared = large or (step[1] == 1 and pays_to_share(shape, g))
    return Plan(
        g,
        pads,
        ((0,) if whole_rows else (0, 1)) if mends else (),
        BORDERS[g.padding_mode] if whole_rows else cv2.BORDER_CONSTANT,
        keeps,
        size,
        step,
        (rows, columns),
        before,
        anchor,
        _parts(g, step, before, anchor),
        _bands(shape, size[0], step, cv2.getNumThreads() if shared else 1),
        shared,
    )


def _needs_padding(g: Geometry) -> bool:
    """Tell whether there is padding that filter2D does not add to a phase."""
    return g.padding_mode != "zero" or grows(g)


def _step(shape: tuple[int, ...], g: Geometry, keeps: bool) -> Pair | None:
    """Choose what to take apart, or None where to filter all and thin out is faster."""
    (s0, s1), taps = g.stride, math.prod(g.kernel_size)
    if s0 == s1 == 1 or max(s0, s1) > MOST_PHASES:
        return None
    shared = pays_to_share(shape, g)
    small = SMALL_SHARED_KERNEL if shape[2:] or shared else SMALL_KERNEL
    apart = s1 > 1 and (keeps or taps > small)
    step = s0, s1 if apart else 1
    if -(-g.extent[0] // step[0]) * -(-g.extent[1] // step[1]) >= FOURIER_TAPS:
        return None
    if apart or (s1 > 1 and shared):
        return step
    # What is left is to pass over rows, which is not worth a copy or edges to mend.
    small_one = math.prod(shape) <= SMALL_PICTURE
    if taps <= SMALL_KERNEL and (small_one or _needs_padding(g)):
        return None
    return step if s0 > 1 else None


def _bands(
    shape: tuple[int, ...], rows: int, step: Pair, threads: int
) -> tuple[Pair, ...]:
    """Divide the rows of the result, so that every thread has some to fill."""
    height = max(1, BAND // (step[0] * math.prod(shape[1:])))
    height = min(height, -(-rows // threads))
    return tuple((at, min(at + height, rows)) for at in range(0, rows, height))


def _parts(g: Geometry, step: Pair, before: Pair, anchor: Pair) -> tuple[Part, ...]:
    taps: dict[Pair, list[tuple[Pair, Pair]]] = {}
    for at in np.ndindex(g.kernel_size):
        row, column = (
            b + d * n for b, d, n in zip(before, g.dilation, at, strict=True)
        )
        move = row // step[0] - anchor[0], column // step[1] - anchor[1]
        phase = row % step[0], column % step[1]
        taps.setdefault(phase, []).append(((row, column), move))
    parts = (Part(at, tuple(found)) for at, found in taps.items())
    return tuple(sorted(parts, key=lambda part: -len(part.taps)))


def filter_by_phases(
    picture: Floats, kernel: Floats, plan: Plan, bias: float
) -> Floats:
    """Correlate with the stride of a plan, in bands of rows.

    Those of a large picture are shared out among the processors.
    """
    kept = _phases_kept(picture, plan.step) if plan.keeps else None
    if plan.pads:
        picture = padded(picture, plan.g)
    aligned = np.zeros(plan.kernel, np.float32)
    aligned[plan.before[0] :, plan.before[1] :][: len(kernel), : kernel.shape[1]] = (
        kernel
    )
    result = np.empty((*plan.size, *picture.shape[2:]), np.float32)
    above, below = plan.anchor[0], plan.kernel[0] // plan.step[0] - plan.anchor[0]

    def fill(band: Pair) -> None:
        first, last = band
        start, end = max(first - above, 0), last - 1 + below
        if kept:
            phases = [kept[part.at][start:end] for part in plan.parts]
        else:
            rows = picture[start * plan.step[0] : end * plan.step[0]]
            phases = _phases(rows, plan)
        inside = slice(first - start, last - start)
        _sum_of_filters(phases, aligned, plan, bias, inside, result[first:last])

    if plan.shared:
        share_out(fill, plan.bands)
    else:
        for band in plan.bands:
            fill(band)
    if plan.mends:
        mend(result, picture, kernel, plan.g, bias, plan.mends)
    return result


def _phases(rows: Floats, plan: Plan) -> list[Floats]:
    """Take apart a band of rows, filled up with zeros."""
    columns = columns_apart(rows, plan.step, {part.at[1] for part in plan.parts})
    return [columns[part.at[1]][part.at[0] :: plan.step[0]] for part in plan.parts]


def _phases_kept(picture: Floats, step: Pair) -> Phases:
    """Take a frozen picture apart once for all the kernels that it is filtered with."""
    kept = kept_of(picture, step)
    if kept and kept.phases:
        return kept.phases
    columns = columns_apart(picture, step, set(range(step[1])))
    phases = {
        (row, column): columns[column][row :: step[0]].copy()
        for row in range(step[0])
        for column in range(step[1])
    }
    keep(picture, step, phases)
    return phases


def columns_apart(picture: Floats, step: Pair, wanted: set[int]) -> dict[int, Floats]:
    """Copy every ``step[1]``-th column: from the first on, from the second on, ...

    Zeros fill up what is missing to whole multiples of the step in height and width.
    """
    (height, width), stride = picture.shape[:2], step[1]
    rows, whole = -(-height // step[0]) * step[0], width // stride
    if stride == 1:
        below = rows - height
        return {0: _with_zeros(picture, below) if below else picture}
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


def _with_zeros(picture: Floats, below: int) -> Floats:
    result = cv2.copyMakeBorder(picture, 0, below, 0, 0, cv2.BORDER_CONSTANT)
    return np.asarray(result, np.float32)


def scratch(name: str, shape: tuple[int, ...]) -> Floats:
    """Return memory of this thread: new memory costs as much as a small filter."""
    memory: dict[str, Floats] = _thread.__dict__
    size = math.prod(shape)
    if name not in memory or memory[name].size < size:
        memory[name] = np.empty(size, np.float32)
    return memory[name][:size].reshape(shape)
