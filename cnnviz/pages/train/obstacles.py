"""Why a training cannot start, in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recipe import Recipe


def why_not(recipe: Recipe, data: Dataset | None) -> str | None:
    """Say in one sentence why a recipe cannot be trained on data, or None."""
    if data is None:
        return "Choose data to learn from."
    reason: str | None = recipe.why_invalid(len(data.classes))
    if reason is None and data.shape != recipe.network.input:
        wanted, given = (
            " × ".join(map(str, shape)) for shape in (recipe.network.input, data.shape)
        )
        reason = f"The network takes pictures of {wanted} and these are {given}."
    return reason
