"""A new run that begins as another one was after some batch. Needs no torch.

The run that it branches off stays as it is. What the new one holds up to that batch,
curves, epochs and snapshots, is the other's; its log says so. Where the other stopped
it goes on bit for bit. An earlier snapshot has weights alone, so the optimizer's
averages begin anew there, as does the noise of augmentation; and so they do after a
breakdown, of which they are full.

A run that has lost its checkpoint goes on from a snapshot in the same way.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.nn import recording
from cnnviz.nn.events import Checkpoint
from cnnviz.nn.recorder import keep, metrics_line, now
from cnnviz.nn.run import (
    EPOCHS,
    LOG,
    METRICS,
    RECORD,
    SNAPSHOTS,
    STEPS,
    numbered,
    tensor_path,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.run import Run


def branch(
    run: Run, step: int, folder_of_runs: Path, recipe: Recipe, data: Dataset
) -> Run:
    """Begin a run that goes on from a snapshot of another one.

    Parameters
    ----------
    run : Run
    step : int
        After how many batches, one of ``run.snapshots()``.
    folder_of_runs : Path
        Where the new one is made.
    recipe : Recipe
        The other's, but for what may change while it runs.
    data : Dataset
        The other's.

    Raises
    ------
    InputError
        The snapshot is damaged, the log does not tell how long an epoch is, or the new
        run cannot be written; there is no new run then.
    """
    point = _point(run, step)
    name = f"{run.name}, from batch {step:,}"
    new = recording.create(folder_of_runs, recipe, name, data)
    try:
        with recording.writing(new.name):
            _copy(run, new, point)
            note = {"time": now(), "event": "branched", "from": run.name, "step": step}
            (new.folder / LOG).write_bytes(json.dumps(note).encode() + b"\n")
            keep(point, new)
    except InputError:
        shutil.rmtree(new.folder, ignore_errors=True)
        raise
    return new


def resumption(run: Run) -> Checkpoint | None:
    """Return where a run goes on: None for its very beginning.

    That is its checkpoint, or the newest whole snapshot where that is damaged or gone.

    Raises
    ------
    InputError
        The checkpoint is damaged and so are all snapshots.
    """
    try:
        point = run.checkpoint()
    except InputError:
        damage = "damaged"
    else:
        if point is not None or run.snapshots() in ((), (0,)):
            return point
        damage = "gone"
    for step in reversed(run.snapshots()):
        with suppress(InputError):  # an earlier one may be whole
            point = _point(run, step)
            told = (
                f"The checkpoint of this run is {damage}: it goes on from its newest "
                f"whole snapshot, after batch {step:,}."
            )
            return replace(point, notice=told)
    raise InputError(
        f"The checkpoint of the run “{run.name}” is {damage} and no snapshot is whole: "
        "start a new training."
    )


def _point(run: Run, step: int) -> Checkpoint:
    """Return where a training goes on that has a snapshot's weights."""
    stored = _stored(run, step)
    if stored is not None:
        return stored
    per_epoch = [entry.get("steps_per_epoch") for entry in run.log()]
    lengths = [length for length in per_epoch if isinstance(length, int)]
    if not lengths:
        raise InputError(
            f"The log of the run “{run.name}” is damaged: start a new training."
        )
    before, metrics = None, run.metrics()
    for line in metrics:
        if line.step <= step:
            before = line
    epoch = before.epoch if before else 0
    batches = run.steps()
    begun = slice(epoch * lengths[-1], step)
    loss, accuracy = batches.loss[begun], batches.accuracy[begun]
    facts: dict[str, object] = {
        "steps_per_epoch": lengths[-1],
        "optimizer": run.recipe.optimizer,
        "seconds": metrics[-1].seconds * step / metrics[-1].step if metrics else 0.0,
        "loss": float(np.nansum(loss)) * run.recipe.batch,
        "right": round(float(np.nansum(accuracy)) * run.recipe.batch),
        "pictures": float(np.isfinite(loss).sum()) * run.recipe.batch,
    }
    weights: dict[str, Any] = {
        f"model.{name}": values for name, values in run.weights(step).items()
    }
    return Checkpoint(step, epoch, weights, facts)


def _stored(run: Run, step: int) -> Checkpoint | None:
    """Return the run's checkpoint, with averages, if it is of this batch."""
    if run.state() == "diverged":
        return None
    try:
        point = run.checkpoint()
    except InputError:  # the snapshot will do
        return None
    return point if point is not None and point.step == step else None


def _copy(run: Run, new: Run, point: Checkpoint) -> None:
    """Put into a new run what another holds up to a point."""
    for place, last in ((SNAPSHOTS, point.step), (EPOCHS, point.epoch)):
        (new.folder / place).mkdir()
        for number in numbered(run.folder / place):
            if number <= last:
                source = tensor_path(run.folder / place, number)
                _link(source, new.folder / place / source.name)
    kept = [line for line in run.metrics() if line.epoch <= point.epoch]
    write_atomic(new.folder / METRICS, b"".join(map(metrics_line, kept)))
    batches = run.steps()
    columns = np.stack(
        (batches.loss, batches.accuracy, batches.learning_rate, batches.gradient_norm),
        axis=1,
    )
    records = columns[: point.step].astype(RECORD.base)
    write_atomic(new.folder / STEPS, records.tobytes())


def _link(source: Path, target: Path) -> None:
    """Give a file a second name; such files are replaced whole, never changed."""
    try:
        os.link(source, target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)
