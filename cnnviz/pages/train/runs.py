"""The runs on disk as rows of a table and as curves to compare."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.nn import recording
from cnnviz.pages.train.controls import OPTIMIZER_TITLES
from cnnviz.pages.train.curves import Curves
from cnnviz.pages.train.explain import percent
from cnnviz.pages.train.runs_view import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.nn.recording import Damaged, Run


ROLES = ("green", "violet", "error", "text", "pink", "brown")
"""Colours of the runs that are compared, in the order of the state."""


def role(name: str, compared: Sequence[str]) -> str:
    """Return the colour of a run's curves by its name in the palette, "" for none."""
    return ROLES[compared.index(name) % len(ROLES)] if name in compared else ""


def entries(folder: Path, compared: Sequence[str]) -> list[Entry]:
    """Return the runs of a folder as rows, newest first, and then the damaged ones."""
    found, damaged = recording.survey(folder)
    rows = []
    for run in found:
        try:
            rows.append(_entry(run, role(run.folder.name, compared)))
        except InputError as error:
            words = f"The run in “{run.folder.name}” is damaged: {error}"
            damaged.append(recording.Damaged(run.folder, words))
    return [*rows, *map(_damaged_entry, damaged)]


def _entry(run: Run, role: str) -> Entry:
    lines, recipe = run.metrics(), run.recipe
    accuracy = percent(lines[-1].test_accuracy) if lines else "–"
    texts = (
        run.name,
        recipe.network.title,
        run.data or Path(recipe.data).name,
        OPTIMIZER_TITLES[recipe.optimizer],
        f"{len(lines)} of {recipe.epochs}",
        accuracy,
        _made(datetime.fromisoformat(run.created)),
    )
    return Entry(run.folder.name, texts, role)


def _damaged_entry(damaged: Damaged) -> Entry:
    return Entry(damaged.folder.name, (), "", damaged.sentence)


def _made(when: datetime) -> str:
    """Return the time of a run of today, the day of an earlier one."""
    today = datetime.now(when.tzinfo).date()
    return f"{when:%H:%M}" if when.date() == today else f"{when:%Y-%m-%d}"


def curves(run: Run) -> Curves:
    """Return the curves of a run as far as it has come."""
    result = Curves()
    result.add(run.steps())
    result.metrics = list(run.metrics())
    return result


def others(folder: Path, names: Sequence[str], but: str = "") -> list[Curves]:
    """Return the curves of runs to compare with.

    Damaged ones are left out, and the one on show, whose name is `but`.
    """
    found = {run.folder.name: run for run in recording.runs(folder)} if names else {}
    compared = []
    for name in names:
        if (run := found.get(name)) is None or name == but:
            continue
        try:
            one = curves(run)
        except InputError:
            continue
        same = sum(run.name == other.name for other in found.values())
        made = datetime.fromisoformat(run.created)
        one.role = role(name, names)
        one.title = f"{made:%H:%M} {run.name}" if same > 1 else run.name
        compared.append(one)
    return compared
