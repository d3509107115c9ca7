"""The arithmetic behind one output value of any layer, with all its numbers.

Everything is worked in float32, the network's own precision, from the tensors that the
network itself read: the input of the layer, its weights, and its output, with which the
total is compared. Needs no torch, so that a value under the pointer is explained at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.geometry import Geometry, Pair, Taps, window
from cnnviz.ops.pooling import FILL
from cnnviz.ops.transposed import gathered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.intp]

Place = tuple[int, ...]
"""(map, row, column) of a value in maps, or (unit,) in a flat output."""

CLOSE = 1e-5
"""How much of its scale a total may lie beside the network's own tensor."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Total:
    """What all explanations end with.

    Attributes
    ----------
    total : float
        The value, worked here in float32.
    own : float
        The value in the network's own tensor.
    scale : float
        Sum of the magnitudes of all that was added, against which a difference is
        to be judged: terms that cancel leave their rounding behind.
    """

    total: float
    own: float
    scale: float

    @property
    def difference(self) -> float:
        """How far the total lies from the network's own value, at least 0."""
        return abs(self.total - self.own)

    @property
    def closes(self) -> bool:
        """Whether the difference is below 10⁻⁵ of the scale."""
        return self.difference <= CLOSE * self.scale or self.total == self.own


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvTerms(Total):
    """A value of a convolution.

    Attributes
    ----------
    taps : Taps
        Where the window lies in the layer below.
    channels : int array (n,)
        The maps below that this map reads: all of them, or those of its table.
    values, weights, products : float32 (n, Kh, Kw)
        Under the window (0 in the padding), the kernel, and each product.
    sums : float32 (n,)
        Of the products of each channel.
    bias : float
    transposed : bool
        Whether each value below lays the kernel down: then the kernel is turned by
        half a turn, and a cell of it that no value lays here reads 0.
    """

    taps: Taps
    channels: Integers
    values: Floats
    weights: Floats
    products: Floats
    sums: Floats
    bias: float
    transposed: bool = False

    def strongest(self, count: int) -> Integers:
        """Return places in ``channels`` by the magnitude of the sums, falling."""
        return largest(self.sums, count)


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolTerms(Total):
    """A value of a pooling layer.

    Attributes
    ----------
    kind : {"max-pool", "average-pool", "subsample"}
    taps : Taps
    values : float32 (Kh, Kw)
        Under the window; padding counts as −∞ for a maximum, else as 0.
    chosen : (row, column) in the window of the maximum, or None
    sum : float
        Of the values; for a maximum the maximum.
    coefficient, bias : float
        The sum times the coefficient plus the bias is the total: 1 / (Kh·Kw) and 0
        for an average, both trained for "subsample", 1 and 0 for a maximum.
    """

    kind: str
    taps: Taps
    values: Floats
    chosen: Pair | None
    sum: float
    coefficient: float
    bias: float


@dataclass(frozen=True, eq=False, kw_only=True)
class DenseTerms(Total):
    """A unit of a fully connected layer.

    Attributes
    ----------
    values, weights, products : float32 (N,)
    sum : float
        Of all products.
    bias : float
    """

    values: Floats
    weights: Floats
    products: Floats
    sum: float
    bias: float

    def strongest(self, count: int) -> Integers:
        """Return the inputs of the products of the largest magnitude, falling."""
        return largest(self.products, count)


@dataclass(frozen=True, eq=False, kw_only=True)
class RbfTerms(Total):
    """A unit of an RBF layer: −‖input − code‖², how near it is to a fixed code.

    Attributes
    ----------
    values, codes, squares : float32 (N,)
        The input, the code, and (value − code)² each.
    """

    values: Floats
    codes: Floats
    squares: Floats

    def strongest(self, count: int) -> Integers:
        """Return the inputs with the largest squares, falling."""
        return largest(self.squares, count)


