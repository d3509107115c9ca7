"""A recorded or a new network at rest: what it makes of one picture and of a test set.

For looking back at a run, and for the first look at one that has not begun.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from cnnviz.errors import InputError
from cnnviz.nn import watching
from cnnviz.nn.control import Watch
from cnnviz.nn.inspection import to_input
from cnnviz.nn.modules import build

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.datasets import Split
    from cnnviz.nn.events import Floats, Watched, Weights
    from cnnviz.nn.network import Network
    from cnnviz.nn.recipe import Recipe

CHUNK = 500
"""Pictures that are tested between two looks at whether someone still waits."""


def first_weights(recipe: Recipe) -> Weights:
    """Return the weights that a training by this recipe starts from."""
    module = build(recipe.network, recipe.weights_seed, recipe.initialisation)
    return {key: value.numpy() for key, value in module.state_dict().items()}


def module_of(network: Network, weights: Weights) -> torch.nn.Sequential:
    """Return a network with these weights, ready to answer.

    Raises
    ------
    InputError
        The weights are of another network.
    """
    module = build(network)
    try:
        module.load_state_dict(
            {key: torch.from_numpy(value.copy()) for key, value in weights.items()}
        )
    except RuntimeError as error:
        raise InputError(
            "These weights belong to another network; choose the run's own network."
        ) from error
    return module.eval()


def look(
    network: Network, weights: Weights, picture: NDArray[np.uint8], step: int = 0
) -> Watched:
    """Return what a network makes of one picture.

    Parameters
    ----------
    network : Network
    weights : dict
        Every parameter and buffer by name.
    picture : uint8 (C, H, W)
    step : int
        The batch after which the weights were so.
    """
    seen = watching.look(module_of(network, weights), Watch(picture), step)
    assert seen is not None
    return seen


def test(
    network: Network, weights: Weights, split: Split
) -> Generator[Floats, None, None]:
    """Yield the probabilities (n, classes) of a split's pictures, chunk by chunk."""
    module = module_of(network, weights)
    for start in range(0, len(split), CHUNK):
        with torch.inference_mode():
            scores = module(to_input(split.images[start : start + CHUNK]))
            share = scores.softmax(-1).numpy()
        yield share
