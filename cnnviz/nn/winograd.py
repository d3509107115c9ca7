"""Convolution by Winograd's minimal filtering, by which training on a CPU is quicker.

Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks",
arXiv:1509.09308: for a kernel g of 5 × 5, 4 × 4 outputs Y come from the 8 × 8 inputs d
under them by

    Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A

with 64 multiplications a channel where a sum of products takes 400. Over all pictures
and channels they are 64 products of matrices. The result is that of
``torch.nn.functional.conv2d`` but for rounding: float32 comes to within 1e-5 of the
largest value, torch's own order to within 1e-6.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import Function, once_differentiable

if TYPE_CHECKING:
    from collections.abc import Iterable

    Window = tuple[slice, slice]

KERNEL, OUT = 5, 4
IN = OUT + KERNEL - 1
"""Rows and columns of a kernel, and of a tile of the outputs and of the inputs."""

POINTS = 0, 1, -1, 2, -2, 1 / 2, -1 / 2
"""Where polynomials are evaluated, and at infinity: small powers of 2 round least."""

FEWEST_CHANNELS, FEWEST_PICTURES = 32, 32
"""With fewer maps before or behind, or a smaller batch, little or nothing is saved."""

LARGEST = 32 << 20
"""Bytes of the transformed inputs, which are kept until the way back: memory for more
is mapped anew for each batch, which takes longer than is saved."""

MOST_CORES = 4
"""The transforms make cores exchange what sums of products let each keep to itself. A
step of the lecture network is 1.33 times as fast with one core, 1.21 to 1.25 times with
two to four, 1.06 times with eight and 0.92 times with sixteen (Intel Xeon, 2026)."""

_ONE = IN + 1
"""The place of (1, 1) among the 64: what is added there is added to every output."""


class Conv2d(nn.Conv2d):
    """torch's layer, which may be trained by minimal filtering.

    Attributes
    ----------
    minimal : bool
        Whether to compute so where it is quicker: in training with gradients, in
        float32, on a CPU. Anything else is torch's own convolution.
    """

    minimal = False

    def forward(self, input: Tensor) -> Tensor:
        """Return (N, outputs, H', W')."""
        if self.bias is None or not (self.minimal and self._pays(input)):
            return super().forward(input)
        return convolve(input, self.weight, self.bias)

    def _pays(self, maps: Tensor) -> bool:
        pictures, channels, *lengths = maps.shape
        tiles = math.prod((length - KERNEL + 1) // OUT for length in lengths)
        return (
            self.training
            and torch.is_grad_enabled()
            and maps.device.type == "cpu"
            and maps.dtype == torch.float32
            and not torch.is_autocast_enabled("cpu")
            and torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
            and torch.get_num_threads() <= MOST_CORES
            and self.kernel_size == (KERNEL, KERNEL)
            and self.padding == (0, 0)
            and self.stride == self.dilation == (1, 1)
            and all(length % OUT == (KERNEL - 1) % OUT for length in lengths)
            and min(channels, self.out_channels) >= FEWEST_CHANNELS
            and pictures >= FEWEST_PICTURES
            and tiles * IN**2 * pictures * channels * maps.itemsize < LARGEST
        )


def convolve(maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Slide kernels of 5 × 5 over maps, as ``torch.nn.functional.conv2d`` does.

    Parameters
    ----------
    maps : (N, C, H, W)
        H and W are 4 more than multiples of 4.
    weight : (outputs, C, 5, 5)
    bias : (outputs,)

    Returns
    -------
    (N, outputs, H − 4, W − 4)
        In channels_last order, of the dtype of the maps.
    """
    result: Tensor = _Convolution.apply(maps, weight, bias)  # type: ignore[no-untyped-call]
    return result


