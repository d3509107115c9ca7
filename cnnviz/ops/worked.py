"""Small convolutions and poolings worked by hand: every term of every output value.

:func:`work` lays the windows of a :class:`~cnnviz.ops.worked_setting.Setting` out, and
:meth:`Work.step` writes one output value down, term by term. Everything is float64 and
equals torch's ``conv2d``, ``conv_transpose2d``, ``max_pool2d`` and ``avg_pool2d`` on
float64 tensors: exactly for small whole numbers, and otherwise but for the last bits,
because a sum here is rounded only once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.geometry import Geometry, Pair, reached, tap_coordinates
from cnnviz.ops.pooling import FILL
from cnnviz.ops.transposed import insert_zeros
from cnnviz.ops.worked_setting import Setting, result_size, why_unworkable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]


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
