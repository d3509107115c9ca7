"""What is worked out once for all pictures of a size that are filtered with a stride.

:mod:`cnnviz.ops.phases` says what phases are, and filters by these plans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from cnnviz.ops.filtering import (
    BORDERS,
    FOURIER_TAPS,
    SHARED_PIXELS,
    grows,
    pays_to_share,
)
from cnnviz.ops.geometry import Geometry, Pair, output_size

Tap = tuple[Pair, Pair]

# Up to so many taps filter2D is about as fast as memory.
FAST_KERNEL = 9
# Up to so many taps for each row passed over, to take columns apart costs more than it
# saves; and sooner so where threads share the work and copy colours or padding: every
# step more is a wait at Python's lock.
SMALL_KERNEL, SMALL_SHARED_KERNEL = 16, 25
# Up to these many values, to filter all rows with a fast kernel is faster.
SMALL_PICTURE = 2**22
# Values of a band of rows, which stays in the cache from one step to the next. Threads
# with smaller bands mostly wait for each other at Python's lock; colours in larger ones
# take up to a tenth longer.
BAND = 2**19
# The columns of a picture are kept up to this stride.
KEPT_STRIDE = 4
# No kernel has more; the zeros that fill up the phases of a small picture would count.
MOST_PHASES = 32


@dataclass(frozen=True)
class Part:
    """The phase that begins at a row and a column, and what of the kernel reads it.

    Attributes
    ----------
    column : the column
    rows, columns : what begins at that row, of the picture and of the aligned kernel,
        and what begins at that column, of the kernel
    taps : of each tap the row and column in the aligned kernel, and how many rows down
        and columns to the right of the output it reads
    """

    column: int
    rows: slice
    columns: slice
    taps: tuple[Tap, ...]


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
    keeps : whether the columns of the picture are kept for another kernel
    size : rows and columns of the result
    step : rows and columns taken apart; columns that are not are thinned out at last
    kernel : rows and columns of the aligned kernel, which has zeros around it so that
        the same tap of all phases lies on the first output
    inside : where the kernel lies in it
    anchor : column and row of that tap
    columns : at which phases begin
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
    inside: tuple[slice, slice]
    anchor: Pair
    columns: tuple[int, ...]
    parts: tuple[Part, ...]
    bands: tuple[Band, ...]
    shared: bool


def plan_phases(shape: tuple[int, ...], g: Geometry, frozen: bool) -> Plan | None:
    """Plan the phases of a picture, or None where to filter and thin out is faster.

    Parameters
    ----------
    shape : of the picture
    g : Geometry that fits it
    frozen : whether the picture :func:`~cnnviz.ops.kept.never_changes`
    """
    step = _step(shape, g)
    if keeps := frozen and _may_keep(shape, g):
        step = g.stride
    if not step:
        return None
    copied = grows(g) or g.padding_mode == "circular"
    mirrored = g.padding_mode in ("reflect", "replicate")
    pads = copied or (mirrored and step[0] > 1), copied or (mirrored and step[1] > 1)
    before, (above, left), kernel = _align(g, step, pads)
    parts = _parts(g, step, before, (above, left))
    large = math.prod(shape[:2]) >= SHARED_PIXELS
    plan = Plan(
        g,
        pads,
        cv2.BORDER_CONSTANT if all(pads) else BORDERS[g.padding_mode],
        keeps,
        output_size(shape[:2], g),
        step,
        kernel,
        (
            slice(before[0], before[0] + g.extent[0]),
            slice(before[1], before[1] + g.extent[1]),
        ),
        (left, above),
        tuple(sorted({part.column for part in parts})),
        parts,
        (),
        large or (step[1] == 1 and pays_to_share(shape, g)),
    )
    return replace(plan, bands=_bands(shape, plan))


def _needs_padding(g: Geometry) -> bool:
    """Tell whether there is padding that filter2D does not add to a phase."""
    return g.padding_mode != "zero" or grows(g)


def _step(shape: tuple[int, ...], g: Geometry) -> Pair | None:
    """Choose what to take apart, or None where to filter all and thin out is faster."""
    (s0, s1), taps = g.stride, math.prod(g.kernel_size)
    if s0 == s1 == 1 or max(s0, s1) > MOST_PHASES:
        return None
    shared = pays_to_share(shape, g)
    slow = shared and (shape[2:] or _needs_padding(g))
    small_kernel = SMALL_SHARED_KERNEL if slow else SMALL_KERNEL
    apart = s1 > 1 and taps > small_kernel * s0
    step = s0, s1 if apart else 1
    if -(-g.extent[0] // step[0]) * -(-g.extent[1] // step[1]) >= FOURIER_TAPS:
        return None
    if apart or (s1 > 1 and shared):
        return step
    # What is left is to pass over rows, which is not worth a copy.
    free = s1 == 1 and math.prod(shape) <= SMALL_PICTURE
    if s0 == 1 or (taps <= FAST_KERNEL and (free or _needs_padding(g))):
        return None
    return step


def _may_keep(shape: tuple[int, ...], g: Geometry) -> bool:
    """Tell whether columns may be kept: a small picture's, for a small kernel."""
    small = math.prod(shape[:2]) < SHARED_PIXELS
    small_kernel = math.prod(g.kernel_size) <= SMALL_KERNEL
    columns = 1 < g.stride[1] and max(g.stride) <= KEPT_STRIDE
    return small and small_kernel and columns and not _needs_padding(g)


