"""Small convolutions and poolings worked by hand: every term of every output value.

One :class:`Setting` holds all numbers; :func:`work` lays its windows out, and
:meth:`Work.step` writes one output value down, term by term. Everything is float64 and
equals torch's ``conv2d``, ``conv_transpose2d``, ``max_pool2d`` and ``avg_pool2d`` on
float64 tensors: exactly for small whole numbers, and otherwise but for the last bits,
because a sum here is rounded only once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.geometry import (
    Geometry,
    Pair,
    dropped,
    formula,
    output_size,
    reached,
    tap_coordinates,
    why_invalid,
)
from cnnviz.ops.pooling import FILL, why_invalid_pool
from cnnviz.ops.transposed import (
    insert_zeros,
    transposed_formula,
    transposed_size,
    why_invalid_transposed,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

Mode = Literal["correlation", "convolution", "transposed", "max", "average"]
MODES: tuple[Mode, ...] = get_args(Mode)
POOLS = ("max", "average")

Plane = tuple[tuple[float, ...], ...]
Volume = tuple[Plane, ...]

MAX_SIDE, MAX_CHANNELS, MAX_FILTERS = 12, 4, 6
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
        The input: 1 to 4 channels of up to 12 × 12 values.
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

    def __post_init__(self) -> None:
        """Refuse numbers that are too many, too large or do not fit together."""
        _check("input", (self.image,), 1)
        _check("kernel", self.kernels, MAX_FILTERS)
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


def _check(name: str, volumes: tuple[Volume, ...], most: int) -> None:
    planes = [plane for volume in volumes for plane in volume]
    if not 1 <= len(volumes) <= most:
        raise InputError(f"There are 1 to {most} filters here; take some away.")
    if not all(1 <= len(volume) <= MAX_CHANNELS for volume in volumes):
        raise InputError(f"The {name} has 1 to {MAX_CHANNELS} channels here.")
    shapes = {(len(plane), len(row)) for plane in planes for row in plane}
    if not planes[0] or len(shapes) != 1 or len({*map(len, volumes)}) != 1:
        raise InputError(f"The rows of the {name} must have the same length.")
    side = max(shapes.pop())
    if not all(map(len, planes[0])) or side > MAX_SIDE:
        raise InputError(
            f"The {name} has 1 to {MAX_SIDE} rows and columns here; choose fewer."
        )
    for plane in planes:
        for row in plane:
            if not all(abs(value) <= LARGEST for value in row):
                raise InputError(TOO_LARGE)


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


@dataclass(frozen=True, eq=False)
class Step:
    """One output value written out.

    Attributes
    ----------
    filter, row, column : int
        The output cell.
    rows, columns : int arrays (Kh,), (Kw,)
        The cells of :attr:`Work.source` that the window lies on.
    inside : bool array (Kh, Kw)
        False on padding and on zeros put between the inputs.
    values, weights, products : float64 (D, Kh, Kw)
        The input under the window, the kernel as it lies on it, and each product. For
        pooling D is 1, the weights are 1 and the products are the values.
    sums : float64 (D,)
        The sum of the products of each channel.
    bias : float
    before : float
        Products and bias added, rounded once; for pooling the pooled value.
    total : float
        The output value: ``before``, or 0 where ReLU cuts it off.
    chosen : (row, column) in the window of the largest value, or None
    """

    filter: int
    row: int
    column: int
    rows: Integers
    columns: Integers
    inside: NDArray[np.bool_]
    values: Floats
    weights: Floats
    products: Floats
    sums: Floats
    bias: float
    before: float
    total: float
    chosen: Pair | None


@dataclass(frozen=True, eq=False)
class Work:
    """A setting with its windows laid out and its result.

    Attributes
    ----------
    setting : Setting
    source : float64 (D, Hs, Ws)
        What the windows lie on: the input with its padding, and for "transposed" with
        zeros between its values.
    origin : int array (Hs, Ws)
        Which input cell is at a place, row · W + column; −1 for padding and zeros.
    rows, columns : int arrays (H', Kh), (W', Kw)
        The places in ``source`` under each window.
    weights : float64 (P, D, Kh, Kw)
        The kernels as they lie: flipped for "convolution" and "transposed".
    before, result : float64 (P, H', W')
        The sums with their bias, and those after ReLU.
    """

    setting: Setting
    source: Floats
    origin: Integers
    rows: Integers
    columns: Integers
    weights: Floats
    before: Floats
    result: Floats

    @property
    def count(self) -> int:
        """How many output values there are."""
        return int(self.result.size)

    def place(self, index: int) -> tuple[int, int, int]:
        """Return filter, row and column of the output value at a step."""
        number, row, column = np.unravel_index(index, self.result.shape)
        return int(number), int(row), int(column)

    def index(self, number: int, row: int, column: int) -> int:
        """Return the step that makes an output value."""
        place = (number, row, column)
        return int(np.ravel_multi_index(place, self.result.shape))

    def step(self, index: int) -> Step:
        """Write out the output value at a step, 0 to ``count − 1``."""
        number, row, column = self.place(index)
        rows, columns = self.rows[row], self.columns[column]
        window = np.ix_(rows, columns)
        setting = self.setting
        if setting.pooling:
            values = self.source[number][window][None]
            weights, bias = np.ones_like(values), 0.0
        else:
            values = self.source[:, rows[:, None], columns]
            weights, bias = self.weights[number], setting.biases[number]
        products = values * weights
        chosen = None
        if setting.mode == "max":
            u, v = divmod(int(values.argmax()), values.shape[2])
            chosen = u, v
        return Step(
            number,
            row,
            column,
            rows,
            columns,
            self.origin[window] >= 0,
            values,
            weights,
            products,
            np.array([_sum(channel) for channel in products]),
            bias,
            float(self.before[number, row, column]),
            float(self.result[number, row, column]),
            chosen,
        )

    def reached(self, row: int, column: int) -> list[Pair]:
        """List the output cells that read a place of ``source``."""
        g = self.setting.geometry
        stride = (1, 1) if self.setting.mode == "transposed" else g.stride
        plain = Geometry(g.kernel_size, stride, dilation=g.dilation)
        rows, columns = reached((row, column), self.origin.shape, plain)
        return [(i, j) for i in rows for j in columns]

    @cached_property
    def _finished_by(self) -> Integers:
        """Input cell after whose stamp every output up to a place is complete."""
        taps = self.origin[self.rows[:, None, :, None], self.columns[None, :, None, :]]
        return np.maximum.accumulate(taps.max(axis=(2, 3)).ravel())

    def stamped(self, index: int) -> int:
        """Return the input cell, row · W + column, that completes a step; −1: none.

        Transposed convolution adds value × kernel to the result for one input cell
        after the other. When this cell has been added, all output values up to the one
        of the step have all their terms.
        """
        _, row, column = self.place(index)
        return int(self._finished_by[row * self.result.shape[2] + column])

    def scattered(self, number: int, last: int) -> Floats:
        """Return the sums (H', W') of a filter once inputs 0 to ``last`` are added."""
        taken = np.where((self.origin >= 0) & (self.origin <= last), self.source, 0.0)
        return _sums(self, taken, number)

    def _windows(self, source: Floats) -> Floats:
        """Return the values (H', W', D, Kh, Kw) under every window."""
        windows = source[:, self.rows[:, None, :, None], self.columns[None, :, None, :]]
        return np.moveaxis(windows, 0, 2)


@lru_cache(maxsize=16)
def work(setting: Setting) -> Work:
    """Lay out the windows of a setting and work all of them.

    Raises
    ------
    InputError
        With the sentence of :func:`why_unworkable`.
    """
    if reason := why_unworkable(setting):
        raise InputError(reason)
    image, g = np.array(setting.image, np.float64), setting.geometry
    cells = np.arange(image[0].size).reshape(setting.size)
    weights = np.array(setting.kernels, np.float64)
    if setting.mode in ("convolution", "transposed"):
        weights = weights[..., ::-1, ::-1]
    if setting.mode == "transposed":
        extra = setting.output_padding
        source = insert_zeros(image, g, extra)
        origin = insert_zeros(cells, g, extra, fill=-1)
        slide = Geometry(g.kernel_size, dilation=g.dilation)
    else:
        fill = FILL["max"] if setting.mode == "max" else 0.0
        source = np.pad(image, [(0, 0), *g.pads], constant_values=fill)
        origin = np.pad(cells, g.pads, constant_values=-1)
        slide = Geometry(g.kernel_size, g.stride, dilation=g.dilation)
    height, width = result_size(setting)
    rows = tap_coordinates(np.arange(height), slide, 0)
    columns = tap_coordinates(np.arange(width), slide, 1)
    empty = np.empty((setting.filters, height, width))
    bare = Work(setting, source, origin, rows, columns, weights, empty, empty)
    before = np.stack([_values(bare, number) for number in range(setting.filters)])
    relu = setting.relu and not setting.pooling
    result = np.maximum(before, 0.0) if relu else before
    return Work(setting, source, origin, rows, columns, weights, before, result)


def _values(bare: Work, number: int) -> Floats:
    if not bare.setting.pooling:
        return _sums(bare, bare.source, number)
    windows = bare._windows(bare.source[number][None])
    if bare.setting.mode == "max":
        return np.asarray(windows.max(axis=(2, 3, 4)), np.float64)
    count = math.prod(bare.setting.kernel_size)
    return _each(windows, 0.0) / count


def _sums(bare: Work, source: Floats, number: int) -> Floats:
    products = bare._windows(source) * bare.weights[number]
    return _each(products, bare.setting.biases[number])


def _each(products: Floats, bias: float) -> Floats:
    height, width = products.shape[:2]
    rows = products.reshape(height * width, -1).tolist()
    return np.array([math.fsum([*row, bias]) for row in rows]).reshape(height, width)


def _sum(products: Floats) -> float:
    if not np.isfinite(products).all():  # the −∞ around a maximum
        return float(products.max())
    return math.fsum(products.ravel())
