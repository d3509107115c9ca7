"""Several runs beside each other: their curves on one axis, and how they differ."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from cnnviz.codec import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cnnviz.nn.events import Metrics
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.run import Run

    Doubles = NDArray[np.float64]

Measure = Literal[
    "train_loss",
    "train_accuracy",
    "val_loss",
    "val_accuracy",
    "test_loss",
    "test_accuracy",
]
Axis = Literal["epoch", "step", "seconds"]

MEASURES: tuple[Measure, ...] = get_args(Measure)
AXES: tuple[Axis, ...] = get_args(Axis)


@dataclass(frozen=True, eq=False)
class Curve:
    """A run's curve: float64 (n,) each; NaN where a value is absent or infinite."""

    name: str
    x: Doubles
    y: Doubles


def curves(
    runs: Sequence[Run], measure: Measure = "test_accuracy", axis: Axis = "epoch"
) -> tuple[Curve, ...]:
    """Return a curve for each run that has the measure, on an axis they share.

    Parameters
    ----------
    runs : sequence of Run
    measure : str
    axis : str
        Complete epochs, batches, or seconds of training since the start.
    """
    made = (curve(run.name, run.metrics(), measure, axis) for run in runs)
    return tuple(c for c in made if np.isfinite(c.y).any())


def curve(name: str, metrics: Sequence[Metrics], measure: Measure, axis: Axis) -> Curve:
    """Return the curve of a run's metrics."""
    x = [getattr(line, axis) for line in metrics]
    y = np.array([getattr(line, measure) for line in metrics], np.float64)
    return Curve(name, np.array(x, np.float64), np.where(np.isfinite(y), y, np.nan))


def aligned(curves: Sequence[Curve]) -> tuple[Doubles, Doubles]:
    """Put curves on one axis, to be read off at one place.

    Returns
    -------
    x : float64 (n,)
        Every place that any curve has, in order.
    y : float64 (curves, n)
        Between a curve's points it is drawn straight; NaN beyond its ends.
    """
    if not curves:
        return np.empty(0), np.empty((0, 0))
    x = np.unique(np.concatenate([c.x for c in curves]))
    rows = [
        np.interp(x, c.x, c.y, left=np.nan, right=np.nan)
        if len(c.x)
        else np.full(len(x), np.nan)
        for c in curves
    ]
    return x, np.array(rows)


def smooth(values: NDArray[Any], weight: float) -> Doubles:
    """Return an exponential moving average that starts without a bias towards 0.

    Parameters
    ----------
    values : float (n,)
        NaN are passed over.
    weight : float
        Of the past, 0 up to 1: 0 changes nothing.

    Notes
    -----
    The correction of Kingma and Ba 2015, "Adam", section 3, as TensorBoard smooths.
    """
    average = np.empty(len(values))
    total, seen = 0.0, 0.0
    for i, value in enumerate(np.asarray(values, np.float64)):
        if np.isfinite(value):
            total = weight * total + (1 - weight) * value
            seen = weight * seen + (1 - weight)
        average[i] = total / seen if seen else np.nan
    return average


def differences(recipes: Sequence[Recipe]) -> dict[str, tuple[Any, ...]]:
    """Return the fields in which recipes differ, with the value of each in order.

    A network is told by its id.
    """
    found: dict[str, tuple[Any, ...]] = {}
    for field in dataclasses.fields(recipes[0]) if recipes else ():
        values = [getattr(recipe, field.name) for recipe in recipes]
        if any(value != values[0] for value in values):
            shown = (v.id if field.name == "network" else to_json(v) for v in values)
            found[field.name] = tuple(shown)
    return found
