"""One-dimensional convolution: named signals and kernels, sliding sums and spectra.

A kernel is a short signal. All arithmetic is float64, and every sum is the exact sum
of its products, rounded once, so that the same products may be added in any order: as
the terms of one window, or as delayed copies of the whole signal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.geometry import (
    MAX_KERNEL,
    Geometry,
    is_inside,
    output_size,
    tap_coordinates,
)
from cnnviz.ops.signal_recipes import RECIPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cnnviz.ops.recipes import Parameter

    Floats = NDArray[np.float64]

MAX_LENGTH = 8192
MAX_VALUE = 1e6

Operation = Literal["correlation", "convolution"]


@dataclass(frozen=True)
class Signal:
    """A named row of 1 to `MAX_LENGTH` numbers; equal and hashed by value.

    Parameters
    ----------
    name : str
        What the user reads.
    values : tuple of float
        Each between −`MAX_VALUE` and `MAX_VALUE`.
    recipe : str
        Id of the recipe that made it, "" for one made by hand.
    parameters : tuple of (str, float)
        What the recipe was given.

    Raises
    ------
    InputError
        If there are no values, too many, or one is not such a number.
    """

    name: str
    values: tuple[float, ...]
    recipe: str = ""
    parameters: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Check the values; a negative zero becomes zero."""
        if not 1 <= len(self.values) <= MAX_LENGTH:
            raise InputError(
                f"A signal has 1 to {MAX_LENGTH:,} values, not {len(self.values):,}."
            )
        for value in self.values:
            if not abs(value) <= MAX_VALUE:  # which NaN is not
                raise InputError(
                    f"“{value:g}” cannot be a value; use numbers between "
                    f"−{MAX_VALUE:,.0f} and {MAX_VALUE:,.0f}."
                )
        values = tuple(float(value) + 0.0 for value in self.values)
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        """Return the number of values."""
        return len(self.values)

    def verified(self) -> Signal:
        """Return what of a signal from a file can be relied on: the values.

        A recipe that is unknown here, or does not give these values, is dropped.
        """
        if len(self.name) > 100:
            raise InputError("The name of a signal has at most 100 characters.")
        try:
            made = make(self.recipe, **dict(self.parameters))
        except InputError:
            return replace(self, recipe="", parameters=())
        same = len(made) == len(self) and np.allclose(made.array, self.array, 0, 1e-9)
        return made if same else replace(self, recipe="", parameters=())

    @cached_property
    def array(self) -> Floats:
        """The values as float64 (n,), read-only."""
        array = np.array(self.values)
        array.flags.writeable = False
        return array


def make(recipe_id: str, **parameters: float) -> Signal:
    """Make a named signal or kernel; a parameter left out takes its default.

    Raises
    ------
    InputError
        If there is no such recipe or parameter, or a value lies outside its range.
    """
    recipe = RECIPES.get(recipe_id)
    if recipe is None:
        raise InputError(f"There is no signal “{recipe_id}”.")
    if unknown := parameters.keys() - {each.name for each in recipe.parameters}:
        raise InputError(f"{recipe.title} has no parameter “{min(unknown)}”.")
    values = {
        each.name: _checked(each, parameters.get(each.name, each.default))
        for each in recipe.parameters
    }
    made = tuple(recipe.make(**values).tolist())
    return Signal(recipe.title, made, recipe_id, tuple(values.items()))


def edited(signal: Signal, values: Sequence[float]) -> Signal:
    """Return the signal with other values, named as edited and without its recipe."""
    suffix = " (edited)"
    other = Signal(signal.name.removesuffix(suffix) + suffix, tuple(values))
    return signal if other.values == signal.values else other


def resized(signal: Signal, length: int) -> Signal:
    """Cut the end off, or put zeros there."""
    kept = signal.values[:length]
    return edited(signal, kept + (0.0,) * (length - len(kept)))


def _checked(parameter: Parameter, value: float) -> float:
    if not parameter.low <= value <= parameter.high:
        raise InputError(
            f"{parameter.title} must lie between {parameter.low:g} and "
            f"{parameter.high:g}; {value:g} does not."
        )
    return int(value) if parameter.integer else float(value)


# ------------------------------------------------------------------ sliding


