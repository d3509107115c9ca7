"""The kernels that a formula gives: pure arithmetic, no names and no texts.

Every function returns a float64 array (rows, columns). Coordinates are in pixels, with
the origin in the middle of the kernel, x to the right and y upwards, so that angles
turn counter-clockwise as they do on paper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def box(size: int) -> Array:
    """Return the mean of ``size`` × ``size`` pixels."""
    return np.full((size, size), 1 / size**2)


def gaussian(size: int, sigma: float) -> Array:
    """Return exp(−(x² + y²) / 2σ²), scaled to the sum 1; σ in pixels."""
    x, y = _grid(size)
    bell = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    weights: Array = bell / bell.sum()
    return weights


def laplacian_of_gaussian(size: int, sigma: float) -> Array:
    """Return the Laplacian of a Gaussian, (r² − 2σ²) / σ⁴ · G(r), less its mean.

    A cut-off formula does not sum to zero by itself; taking the mean off (as MATLAB's
    ``fspecial("log")`` does) keeps a flat area at zero. Marr and Hildreth, "Theory of
    edge detection", Proceedings of the Royal Society B 207, 1980.
    """
    x, y = _grid(size)
    weights = (x**2 + y**2 - 2 * sigma**2) / sigma**4 * gaussian(size, sigma)
    weights -= weights.mean()
    return weights


def gabor(size: int, angle: float, wavelength: float, sigma: float) -> Array:
    """Return a cosine wave under a Gaussian bell, with the value 0 on a flat area.

    The wave runs in the direction ``angle`` (degrees), so 0° answers to upright
    stripes; ``wavelength`` and ``sigma`` are in pixels. The bell's share that would
    answer to plain brightness is taken off, as in a Morlet wavelet. Daugman,
    "Uncertainty relation for resolution in space", JOSA A 2, 1985.
    """
    x, y = _grid(size)
    turn = np.deg2rad(angle)
    along = x * np.cos(turn) + y * np.sin(turn)
    bell = np.exp(-(x**2 + y**2) / (2 * sigma**2))
    wave = np.cos(2 * np.pi * along / wavelength)
    weights: Array = bell * (wave - (bell * wave).sum() / bell.sum())
    return weights


def motion_blur(length: int, angle: float) -> Array:
    """Return the mean of ``length`` points, one pixel apart, on a line at ``angle``.

    A point between pixels is shared out to its four neighbours by bilinear weights. The
    kernel is square with an odd side, so that it has a middle pixel to turn about.
    """
    half = length // 2
    steps = np.arange(length) - (length - 1) / 2
    turn = np.deg2rad(angle)
    # A billionth of a pixel: cos 90° is 6e-17 in floating point and shall be 0 here.
    rows = np.round(half - steps * np.sin(turn), 9)
    columns = np.round(half + steps * np.cos(turn), 9)
    pixels = np.arange(2 * half + 1)[:, None]
    near_rows = np.maximum(0, 1 - np.abs(pixels - rows))
    near_columns = np.maximum(0, 1 - np.abs(pixels - columns))
    weights: Array = near_rows @ near_columns.T / length
    return weights


def random(size: int, seed: int) -> Array:
    """Return weights drawn evenly from −1/size to 1/size.

    PyTorch starts a convolution with one input channel so: the bound is
    1 / sqrt(number of weights). He et al., "Delving deep into rectifiers", ICCV 2015.
    """
    return np.random.default_rng(seed).uniform(-1 / size, 1 / size, (size, size))


def _grid(size: int) -> tuple[Array, Array]:
    """Return x (1, size) and y (size, 1), in pixels from the middle."""
    steps = np.arange(size, dtype=np.float64) - (size - 1) / 2
    return steps[None, :], -steps[:, None]
