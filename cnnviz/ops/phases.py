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
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cnnviz.ops.filtering import (
    BORDERS,
    FOURIER_TAPS,
    SHARED_PIXELS,
    grows,
    pays_to_share,
    share_out,
    thin_columns,
)
from cnnviz.ops.geometry import Geometry, Pair, output_size, source_pixels
from cnnviz.ops.kept import keep, kept_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rectangle = tuple[slice, slice]

# Up to these many taps filter2D is as fast as memory. To take columns apart then costs
# more than it saves, and sooner so where padding or colours are copied or threads share
# the work: every step more is a wait at Python's lock.
SMALL_KERNEL, SMALL_COPIED_KERNEL = 9, 25
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
class Band:
    """Some rows of the result, and what they read.

    Attributes
    ----------
    result : first and last row of the result
    rows : first and last row of the picture, in its padding where a plan pads rows
    inside : which rows of the phases are those of the result
    """

    result: Pair
    rows: Pair
    inside: slice


@dataclass(frozen=True)
class Plan:
    """How to correlate a picture of one size, whatever is in it and in the kernel.

    Attributes
    ----------
    g : Geometry
    pads : whether bands are copied with their padding at top and bottom, and with that
        on the left and right; filter2D adds the rest
    border : what filter2D does there
    keeps : whether the phases of the picture are kept for another kernel
    size : rows and columns of the result
    step : rows and columns taken apart; columns that are not are thinned out at last
    kernel : rows and columns of the aligned kernel, which has zeros around it so that
        the same tap of all phases lies on the first output
    before : zero rows and columns before the kernel
    anchor : row and column of that tap
    parts : those with most taps first
    bands : those of the result
    shared : whether the bands are worth several threads
    """

    g: Geometry
    pads: tuple[bool, bool]
    border: int
    keeps: bool
    size: Pair
    step: Pair
    kernel: Pair
    before: Pair
    anchor: Pair
    parts: tuple[Part, ...]
    bands: tuple[Band, ...]
    shared: bool


@lru_cache(256)
def plan_phases(shape: tuple[int, ...], g: Geometry, frozen: bool) -> Plan | None:
    """Plan the phases of a picture, or None where to filter and thin out is faster.

    Parameters
    ----------
    shape : of the picture
    g : Geometry that fits it
    frozen : whether the picture :func:`~cnnviz.ops.kept.never_changes`
    """
    keeps = frozen and _may_keep(shape, g)
    step = _step(shape, g, keeps)
    if not step:
        return None
    size = output_size(shape[:2], g)
    natively = g.padding_mode in ("reflect", "replicate")
    copied = grows(g) or g.padding_mode == "circular"
    pads = tuple(copied or (natively and s > 1) for s in step)
    first = [0 if copy else pad for copy, (pad, _) in zip(pads, g.pads, strict=True)]
    before = -first[0] % step[0], -first[1] % step[1]
    anchor = (first[0] + before[0]) // step[0], (first[1] + before[1]) // step[1]
    rows, columns = (
        s * max(a + 1, -(-(b + e) // s))
        for s, a, b, e in zip(step, anchor, before, g.extent, strict=True)
    )
    large = math.prod(shape[:2]) >= SHARED_PIXELS
    shared = large or (step[1] == 1 and pays_to_share(shape, g))
    above, below = anchor[0], rows // step[0] - anchor[0]
    if natively:
        # Where filter2D reflects rows, it has to see them.
        above, below = max(above, below), max(below, above + 1)
    height = shape[0] + (sum(g.pads[0]) if pads[0] else 0)
    up = g.pads[0][0] if pads[0] else 0
    # Only the first and the last rows are copied with their padding.
    ends = -(-up // step[0]), (up + shape[0] - g.extent[0]) // step[0] + 1
    return Plan(
        g,
        (pads[0], pads[1]),
        BORDERS[g.padding_mode] if natively else cv2.BORDER_CONSTANT,
        keeps and step[1] > 1,
        size,
        step,
        (rows, columns),
        before,
        anchor,
        _parts(g, step, before, anchor),
        tuple(
            Band(
                (first, last),
                (start * step[0] - up, min(end * step[0], height) - up),
                slice(first - start, last - start),
            )
            for first, last in _bands(
                shape, size[0], step, shared, ends if pads[0] else ()
            )
            for start, end in [(max(first - above, 0), last - 1 + below)]
        ),
        shared,
    )


def _may_keep(shape: tuple[int, ...], g: Geometry) -> bool:
    """Tell whether the phases of a picture may be kept: a small one, as it is."""
    small = math.prod(shape[:2]) < SHARED_PIXELS and max(g.stride) <= KEPT_STRIDE
    return small and not _needs_padding(g)


def _needs_padding(g: Geometry) -> bool:
    """Tell whether there is padding that filter2D does not add to a phase."""
    return g.padding_mode != "zero" or grows(g)


def _step(shape: tuple[int, ...], g: Geometry, keeps: bool) -> Pair | None:
    """Choose what to take apart, or None where to filter all and thin out is faster."""
    (s0, s1), taps = g.stride, math.prod(g.kernel_size)
    if s0 == s1 == 1 or max(s0, s1) > MOST_PHASES:
        return None
    shared, copied = pays_to_share(shape, g), shape[2:] or _needs_padding(g)
    small = SMALL_COPIED_KERNEL if copied or shared else SMALL_KERNEL
    apart = s1 > 1 and (keeps or taps > small * s0)
    step = s0, s1 if apart else 1
    if -(-g.extent[0] // step[0]) * -(-g.extent[1] // step[1]) >= FOURIER_TAPS:
        return None
    if apart or (s1 > 1 and shared):
        return step
    # What is left is to pass over rows, which is not worth a copy.
    small_one = math.prod(shape) <= SMALL_PICTURE
    if taps <= SMALL_KERNEL and (small_one or _needs_padding(g)):
        return None
    return step if s0 > 1 else None


def _bands(
    shape: tuple[int, ...], rows: int, step: Pair, shared: bool, ends: Iterable[int]
) -> list[Pair]:
    """Divide the rows of the result, so that every thread has some to fill.

    `ends` are where the first rows end that reach into the padding, and where the last
    ones begin; those of a large picture are bands of their own.
    """
    threads = cv2.getNumThreads() if shared else 1
    height = max(1, BAND // (step[0] * math.prod(shape[1:])))
    height = min(height, -(-rows // threads))
    cuts = {*range(0, rows, height), rows}
    if len(cuts) > 2:
        cuts |= {end for end in ends if 0 < end < rows}
    return list(pairwise(sorted(cuts)))


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

    if plan.shared:
        share_out(fill, plan.bands)
    else:
        for band in plan.bands:
            fill(band)
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
    """
    (height, width), stride = picture.shape[:2], step[1]
    rows, whole = -(-height // step[0]) * step[0], width // stride
    if stride == 1:
        return {0: picture}
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
