"""One event of a training to one change on disk; see :mod:`cnnviz.nn.run` for where.

Whole files are replaced atomically. What is appended reaches the operating system at
once, which outlives a killed program, and the disk before a checkpoint relies on it.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.nn import tensor_files
from cnnviz.nn.events import (
    Changed,
    Checkpoint,
    Diverged,
    EpochEnd,
    Finished,
    Metrics,
    Notice,
    Snapshot,
    Started,
    Steps,
)
from cnnviz.nn.run import (
    CHECKPOINT,
    EPOCHS,
    LOG,
    METRICS,
    RECORD,
    SNAPSHOTS,
    STEPS,
    Run,
    numbered,
    tensor_path,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.events import Event

ORDER = (
    *("epoch", "step", "train_loss", "train_accuracy", "val_loss", "val_accuracy"),
    *("test_loss", "test_accuracy", "seconds"),
)
"""The entries of a line of ``metrics.jsonl``."""


def now() -> str:
    """Return the time as ISO 8601, with the offset from UTC."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def keep(event: Event, run: Run) -> None:
    """Put on disk what of an event is to stay; a start first cuts what lies beyond it.

    Raises
    ------
    OSError, InputError
        The disk is full or fails.
    """
    folder = run.folder
    match event:
        case Started():
            _cut(run, event.step, event.epoch)
            _note(folder / LOG, event)
        case Steps():
            _append_steps(folder / STEPS, event)
        case EpochEnd(metrics, probabilities):
            path = tensor_path(folder / EPOCHS, metrics.epoch)
            tensor_files.write(path, {"probabilities": probabilities}, {})
            _append(folder / METRICS, metrics_line(metrics))
        case Snapshot(step, epoch, weights):
            path = tensor_path(folder / SNAPSHOTS, step)
            tensor_files.write(path, weights, {"step": step, "epoch": epoch})
        case Checkpoint(step, epoch, tensors, facts):
            for name in (METRICS, STEPS):
                _reach_disk(folder / name)
            written = {"step": step, "epoch": epoch, "facts": facts}
            tensor_files.write(folder / CHECKPOINT, tensors, written)
        case Changed() | Notice() | Diverged() | Finished():
            _note(folder / LOG, event)


def metrics_line(metrics: Metrics) -> bytes:
    """Return an epoch's line of ``metrics.jsonl``."""
    values = dataclasses.asdict(metrics)
    has_validation = metrics.val_loss is not None
    keys = (k for k in ORDER if has_validation or not k.startswith("val_"))
    # JSON has no NaN and no infinity.
    line = {k: values[k] if math.isfinite(values[k] or 0) else None for k in keys}
    return json.dumps(line, allow_nan=False).encode() + b"\n"


def _cut(run: Run, step: int, epoch: int) -> None:
    """Take away what was recorded after a step, and drafts that a killed write left."""
    folder = run.folder
    for place in (folder, folder / SNAPSHOTS, folder / EPOCHS):
        place.mkdir(exist_ok=True)
        for draft in place.glob(".*.part"):
            draft.unlink()
    with suppress(InputError):  # a damaged one stays until the next takes its place
        checkpoint = run.checkpoint()
        if checkpoint and checkpoint.step > step:
            (folder / CHECKPOINT).unlink()
    # A test that was killed is done again: its step is complete, its epoch is not.
    kept = [m for m in run.metrics() if m.step <= step and m.epoch <= epoch]
    write_atomic(folder / METRICS, b"".join(map(metrics_line, kept)))
    with (folder / STEPS).open("ab") as stream:
        whole = min(stream.tell() // RECORD.itemsize, step)
        stream.truncate(whole * RECORD.itemsize)
    for place, last in ((folder / SNAPSHOTS, step), (folder / EPOCHS, epoch)):
        for number in numbered(place):
            if number > last:
                tensor_path(place, number).unlink()


def _append_steps(path: Path, event: Steps) -> None:
    columns = (event.loss, event.accuracy, event.learning_rate, event.gradient_norm)
    records = np.stack(columns, axis=1).astype(RECORD.base)
    with path.open("r+b") as stream:
        end = stream.seek(0, os.SEEK_END)
        start = (event.step - len(records)) * RECORD.itemsize
        if start > end:  # batches nobody told of must not shift those that follow
            stream.write(np.full((start - end) // 4, np.nan, RECORD.base).tobytes())
        stream.seek(start)
        stream.write(records.tobytes())


def _note(path: Path, event: Started | Changed | Notice | Diverged | Finished) -> None:
    name = type(event).__name__.lower()
    line = {"time": now(), "event": name, **dataclasses.asdict(event)}
    if isinstance(event, Started):
        line["torch"] = version("torch")
    # The first newline ends what a killed program may have left without one.
    start = b"\n" if isinstance(event, Started) else b""
    _append(path, start + json.dumps(line).encode() + b"\n")


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


def _reach_disk(path: Path) -> None:
    with path.open("r+b") as stream:
        os.fsync(stream.fileno())
