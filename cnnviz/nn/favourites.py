"""The pictures of a test set that each channel of a layer answers to most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from cnnviz.errors import InputError
from cnnviz.nn.inspection import to_input
from cnnviz.nn.probing import check_scores, device_of, evaluating, guarded, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from cnnviz.nn.datasets import Split

_BATCH = 250


@dataclass(frozen=True, eq=False)
class Favourites:
    """The best pictures of each channel among those seen so far.

    Attributes
    ----------
    pictures : int64 (channels, n)
        Numbers in the split, the strongest first.
    values : float32 (channels, n)
        The largest value of the channel's map for that picture, or the unit's value.
    places : int64 (channels, n)
        Where in the map it is, row · columns + column; 0 for a unit.
    done, total : int
        Pictures.
    """

    pictures: NDArray[np.int64]
    values: NDArray[np.float32]
    places: NDArray[np.int64]
    done: int
    total: int


def favourites(
    module: nn.Module, split: Split, layer: str, count: int = 9
) -> Iterator[Favourites]:
    """Look through a split for each channel's strongest pictures.

    Memory stays at one batch of the layer's output.

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    split : Split
    layer : str
    count : int
        1 or more pictures a channel.

    Yields
    ------
    Favourites
        After every 250 pictures; may be closed after any.

    Raises
    ------
    InputError
        There is no picture or no such layer, or the network cannot take the pictures.
    """
    if not len(split) or count < 1:
        raise InputError("There is no picture to look at: choose other data.")
    best: tuple[Tensor, Tensor, Tensor] | None = None
    for first in range(0, len(split), _BATCH):
        images = to_input(split.images[first : first + _BATCH]).to(device_of(module))
        with evaluating(module), torch.no_grad(), watched(module, [layer]) as seen:
            with guarded(module, images):
                module(images)
            values, places = _peaks(seen, layer)
        check_scores(module, values)
        numbers = torch.arange(first, first + len(images)).expand(values.shape[1], -1)
        best = _merged(best, (numbers, values.T.cpu(), places.T.cpu()), count)
        pictures, strengths, where = (part.numpy().copy() for part in best)
        done = first + len(images)
        yield Favourites(pictures, strengths, where, done, len(split))


def _peaks(seen: dict[str, Tensor], layer: str) -> tuple[Tensor, Tensor]:
    """Return the largest value of each map (N, channels) and where it is."""
    output = seen.get(layer)
    if output is None or output.ndim < 2:
        raise InputError(f"{layer} has no channels: choose another layer.")
    if output.ndim == 2:
        output = output[..., None]
    values, places = output.flatten(2).max(dim=2)
    return values, places


Part = tuple["Tensor", "Tensor", "Tensor"]


def _merged(best: Part | None, new: Part, count: int) -> Part:
    """Keep the strongest of both, (channels, n) each: numbers, values, places."""
    if best is not None:
        numbers, values, places = (
            torch.cat(pair, dim=1) for pair in zip(best, new, strict=True)
        )
    else:
        numbers, values, places = new
    values, order = values.sort(dim=1, descending=True, stable=True)
    values, order = values[:, :count], order[:, :count]
    return numbers.gather(1, order), values, places.gather(1, order)
