"""The lecture's examples with the lecture's numbers, and a few more of their kind."""

from __future__ import annotations

from typing import NamedTuple

from cnnviz.ops.worked_setting import Mode, Plane, Setting


class Preset(NamedTuple):
    """An example: its id, title, heading in the list, one sentence, and its numbers."""

    id: str
    title: str
    group: str
    sentence: str
    setting: Setting


def plane(text: str) -> Plane:
    """Read rows separated by ``/`` of whole numbers separated by spaces."""
    return tuple(tuple(map(float, row.split())) for row in text.split("/"))


PICTURE = plane("0 50 0 29 / 0 80 31 2 / 33 90 0 75 / 0 9 0 95")
SOBEL = plane("-1 0 1 / -2 0 2 / -1 0 1")
LETTER_X = plane(
    "0 0 0 0 0 0 0 / 0 1 0 0 0 1 0 / 0 0 1 0 1 0 0 / 0 0 0 1 0 0 0 /"
    "0 0 1 0 1 0 0 / 0 1 0 0 0 1 0 / 0 0 0 0 0 0 0"
)
DIAGONAL = plane("1 0 0 / 0 1 0 / 0 0 1")
CONVOLVED = plane("1 1 1 1 1 / -1 0 -3 0 1 / 2 1 1 -1 0 / 0 -1 1 2 1 / 1 2 1 1 1")
CORNERS = plane("1 0 0 / 0 0 0 / 0 0 -1")
SHARED = plane("3 3 2 1 0 / 0 0 1 3 1 / 3 1 2 2 3 / 2 0 0 2 2 / 2 0 0 0 1")
SHARED_WEIGHTS = plane("0 1 2 / 2 2 0 / 0 1 2")
FEATURE = plane("1 1 1 0 0 / 0 1 1 1 0 / 0 0 1 1 1 / 0 0 1 1 0 / 0 1 1 0 0")
X_DETECTOR = plane("1 0 1 / 0 1 0 / 1 0 1")
STEPS = plane("1 3 2 4 / 5 6 1 2 / 7 2 9 0 / 4 8 3 5")
SMALL = plane("1 2 / 3 4")
STAMP = plane("1 2 1 / 2 4 2 / 1 2 1")
RED = plane("0 1 2 1 0 / 1 2 0 0 1 / 2 1 1 2 0 / 0 0 2 1 1 / 1 0 1 0 2")
GREEN = plane("1 0 1 2 1 / 0 1 2 1 0 / 1 0 0 2 2 / 2 1 0 1 0 / 0 2 1 0 1")
BLUE = plane("2 1 0 0 1 / 1 0 1 2 0 / 0 2 1 0 1 / 1 1 0 2 0 / 0 0 2 1 1")


NORTH = plane("1 2 1 / 0 0 0 / -1 -2 -1")
LAPLACE = plane("0 1 0 / 1 -4 1 / 0 1 0")
RELIEF = plane("0 1 1 / -1 0 1 / -1 -1 0")
MIRRORED = plane("0 0 1 / 0 1 0 / 1 0 0")
NOTHING = plane("0 0 0 / 0 0 0 / 0 0 0")
# Twelve rows of twelve numbers, for windows too large for a smaller picture.
TWELVE: Plane = tuple(
    tuple(float((7 * row + 5 * column + row * column) % 53) for column in range(12))
    for row in range(12)
)

PICTURES, PAIRS, LAYERS = "Lecture", "Stride and padding", "Layers and pooling"
OTHERS = "Other convolutions"


def _pooled(mode: Mode, image: Plane, side: int) -> Setting:
    kernel = ((1.0,) * side,) * side
    return Setting(mode, (image,), ((kernel,),), stride=(side, side))


def _slid(stride: int, padding: int) -> Preset:
    return Preset(
        f"stride-{stride}-padding-{padding}",
        f"Stride {stride}, padding {padding}",
        PAIRS,
        "One of the lecture's four pictures of stride and zero padding.",
        Setting(
            "correlation",
            (SHARED,),
            ((DIAGONAL,),),
            stride=(stride, stride),
            padding=(padding, padding),
        ),
    )


