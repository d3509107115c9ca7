"""The numbers of a small layer worked by hand, and whether and how it can be worked.

One :class:`Setting` holds all of them; :mod:`cnnviz.ops.worked` works it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import Literal, get_args

from cnnviz.errors import InputError
from cnnviz.ops.geometry import (
    Geometry,
    Pair,
    dropped,
    formula,
    output_size,
    why_invalid,
)
from cnnviz.ops.pooling import why_invalid_pool
from cnnviz.ops.transposed import (
    transposed_formula,
    transposed_size,
    why_invalid_transposed,
)

Mode = Literal["correlation", "convolution", "transposed", "max", "average"]
MODES: tuple[Mode, ...] = get_args(Mode)
POOLS = ("max", "average")

Plane = tuple[tuple[float, ...], ...]
Volume = tuple[Plane, ...]

MAX_SIDE, MAX_CHANNELS, MAX_FILTERS = 12, 4, 6
MAX_POOLED_SIDE = 20
"""Pooling alone takes larger inputs, such as the lecture's 20 × 20."""
MAX_RESULT = 24
LARGEST = 1e9


@dataclass(frozen=True)
class Setting:
    """A small layer with all its numbers.

    Attributes
    ----------
    mode : {"correlation", "convolution", "transposed", "max", "average"}
        What is done; both poolings take only the size of the kernels.
    image : floats (D, H, W)
        The input: 1 to 4 channels of up to 12 × 12 values, 20 × 20 for pooling.
    kernels : floats (P, D, Kh, Kw)
        1 to 6 filters, as they are given: before any flip.
    biases : floats (P,)
        Added to the sums of each filter.
    stride, padding, dilation, output_padding : (rows, columns)
        As in torch; the last one is for "transposed" only.
    relu : bool
        Whether negative sums become 0; not for pooling.
    """

    mode: Mode
    image: Volume
    kernels: tuple[Volume, ...]
    biases: tuple[float, ...] = (0.0,)
    stride: Pair = (1, 1)
    padding: Pair = (0, 0)
    dilation: Pair = (1, 1)
    output_padding: Pair = (0, 0)
    relu: bool = False

    def __hash__(self) -> int:
        """Return the hash of all fields, worked out once: it is asked for often."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in fields(self)))

    def __post_init__(self) -> None:
        """Refuse numbers that are too many, too large or do not fit together."""
        _check("input", (self.image,), 1, self.most)
        _check("kernel", self.kernels, MAX_FILTERS, MAX_SIDE)
        if len(self.kernels[0]) != len(self.image):
            raise InputError("Every kernel needs as many channels as the input has.")
        if len(self.biases) != len(self.kernels):
            raise InputError("There must be one bias for each filter.")
        if not all(abs(bias) <= LARGEST for bias in self.biases):
            raise InputError(TOO_LARGE)
        for pair, low in (
            (self.stride, 1),
            (self.padding, 0),
            (self.dilation, 1),
            (self.output_padding, 0),
        ):
            if not low <= min(pair) <= max(pair) <= MAX_SIDE:
                raise InputError(
                    "Stride and dilation are 1 to 12 here, paddings 0 to 12."
                )

    @property
    def pooling(self) -> bool:
        """Whether windows are pooled, each channel by itself."""
        return self.mode in POOLS

    @property
    def most(self) -> int:
        """The most rows and columns that the input can have."""
        return MAX_POOLED_SIDE if self.pooling else MAX_SIDE

    @property
    def size(self) -> Pair:
        """Rows and columns of the input."""
        return len(self.image[0]), len(self.image[0][0])

    @property
    def kernel_size(self) -> Pair:
        """Rows and columns of the kernels, or of the pooling window."""
        return len(self.kernels[0][0]), len(self.kernels[0][0][0])

    @property
    def channels(self) -> int:
        """Channels of the input, D."""
        return len(self.image)

    @property
    def filters(self) -> int:
        """Maps in the result: P, or D for pooling."""
        return self.channels if self.pooling else len(self.kernels)

    @property
    def geometry(self) -> Geometry:
        """Where the windows lie, in the words of :mod:`cnnviz.ops.geometry`."""
        return Geometry(self.kernel_size, self.stride, self.padding, self.dilation)


TOO_LARGE = (
    "A number here lies between −10⁹ and 10⁹, so that its sums can be read; write a "
    "smaller one."
)


def _check(name: str, volumes: tuple[Volume, ...], most: int, longest: int) -> None:
    planes = [plane for volume in volumes for plane in volume]
    if not 1 <= len(volumes) <= most:
        raise InputError(f"There are 1 to {most} filters here; take some away.")
    if not all(1 <= len(volume) <= MAX_CHANNELS for volume in volumes):
        raise InputError(f"The {name} has 1 to {MAX_CHANNELS} channels here.")
    shapes = {(len(plane), len(row)) for plane in planes for row in plane}
    if not planes[0] or len(shapes) != 1 or len({*map(len, volumes)}) != 1:
        raise InputError(f"The rows of the {name} must have the same length.")
    side = max(shapes.pop())
    if not all(map(len, planes[0])) or side > longest:
        but = f" ({MAX_POOLED_SIDE} for pooling)" if name == "input" else ""
        raise InputError(
            f"The {name} has 1 to {MAX_SIDE} rows and columns here{but}; choose fewer."
        )
    for plane in planes:
        for row in plane:
            if not all(abs(value) <= LARGEST for value in row):
                raise InputError(TOO_LARGE)


@lru_cache(maxsize=16)
def why_unworkable(setting: Setting) -> str | None:
    """Say in one sentence why there is no result, or None."""
    size, g = setting.size, setting.geometry
    if setting.mode == "transposed":
        reason = why_invalid_transposed(size, g, setting.output_padding)
    else:
        reason = (why_invalid_pool if setting.pooling else why_invalid)(size, g)
    if reason is None and max(result_size(setting)) > MAX_RESULT:
        rows, columns = result_size(setting)
        reason = (
            f"The result would have {rows} × {columns} values, too many to work by "
            f"hand; {MAX_RESULT} × {MAX_RESULT} is the most."
        )
    return reason


def result_size(setting: Setting) -> Pair:
    """Rows and columns of the result.

    Raises
    ------
    InputError
        If there is none.
    """
    if setting.mode == "transposed":
        return transposed_size(setting.size, setting.geometry, setting.output_padding)
    return output_size(setting.size, setting.geometry)


def size_formulas(setting: Setting) -> tuple[str, str]:
    """Return the output size written out with its numbers, for rows and columns."""
    size, g, extra = setting.size, setting.geometry, setting.output_padding
    if setting.mode == "transposed":
        return (
            transposed_formula(size[0], g, extra, 0),
            transposed_formula(size[1], g, extra, 1),
        )
    return formula(size[0], g, 0), formula(size[1], g, 1)


def unread(setting: Setting) -> Pair:
    """Rows and columns at the far edge that floor leaves unread."""
    if setting.mode == "transposed":
        return 0, 0
    return dropped(setting.size, setting.geometry)
