"""Runs on disk: begin one, record a training into it, list, name and delete them.

A training that dies at any moment, by ``kill -9`` or a flat battery, loses what came
after its last checkpoint and nothing else. Needs no torch.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.codec import to_json
from cnnviz.errors import InputError
from cnnviz.files import reason, write_atomic
from cnnviz.nn import tensor_files
from cnnviz.nn.locking import held
from cnnviz.nn.recorder import keep, now
from cnnviz.nn.run import (
    FORMAT,
    LOG,
    METRICS,
    RUN,
    STEPS,
    TEST,
    VERSION,
    Run,
    clean_name,
    open_run,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Event
    from cnnviz.nn.recipe import Recipe

__all__ = [
    "Damaged",
    "Run",
    "create",
    "create_in",
    "damaged",
    "delete",
    "is_in_training",
    "open_run",
    "record",
    "rename",
    "restore",
    "runs",
    "survey",
    "writing",
]

TRASH = ".deleted"
RESUME = "what it holds is safe, so mend that and resume it"
BEGIN = "mend that, then begin it again"
"""The ways out where a run cannot be written: one that goes on, and a new one."""


# ------------------------------------------------------------------- begin and record


def create(
    folder_of_runs: Path, recipe: Recipe, name: str = "", data: Dataset | None = None
) -> Run:
    """Begin a run in a new folder named by date, network and optimizer.

    Parameters
    ----------
    folder_of_runs : Path
        Made if it is absent.
    recipe : Recipe
    name : str
        For the screen; empty for one made of the recipe.
    data : Dataset, optional
        What it will be trained on: names of classes and labels of the test set are
        kept, so that confusion matrices can be seen without the data.

    Raises
    ------
    InputError
        The folder cannot be made or written.
    """
    words = f"{recipe.network.id}-{recipe.optimizer}"
    words = "".join(c if c.isalnum() or c in "-_" else "-" for c in words)[:60]
    stem = f"{datetime.now():%Y-%m-%d-%H%M%S}-{words}"
    folder, number = Path(folder_of_runs) / stem, 1
    while os.path.lexists(folder):
        number += 1
        folder = folder.with_name(f"{stem}-{number}")
    return create_in(folder, recipe, name, data)


def create_in(
    folder: Path, recipe: Recipe, name: str = "", data: Dataset | None = None
) -> Run:
    """Begin a run in this folder, which must be absent or empty; see :func:`create`."""
    title = clean_name(name) or f"{recipe.network.title}, {recipe.optimizer}"
    told = (data.name, data.classes) if data else ("", ())
    run = Run(Path(folder), title, now(), recipe, *told)
    with writing(run.name, BEGIN):
        run.folder.mkdir(parents=True, exist_ok=True)
        if any(run.folder.iterdir()):
            raise InputError(
                f"“{run.folder.name}” is not empty: choose a new folder for the run, "
                "or resume the run that is in it."
            )
        _write_head(run)
        if data:
            labels = {"labels": data.test.labels.astype(np.int64)}
            tensor_files.write(run.folder / TEST, labels, {})
    return run


def record(events: Generator[Event, None, None], run: Run) -> Generator[Event]:
    """Pass a training's events through, each after it is safely on disk.

    What the run holds beyond the step at which the training starts is cut first, so a
    resumed training doubles nothing. Closing this closes `events`.

    Raises
    ------
    InputError
        The disk is full or fails, or somebody else records into this run. What had been
        recorded can be opened and resumed.
    """
    with closing(events), _held(run.folder, run.name):
        for event in events:
            with writing(run.name):
                keep(event, run)
            yield event


def is_in_training(run: Run) -> bool:
    """Whether somebody records into a run just now, in this process or another."""
    try:
        with held(run.folder / LOG):
            return False
    except BlockingIOError:
        return True
    except OSError:  # a folder that may not be written
        return False


# ------------------------------------------------------------- list, name and delete


@dataclass(frozen=True)
class Damaged:
    """A folder that should hold a run and cannot be opened, for this reason."""

    folder: Path
    sentence: str


def survey(folder_of_runs: Path) -> tuple[list[Run], list[Damaged]]:
    """Return the runs in a folder, newest first, and those that cannot be opened."""
    found = list(_survey(folder_of_runs))
    runs = [run for run in found if isinstance(run, Run)]
    runs.sort(key=lambda run: (run.created, run.folder.name), reverse=True)
    return runs, [run for run in found if isinstance(run, Damaged)]


def runs(folder_of_runs: Path) -> list[Run]:
    """Return the runs in a folder, newest first, without those that are damaged."""
    return survey(folder_of_runs)[0]


def damaged(folder_of_runs: Path) -> list[Damaged]:
    """Return the runs in a folder that cannot be opened, each with its sentence."""
    return survey(folder_of_runs)[1]


def rename(run: Run, name: str) -> Run:
    """Give a run another name; its folder stays where it is.

    Raises
    ------
    InputError
        The name is empty, or the run cannot be written.
    """
    if not clean_name(name):
        raise InputError("A run needs a name: type one.")
    # Read again, as it may have changed since.
    renamed = replace(open_run(run.folder), name=clean_name(name))
    with writing(renamed.name):
        _write_head(renamed)
    return renamed


def delete(folder: Path, folder_of_runs: Path) -> Path:
    """Delete a run, damaged or not, so that :func:`restore` can bring it back.

    It moves to a hidden folder, which the next deletion empties. No link is followed.

    Returns
    -------
    Path
        For :func:`restore`.

    Raises
    ------
    InputError
        It lies elsewhere, is a link or no run, or a training writes it just now.
    """
    folder, trash = Path(folder), Path(folder_of_runs) / TRASH
    inside = folder.parent.resolve() == Path(folder_of_runs).resolve()
    if not inside or folder.is_symlink() or trash.is_symlink() or not _is_ours(folder):
        raise InputError(
            f"“{folder.name}” is no run in the folder of runs: delete it in your file "
            "manager."
        )
    with _held(folder, folder.name), writing(folder.name):
        if trash.is_dir():
            shutil.rmtree(trash)
        gone = trash / secrets.token_hex(4) / folder.name
        gone.parent.mkdir(parents=True)
    with writing(folder.name):  # Windows moves no folder with an open file
        return folder.rename(gone)


def restore(deleted: Path) -> Path:
    """Bring back the run that :func:`delete` moved to `deleted`; return its folder.

    Raises
    ------
    InputError
        It is gone for good, or another run has its place.
    """
    folder = deleted.parents[2] / deleted.name
    if not deleted.is_dir() or os.path.lexists(folder):
        raise InputError(f"“{deleted.name}” cannot be brought back any more.")
    return deleted.rename(folder)


def _survey(folder_of_runs: Path) -> Iterator[Run | Damaged]:
    try:
        folders = sorted(Path(folder_of_runs).iterdir())
    except OSError:
        return  # none yet
    for folder in folders:
        if not folder.name.startswith(".") and _is_ours(folder):
            try:
                yield open_run(folder)
            except InputError as error:
                yield Damaged(folder, str(error))


def _is_ours(folder: Path) -> bool:
    # Not Path.is_file, which raises where a folder may not be entered.
    return any(os.path.isfile(folder / name) for name in (RUN, METRICS, STEPS, LOG))


def _write_head(run: Run) -> None:
    fields = {"name": run.name, "created": run.created, "recipe": to_json(run.recipe)}
    data = {"format": FORMAT, "version": VERSION, **fields}
    data |= {"data": run.data, "classes": list(run.classes)}
    write_atomic(run.folder / RUN, json.dumps(data, indent=1).encode())


@contextmanager
def _held(folder: Path, name: str) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            with writing(name):
                stack.enter_context(held(folder / LOG))
        except BlockingIOError:
            raise InputError(
                f"The run “{name}” is being trained just now: stop that training first."
            ) from None
        yield


@contextmanager
def writing(name: str, way_out: str = RESUME) -> Iterator[None]:
    """Say in one sentence what the disk does not do, and the way out.

    Raises
    ------
    InputError
        In the place of the OSError, or of one that came from it.
    """
    try:
        yield
    except BlockingIOError:
        raise
    except OSError as error:
        why = error
    except InputError as error:
        if not isinstance(error.__cause__, OSError):
            raise
        why = error.__cause__
    else:
        return
    raise InputError(
        f"The run “{name}” cannot be written: {reason(why)}; {way_out}."
    ) from why
