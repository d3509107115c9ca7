"""Where a sliding window lands: output sizes, padding, taps and receptive fields.

Only places are worked out here, no filtering. Every pair is (rows, columns). The names
and the rules are those of ``torch.nn.Conv2d``; the arithmetic is explained in Dumoulin
and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.intp]

Pair = tuple[int, int]
PaddingMode = Literal["zero", "reflect", "replicate", "circular"]
Padding = Pair | Literal["valid", "same", "full"]

PADDING_MODES: tuple[PaddingMode, ...] = get_args(PaddingMode)

# Wide enough for any lesson, and no setting inside asks for more memory than a picture.
MAX_KERNEL = 31
MAX_DILATION = 32
MAX_STRIDE = MAX_PADDING = 1024


@dataclass(frozen=True)
class Geometry:
    """How a window slides over a picture: what ``torch.nn.Conv2d`` is told.

    Attributes
    ----------
    kernel_size, stride, dilation : (rows, columns)
    padding : (rows, columns) added on both sides, or a name
        "valid" adds nothing, "same" keeps the size of the picture (the odd row or
        column goes to the bottom or right, as in torch), "full" adds all but one tap.
    padding_mode : what the padding is filled with
    """

    kernel_size: Pair
    stride: Pair = (1, 1)
    padding: Padding = (0, 0)
    dilation: Pair = (1, 1)
    padding_mode: PaddingMode = "zero"

    @property
    def extent(self) -> Pair:
        """Rows and columns from the first tap to the last: d·(k − 1) + 1."""
        (k0, k1), (d0, d1) = self.kernel_size, self.dilation
        return d0 * (k0 - 1) + 1, d1 * (k1 - 1) + 1

    @property
    def pads(self) -> tuple[Pair, Pair]:
        """((top, bottom), (left, right)) in pixels."""
        return self._pad(0), self._pad(1)

    def _pad(self, axis: int) -> Pair:
        reach = self.extent[axis] - 1
        match self.padding:
            case "valid":
                return 0, 0
            case "same":
                return reach // 2, reach - reach // 2
            case "full":
                return reach, reach
            case pair:
                return pair[axis], pair[axis]


@dataclass(frozen=True, eq=False)
class Taps:
    """The input pixels under the window of one output value.

    Attributes
    ----------
    rows, columns : int arrays (Kh,) and (Kw,)
        Input coordinates of the taps; below 0 or past the edge they lie in the padding.
    inside : bool array (Kh, Kw)
        True where a tap lies on the picture itself.
    source_rows, source_columns : int arrays (Kh,) and (Kw,)
        The pixel whose value the tap reads once the padding is filled; −1 where it
        reads a zero.
    """

    rows: Integers
    columns: Integers
    inside: NDArray[np.bool_]
    source_rows: Integers
    source_columns: Integers

    def read(
        self, plane: NDArray[np.float32], fill: float = 0.0
    ) -> NDArray[np.float32]:
        """Copy the values (Kh, Kw) under the window of `plane` (H, W), padding filled.

        `fill` is what zero padding counts as: −∞ for a maximum.
        """
        values = plane[np.ix_(self.source_rows, self.source_columns)]
        values[np.minimum.outer(self.source_rows, self.source_columns) < 0] = fill
        return values


@dataclass(frozen=True)
class ReceptiveField:
    """The part of the picture that one value at the end of a chain depends on.

    Attributes
    ----------
    size : rows and columns of the field
    jump : pixels between the fields of neighbouring outputs
    start : row and column of the centre of the first output's field, in pixels; half
        numbers lie between two pixels, negative ones in the padding
    """

    size: Pair
    jump: Pair
    start: tuple[float, float]


@lru_cache(256)
def why_invalid(size: Pair, g: Geometry, called: str = "kernel") -> str | None:
    """Say in one sentence why `g` cannot slide over a picture of `size`, or None.

    What slides is `called` "kernel", or "window" where it has no weights.
    """
    return next(_objections(size, g, called), None)


@lru_cache(256)
def output_size(size: Pair, g: Geometry) -> Pair:
    """Rows and columns of the result: floor((n + pads − d·(k − 1) − 1) / s) + 1.

    Raises
    ------
    InputError
        With the sentence of :func:`why_invalid`.
    """
    if reason := why_invalid(size, g):
        raise InputError(reason)
    return _length(size[0], g, 0), _length(size[1], g, 1)


def formula(length: int, g: Geometry, axis: int) -> str:
    """Write out the output size along `axis` (0 rows, 1 columns) with its numbers.

    For example "floor((512 + 2·1 − 1·(3 − 1) − 1) / 1) + 1 = 512".
    """
    before, after = g.pads[axis]
    pads = f"2·{before}" if before == after else f"{before} + {after}"
    k, d, s = g.kernel_size[axis], g.dilation[axis], g.stride[axis]
    result = _signed(_length(length, g, axis))
    return f"floor(({length} + {pads} − {d}·({k} − 1) − 1) / {s}) + 1 = {result}"


def dropped(size: Pair, g: Geometry) -> Pair:
    """Rows at the bottom and columns at the right that floor leaves unread.

    They are counted on the padded picture, so some of them may be padding.
    """
    output_size(size, g)
    return _room(size[0], g, 0) % g.stride[0], _room(size[1], g, 1) % g.stride[1]


def window(position: Pair, size: Pair, g: Geometry) -> Taps:
    """Find the input pixels that the output value at `position` is made of.

    Raises
    ------
    InputError
        With the sentence of :func:`why_invalid`.
    IndexError
        If `position` lies outside the output.
    """
    height, width = output_size(size, g)
    if not (0 <= position[0] < height and 0 <= position[1] < width):
        raise IndexError(f"no output value at {position}")
    rows = tap_coordinates(position[0], g, 0)
    columns = tap_coordinates(position[1], g, 1)
    return Taps(
        rows,
        columns,
        np.logical_and.outer(is_inside(rows, size[0]), is_inside(columns, size[1])),
        source_pixels(rows, size[0], g.padding_mode),
        source_pixels(columns, size[1], g.padding_mode),
    )


def reached(position: Pair, size: Pair, g: Geometry) -> tuple[list[int], list[int]]:
    """List the rows and the columns of the outputs that read the pixel at `position`.

    The pixel reaches every output whose row and column are both listed, through
    reflected, repeated and wrapped padding too.
    """
    rows, columns = (
        np.flatnonzero((sources == pixel).any(axis=1)).tolist()
        for pixel, sources in zip(position, _all_sources(size, g), strict=True)
    )
    return rows, columns


def receptive_field(chain: Sequence[Geometry]) -> ReceptiveField:
    """Work out the receptive field of windows applied one after another, first to last.

    The recurrence of Araujo, Norris and Sim, "Computing receptive fields of
    convolutional neural networks", Distill 2019, doi:10.23915/distill.00021.
    """
    sizes, jumps, starts = [1, 1], [1, 1], [0.0, 0.0]
    for g in chain:
        for axis in (0, 1):
            reach = g.extent[axis] - 1
            starts[axis] += (reach / 2 - g.pads[axis][0]) * jumps[axis]
            sizes[axis] += reach * jumps[axis]
            jumps[axis] *= g.stride[axis]
    return ReceptiveField(
        (sizes[0], sizes[1]), (jumps[0], jumps[1]), (starts[0], starts[1])
    )


def tap_coordinates(outputs: int | Integers, g: Geometry, axis: int) -> Integers:
    """Coordinates of the taps of `outputs` along `axis`, int array (..., K)."""
    first = np.asarray(outputs)[..., None] * g.stride[axis] - g.pads[axis][0]
    return first + g.dilation[axis] * np.arange(g.kernel_size[axis])


def is_inside(coordinates: Integers, length: int) -> NDArray[np.bool_]:
    """Tell which coordinates lie on a picture of `length` rows or columns."""
    return (coordinates >= 0) & (coordinates < length)


def _all_sources(size: Pair, g: Geometry) -> Iterator[Integers]:
    for axis, outputs in enumerate(output_size(size, g)):
        taps = tap_coordinates(np.arange(outputs), g, axis)
        yield source_pixels(taps, size[axis], g.padding_mode)


def source_pixels(taps: Integers, length: int, mode: PaddingMode) -> Integers:
    """Find the pixel along one axis that each tap reads; −1 stands for a zero.

    The padding that they reach into must be valid for a picture of this `length`.
    """
    match mode:
        case "zero":
            return np.where(is_inside(taps, length), taps, -1)
        case "reflect":
            # One fold is enough: the padding is smaller than the picture.
            return np.minimum(np.abs(taps), 2 * (length - 1) - taps)
        case "replicate":
            return np.clip(taps, 0, length - 1)
        case "circular":
            return taps % length


def _room(length: int, g: Geometry, axis: int) -> int:
    """Count the one-pixel steps that the window can make on a padded picture."""
    return length + sum(g.pads[axis]) - g.extent[axis]


def _length(length: int, g: Geometry, axis: int) -> int:
    return _room(length, g, axis) // g.stride[axis] + 1


def _objections(size: Pair, g: Geometry, called: str) -> Iterator[str]:
    for axis, unit in enumerate(("row", "column")):
        if size[axis] < 1:
            yield f"The picture has no {unit}s; open another one."
        padding = 0 if isinstance(g.padding, str) else g.padding[axis]
        for name, value, low, high in (
            (f"{called} size", g.kernel_size[axis], 1, MAX_KERNEL),
            ("stride", g.stride[axis], 1, MAX_STRIDE),
            ("dilation", g.dilation[axis], 1, MAX_DILATION),
            ("padding", padding, 0, MAX_PADDING),
        ):
            if not low <= value <= high:
                yield f"The {name} is {_count(value, unit)}; choose {low} to {high}."
        yield from _misfits(size[axis], g, axis, unit, called)


def _misfits(
    length: int, g: Geometry, axis: int, unit: str, called: str
) -> Iterator[str]:
    if g.padding == "same" and g.stride[axis] > 1:
        yield (
            f"Padding “same” needs stride 1, and the stride is "
            f"{_count(g.stride[axis], unit)}; set it to 1 or give the padding "
            "as a number."
        )
    pad = max(g.pads[axis])
    least = {"reflect": pad + 1, "circular": pad}.get(g.padding_mode, 0)
    if length < least:
        yield (
            f"{g.padding_mode.capitalize()} padding of {_count(pad, unit)} needs a "
            f"picture of at least {_count(least, unit)}, and this one has {length}; "
            "lower the padding or choose another kind."
        )
    if _room(length, g, axis) < 0:
        dilation = g.dilation[axis]
        holes = f" ({called} {g.kernel_size[axis]}, dilation {dilation})"
        padded = length + sum(g.pads[axis])
        yield (
            f"The window is {_count(g.extent[axis], unit)} {('tall', 'wide')[axis]}"
            f"{holes if dilation > 1 else ''} but the "
            f"{'padded ' if padded > length else ''}picture has only {padded}; "
            f"{'lower the dilation' if dilation > 1 else f'choose a smaller {called}'} "
            "or add padding."
        )


def _count(number: int, unit: str) -> str:
    return f"{_signed(number)} {unit}{'' if number == 1 else 's'}"


def _signed(number: int) -> str:
    return str(number).replace("-", "−")
