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

# Up to these many taps for each row passed over, filter2D is as fast as memory. To take
# columns apart then costs more than it saves, and sooner so where padding or colours
# are copied or threads share the work: every step more is a wait at Python's lock.
SMALL_KERNEL, SMALL_COPIED_KERNEL = 9, 25
# Up to these many values, to filter all rows with a small kernel is faster.
SMALL_PICTURE = 2**22
# Values of a band of rows, which stays in the cache from one step to the next. Threads
# with smaller bands mostly wait for each other at Python's lock.
BAND = 2**19
# No kernel has more; the zeros that fill up the phases of a small picture would count.
MOST_PHASES = 32
# The phases of a picture are kept up to this stride, which is OpenCV's limit too for
# taking columns apart all at once.
KEPT_STRIDE = 4


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
    copied = grows(g) or g.padding_mode == "circular"
    mirrored = g.padding_mode in ("reflect", "replicate")
    pads = copied or (mirrored and step[0] > 1), copied or (mirrored and step[1] > 1)
    before, anchor, kernel = _align(g, step, pads)
    large = math.prod(shape[:2]) >= SHARED_PIXELS
    plan = Plan(
        g,
        pads,
        cv2.BORDER_CONSTANT if all(pads) else BORDERS[g.padding_mode],
        keeps and step[1] > 1,
        output_size(shape[:2], g),
        step,
        kernel,
        before,
        anchor,
        _parts(g, step, before, anchor),
        (),
        large or (step[1] == 1 and pays_to_share(shape, g)),
    )
    return replace(plan, bands=_bands(shape, plan))


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


def _bands(shape: tuple[int, ...], plan: Plan) -> tuple[Band, ...]:
    step, (top, bottom) = plan.step[0], plan.g.pads[0] if plan.pads[0] else (0, 0)
    above, below = plan.anchor[0], plan.kernel[0] // step - plan.anchor[0]
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

    Those that read rows of padding are bands of their own, as these are copied.
    """
    rows, step = plan.size[0], plan.step[0]
    threads = cv2.getNumThreads() if plan.shared else 1
    height = max(1, BAND // (step * math.prod(shape[1:])))
    height = min(height, -(-rows // threads))
    cuts = {*range(0, rows, height), rows}
    if plan.pads[0] and len(cuts) > 2:
        top = plan.g.pads[0][0]
        ends = -(-top // step), (top + shape[0] - plan.g.extent[0]) // step + 1
        cuts |= {end for end in ends if 0 < end < rows}
    return list(pairwise(sorted(cuts)))
