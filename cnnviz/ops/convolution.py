"""Cross-correlation and true convolution of pictures, equal to ``torch.nn.Conv2d``.

Pictures are float32 planes (H, W) or colour pictures (H, W, 3), whose channels are
filtered one by one with the same kernel. :mod:`cnnviz.ops.filtering` does the sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.filtering import (
    FOURIER_TAPS,
    Fold,
    filter_all,
    filter_folded,
    plan_fold,
    spread,
    thin_out,
)
from cnnviz.ops.geometry import Geometry, Pair, Taps, output_size, window
from cnnviz.ops.kept import never_changes
from cnnviz.ops.phase_plans import Plan, plan_phases
from cnnviz.ops.phases import filter_by_phases

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Terms:
    """One output value written out.

    Attributes
    ----------
    taps : where the window lies
    values, weights : float32 (Kh, Kw)
        The picture under the window, padding filled, and the kernel over it.
    products : float64 (Kh, Kw), exact
    bias : float
    total : float
        The sum of all products and the bias, rounded once.
    """

    taps: Taps
    values: Floats
    weights: Floats
    products: NDArray[np.float64]
    bias: float
    total: float


def correlate(
    picture: Floats, kernel: ArrayLike, g: Geometry, bias: float = 0.0
) -> Floats:
    """Slide `kernel` over `picture` and sum the products: what CNNs call convolution.

    Parameters
    ----------
    picture : float32 (H, W) or (H, W, 3)
    kernel : (Kh, Kw), finite, of the geometry's kernel size
    g : Geometry
    bias : added to every output value

    Returns
    -------
    float32 (H', W') or (H', W', 3)
        A new array of :func:`~cnnviz.ops.geometry.output_size`; with padding left out
        it may be part of a larger one, because cropping costs as much as a filter.

    Raises
    ------
    InputError
        If the geometry does not fit the picture.
    """
    weights = _weights(kernel, g)
    way = _way(picture.shape, g, never_changes(picture))
    if way.phases:
        return filter_by_phases(picture, spread(weights, g.dilation), way.phases, bias)
    if way.fold:
        full = filter_folded(picture, weights, way.fold, bias)
    else:
        full = filter_all(picture, spread(weights, g.dilation), g, bias)
    if g.stride == (1, 1):
        return full[: way.size[0], : way.size[1]]
    return thin_out(full, way.size, g.stride)


@dataclass(frozen=True)
class _Way:
    """How pictures of one size are filtered: by phases, or all, with folds or not."""

    size: Pair
    phases: Plan | None
    fold: Fold | None


@lru_cache(64)
def _way(shape: tuple[int, ...], g: Geometry, frozen: bool) -> _Way:
    size = output_size(shape[:2], g)
    folds = g.dilation != (1, 1) and math.prod(g.extent) >= FOURIER_TAPS
    fold = plan_fold(shape, g) if folds else None
    return _Way(size, plan_phases(shape, g, frozen), fold)


def convolve(
    picture: Floats, kernel: ArrayLike, g: Geometry, bias: float = 0.0
) -> Floats:
    """Convolve in the mathematical sense: :func:`correlate` with the kernel flipped."""
    return correlate(picture, np.asarray(kernel)[::-1, ::-1], g, bias)


def terms(
    plane: Floats, kernel: ArrayLike, g: Geometry, position: Pair, bias: float = 0.0
) -> Terms:
    """Write out the value of :func:`correlate` at `position` of one plane (H, W).

    `kernel` is taken as applied: flip it first to write out a true convolution.

    Raises
    ------
    InputError
        As :func:`correlate`.
    IndexError
        If `position` lies outside the output.
    """
    weights = _weights(kernel, g)
    taps = window(position, plane.shape, g)
    values = taps.read(plane)
    products = values.astype(np.float64) * weights
    total = math.fsum([*products.flat, bias])
    return Terms(taps, values, weights, products, bias, total)


def _weights(kernel: ArrayLike, g: Geometry) -> Floats:
    weights = np.ascontiguousarray(kernel, np.float32)
    if weights.shape != g.kernel_size:
        raise ValueError(f"kernel {weights.shape} in a geometry for {g.kernel_size}")
    return weights
