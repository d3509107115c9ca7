"""Strategies for geometries and pictures that fit them, and torch's own padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from hypothesis import strategies as st

from cnnviz.ops.geometry import PADDING_MODES, Geometry, Pair

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def pairs(low: int, high: int) -> st.SearchStrategy[Pair]:
    """Two numbers, rows and columns."""
    return st.tuples(st.integers(low, high), st.integers(low, high))


@st.composite
def geometries(draw: st.DrawFn, kernel: int = 31, dilation: int = 8) -> Geometry:
    """Any geometry, whether or not it fits a picture."""
    stride = draw(st.just((1, 1)) | pairs(1, 4))
    return Geometry(
        draw(pairs(1, 5) | pairs(1, kernel)),
        stride,
        draw(st.sampled_from(["valid", "same", "full"]) | pairs(0, 12)),
        draw(st.just((1, 1)) | pairs(1, dilation)),
        draw(st.sampled_from(PADDING_MODES)),
    )


@st.composite
def fitting(draw: st.DrawFn) -> tuple[Pair, Geometry]:
    """Rows and columns of a picture, and a geometry that fits it."""
    g = draw(geometries())
    if g.padding == "same":
        g = Geometry(g.kernel_size, (1, 1), "same", g.dilation, g.padding_mode)
    size = []
    for pad, extent in zip(g.pads, g.extent, strict=True):
        least = {"reflect": max(pad) + 1, "circular": max(pad)}.get(g.padding_mode, 1)
        size.append(max(least, extent - sum(pad), 1) + draw(st.integers(0, 24)))
    return (size[0], size[1]), g


def torch_padded(picture: NDArray[np.float32], g: Geometry) -> torch.Tensor:
    """Pad (H, W) or (H, W, C) as torch does; float64 (C, 1, H, W)."""
    (top, bottom), (left, right) = g.pads
    mode = "constant" if g.padding_mode == "zero" else g.padding_mode
    planes = picture.reshape(*picture.shape[:2], -1).transpose(2, 0, 1)[:, None]
    return F.pad(
        torch.tensor(planes, dtype=torch.float64), (left, right, top, bottom), mode
    )


def as_picture(planes: torch.Tensor, like: NDArray[np.float32]) -> NDArray[np.float64]:
    """Turn (C, 1, H, W) back into the layout of a picture."""
    return (
        planes[:, 0]
        .permute(1, 2, 0)
        .numpy()
        .reshape(*planes.shape[2:], *like.shape[2:])
    )
