"""Boxes that lie on each other, moved apart as little as that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROUNDS = 100


def spread(middles: Floats, sizes: Floats, gap: float, room: Floats) -> Floats:
    """Move boxes apart; those that are apart stay where they are.

    In every round each pair that is too close shares the shorter way out between its
    two. Where the room is too small for all, some stay too close.

    Parameters
    ----------
    middles, sizes : float64 (N, 2)
        Middles, and widths with heights, in pixels.
    gap : float
        Pixels that lie between two boxes, side by side or one above the other.
    room : float64 (2,)
        Width and height in which whole boxes stay.

    Returns
    -------
    float64 (N, 2)
        The new middles.
    """
    order = np.arange(len(middles))
    first = np.sign(order[:, None] - order)[..., None]
    needed = (sizes[:, None] + sizes) / 2 + gap
    low, high = sizes / 2, np.maximum(room - sizes / 2, sizes / 2)
    middles = np.clip(middles, low, high)
    for _ in range(ROUNDS):
        apart = middles[:, None] - middles
        lacking = needed - np.abs(apart)
        close = (lacking > 1e-6).all(axis=2) & (first[..., 0] != 0)
        if not close.any():
            break
        shorter = lacking == lacking.min(axis=2, keepdims=True)
        shorter[..., 1] &= ~shorter[..., 0]
        side = np.where(apart == 0, first, np.sign(apart))
        push = (lacking / 2 + 1e-6) * side * shorter * close[..., None]
        middles = np.clip(middles + push.sum(axis=1), low, high)
    return middles
