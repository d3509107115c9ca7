"""The built-in pictures: real photographs by file name, and drawn ones by formula.

The photographs lie in the data folder of the scikit-image wheel. Only the folder is
used: importing the package would bring scipy along and take a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

SIDE = 256


@dataclass(frozen=True)
class Sample:
    """A built-in picture.

    Attributes
    ----------
    id, title, group : what a state stores, what the user reads, and the list it is in
    source : where it comes from, and its licence
    content : a file in scikit-image's data folder, or a function that draws it as
        uint8 (H, W)
    """

    id: str
    title: str
    group: str
    source: str
    content: str | Callable[[], Bytes]


def photograph_path(file: str) -> Path:
    """Return where the scikit-image wheel keeps a sample photograph.

    Raises
    ------
    InputError
        If scikit-image is not installed.
    """
    package = find_spec("skimage")
    if package is None or not package.submodule_search_locations:
        raise InputError(
            "The sample photographs come with scikit-image, which is not installed; "
            "install it or choose a generated picture."
        )
    return Path(package.submodule_search_locations[0], "data", file)


def _matrix(text: str) -> Callable[[], Bytes]:
    rows = [row.split() for row in text.split(";")]
    return lambda: np.array(rows, np.uint8)


def _checkerboard() -> Bytes:
    y, x = np.indices((SIDE, SIDE)) // (SIDE // 8)
    return np.where((x + y) % 2, 255, 0).astype(np.uint8)


def _zone_plate() -> Bytes:
    """Rings cos(π r² / side): they get finer outwards, to two pixels at the rim."""
    return _rounded(127.5 + 127.5 * np.cos(np.pi * _radius() ** 2 / SIDE))


def _horizontal_gradient() -> Bytes:
    return np.tile(np.arange(SIDE, dtype=np.uint8), (SIDE, 1))


def _radial_gradient() -> Bytes:
    """White in the middle, black from the rim on."""
    return _rounded(255 * np.clip(1 - _radius() / (SIDE / 2), 0, 1))


def _step_edges() -> Bytes:
    """Four quarters: an upright, a level, a falling and a rising edge."""
    half = SIDE // 2
    y, x = np.indices((half, half))
    quarters = [[x >= half // 2, y >= half // 2], [x >= y, x + y >= half]]
    return np.where(np.block(quarters), 208, 48).astype(np.uint8)


def _letters() -> Bytes:
    """Pillow's own bitmap font, enlarged, so that no font file is needed."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (SIDE // 4, SIDE // 4), 255)
    text = "Kernels\nread the\nletters\nX O I T L\n+ - / \\"
    font = ImageFont.load_default_imagefont()
    ImageDraw.Draw(page).multiline_text((4, 2), text, 0, font, spacing=1)
    return np.asarray(page).repeat(4, axis=0).repeat(4, axis=1)


def _noise() -> Bytes:
    return np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)


def _radius() -> NDArray[np.float64]:
    """Distance of every pixel from the middle, (SIDE, SIDE)."""
    steps = np.arange(SIDE) - (SIDE - 1) / 2
    radius: NDArray[np.float64] = np.hypot(steps[:, None], steps)
    return radius


def _rounded(values: NDArray[np.float64]) -> Bytes:
    return np.rint(values).astype(np.uint8)


_CC0 = "scikit-image, CC0"
_PUBLIC = "scikit-image, public domain"
_LECTURE = "the lecture's own numbers"
_DRAWN = "drawn by cnnviz"

SAMPLES = (
    Sample("camera", "Photographer", "Photographs", _CC0, "camera.png"),
    Sample("astronaut", "Astronaut", "Photographs", _PUBLIC, "astronaut.png"),
    Sample("chelsea", "Chelsea the cat", "Photographs", _CC0, "chelsea.png"),
    Sample("coffee", "Coffee", "Photographs", _CC0, "coffee.png"),
    Sample("rocket", "Rocket", "Photographs", _PUBLIC, "rocket.jpg"),
    Sample("brick", "Brick", "Photographs", _CC0, "brick.png"),
    Sample("grass", "Grass", "Photographs", _CC0, "grass.png"),
    Sample("gravel", "Gravel", "Photographs", _CC0, "gravel.png"),
    Sample("text", "Printed text", "Photographs", _PUBLIC, "text.png"),
    Sample("coins", "Coins", "Photographs", "scikit-image", "coins.png"),
    Sample("moon", "Moon", "Photographs", "scikit-image", "moon.png"),
    Sample(
        "lecture-x",
        "Letter X, 7 × 7",
        "Generated",
        _LECTURE,
        _matrix(
            "0 0 0 0 0 0 0; 0 1 0 0 0 1 0; 0 0 1 0 1 0 0; 0 0 0 1 0 0 0;"
            "0 0 1 0 1 0 0; 0 1 0 0 0 1 0; 0 0 0 0 0 0 0"
        ),
    ),
    Sample(
        "lecture-4x4",
        "Tiny picture, 4 × 4",
        "Generated",
        _LECTURE,
        _matrix("0 50 0 29; 0 80 31 2; 33 90 0 75; 0 9 0 95"),
    ),
    Sample(
        "lecture-shared-weights",
        "Weight sharing, 5 × 5",
        "Generated",
        _LECTURE,
        _matrix("3 3 2 1 0; 0 0 1 3 1; 3 1 2 2 3; 2 0 0 2 2; 2 0 0 0 1"),
    ),
    Sample(
        "lecture-x-detector",
        "For the X-detector, 5 × 5",
        "Generated",
        _LECTURE,
        _matrix("1 1 1 0 0; 0 1 1 1 0; 0 0 1 1 1; 0 0 1 1 0; 0 1 1 0 0"),
    ),
    Sample("checkerboard", "Checkerboard", "Generated", _DRAWN, _checkerboard),
    Sample("zone-plate", "Zone plate", "Generated", _DRAWN, _zone_plate),
    Sample("gradient", "Gradient", "Generated", _DRAWN, _horizontal_gradient),
    Sample("radial", "Radial gradient", "Generated", _DRAWN, _radial_gradient),
    Sample("step-edges", "Step edges", "Generated", _DRAWN, _step_edges),
    Sample("letters", "Letters", "Generated", _DRAWN, _letters),
    Sample("noise", "Noise", "Generated", _DRAWN, _noise),
)
