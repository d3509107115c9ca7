"""The named kernels as data: the lecture's, then what a class expects beside them.

A recipe makes an array of weights; `cnnviz.ops.kernels.make` makes a kernel of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops import kernel_formulas as formulas

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

MAX_SIZE = 31


@dataclass(frozen=True)
class Parameter:
    """A number that a recipe takes; a slider shows it as it stands."""

    name: str
    title: str
    unit: str
    default: float
    low: float
    high: float
    step: float
    integer: bool = False


@dataclass(frozen=True)
class Recipe:
    """A kernel that has a name: how it is made and, in one sentence, what it does."""

    id: str
    title: str
    group: str
    make: Callable[..., NDArray[np.float64]]
    explanation: str
    parameters: tuple[Parameter, ...] = ()


def _matrix(text: str, divisor: int = 1) -> Callable[[], NDArray[np.float64]]:
    """Return a maker of the matrix in the lecture's notation, "1 2 1; 2 4 2; 1 2 1"."""
    rows = [[int(weight) for weight in row.split()] for row in text.split(";")]
    return lambda: np.array(rows) / divisor


_LECTURE, _SMOOTHING, _EDGES = "Lecture", "Smoothing", "Edges"
_EFFECTS, _PATTERNS = "Effects", "Patterns"


def _size(default: int, low: int = 3, step: int = 2) -> Parameter:
    return Parameter("size", "Size", "pixels", default, low, MAX_SIZE, step, True)


def _sigma(default: float) -> Parameter:
    return Parameter("sigma", "Sigma σ", "pixels", default, 0.3, 10, 0.1)


def _angle(default: float) -> Parameter:
    return Parameter("angle", "Angle", "°", default, 0, 180, 5)


RECIPES = (
    Recipe(
        "sobel-vertical",
        "Sobel, vertical edges",
        _LECTURE,
        _matrix("-1 0 1; -2 0 2; -1 0 1"),
        "Right side minus left side: large where the picture gets brighter or darker "
        "from left to right, as it does at an upright edge.",
    ),
    Recipe(
        "sobel-horizontal",
        "Sobel, horizontal edges",
        _LECTURE,
        _matrix("1 2 1; 0 0 0; -1 -2 -1"),
        "Upper side minus lower side: large where the picture gets brighter or darker "
        "from top to bottom, as it does at a level edge.",
    ),
    Recipe(
        "laplacian",
        "Laplacian",
        _LECTURE,
        _matrix("0 1 0; 1 -4 1; 0 1 0"),
        "The four neighbours minus four times the pixel: zero on flat areas and even "
        "slopes, large at edges of every direction and at single dots.",
    ),
    Recipe(
        "gaussian",
        "Gaussian",
        _LECTURE,
        _matrix("1 2 1; 2 4 2; 1 2 1", 16),
        "A mean in which near pixels count more: it takes noise away and blurs a bit.",
    ),
    Recipe(
        "x-detector",
        "X-detector",
        _LECTURE,
        _matrix("1 0 1; 0 1 0; 1 0 1"),
        "Adds up the five pixels of an X: the more the window looks like an X, the "
        "larger the sum.",
    ),
    Recipe(
        "diagonal",
        "Diagonal",
        _LECTURE,
        _matrix("1 0 0; 0 1 0; 0 0 1"),
        "Adds up the diagonal: largest where a line falls from the upper left to the "
        "lower right.",
    ),
    Recipe(
        "antidiagonal",
        "Diagonal, mirrored",
        _LECTURE,
        _matrix("0 0 1; 0 1 0; 1 0 0"),
        "The diagonal's mirror image: largest where a line rises from the lower left "
        "to the upper right.",
    ),
    Recipe(
        "relief",
        "Diagonal relief",
        _LECTURE,
        _matrix("0 1 1; -1 0 1; -1 -1 0"),
        "Upper right minus lower left: edges look like a relief with light falling on "
        "it from a corner.",
    ),
    Recipe(
        "box",
        "Box blur",
        _SMOOTHING,
        formulas.box,
        "The plain mean of the window: every pixel counts the same.",
        (_size(3, low=1, step=1),),
    ),
    Recipe(
        "gaussian-sigma",
        "Gaussian, sized",
        _SMOOTHING,
        formulas.gaussian,
        "A mean weighted by a bell: the larger σ, the wider the bell and the stronger "
        "the blur.",
        (_size(5), _sigma(1)),
    ),
    Recipe(
        "motion-blur",
        "Motion blur",
        _SMOOTHING,
        formulas.motion_blur,
        "The mean along a line, as if the camera had moved in that direction.",
        (
            Parameter("length", "Length", "pixels", 9, 1, MAX_SIZE, 1, True),
            _angle(0),
        ),
    ),
    Recipe(
        "prewitt-vertical",
        "Prewitt, vertical edges",
        _EDGES,
        _matrix("-1 0 1; -1 0 1; -1 0 1"),
        "Right column minus left column: Sobel's forerunner, in which all three rows "
        "count the same.",
    ),
    Recipe(
        "prewitt-horizontal",
        "Prewitt, horizontal edges",
        _EDGES,
        _matrix("1 1 1; 0 0 0; -1 -1 -1"),
        "Upper row minus lower row: Sobel's forerunner, in which all three columns "
        "count the same.",
    ),
    Recipe(
        "scharr-vertical",
        "Scharr, vertical edges",
        _EDGES,
        _matrix("-3 0 3; -10 0 10; -3 0 3"),
        "Right side minus left side with weights that treat slanting edges more "
        "evenly than Sobel's.",
    ),
    Recipe(
        "scharr-horizontal",
        "Scharr, horizontal edges",
        _EDGES,
        _matrix("3 10 3; 0 0 0; -3 -10 -3"),
        "Upper side minus lower side with weights that treat slanting edges more "
        "evenly than Sobel's.",
    ),
    Recipe(
        "laplacian-of-gaussian",
        "Laplacian of Gaussian",
        _EDGES,
        formulas.laplacian_of_gaussian,
        "Blurs and then takes the Laplacian, in one kernel: it answers to blobs and "
        "edges as wide as σ and leaves finer noise alone.",
        (_size(9), _sigma(1.4)),
    ),
    Recipe(
        "identity",
        "Identity",
        _EFFECTS,
        _matrix("0 0 0; 0 1 0; 0 0 0"),
        "Only the pixel itself counts: the picture comes out as it went in.",
    ),
    Recipe(
        "sharpen",
        "Sharpen",
        _EFFECTS,
        _matrix("0 -1 0; -1 5 -1; 0 -1 0"),
        "The picture minus its Laplacian: whatever differs from its neighbours stands "
        "out more.",
    ),
    Recipe(
        "emboss",
        "Emboss",
        _EFFECTS,
        _matrix("-2 -1 0; -1 1 1; 0 1 2"),
        "The picture plus its slope along the diagonal: it looks stamped into metal.",
    ),
    Recipe(
        "gabor",
        "Gabor",
        _PATTERNS,
        formulas.gabor,
        "A short wave under a bell: it answers to stripes of this width and direction, "
        "as many filters in a trained network's first layer do.",
        (
            _size(15),
            _angle(0),
            Parameter("wavelength", "Wavelength", "pixels", 6, 2, 30, 0.5),
            _sigma(3),
        ),
    ),
    Recipe(
        "random",
        "Random",
        _PATTERNS,
        formulas.random,
        "Weights drawn by chance, as in a network before training: it finds nothing in "
        "particular yet.",
        (
            _size(5, low=1, step=1),
            Parameter("seed", "Seed", "", 1, 0, 9999, 1, True),
        ),
    ),
)
