"""The lecture's examples with the lecture's numbers, and a few more of their kind."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from cnnviz.ops.geometry import formula
from cnnviz.ops.worked_setting import Setting
from cnnviz.pages.windows import planes as p
from cnnviz.widgets.facts import Fact

if TYPE_CHECKING:
    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.worked_setting import Mode, Plane


class Layer(NamedTuple):
    """A layer of the lecture that an example stands for: rows and columns, and words.

    What does not fit on this page, be it the picture or the channels, is said instead.
    """

    size: Pair
    words: str


class Preset(NamedTuple):
    """An example: its id, title, heading in the list, one sentence, and its numbers."""

    id: str
    title: str
    group: str
    sentence: str
    setting: Setting
    layer: Layer | None = None


PICTURES, PAIRS, LAYERS = "Lecture", "Stride and padding", "Layers and pooling"
NETWORKS, OTHERS = "Layers of networks", "Other convolutions"


def _pooled(mode: Mode, image: Plane, side: int) -> Setting:
    kernel = ((1.0,) * side,) * side
    return Setting(mode, (image,), ((kernel,),), stride=(side, side))


def _layer(kernel: Plane, image: Plane, padding: int = 0) -> Setting:
    pad = (padding, padding)
    return Setting("correlation", (image,), ((kernel,),), padding=pad, relu=True)


def _slid(stride: int, padding: int) -> Preset:
    return Preset(
        f"stride-{stride}-padding-{padding}",
        f"Stride {stride}, padding {padding}",
        PAIRS,
        "One of the lecture's four pictures of stride and zero padding.",
        Setting(
            "correlation",
            (p.SHARED,),
            ((p.DIAGONAL,),),
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
        Setting("correlation", (p.PICTURE,), ((p.SOBEL,),)),
    ),
    Preset(
        "true-convolution",
        "True convolution",
        PICTURES,
        "The kernel is turned by half a turn before it is laid on the picture.",
        Setting("convolution", (p.CONVOLVED,), ((p.CORNERS,),)),
    ),
    Preset(
        "letter-x",
        "Letter X and a diagonal",
        PICTURES,
        "The larger the answer, the more the window looks like the diagonal.",
        Setting("correlation", (p.LETTER_X,), ((p.DIAGONAL,),)),
    ),
    Preset(
        "weight-sharing",
        "Weight sharing",
        PICTURES,
        "The same nine weights are laid on every window.",
        Setting("correlation", (p.SHARED,), ((p.SHARED_WEIGHTS,),)),
    ),
    Preset(
        "x-detector",
        "Convolved feature, X-detector",
        PICTURES,
        "The five ones of the kernel count how much of an X lies in the window.",
        Setting("correlation", (p.FEATURE,), ((p.X_DETECTOR,),)),
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
            (p.RED, p.GREEN, p.BLUE),
            ((p.SOBEL, p.NOTHING, p.X_DETECTOR), (p.DIAGONAL, p.LAPLACE, p.MIRRORED)),
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
            (p.RED, p.GREEN, p.BLUE),
            tuple(
                (kernel,) * 3
                for kernel in (
                    p.SOBEL,
                    p.NORTH,
                    p.LAPLACE,
                    p.RELIEF,
                    p.X_DETECTOR,
                    p.DIAGONAL,
                )
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
        _pooled("max", p.STEPS, 2),
    ),
    Preset(
        "average-pooling",
        "Average pooling, 2 × 2",
        LAYERS,
        "The mean of each window goes on.",
        _pooled("average", p.STEPS, 2),
    ),
    Preset(
        "large-pooling",
        "Pooling 20 × 20 to 2 × 2",
        LAYERS,
        "Large windows leave little: 400 values become 2 × 2.",
        _pooled("max", p.TWENTY, 10),
    ),
    Preset(
        "halved-photograph",
        "Pooling 512 × 512 by half",
        LAYERS,
        "A piece of a photograph: its edge stays, in a quarter of the values.",
        _pooled("max", p.PHOTOGRAPH, 2),
        Layer((512, 512), "512 × 512 → 256 × 256"),
    ),
    Preset(
        "mnist-1",
        "MNIST, 5 × 5 filters",
        NETWORKS,
        "One of the 32 filters of the first layer, on a digit that is drawn smaller.",
        _layer(p.STROKE, p.DIGIT),
        Layer((28, 28), "1 × 28 × 28 → 32 × 24 × 24, 832 parameters"),
    ),
    Preset(
        "mnist-2",
        "MNIST, max pooling",
        NETWORKS,
        "Each of the 32 maps is pooled by itself; there is nothing to learn.",
        _pooled("max", p.DIGIT, 2),
        Layer((24, 24), "32 × 24 × 24 → 32 × 12 × 12"),
    ),
    Preset(
        "mnist-3",
        "MNIST, 5 × 5 filters again",
        NETWORKS,
        "One of 64 filters on one of its 32 channels, as large as they are there.",
        _layer(p.BAR, p.DIGIT),
        Layer((12, 12), "32 × 12 × 12 → 64 × 8 × 8, 51,264 parameters"),
    ),
    Preset(
        "mnist-4",
        "MNIST, max pooling again",
        NETWORKS,
        "Dense layers follow, with 1,025,000 and 10,010 parameters: 1,087,106 in all.",
        _pooled("max", p.EIGHT, 2),
        Layer((8, 8), "64 × 8 × 8 → 64 × 4 × 4, then 1,024 → 1,000 → 10"),
    ),
    Preset(
        "go-1",
        "AlphaGo, 5 × 5 filters",
        NETWORKS,
        "One of 192 filters on one of 48 channels, on a smaller board; padding 2.",
        _layer(p.TIGER, p.STONES, 2),
        Layer((19, 19), "48 × 19 × 19 → 192 × 19 × 19"),
    ),
    Preset(
        "go-2",
        "AlphaGo, 3 × 3 filters",
        NETWORKS,
        "Layers 2 to 12: padding 1 keeps the board as large as it is.",
        _layer(p.LAPLACE, p.STONES, 1),
        Layer((19, 19), "192 × 19 × 19 → 192 × 19 × 19"),
    ),
    Preset(
        "go-13",
        "AlphaGo, a 1 × 1 filter",
        NETWORKS,
        "The last layer: one value for each move, from all 192 channels at its place.",
        _layer(p.ONE, p.STONES),
        Layer((19, 19), "192 × 19 × 19 → 1 × 19 × 19"),
    ),
    Preset(
        "dilated",
        "Dilated convolution",
        OTHERS,
        "Holes in the kernel: nine weights see five rows and columns.",
        Setting("correlation", (p.LETTER_X,), ((p.X_DETECTOR,),), dilation=(2, 2)),
    ),
    Preset(
        "transposed",
        "Transposed convolution",
        OTHERS,
        "One to many: each input value puts a stamp of the kernel into the result.",
        Setting("transposed", (p.SMALL,), ((p.STAMP,),)),
    ),
    Preset(
        "fractional-stride",
        "Fractional stride",
        OTHERS,
        "A zero between the inputs: a window moves by half an input at each step.",
        Setting("transposed", (p.SMALL,), ((p.STAMP,),), stride=(2, 2)),
    ),
)


@lru_cache(maxsize=16)
def named(setting: Setting) -> Preset | None:
    """Return the example whose numbers a setting has, if there is one."""
    return next((each for each in PRESETS if each.setting == setting), None)


def of_the_lecture(setting: Setting) -> list[Fact]:
    """Return the size of the lecture's layer, where an example stands for one."""
    preset = named(setting)
    if preset is None or preset.layer is None:
        return []
    (rows, _), words = preset.layer
    value = formula(rows, setting.geometry, 0)
    return [Fact(f"Lecture: {words}", value, preset.sentence)]
