"""Cross-correlation and true convolution of pictures, equal to ``torch.nn.Conv2d``.

Pictures are float32 planes (H, W) or colour pictures (H, W, 3), whose channels are
filtered one by one with the same kernel. ``cv2.filter2D`` does the sums; what is here
chooses shapes and borders so that the picture is copied as rarely as possible.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from cnnviz.ops.geometry import Geometry, Pair, Taps, output_size, window

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float32]

BORDERS = {
    "zero": cv2.BORDER_CONSTANT,
    "reflect": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
    "circular": cv2.BORDER_WRAP,
}
# From this many taps on, holes included, filter2D takes a Fourier transform, which can
# be ten times slower.
FOURIER_TAPS = 130


@dataclass(frozen=True, eq=False)
class Terms:
    """One output value written out.

    Attributes
    ----------
    taps : where the window lies
    values, weights : float32 (Kh, Kw)
        The picture under the window, padding filled, and the kernel over it.
    products : float64 (Kh, Kw), exact
    bias : float
    total : float
        The sum of all products and the bias, rounded once.
    """

    taps: Taps
    values: Floats
    weights: Floats
    products: NDArray[np.float64]
    bias: float
    total: float


def correlate(
    picture: Floats, kernel: ArrayLike, g: Geometry, bias: float = 0.0
) -> Floats:
    """Slide `kernel` over `picture` and sum the products: what CNNs call convolution.

    Parameters
    ----------
    picture : float32 (H, W) or (H, W, 3)
    kernel : (Kh, Kw), finite, of the geometry's kernel size
    g : Geometry
    bias : added to every output value

    Returns
    -------
    float32 (H', W') or (H', W', 3)
        A new array of :func:`~cnnviz.ops.geometry.output_size`; with padding left out
        it may be part of a larger one, because cropping costs as much as a filter.

    Raises
    ------
    InputError
        If the geometry does not fit the picture.
    """
    weights = _weights(kernel, g)
    size = output_size(picture.shape[:2], g)
    if g.dilation == (1, 1):
        full = _filter(picture, weights, g, bias)
    elif math.prod(g.extent) < FOURIER_TAPS:
        full = _filter(picture, spread(weights, g.dilation), g, bias)
    else:
        full = _filter_folded(picture, weights, g, bias)
    if g.stride == (1, 1):
        return full[: size[0], : size[1]]
    return thin_out(full, size, g.stride)


def convolve(
    picture: Floats, kernel: ArrayLike, g: Geometry, bias: float = 0.0
) -> Floats:
    """Convolve in the mathematical sense: :func:`correlate` with the kernel flipped."""
    return correlate(picture, np.asarray(kernel)[::-1, ::-1], g, bias)


def terms(
    plane: Floats, kernel: ArrayLike, g: Geometry, position: Pair, bias: float = 0.0
) -> Terms:
    """Write out the value of :func:`correlate` at `position` of one plane (H, W).

    `kernel` is taken as applied: flip it first to write out a true convolution.

    Raises
    ------
    InputError
        As :func:`correlate`.
    IndexError
        If `position` lies outside the output.
    """
    weights = _weights(kernel, g)
    taps = window(position, plane.shape, g)
    values = taps.read(plane)
    products = values.astype(np.float64) * weights
    total = math.fsum([*products.flat, bias])
    return Terms(taps, values, weights, products, bias, total)


def thin_out(full: Floats, size: Pair, stride: Pair) -> Floats:
    """Copy every ``stride``-th row and column of `full`, as many as `size` says."""
    rows, columns = size
    full = full[: (rows - 1) * stride[0] + 1 : stride[0]]
    result = np.empty((rows, columns, *full.shape[2:]), np.float32)
    # resize is twice as fast as numpy's own stepping, on whole multiples of the stride.
    last = (columns - 1) * stride[1]
    result[:, -1] = full[:, last]
    if last:
        nearest = cv2.INTER_NEAREST
        cv2.resize(full[:, :last], (columns - 1, rows), result[:, :-1], 0, 0, nearest)
    return result


def spread(kernel: NDArray[Any], dilation: Pair) -> NDArray[Any]:
    """Put the holes of `dilation` between the rows and columns of `kernel`."""
    (rows, columns), (d0, d1) = kernel.shape, dilation
    holes = np.zeros((d0 * (rows - 1) + 1, d1 * (columns - 1) + 1), kernel.dtype)
    holes[::d0, ::d1] = kernel
    return holes


def padded(
    picture: Floats, g: Geometry, *, fill: float = 0.0, multiple: int = 1
) -> Floats:
    """Copy `picture` with its padding, and on to the right to a multiple in width."""
    (top, bottom), (left, right) = g.pads
    right += -(left + picture.shape[1] + right) % multiple
    border = BORDERS[g.padding_mode]
    result = cv2.copyMakeBorder(
        picture, top, bottom, left, right, border, value=[fill] * 3
    )
    return np.asarray(result, np.float32)


def _weights(kernel: ArrayLike, g: Geometry) -> Floats:
    weights = np.ascontiguousarray(kernel, np.float32)
    if weights.shape != g.kernel_size:
        raise ValueError(f"kernel {weights.shape} in a geometry for {g.kernel_size}")
    return weights


def _filter(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` holds its holes, and filter2D skips them."""
    if g.padding_mode == "circular" or _grows(g):
        picture = padded(picture, g)
        g = replace(g, padding="valid", padding_mode="zero")
    (top, _), (left, _) = g.pads
    border = BORDERS[g.padding_mode]
    result = cv2.filter2D(picture, -1, kernel, None, (left, top), bias, border)
    return np.asarray(result, np.float32)


def _filter_folded(picture: Floats, kernel: Floats, g: Geometry, bias: float) -> Floats:
    """Correlate at stride 1; `kernel` comes without its holes.

    The taps of a kernel with dilation (d0, d1) meet only every d0-th row and every
    d1-th column. So d1 neighbouring pixels are taken as the channels of one wide pixel,
    and every d0-th row as a picture of its own, to be filtered without any holes.
    """
    (d0, d1), ((top, _), (left, _)) = g.dilation, g.pads
    if kernel.shape[0] * g.extent[1] < FOURIER_TAPS:
        kernel, d1 = spread(kernel, (1, d1)), 1
    uneven = top % d0 or left % d1 or picture.shape[1] % d1
    if uneven or g.padding_mode != "zero" or _grows(g):
        picture, top, left = padded(picture, g, multiple=d1), 0, 0
    height, width = picture.shape[:2]
    folded = picture.reshape(height, width // d1, -1)
    result = np.empty_like(folded)
    anchor = left // d1, top // d0

    def fill(row: int) -> None:
        part, into = folded[row::d0], result[row::d0]
        cv2.filter2D(part, -1, kernel, into, anchor, bias, cv2.BORDER_CONSTANT)

    # OpenCV shares out large pictures only, and each of these is a part of one.
    with ThreadPoolExecutor(cv2.getNumThreads()) as pool:
        list(pool.map(fill, range(min(d0, height))))
    return result.reshape(picture.shape)


def _grows(g: Geometry) -> bool:
    """Tell whether the result at stride 1 is larger than the picture."""
    return any(sum(pad) >= extent for pad, extent in zip(g.pads, g.extent, strict=True))