PRESETS: tuple[Preset, ...] = (
    Preset(
        "tiny-picture",
        "4 × 4 picture, vertical Sobel",
        PICTURES,
        "Image value × filter value = result; the first window sums to 62 − 33 = 29.",
        Setting("correlation", (PICTURE,), ((SOBEL,),)),
    ),
    Preset(
        "true-convolution",
        "True convolution",
        PICTURES,
        "The kernel is turned by half a turn before it is laid on the picture.",
        Setting("convolution", (CONVOLVED,), ((CORNERS,),)),
    ),
    Preset(
        "letter-x",
        "Letter X and a diagonal",
        PICTURES,
        "The larger the answer, the more the window looks like the diagonal.",
        Setting("correlation", (LETTER_X,), ((DIAGONAL,),)),
    ),
    Preset(
        "weight-sharing",
        "Weight sharing",
        PICTURES,
        "The same nine weights are laid on every window.",
        Setting("correlation", (SHARED,), ((SHARED_WEIGHTS,),)),
    ),
    Preset(
        "x-detector",
        "Convolved feature, X-detector",
        PICTURES,
        "The five ones of the kernel count how much of an X lies in the window.",
        Setting("correlation", (FEATURE,), ((X_DETECTOR,),)),
    ),
    _slid(1, 0),
    _slid(2, 0),
    _slid(1, 1),
    _slid(2, 1),
    Preset(
        "rgb-layer",
        "RGB layer, 2 filters",
        LAYERS,
        "Each filter has a kernel for every channel; their sums and a bias are added.",
        Setting(
            "correlation",
            (RED, GREEN, BLUE),
            ((SOBEL, NOTHING, X_DETECTOR), (DIAGONAL, LAPLACE, MIRRORED)),
            (1.0, -2.0),
            stride=(2, 2),
            padding=(1, 1),
            relu=True,
        ),
    ),
    Preset(
        "rgb-layer-6",
        "RGB layer, 6 filters",
        LAYERS,
        "The lecture's layer: six 3 × 3 filters, stride 2, zero padding 1, on RGB.",
        Setting(
            "correlation",
            (RED, GREEN, BLUE),
            tuple(
                (kernel,) * 3
                for kernel in (SOBEL, NORTH, LAPLACE, RELIEF, X_DETECTOR, DIAGONAL)
            ),
            (0.0,) * 6,
            stride=(2, 2),
            padding=(1, 1),
            relu=True,
        ),
    ),
    Preset(
        "max-pooling",
        "Max pooling, 2 × 2",
        LAYERS,
        "The largest value of each window goes on; a quarter of the values is left.",
        _pooled("max", STEPS, 2),
    ),
    Preset(
        "average-pooling",
        "Average pooling, 2 × 2",
        LAYERS,
        "The mean of each window goes on.",
        _pooled("average", STEPS, 2),
    ),
    Preset(
        "large-pooling",
        "Max pooling, 6 × 6 of 12 × 12",
        LAYERS,
        "As the lecture's 10 × 10 windows of 20 × 20 values: a 2 × 2 result.",
        _pooled("max", TWELVE, 6),
    ),
    Preset(
        "dilated",
        "Dilated convolution",
        OTHERS,
        "Holes in the kernel: nine weights see five rows and columns.",
        Setting("correlation", (LETTER_X,), ((X_DETECTOR,),), dilation=(2, 2)),
    ),
    Preset(
        "transposed",
        "Transposed convolution",
        OTHERS,
        "One to many: each input value puts a stamp of the kernel into the result.",
        Setting("transposed", (SMALL,), ((STAMP,),)),
    ),
    Preset(
        "fractional-stride",
        "Fractional stride",
        OTHERS,
        "A zero between the inputs: a window moves by half an input at each step.",
        Setting("transposed", (SMALL,), ((STAMP,),), stride=(2, 2)),
    ),
)


def named(setting: Setting) -> Preset | None:
    """Return the example whose numbers a setting has, if there is one."""
    return next((each for each in PRESETS if each.setting == setting), None)