def why_invalid(length: int, g: Geometry) -> str | None:
    """Say in one sentence why the window cannot slide over a signal, or None."""
    if g.kernel_size[1] > MAX_KERNEL:
        return f"A kernel has at most {MAX_KERNEL} weights."
    if g.padding == "same" and g.stride[1] > 1:
        return "Equal width needs stride 1; set the stride to 1 or choose Free."
    padded = length + sum(g.pads[1])
    if g.extent[1] > padded:
        holes = "lower the dilation, " if g.dilation[1] > 1 else ""
        return (
            f"The window spans {g.extent[1]} samples and the signal"
            f"{' with its padding' if padded > length else ''} has only {padded}; "
            f"{holes}choose a shorter kernel or add padding."
        )
    return None


@dataclass(frozen=True, eq=False)
class Sliding:
    """Every product that a sliding window makes: T windows of K taps.

    A row holds the terms of one window. A column holds one delayed copy of the signal,
    scaled by one weight. Both ways the sum of all is `sums`.

    Attributes
    ----------
    taps : int (T, K)
        Which sample each tap lies on; below 0 or past the end it is padding.
    inside : bool (T, K)
        Where a tap lies on the signal itself.
    values, products : float64 (T, K)
        The samples, 0 in the padding, and what each makes with its weight.
    weights : float64 (K,)
        The kernel as it lies on the signal.
    sums : float64 (T,)
        The result: the exact sum of each row, rounded once.
    """

    taps: NDArray[np.intp]
    inside: NDArray[np.bool_]
    values: Floats
    weights: Floats
    products: Floats
    sums: Floats


def slide(signal: Floats, weights: Floats, g: Geometry) -> Sliding:
    """Slide a kernel over a signal as it is: what ``torch.conv1d`` does.

    Parameters
    ----------
    signal : float64 (M,)
    weights : float64 (K,)
    g : Geometry
        With the kernel size (1, K); its padding is zeros.

    Raises
    ------
    InputError
        With the sentence of :func:`why_invalid`.
    """
    if reason := why_invalid(len(signal), g):
        raise InputError(reason)
    _, outputs = output_size((1, len(signal)), g)
    taps = tap_coordinates(np.arange(outputs), g, 1)
    inside = is_inside(taps, len(signal))
    values = np.where(inside, signal[taps.clip(0, len(signal) - 1)], 0.0)
    products = values * weights
    sums = np.array([math.fsum(row) for row in products.tolist()])
    return Sliding(taps, inside, values, weights, products, sums)


def applied(kernel: Floats, operation: Operation) -> Floats:
    """Return the kernel as it lies on the signal; true convolution flips it."""
    return kernel[::-1] if operation == "convolution" else kernel


# ------------------------------------------------------------------ spectra


@dataclass(frozen=True, eq=False)
class Spectrum:
    """How much of each frequency there is.

    Attributes
    ----------
    frequencies : float64 (F,)
        In cycles per sample of the signal, from 0 to 0.5 or less.
    magnitudes : float64 (F,)
        Absolute values of the discrete Fourier transform.
    """

    frequencies: Floats
    magnitudes: Floats


def transform_length(length: int, g: Geometry) -> int:
    """Return a power of two at which no sum of this geometry wraps around.

    At least 512, so that a short kernel has a smooth curve.
    """
    least = max(512, length + g.extent[1] - 1 + sum(g.pads[1]))
    return 1 << (least - 1).bit_length()


def spectrum(values: Floats, transform: int, spacing: int = 1) -> Spectrum:
    """Return the spectrum of values, zero-padded to ``transform``.

    Parameters
    ----------
    values : float64 (n,)
    transform : int
        Length of the transform, at least n.
    spacing : int
        Samples of the signal from one value to the next: the stride of a result, or
        the dilation of a kernel, whose spectrum then repeats.
    """
    magnitudes: Floats = np.abs(np.fft.rfft(values, transform))
    frequencies = np.asarray(np.fft.rfftfreq(transform, spacing), np.float64)
    return Spectrum(frequencies, magnitudes)


def gain(weights: Floats, frequency: float, dilation: int = 1) -> float:
    """Return by what a kernel multiplies a wave of this frequency, 0 to 0.5."""
    turns = np.exp(-2j * np.pi * frequency * dilation * np.arange(len(weights)))
    return float(abs(weights @ turns))


def with_holes(weights: Floats, dilation: int) -> Floats:
    """Put the holes of a dilation between the weights."""
    result = np.zeros(dilation * (len(weights) - 1) + 1)
    result[::dilation] = weights
    return result
