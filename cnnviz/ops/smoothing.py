"""Noisy curves made smooth, without a loop over their points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

FORGOTTEN = 1e-18
"""What has less weight than this changes no double any more."""


def exponential(values: ArrayLike, weight: float) -> NDArray[np.float64]:
    """Return the exponential moving average, corrected for its start.

    ``s₀ = 0``, ``sₖ = w·sₖ₋₁ + (1 − w)·xₖ``, and what is returned is
    ``sₖ / (1 − wᵏ)``: as TensorBoard smooths its curves (``resmoothDataset`` in its
    vz_line_chart2), and Adam its moments (Kingma and Ba 2015, section 3).

    Parameters
    ----------
    values : float array (n,)
        Points that are not finite are left as they are, and left out of the average.
    weight : float
        From 0, where nothing changes, to below 1.

    Returns
    -------
    float64 array (n,)

    Raises
    ------
    ValueError
        The weight is none.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"not a weight from 0 to below 1: {weight}")
    result = np.array(values, np.float64)
    known = np.isfinite(result)
    finite = slice(None) if known.all() else known  # mostly, and a copy less
    sums = (1 - weight) * result[finite]
    # Sums over twice as many points from those over half of them: after the pass with
    # the distance d, each holds its last 2d points.
    distance, power = 1, weight
    while distance < len(sums) and power > FORGOTTEN:
        sums[distance:] += power * sums[:-distance]
        distance, power = 2 * distance, power * power
    if weight > 0:
        sums /= -np.expm1(np.arange(1, len(sums) + 1) * np.log(weight))
    result[finite] = sums
    return result