def _align(g: Geometry, step: Pair, pads: tuple[bool, bool]) -> tuple[Pair, Pair, Pair]:
    """Return ``before``, ``anchor`` and ``kernel`` of a plan."""
    first = [0 if copied else pad[0] for copied, pad in zip(pads, g.pads, strict=True)]
    before = -first[0] % step[0], -first[1] % step[1]
    anchor = (first[0] + before[0]) // step[0], (first[1] + before[1]) // step[1]
    rows, columns = (
        s * max(a + 1, -(-(b + e) // s))
        for s, a, b, e in zip(step, anchor, before, g.extent, strict=True)
    )
    return before, anchor, (rows, columns)


def _parts(g: Geometry, step: Pair, before: Pair, anchor: Pair) -> tuple[Part, ...]:
    taps: dict[Pair, list[Tap]] = {}
    for at in np.ndindex(g.kernel_size):
        row, column = (
            b + d * n for b, d, n in zip(before, g.dilation, at, strict=True)
        )
        move = row // step[0] - anchor[0], column // step[1] - anchor[1]
        phase = row % step[0], column % step[1]
        taps.setdefault(phase, []).append(((row, column), move))
    parts = [
        Part(column, slice(row, None, step[0]), slice(column, None, step[1]), (*read,))
        for (row, column), read in taps.items()
    ]
    return tuple(sorted(parts, key=lambda part: -len(part.taps)))


def _bands(shape: tuple[int, ...], plan: Plan) -> tuple[Band, ...]:
    step, (top, bottom) = plan.step[0], plan.g.pads[0] if plan.pads[0] else (0, 0)
    above = plan.anchor[1]
    below = plan.kernel[0] // step - above
    if plan.border != cv2.BORDER_CONSTANT and not plan.pads[0]:
        # The rows that filter2D repeats at an end it has to see, even from a thin band.
        above, below = max(above, below), max(below, above + 1)
    last_row = shape[0] + bottom
    bands = []
    for first, last in _cuts(shape, plan):
        start, end = max(first - above, 0), last - 1 + below
        rows = start * step - top, min(end * step - top, last_row)
        bands.append(Band((first, last), rows, slice(first - start, last - start)))
    return tuple(bands)


def _cuts(shape: tuple[int, ...], plan: Plan) -> list[Pair]:
    """Divide the rows of the result, so that every thread has some to fill.

    Those that read rows of padding, be it for the zeros around the kernel, are bands of
    their own, as these are copied.
    """
    rows, step = plan.size[0], plan.step[0]
    threads = cv2.getNumThreads() if plan.shared else 1
    height = max(1, BAND // (step * math.prod(shape[1:])))
    height = min(height, -(-rows // threads))
    cuts = {*range(0, rows, height), rows}
    if plan.pads[0] and len(cuts) > 2:
        top = plan.g.pads[0][0]
        ends = -(-top // step), (top + shape[0] - plan.kernel[0]) // step + 1
        cuts |= {end for end in ends if 0 < end < rows}
    return list(pairwise(sorted(cuts)))
