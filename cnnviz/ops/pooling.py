"""Maximum, average, minimum and L2 pooling, equal to torch's.

"max" is ``max_pool2d``, "min" is ``-max_pool2d(-x)``, "average" is ``avg_pool2d`` with
the padding counted (torch's default), "l2" is ``lp_pool2d`` with norm 2. Beyond torch,
every kind may be dilated and L2 may be padded. Padding counts as −∞ for a maximum, as ∞
for a minimum and as 0 for the sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import cv2
import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.convolution import correlate
from cnnviz.ops.filtering import (
    SHARED_PIXELS,
    padded,
    share_out,
    spread,
    thin_out,
)
from cnnviz.ops.geometry import (
    Geometry,
    Pair,
    Taps,
    is_inside,
    output_size,
    tap_coordinates,
    why_invalid,
    window,
)
from cnnviz.ops.phase_plans import BAND
from cnnviz.ops.phases import columns_apart, scratch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

PoolKind = Literal["max", "average", "min", "l2"]
POOL_KINDS: tuple[PoolKind, ...] = get_args(PoolKind)
FILL: dict[PoolKind, float] = {"max": -math.inf, "average": 0, "min": math.inf, "l2": 0}


@dataclass(frozen=True, eq=False)
class PoolTerms:
    """One pooled value written out.

    Attributes
    ----------
    taps : where the window lies
    values : float32 (Kh, Kw)
        The map under the window, padding filled.
    chosen : (row, column) of the largest or smallest value in the window, the first
        if there are several; None for an average and L2, which every value enters
    total : the pooled value
    """

    taps: Taps
    values: Floats
    chosen: Pair | None
    total: float


def why_invalid_pool(size: Pair, g: Geometry) -> str | None:
    """Say in one sentence why `g` cannot pool a map of `size`, or None.

    Torch's rules, and no window may lie in the padding with all its taps.
    """
    if reason := why_invalid(size, g, "window"):
        return reason
    if g.padding_mode != "zero":
        return "Pooling knows one kind of padding only; choose zero padding."
    for axis, unit in enumerate(("rows", "columns")):
        pad, half = max(g.pads[axis]), g.kernel_size[axis] // 2
        if pad > half:
            return (
                f"Pooling pads by at most half its window, here {half} {unit} and not "
                f"{pad}; lower the padding or choose a larger window."
            )
        taps = tap_coordinates(np.arange(output_size(size, g)[axis]), g, axis)
        if not is_inside(taps, size[axis]).any(axis=1).all():
            return (
                f"With dilation {g.dilation[axis]} a window would see padding only and "
                f"none of the {size[axis]} {unit}; lower the dilation or the padding."
            )
    return None


def pool(picture: Floats, kind: PoolKind, g: Geometry) -> Floats:
    """Pool a map; each channel of a colour picture by itself.

    Parameters
    ----------
    picture : float32 (H, W) or (H, W, 3), without NaN
    kind : one of ``POOL_KINDS``
    g : Geometry; ``kernel_size`` is the pooling window

    Returns
    -------
    float32 (H', W') or (H', W', 3)
        A new array of :func:`~cnnviz.ops.geometry.output_size`.

    Raises
    ------
    InputError
        With the sentence of :func:`why_invalid_pool`.
    """
    if reason := why_invalid_pool(picture.shape[:2], g):
        raise InputError(reason)
    if any(map(any, g.pads)):
        picture, g = padded(picture, g, fill=FILL[kind]), replace(g, padding="valid")
    match kind:
        case "average":
            return _sums(picture, g) / np.float32(math.prod(g.kernel_size))
        case "l2":
            return np.sqrt(_sums(picture * picture, g))
        case _ if g.kernel_size == g.stride and g.dilation == (1, 1):
            return _tiles(picture, cv2.max if kind == "max" else cv2.min, g)
        case _:
            choose = cv2.dilate if kind == "max" else cv2.erode
            element = spread(np.ones(g.kernel_size, np.uint8), g.dilation)
            full = np.asarray(choose(picture, element, anchor=(0, 0)), np.float32)
            return thin_out(full, output_size(picture.shape[:2], g), g.stride)


def pool_terms(plane: Floats, kind: PoolKind, g: Geometry, position: Pair) -> PoolTerms:
    """Write out the value of :func:`pool` at `position` of one plane (H, W).

    Raises
    ------
    InputError
        With the sentence of :func:`why_invalid_pool`.
    IndexError
        If `position` lies outside the output.
    """
    if reason := why_invalid_pool(plane.shape, g):
        raise InputError(reason)
    taps = window(position, plane.shape, g)
    values = taps.read(plane, FILL[kind])
    exact = values.astype(np.float64).ravel()
    match kind:
        case "average":
            return PoolTerms(taps, values, None, math.fsum(exact) / exact.size)
        case "l2":
            return PoolTerms(taps, values, None, math.hypot(*exact))
        case _:
            place = int(exact.argmax() if kind == "max" else exact.argmin())
            chosen = divmod(place, values.shape[1])
            return PoolTerms(taps, values, chosen, float(exact[place]))


def _tiles(picture: Floats, better: Callable[..., Any], g: Geometry) -> Floats:
    """Take the best of windows side by side: of their rows, then of their columns.

    It is done in bands of rows, which stay in the cache; those of a large map are
    shared out among the processors.
    """
    (rows, columns), (k0, k1) = output_size(picture.shape[:2], g), g.kernel_size
    result = np.empty((rows, columns, *picture.shape[2:]), np.float32)
    height = max(1, BAND // (k0 * picture[0].size))

    def fill(first: int) -> None:
        into = result[first : first + height]
        band = picture[first * k0 :, : columns * k1][: len(into) * k0]
        best = scratch("rows", band[::k0].shape)
        _best_of([band[row::k0] for row in range(k0)], better, best)
        phases = columns_apart(best, (1, k1), range(k1))
        _best_of(list(phases.values()), better, into)

    large = math.prod(picture.shape[:2]) >= SHARED_PIXELS
    share_out(fill, range(0, rows, height), large)
    return result


def _best_of(parts: list[Floats], better: Callable[..., Any], into: Floats) -> None:
    """Put the best of all parts, value by value, into an array of their shape."""
    if len(parts) == 1:
        into[:] = parts[0]
        return
    better(parts[0], parts[1], into)
    for part in parts[2:]:
        better(into, part, into)


def _sums(picture: Floats, g: Geometry) -> Floats:
    """Sum the windows without padding, down and then across.

    So even a large window stays below the taps from which a Fourier transform would
    leave small numbers in place of zeros.
    """
    (k0, k1), (s0, s1), (d0, d1) = g.kernel_size, g.stride, g.dilation
    down = Geometry((k0, 1), (s0, 1), dilation=(d0, 1))
    across = Geometry((1, k1), (1, s1), dilation=(1, d1))
    sums = correlate(picture, np.ones(down.kernel_size), down)
    return correlate(sums, np.ones(across.kernel_size), across)