class _Convolution(Function):
    """Maps are laid out with rows and columns first, then pictures and channels.

    So a matrix is applied to the rows or the columns of all of them in one product.
    Rows come first on the way to the 64 matrices and last on the way from there: each
    core then does half of the 64 and finds them in its own cache. What is made once for
    all tiles stays there.
    """

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        inverse, kernel, data = _matrices(maps.dtype)
        n, channels, height, width = maps.shape
        outputs, size = len(weight), (height - KERNEL + 1, width - KERNEL + 1)
        filters = maps.new_empty(IN**2, channels, outputs)
        _spread(kernel, weight.permute(2, 3, 1, 0).contiguous(), filters)
        shape, order = (n, outputs, *size), torch.channels_last
        result = torch.empty(shape, dtype=maps.dtype, memory_format=order)
        places, windows = result.permute(2, 3, 0, 1), _windows(size)
        whole = maps.permute(2, 3, 0, 1).contiguous()
        seen = maps.new_empty(len(windows), IN**2, n, channels)
        products = maps.new_empty(IN**2, n, outputs)
        out = maps.new_empty(OUT, OUT, n, outputs)
        for tile, (inside, outside) in zip(seen, windows, strict=True):
            _spread(data, whole[inside], tile)
            torch.bmm(tile, filters, out=products)
            products[_ONE] += bias
            _gather(inverse, products, out)
            places[outside] = out
        ctx.save_for_backward(maps, weight, filters, seen)
        return result

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        maps, weight, filters, seen = ctx.saved_tensors
        inverse, kernel, data = (matrix.T for matrix in _matrices(maps.dtype))
        (n, outputs, *size), channels = gradient.shape, maps.shape[1]
        back = filters.transpose(1, 2).contiguous()
        places = gradient.permute(2, 3, 0, 1)
        to_maps = maps.new_zeros(*maps.shape[2:], n, channels)
        to_filters, to_bias = torch.zeros_like(filters), maps.new_zeros(outputs)
        products = maps.new_empty(IN**2, n, outputs)
        reached = maps.new_empty(IN**2, n, channels)
        inputs = maps.new_empty(IN, IN, n, channels)
        for tile, (inside, outside) in zip(seen, _windows(size), strict=True):
            _spread(inverse, places[outside].contiguous(), products)
            to_bias += products[_ONE].sum(0)
            torch.baddbmm(to_filters, tile.transpose(1, 2), products, out=to_filters)
            torch.bmm(products, back, out=reached)
            _gather(data, reached, inputs)
            to_maps[inside] += inputs
        to_weight = maps.new_empty(KERNEL, KERNEL, channels, outputs)
        _gather(kernel, to_filters, to_weight)
        return (
            torch.empty_like(maps).copy_(to_maps.permute(2, 3, 0, 1)),
            torch.empty_like(weight).copy_(to_weight.permute(3, 2, 0, 1)),
            to_bias,
        )


def _spread(matrix: Tensor, tile: Tensor, out: Tensor) -> None:
    """Apply a matrix (m, k) to the rows, then to the columns of a tile (k, k, …)."""
    m, k = matrix.shape
    half = torch.mm(matrix, tile.view(k, -1)).view(m, k, -1)
    torch.bmm(matrix.expand(m, m, k), half, out=out.view(m, m, -1))


def _gather(matrix: Tensor, tile: Tensor, out: Tensor) -> None:
    """Apply a matrix (m, k) to the columns, then to the rows of a tile (k, k, …)."""
    m, k = matrix.shape
    half = torch.bmm(matrix.expand(k, m, k), tile.view(k, k, -1))
    torch.mm(matrix, half.view(k, -1), out=out.view(m, -1))


def _windows(size: Iterable[int]) -> list[tuple[Window, Window]]:
    """Return where each tile is in the inputs, and in outputs of that size."""
    return [
        (
            (slice(row, row + IN), slice(column, column + IN)),
            (slice(row, row + OUT), slice(column, column + OUT)),
        )
        for row, column in product(*(range(0, length, OUT) for length in size))
    ]


@lru_cache
def _matrices(dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """Return Aᵀ (4, 8), G (8, 5) and Bᵀ (8, 8) by the construction of Cook and Toom.

    A polynomial of degree 7 is told by its values at seven points and its highest
    coefficient, its value at infinity (Blahut 2010, "Fast Algorithms for Signal
    Processing", section 5.2).
    """
    points = np.array(POINTS)
    inverse, kernel = np.zeros((OUT, IN)), np.zeros((IN, KERNEL))
    data = np.zeros((IN, IN))
    for place, point in enumerate(points):
        others = np.delete(points, place)
        inverse[:, place] = point ** np.arange(OUT)
        kernel[place] = point ** np.arange(KERNEL) / np.prod(point - others)
        data[place, :-1] = np.poly(others)[::-1]
    inverse[-1, -1] = kernel[-1, -1] = 1
    data[-1] = np.poly(points)[::-1]
    a, g, b = (torch.tensor(matrix, dtype=dtype) for matrix in (inverse, kernel, data))
    return a, g, b
