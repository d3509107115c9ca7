"""What a network says when a part of the picture is covered, place after place.

Zeiler and Fergus, "Visualizing and understanding convolutional networks",
arXiv:1311.2901.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.probing import as_batch, evaluating, predict, run, to_numpy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from cnnviz.nn.probing import Floats, Prediction
    from cnnviz.ops.geometry import Pair

_BATCH = 64


@dataclass(frozen=True, eq=False)
class Occlusion:
    """Probabilities with a window covered; each one yielded holds all so far.

    Attributes
    ----------
    target : int
    window, stride : (rows, columns)
    probabilities : float32 (places down, places across)
        Of the target with the window at this place covered; NaN if not asked yet.
    heat : float32 (H, W)
        How far covering a pixel lowers the probability: the mean over all windows on
        it; 0 where none has been yet.
    probability : float
        With nothing covered.
    done, total : int
        Places.
    """

    target: int
    window: tuple[int, int]
    stride: tuple[int, int]
    probabilities: Floats
    heat: Floats
    probability: float
    done: int
    total: int


def occlusion(
    module: nn.Module,
    picture: Floats,
    target: int | None = None,
    *,
    window: tuple[int, int] = (5, 5),
    stride: tuple[int, int] = (1, 1),
    fill: float = 0.0,
) -> Iterator[Occlusion]:
    """Slide a covered window over a picture; may be closed after any yield.

    Parameters
    ----------
    module : nn.Module
    picture : float32 (C, H, W)
        0 to 1.
    target : int, optional
        A class; else the most probable one.
    window, stride : (rows, columns)
        The last window is pushed back so that every pixel is covered once at least.
    fill : float
        What the covered pixels are, 0 to 1.

    Yields
    ------
    Occlusion
        After every 64 places and at the end.

    Raises
    ------
    InputError
        The window does not fit, or the network cannot take the picture.
    """
    height, width = picture.shape[1:]
    _check((height, width), window, stride)
    target, probability = _asked(predict(module, picture), target)
    rows = _places(height, window[0], stride[0])
    columns = _places(width, window[1], stride[1])
    corners = list(product(rows, columns))
    found = np.full((len(rows), len(columns)), np.nan, np.float32)
    lowered, windows = np.zeros((2, height, width), np.float32)
    for first in range(0, len(corners), _BATCH):
        part = corners[first : first + _BATCH]
        shares = _covered(module, picture, part, window, fill)[:, target]
        done = first + len(part)
        found.flat[first:done] = shares
        _add(lowered, part, window, probability - shares)
        _add(windows, part, window, np.ones_like(shares))
        heat = (lowered / np.maximum(windows, 1)).astype(np.float32)
        so_far = found.copy(), heat, probability, done, len(corners)
        yield Occlusion(target, window, stride, *so_far)


def _asked(before: Prediction, target: int | None) -> tuple[int, float]:
    """Return the class that is asked about, and its probability."""
    target = before.label if target is None else target
    count = len(before.scores)
    if not 0 <= target < count:
        raise InputError(
            f"This network has no class {target}: choose 0 to {count - 1}."
        )
    return target, float(before.probabilities[target])


def _check(size: Pair, window: Pair, stride: Pair) -> None:
    if not (1 <= window[0] <= size[0] and 1 <= window[1] <= size[1]):
        raise InputError(
            f"A window of {window[0]} × {window[1]} does not fit on {size[0]} × "
            f"{size[1]} pixels: choose a smaller one."
        )
    if min(stride) < 1:
        raise InputError("A stride is at least 1: choose a larger one.")


def _places(length: int, window: int, stride: int) -> list[int]:
    places = list(range(0, length - window + 1, stride))
    return places if places[-1] == length - window else [*places, length - window]


def _add(
    plane: Floats, corners: list[tuple[int, int]], window: tuple[int, int], much: Floats
) -> None:
    """Add to the pixels (H, W) under each of N windows as much as `much` (N,) says."""
    for (row, column), more in zip(corners, much, strict=True):
        plane[row : row + window[0], column : column + window[1]] += more


def _covered(
    module: nn.Module,
    picture: Floats,
    corners: list[tuple[int, int]],
    window: tuple[int, int],
    fill: float,
) -> Floats:
    """Return the probabilities (N, classes) with each of the windows covered."""
    with evaluating(module), torch.no_grad():
        batch = as_batch(module, picture).repeat(len(corners), 1, 1, 1)
        for covered, (row, column) in zip(batch, corners, strict=True):
            covered[:, row : row + window[0], column : column + window[1]] = fill
        return to_numpy(run(module, batch).softmax(1))
