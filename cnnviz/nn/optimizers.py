"""The optimizers, by the names of a recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, optim

from cnnviz.nn.device import undisturbed
from cnnviz.nn.ftrl import FTRL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cnnviz.nn.recipe import Optimizer, Recipe

MAKERS: dict[Optimizer, Callable[..., optim.Optimizer]] = {
    "sgd": optim.SGD,
    "rmsprop": optim.RMSprop,
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "adadelta": optim.Adadelta,
    "adagrad": optim.Adagrad,
    "adamax": optim.Adamax,
    "nadam": optim.NAdam,
    "ftrl": FTRL,
}

# Devices for which torch computes a step in one go.
_FUSED: dict[Optimizer, set[str]] = {
    "sgd": {"cpu", "cuda", "mps"},
    "adam": {"cpu", "cuda", "mps"},
    "adamw": {"cpu", "cuda", "mps"},
    "adagrad": {"cpu", "cuda"},
}


def make(recipe: Recipe, parameters: Iterable[Tensor]) -> optim.Optimizer:
    """Make the recipe's optimizer for parameters that are on their device."""
    parameters = list(parameters)
    options: dict[str, Any] = {
        "lr": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
    }
    if recipe.optimizer == "sgd":
        options["momentum"] = recipe.momentum
    if parameters[0].device.type in _FUSED.get(recipe.optimizer, ()):
        options["fused"] = True
    return MAKERS[recipe.optimizer](parameters, **options)


def warm_up() -> None:
    """Take a first step, for which torch imports and prepares a second's worth."""
    with undisturbed():
        weight = torch.zeros(1, requires_grad=True)
        weight.grad = torch.ones(1)
        optim.Adam([weight], fused=True).step()
