"""Places across and values up: from numbers to pixels and back, and round numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MARGIN = 0.1
"""What is left free above and below, as a share of the range."""

_ROUND = (1, 2, 5, 10)


@dataclass(frozen=True)
class Span:
    """A range of numbers, ``low`` below ``high``."""

    low: float
    high: float

    @property
    def length(self) -> float:
        """From one end to the other."""
        return self.high - self.low


@dataclass(frozen=True)
class Axes:
    """A rectangle of pixels in which ``across`` goes right and ``up`` goes up."""

    rect: QRectF
    across: Span
    up: Span

    @property
    def pitch(self) -> float:
        """Pixels from one whole place to the next."""
        return self.rect.width() / self.across.length

    def x(self, place: float) -> float:
        """Return the pixel of a place."""
        return self.rect.left() + (place - self.across.low) * self.pitch

    def y(self, value: float) -> float:
        """Return the pixel of a value."""
        share = (value - self.up.low) / self.up.length
        return self.rect.bottom() - share * self.rect.height()

    def point(self, place: float, value: float) -> QPointF:
        """Return the pixels of a place and a value."""
        return QPointF(self.x(place), self.y(value))

    def place(self, x: float) -> float:
        """Return the place at a pixel."""
        return self.across.low + (x - self.rect.left()) / self.pitch

    def value(self, y: float) -> float:
        """Return the value at a pixel, no further out than the ends."""
        share = (self.rect.bottom() - y) / self.rect.height()
        return self.up.low + min(1.0, max(0.0, share)) * self.up.length


def fit(values: ArrayLike, *, symmetric: bool = False) -> Span:
    """Return a span that holds 0 and all values, with a margin on both sides.

    Parameters
    ----------
    values : float array
    symmetric : bool
        As far below 0 as above.
    """
    array = np.asarray(values, float)
    low, high = float(array.min(initial=0.0)), float(array.max(initial=0.0))
    if symmetric:
        high = max(high, -low)
        low = -high
    if low == high:
        return Span(-1.0, 1.0)
    margin = MARGIN * (high - low)
    return Span(low - margin, high + margin)


def round_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least this large."""
    power = 10.0 ** math.floor(math.log10(least))
    factor = next(each for each in _ROUND if each * power >= least * (1 - 1e-9))
    return float(f"{factor * power:.3g}")


def ticks(span: Span, most: int) -> list[float]:
    """Return round numbers in a span, at most so many, 0 among them if it can be."""
    step = round_step(span.length / max(1, most))
    first, last = math.ceil(span.low / step), math.floor(span.high / step)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def tick_text(value: float) -> str:
    """Write a round number short enough for an axis: ``"−0.5"``, ``"2·10⁶"``."""
    if abs(value) < 1e5:
        return numbers.counted(value)
    power = math.floor(math.log10(abs(value)))
    raised = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{numbers.text(value / 10.0**power, 3)}·10{raised}"


def extremes(values: NDArray[np.float64], columns: int) -> NDArray[np.float64]:
    """Return the smallest and largest value of each column of pixels, (2, columns).

    Neighbouring columns share a value, so that the line through them has no gap.
    """
    starts = np.linspace(0, len(values), columns, endpoint=False).astype(int)
    low = np.minimum.reduceat(values, starts)
    high = np.maximum.reduceat(values, starts)
    joint = values[starts[1:]]
    low[:-1] = np.minimum(low[:-1], joint)
    high[:-1] = np.maximum(high[:-1], joint)
    return np.stack([low, high])
