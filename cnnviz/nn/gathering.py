"""What several layers say of many pictures, as rows of numbers in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.inspection import to_input
from cnnviz.nn.probing import (
    check_scores,
    device_of,
    evaluating,
    guarded,
    to_numpy,
    watched,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from cnnviz.nn.datasets import Split

INPUT = "input"

MAX_BYTES = 400_000_000
"""Of all gathered outputs together; fewer pictures are taken if need be."""

MAX_FEATURES = 20_000
"""Values a picture and layer; of more, so many drawn at random are taken."""

LEAST = 50
"""Pictures that are taken in any case."""

_BATCH = 125


@dataclass(frozen=True, eq=False)
class Gathered:
    """What the layers said; each one yielded holds all so far.

    Attributes
    ----------
    pictures : int64 (N,)
        Numbers in the split, rising, of all that are to be gathered.
    outputs : dict of float32 (N, features)
        By layer; ``"input"`` is the picture itself. Rows from `done` on are empty yet.
    widths : dict of int
        How many values the layer has for a picture, of which at most 20,000 are here.
    done, total : int
        Pictures.
    """

    pictures: NDArray[np.int64]
    outputs: dict[str, NDArray[np.float32]]
    widths: dict[str, int]
    done: int
    total: int


def gather(
    module: nn.Module,
    split: Split,
    layers: Sequence[str],
    count: int = 2000,
    seed: int = 0,
) -> Iterator[Gathered]:
    """Run pictures through a network and keep what some layers say of each.

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    split : Split
    layers : sequence of str
        Layers, or ``"input"``.
    count : int
        The most pictures; fewer if memory would be short. They are drawn at random.
    seed : int
        Draws the pictures, and the values of a layer that has too many.

    Yields
    ------
    Gathered
        After every 125 pictures; may be closed after any. The arrays grow in place.

    Raises
    ------
    InputError
        There are too few pictures or no such layer, or the network cannot take them.
    """
    if len(split) < 3 or count < 3:
        raise InputError("A map of pictures needs three at least: choose other data.")
    names = list(dict.fromkeys(layers))
    draw = np.random.default_rng(seed)
    first = _points(module, split.images[:1], names)
    widths = {name: points.shape[1] for name, points in first.items()}
    taken = {
        name: np.sort(draw.choice(width, min(width, MAX_FEATURES), replace=False))
        for name, width in widths.items()
    }
    room = MAX_BYTES // (4 * sum(map(len, taken.values())))
    count = min(count, len(split), max(room, LEAST))
    pictures = np.sort(draw.choice(len(split), count, replace=False)).astype(np.int64)
    outputs = {
        name: np.zeros((count, len(columns)), np.float32)
        for name, columns in taken.items()
    }
    for start in range(0, count, _BATCH):
        part = slice(start, min(start + _BATCH, count))
        for name, points in _points(
            module, split.images[pictures[part]], names
        ).items():
            columns = taken[name]
            every = len(columns) == points.shape[1]
            outputs[name][part] = to_numpy(points if every else points[:, columns])
        yield Gathered(pictures, outputs, widths, part.stop, count)


def _points(
    module: nn.Module, images: NDArray[np.uint8], names: Sequence[str]
) -> dict[str, Tensor]:
    """Return what each layer says of each picture, (N, features)."""
    batch = to_input(images).to(device_of(module))
    inner = [name for name in names if name != INPUT]
    with evaluating(module), torch.no_grad(), watched(module, inner) as seen:
        with guarded(module, batch):
            scores = module(batch)
    if isinstance(scores, torch.Tensor):
        check_scores(module, scores)
    points = {}
    for name in names:
        output = batch if name == INPUT else seen.get(name)
        if output is None or output.ndim < 2 or len(output) != len(batch):
            raise InputError(
                f"{name} does not say something of each picture: choose another layer."
            )
        points[name] = output.flatten(1)
    return points
