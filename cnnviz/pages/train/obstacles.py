"""Why a training cannot start, and what else is told under its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recipe import Recipe
    from cnnviz.pages.train.current_run import CurrentRun


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


def note(obstacle: str | None, current: CurrentRun, *, same: bool) -> str:
    """Return what is told under the buttons of a training, mostly nothing.

    Parameters
    ----------
    obstacle : str or None
        Why nothing can start.
    current : CurrentRun
    same : bool
        Whether its run is of the settings on show.
    """
    if current.branching:
        return "The run that goes on from here is being written."
    if current.control is not None and not same:
        return "This training keeps its settings; Reset, then Start takes the new."
    return obstacle or " ".join(current.notes)
