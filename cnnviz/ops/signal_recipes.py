"""The named signals and one-dimensional kernels as data.

Waves and noise are rounded to hundredths, so that what a screen shows of a sample is
the sample itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.recipes import Parameter, Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LONGEST = 512
"""The most samples that a slider offers; files may be longer."""


def _lecture() -> Floats:
    return np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])


def _impulse(length: int, place: int) -> Floats:
    return np.where(np.arange(1, length + 1) == min(place, length), 1.0, 0.0)


def _step(length: int, place: int) -> Floats:
    return np.where(np.arange(1, length + 1) >= min(place, length), 1.0, 0.0)


def _ramp(length: int) -> Floats:
    return np.arange(float(length))


def _sine(length: int, frequency: float) -> Floats:
    return _hundredths(_wave(length, frequency))


def _two_sines(length: int, low: float, high: float, share: float) -> Floats:
    return _hundredths(_wave(length, low) + share * _wave(length, high))


def _chirp(length: int, start: float, end: float) -> Floats:
    """Return a sine whose frequency grows evenly from ``start`` to ``end``."""
    time = np.arange(length)
    phase = start * time + (end - start) * time**2 / (2 * max(1, length - 1))
    return _hundredths(np.sin(2 * np.pi * phase))


def _noise(length: int, seed: int) -> Floats:
    return _hundredths(np.random.default_rng(seed).normal(size=length))


def _noisy_step(length: int, noise: float, seed: int) -> Floats:
    rough = np.random.default_rng(seed).normal(size=length)
    return _hundredths(2 * _step(length, length // 2 + 1) + noise * rough)


def _wave(length: int, frequency: float) -> Floats:
    wave: Floats = np.sin(2 * np.pi * frequency * np.arange(length))
    return wave


def _hundredths(values: Floats) -> Floats:
    return np.round(values, 2) + 0.0


def _gaussian(size: int, sigma: float) -> Floats:
    distance = np.arange(size) - (size - 1) / 2
    bell = np.exp(-(distance**2) / (2 * sigma**2))
    weights: Floats = bell / bell.sum()
    return weights


def _length(default: int) -> Parameter:
    return Parameter("length", "Length", "samples", default, 2, LONGEST, 1, True)


def _frequency(name: str, title: str, default: float) -> Parameter:
    return Parameter(name, title, "cycles/sample", default, 0, 0.5, 0.005)


_PLACE = Parameter("place", "Place", "sample", 8, 1, LONGEST, 1, True)
_SEED = Parameter("seed", "Seed", "", 1, 0, 999, 1, True)

SIGNALS = (
    Recipe("x1-x7", "Lecture, x₁ to x₇", "", _lecture, "Seven values to work by hand."),
    Recipe(
        "impulse",
        "Impulse",
        "Simple",
        _impulse,
        "A single 1: true convolution answers with the kernel itself.",
        (_length(16), _PLACE),
    ),
    Recipe(
        "step", "Step", "Simple", _step, "From 0 to 1 at once.", (_length(16), _PLACE)
    ),
    Recipe("ramp", "Ramp", "Simple", _ramp, "An even slope.", (_length(12),)),
    Recipe(
        "sine",
        "Sine",
        "Waves",
        _sine,
        "One frequency: a kernel changes its size and place, never its frequency.",
        (_length(48), _frequency("frequency", "Frequency", 1 / 16)),
    ),
    Recipe(
        "two-sines",
        "Two sines, slow and fast",
        "Waves",
        _two_sines,
        "A low and a high frequency at once, for kernels to part.",
        (
            _length(48),
            _frequency("low", "Low", 1 / 24),
            _frequency("high", "High", 1 / 3),
            Parameter("share", "Share of the high one", "", 0.5, 0, 2, 0.05),
        ),
    ),
    Recipe(
        "chirp",
        "Chirp",
        "Waves",
        _chirp,
        "From a low to a high frequency.",
        (
            _length(96),
            _frequency("start", "From", 0.005),
            _frequency("end", "To", 0.4),
        ),
    ),
    Recipe(
        "noise",
        "Noise",
        "Noise",
        _noise,
        "Normal random numbers: all frequencies alike.",
        (_length(64), _SEED),
    ),
    Recipe(
        "noisy-step",
        "Noisy step",
        "Noise",
        _noisy_step,
        "A step from 0 to 2 under noise, as a sensor gives it.",
        (_length(48), Parameter("noise", "Noise", "", 0.25, 0, 1, 0.05), _SEED),
    ),
)

KERNELS = (
    Recipe(
        "mean",
        "Mean [1/3, 1/3, 1/3]",
        "Lecture",
        lambda: np.array([1.0, 1.0, 1.0]) / 3,
        "Keeps the low frequencies: neighbours are averaged.",
    ),
    Recipe(
        "second-difference",
        "Second difference [1, −2, 1]",
        "Lecture",
        lambda: np.array([1.0, -2.0, 1.0]),
        "Keeps the high frequencies: zero on every even slope.",
    ),
    Recipe(
        "edge",
        "Edge [1, 0, −1]",
        "Lecture",
        lambda: np.array([1.0, 0.0, -1.0]),
        "The change across two samples: large at an edge.",
    ),
    Recipe(
        "gaussian-1d",
        "Gaussian",
        "More",
        _gaussian,
        "A mean in which near samples count more.",
        (
            Parameter("size", "Size", "taps", 7, 1, 31, 1, True),
            Parameter("sigma", "Sigma σ", "samples", 1.5, 0.3, 10, 0.1),
        ),
    ),
    Recipe(
        "difference",
        "Difference [1, −1]",
        "More",
        lambda: np.array([1.0, -1.0]),
        "What one sample has more than the one before.",
    ),
    Recipe(
        "identity",
        "Identity [1]",
        "More",
        lambda: np.array([1.0]),
        "The result is the signal.",
    ),
)

RECIPES = {recipe.id: recipe for recipe in (*SIGNALS, *KERNELS)}