@dataclass(frozen=True, eq=False, kw_only=True)
class PointTerms(Total):
    """A value that is made of the one at the same place below.

    Attributes
    ----------
    kind : str
        An activation, ``"batch-norm"``, ``"dropout"`` (which changes nothing once a
        network is trained) or ``"flatten"``.
    value : float
        The value below.
    source : Place
        Where it lies below.
    numbers : dict
        What else enters, by name: for batch-norm ``mean``, ``variance``, ``epsilon``,
        ``weight`` and ``bias``, in
        (value − mean) / √(variance + epsilon) · weight + bias.
    """

    kind: str
    value: float
    source: Place
    numbers: dict[str, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class AddTerms(Total):
    """A value where two branches of a network are added.

    Attributes
    ----------
    values : tuple of float
        One of each branch.
    """

    values: tuple[float, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftmaxTerms(Total):
    """A probability.

    Attributes
    ----------
    scores, exponentials : float32 (K,)
        exp(score − largest) each: the same quotient, and nothing overflows.
    largest, sum : float
        The largest score; the sum of the exponentials.
    """

    scores: Floats
    exponentials: Floats
    largest: float
    sum: float


Terms = (
    ConvTerms | PoolTerms | DenseTerms | RbfTerms | PointTerms | AddTerms | SoftmaxTerms
)


def largest(numbers: Floats, count: int) -> Integers:
    """Return the places of the `count` largest magnitudes, falling; ties in order."""
    return np.argsort(-np.abs(numbers), kind="stable")[:count]


def conv_terms(
    before: Floats,
    kernel: Floats,
    bias: float,
    own: Floats,
    g: Geometry,
    place: Place,
    channels: Integers,
    *,
    transposed: bool = False,
) -> ConvTerms:
    """Write out a value of a convolution.

    Parameters
    ----------
    before : float32 (C, H, W)
    kernel : float32 (n, Kh, Kw)
        One slice for each of the `channels` of `before` that are read.
    own : float32 (maps, H', W')
    transposed : bool
        Whether `g` is that of a transposed convolution.
    """
    if transposed:
        taps = gathered((place[1], place[2]), before.shape[1:], g)
        kernel = kernel[:, ::-1, ::-1]
    else:
        taps = window((place[1], place[2]), before.shape[1:], g)
    values = np.stack([taps.read(before[channel]) for channel in channels])
    products = values * kernel
    sums = products.sum(axis=(1, 2), dtype=np.float32)
    return ConvTerms(
        taps=taps,
        channels=channels,
        values=values,
        weights=kernel,
        products=products,
        sums=sums,
        bias=bias,
        transposed=transposed,
        total=float(sums.sum(dtype=np.float32) + np.float32(bias)),
        own=float(own[place]),
        scale=float(np.abs(products).sum()) + abs(bias),
    )


def pool_terms(
    kind: str,
    before: Floats,
    own: Floats,
    g: Geometry,
    place: Place,
    coefficient: float = 1.0,
    bias: float = 0.0,
) -> PoolTerms:
    """Write out a value of a pooling layer; see :func:`conv_terms`."""
    fill = FILL["max" if kind == "max-pool" else "average"]
    taps = window((place[1], place[2]), before.shape[1:], g)
    values = taps.read(before[place[0]], fill)
    chosen, magnitudes = None, np.abs(values[np.isfinite(values)])
    if kind == "max-pool":
        row, column = divmod(int(values.argmax()), values.shape[1])
        chosen, added = (row, column), values.max()
        scale = abs(float(added))
    else:
        added = values.sum(dtype=np.float32)
        if kind == "average-pool":
            coefficient = 1 / values.size
        scale = float(magnitudes.sum()) * abs(coefficient) + abs(bias)
    total = added * np.float32(coefficient) + np.float32(bias)
    return PoolTerms(
        kind=kind,
        taps=taps,
        values=values,
        chosen=chosen,
        sum=float(added),
        coefficient=coefficient,
        bias=bias,
        total=float(total),
        own=float(own[place]),
        scale=scale,
    )


def dense_terms(
    before: Floats, weights: Floats, bias: float, own: Floats, unit: int
) -> DenseTerms:
    """Write out a unit of a fully connected layer.

    Parameters
    ----------
    before, weights : float32 (N,)
        Its inputs and its row of weights.
    own : float32 (units,)
    """
    products = before * weights
    added = products.sum(dtype=np.float32)
    return DenseTerms(
        values=before,
        weights=weights,
        products=products,
        sum=float(added),
        bias=bias,
        total=float(added + np.float32(bias)),
        own=float(own[unit]),
        scale=float(np.abs(products).sum()) + abs(bias),
    )


def rbf_terms(before: Floats, codes: Floats, own: Floats, unit: int) -> RbfTerms:
    """Write out a unit of an RBF layer; `codes` (N,) is its own."""
    squares = (before - codes) ** 2
    added = float(squares.sum(dtype=np.float32))
    return RbfTerms(
        values=before,
        codes=codes,
        squares=squares,
        total=-added,
        own=float(own[unit]),
        scale=added,
    )


def softmax_terms(scores: Floats, own: Floats, unit: int) -> SoftmaxTerms:
    """Write out one probability of the softmax of `scores` (K,)."""
    top = scores.max()
    exponentials = np.exp(scores - top)
    added = exponentials.sum(dtype=np.float32)
    return SoftmaxTerms(
        scores=scores,
        exponentials=exponentials,
        largest=float(top),
        sum=float(added),
        total=float(exponentials[unit] / added),
        own=float(own[unit]),
        scale=1.0,
    )
