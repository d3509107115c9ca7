"""How people write the ten digits: strokes through knots, several styles a digit.

Made by hand for cnnviz, from how digits are taught and written, not from any pictures.
A style is text: slashes part its strokes, a stroke is the knots "x,y" that the pen
passes (x to the right, y down, a digit about 100 high), and a knot with "!" is a
corner. `curves` turns knots into cubic Bézier curves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

SAMPLES_PER_CURVE = 8

STYLES: tuple[tuple[tuple[float, str], ...], ...] = (
    (  # 0: closed oval, overlapping ends, open at the top, a curl inside
        (4, "38,1 12,16 2,52 14,88 36,99 60,82 66,48 56,14 36,2"),
        (3, "42,8 22,2 6,24 2,60 16,94 40,96 62,70 64,34 48,6 28,4"),
        (2, "30,4 8,24 2,60 22,96 50,90 66,56 58,18 40,6 20,12"),
        (1, "24,6 4,34 4,70 28,98 56,84 66,46 54,12 44,2 56,-4"),
        (0.8, "52,12 30,2 8,20 2,60 20,96 50,88 64,50 52,14 34,18 26,36"),
    ),
    (  # 1: a stroke, with a flag, with a base
        (12, "20,0 20,50 20,100"),
        (2, "22,0 18,50 22,100"),
        (2, "6,20 26,2! 26,50 26,100"),
        (1.6, "4,24 26,2! 26,50 26,98 / 0,99 50,98"),
        (0.8, "2,34 30,0! 26,50 24,100"),
    ),
    (  # 2: open foot, looped foot, flat foot as of a Z
        (4, "6,24 22,4 46,6 52,28 32,64 6,96! 36,96 64,94"),
        (3, "6,22 24,2 48,10 46,40 24,78 8,94 6,78 24,78 42,92 66,90"),
        (3, "10,26 22,4 46,4 52,24 36,56 8,92 2,84 14,76 34,84 56,92 80,86"),
        (2, "14,34 12,12 34,0 54,14 46,50 22,84 6,94 2,82 18,70 40,80 66,94 86,86"),
        (2, "4,18 24,2 50,10 48,36 26,70 10,90 14,84 40,94 64,86"),
        (2, "4,10 30,4 56,8! 34,48 6,94! 36,95 66,94"),
        (1.5, "8,30 20,6 44,4 46,30 28,66 4,98! 40,92 84,90"),
        (3, "14,24 26,4 46,4 48,24 34,54 10,84 2,80 10,66 32,70 54,86 70,98"),
        (3, "8,28 22,6 44,2 52,20 38,50 14,78 4,78 10,62 30,66 50,84 62,100"),
        (2, "18,20 32,2 48,12 38,44 14,80 2,86 2,72 18,66 42,78 74,88"),
        (2, "8,20 26,4 46,10 42,36 10,84! 40,86 66,98"),
        (3, "10,18 34,2 54,14 44,40 16,76 2,84 6,70 28,74 50,88 76,84"),
        (2, "6,20 30,0 50,14 40,44 6,92 0,84 12,72 30,78 48,92 70,96"),
        (2, "12,16 36,2 50,18 42,52 20,90 2,84 8,62 34,64 54,84 80,92"),
        (1, "6,16 30,4 56,10 46,36 20,70 6,92! 24,84 46,96"),
        (1, "12,30 8,12 30,0 48,16 42,50 24,80 4,90 4,76 20,76 36,96 56,98 66,84"),
    ),
    (  # 3: round with a cusp, flat top, a loop in the middle
        (4, "6,14 26,1 48,12 44,34 22,46! 48,54 56,76 36,98 4,90"),
        (3, "6,10 30,0 52,8 42,30 18,44! 44,46 58,66 42,92 16,98 0,92"),
        (2, "4,8 28,2 52,8 36,30 20,44! 48,52 56,76 34,98 2,88"),
        (1.5, "4,4 50,4! 24,40! 50,52 54,80 28,98 2,90"),
        (1.5, "8,6 50,4 28,36! 52,48 50,78 26,98 -6,96"),
        (2, "8,12 30,2 50,14 40,36 24,48 20,42 34,46 56,64 48,92 24,98 2,86"),
        (1, "10,20 24,2 46,8 44,34 30,46 46,56 52,78 30,98 8,96"),
        (1, "16,24 22,2 50,4 54,24 34,42! 58,52 64,76 40,98 8,92 4,78"),
        (2, "10,16 28,0 44,10 40,30 20,42! 38,42 50,60 44,86 20,100 0,92"),
        (1, "14,8 40,0 52,10 32,38! 44,44 48,64 34,90 2,98"),
    ),
    (  # 4: open, closed, one stroke, rounded
        (4, "10,4 6,34 6,54! 34,54 64,48 / 50,2 46,50 42,100"),
        (3, "16,2 4,52! 32,54 62,50 / 56,0 46,50 36,100"),
        (2, "44,2 22,30 2,60! 36,62 66,58 / 48,0 46,50 44,100"),
        (2, "10,4 6,30 16,50 36,50 52,34 / 56,2 50,50 46,100"),
        (2, "14,6 8,34 20,46 46,38 / 58,0 46,50 34,100"),
        (1.5, "6,16 4,52! 40,50 76,46 / 50,0 44,60 40,100"),
        (1.5, "20,0 6,44! 36,42 64,38 / 44,16 38,60 34,100"),
        (1.5, "8,4 6,44 22,52 48,40 54,2! 50,50 44,100"),
        (1, "44,0 2,58! 64,60 / 40,36 38,70 36,100"),
        (1, "40,100 42,50 44,4! 22,34 2,60! 36,62 66,60"),
    ),
    (  # 5: two strokes, one stroke, as an S, with a long roof
        (3, "14,6 10,44! 34,36 54,54 48,86 26,98 2,90 / 14,5 36,4 60,2"),
        (3, "60,2 36,4 16,6! 10,44! 36,38 54,60 44,90 22,98 0,88"),
        (2, "64,2 40,4 24,8 14,38! 38,42 50,64 38,90 16,98 0,90"),
        (2, "58,8 36,2 18,16 20,38 42,52 52,74 36,96 4,90"),
        (2.5, "28,8 16,42! 36,40 46,62 34,88 4,98 / 28,9 56,4 90,0"),
        (1.5, "88,0 56,4 26,10! 14,44! 40,44 46,70 28,92 -4,96"),
        (1, "18,4 12,48! 30,40 48,56 46,84 28,98 8,94 / 18,8 40,2 66,6"),
        (1, "60,0 34,4 14,12 12,40 34,46 54,62 44,90 18,98 6,84 18,74"),
    ),
    (  # 6: curved back, straight back, wide curl, a large bowl
        (4, "42,2 18,32 4,68 18,96 42,90 52,68 36,54 14,70 10,82"),
        (3, "34,0 14,40 4,76 20,98 44,86 46,62 26,56 8,76"),
        (2, "52,6 28,14 8,44 4,78 24,98 50,88 54,66 36,54 12,66"),
        (2, "20,0 2,44 8,84 40,98 76,84 74,58 48,50 20,70 18,90"),
        (1.5, "30,0 8,46 6,84 34,98 58,82 50,60 26,62 6,84"),
        (1, "10,0 4,50 6,90 34,98 56,78 42,58 12,68"),
        (1, "22,0 8,44 6,80 24,98 46,86 46,62 28,54 8,66"),
        (1.5, "36,0 12,44 4,86 20,98 48,84 56,68 42,64 20,84"),
        (1.5, "28,0 6,50 4,90 30,96 62,80 60,66 34,70 16,88"),
    ),
    (  # 7: corner, with a bar, with a flag, rounded, a short roof
        (4, "4,10 30,8 58,4! 40,46 26,100"),
        (3, "2,12 28,6 56,6! 46,34 36,66 32,100"),
        (2, "4,12 30,8 58,6! 38,50 24,100 / 16,54 36,52 60,50"),
        (1, "6,8 30,10 54,2! 40,50 34,100 / 6,62 36,54 68,50"),
        (2, "4,30 6,8! 32,8 58,4! 40,46 30,100"),
        (1.5, "2,18 24,4 50,6 52,24 38,58 26,100"),
        (1.5, "0,30 20,16 56,6! 40,52 30,100"),
        (1, "8,22 24,12 40,2! 36,50 30,100"),
        (0.7, "4,30 14,6 40,4 54,10! 44,50 38,100"),
        (1.5, "2,40 8,10! 34,14 62,6! 50,50 40,100"),
        (1, "0,24 10,6 34,14 58,2! 44,48 36,100"),
        (1, "4,14 32,8 58,8 54,40 40,70 38,100 / 20,54 40,52 66,48"),
        (1, "2,12 56,6! 38,40 22,98 / 8,60 34,50 56,40"),
        (1, "2,10 30,8 56,14 58,28 34,60 2,98"),
    ),
    (  # 8: from the top right, two rings, open at the top
        (4, "54,14 32,1 12,18 24,42 46,62 44,90 22,98 8,80 24,56 48,32 56,12"),
        (3, "62,10 38,2 16,16 26,40 42,64 36,92 16,98 8,82 24,60 46,36 66,4"),
        (2, "46,8 22,2 10,20 26,42 46,62 46,88 24,99 6,84 18,60 42,40 52,20 42,4"),
        (1.5, "30,47 10,28 28,2 50,20 30,47 8,72 28,99 54,76 32,48"),
        (2, "56,4 30,6 10,20 24,42 42,62 38,90 18,98 10,80 28,56 50,34 60,10"),
        (2, "52,22 48,4 24,2 16,22 32,44 40,70 30,96 12,94 8,76 26,54 56,26 64,10"),
        (1, "16,6 12,30 32,48 48,72 34,98 12,92 12,72 34,46 52,20 36,2 16,10"),
        (2, "52,12 40,1 22,4 14,22 30,44 46,66 38,94 14,96 8,78 26,56 50,34 68,14"),
        (2, "50,12 28,2 12,18 30,46 44,74 28,98 8,86 16,64 42,34 70,4"),
        (1, "58,20 46,2 20,4 14,24 38,46 48,74 30,98 8,86 12,64 38,46 54,38"),
        (2, "48,10 24,2 6,18 20,40 52,58 62,84 36,99 12,90 8,66 34,46 54,28 44,6"),
        (1, "34,46 4,34 8,10 36,2 62,14 60,36 34,46 2,60 4,90 36,99 68,84 64,56 34,46"),
    ),
    (  # 9: straight tail, curved tail, slanted tail, a gap in the ring
        (4, "50,14 30,2 8,20 10,42 32,44 50,14! 48,56 42,100"),
        (3, "52,10 26,4 6,26 16,46 40,38 54,12! 48,56 34,100"),
        (2, "48,20 34,2 10,14 8,38 30,46 48,28 52,8 52,56 48,100"),
        (2, "44,6 22,6 4,26 14,42 38,34 52,16! 46,56 36,100"),
        (2, "38,4 16,12 6,32 22,42 44,28 54,6! 44,50 30,100"),
        (2, "50,16 30,2 8,18 12,42 36,40 52,18 54,52 46,86 26,98 6,90"),
        (1, "46,8 22,4 6,26 22,44 46,30 50,10 48,50 40,82 20,98"),
        (1, "46,26 46,6 22,2 8,20 20,36 44,28 48,60 44,100"),
        (3, "46,22 44,4 24,0 6,16 6,36 22,46 42,36 48,18 46,56 40,100"),
        (2, "44,16 36,0 14,4 4,24 14,44 36,38 46,18 42,60 30,100"),
        (1, "44,10 22,8 4,28 12,40 36,34 54,20 60,6! 52,50 44,100"),
        (1, "40,4 10,12 2,30 20,40 56,36! 48,60 40,100"),
        (1, "56,6 20,4 4,22 18,36 50,30! 40,60 16,98"),
    ),
)
"""The styles of 0 to 9: how often each is met, and its strokes."""


@dataclass(frozen=True, eq=False)
class Style:
    """One way to write a digit.

    Attributes
    ----------
    knots : float32 (K, 2)
        Of all strokes, about 0 to 1.
    smooth : float32 (K,)
        0 at a corner, else 1.
    first : bool (K,)
        Where a stroke begins.
    """

    knots: Floats
    smooth: Floats
    first: NDArray[np.bool_]


@cache
def styles(digit: int) -> tuple[tuple[Style, ...], tuple[float, ...]]:
    """Return a digit's styles and the probability of each."""
    weights, texts = zip(*STYLES[digit], strict=True)
    return tuple(map(_read, texts)), tuple(w / sum(weights) for w in weights)


