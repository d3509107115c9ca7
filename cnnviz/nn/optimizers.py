"""The optimizers, by the names of a recipe."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, optim

from cnnviz.nn.ftrl import FTRL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cnnviz.nn.recipe import Optimizer, Recipe

KINDS: dict[Optimizer, type[optim.Optimizer]] = {
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
    "adagrad": {"cpu"},
}


class _Eager(optim.Optimizer):
    """To be inherited before an optimizer of torch, for one that is never compiled.

    torch's own guard against ``torch.compile`` imports all of the compiler, for another
    second before the first batch.
    """

    add_param_group = inspect.unwrap(optim.Optimizer.add_param_group)
    zero_grad = inspect.unwrap(optim.Optimizer.zero_grad)

    def step(self) -> None:  # type: ignore[override]
        """Take one step by the gradients that the parameters hold."""
        with torch.no_grad():
            inspect.unwrap(super().step)(self)


MAKERS: dict[Optimizer, Callable[..., optim.Optimizer]] = {
    name: type(kind.__name__, (_Eager, kind), {}) for name, kind in KINDS.items()
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