def curves(knots: Floats, smooth: Floats, first: NDArray[np.bool_]) -> Floats:
    """Sample the cubic Bézier curves through knots.

    A curve's inner control points lie a sixth of its neighbours' distance from its
    ends (Catmull and Rom 1974), so that it leaves a knot as it arrived; at a corner
    they lie in the knot.

    Parameters
    ----------
    knots : float32 (N, K, 2)
    smooth : float32 (N, K)
        0 corner to 1 smooth.
    first : bool (K,)

    Returns
    -------
    points : float32 (N, C, `SAMPLES_PER_CURVE` + 1, 2)
        Each of the C curves from its start to its end, both included.
    """
    last = np.append(first[1:], True)
    starts = np.flatnonzero(~last)
    index = np.arange(len(first))
    before = knots[:, np.where(first, index, index - 1)]
    after = knots[:, np.where(last, index, index + 1)]
    tangent = (after - before) / 6 * smooth[..., None]
    ends = starts + 1
    control = np.stack(
        [
            knots[:, starts],
            knots[:, starts] + tangent[:, starts],
            knots[:, ends] - tangent[:, ends],
            knots[:, ends],
        ],
        axis=2,
    )
    points: Floats = np.einsum("tb,ncbd->nctd", _bernstein(), control, optimize=True)
    return points


@cache
def _bernstein() -> Floats:
    """Return the weights (samples, 4) of a cubic's control points along it."""
    t = np.linspace(0, 1, SAMPLES_PER_CURVE + 1, dtype=np.float32)[:, None]
    s = 1 - t
    weights: Floats = np.hstack([s**3, 3 * s * s * t, 3 * s * t * t, t**3])
    return weights


def _read(text: str) -> Style:
    strokes = [stroke.split() for stroke in text.split("/")]
    words = [word for stroke in strokes for word in stroke]
    knots = [[float(v) / 100 for v in word.rstrip("!").split(",")] for word in words]
    return Style(
        np.array(knots, np.float32),
        np.array([not word.endswith("!") for word in words], np.float32),
        np.array([i == 0 for stroke in strokes for i in range(len(stroke))]),
    )
