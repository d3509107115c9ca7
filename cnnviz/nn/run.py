"""A recorded training as it lies in its folder: read only, and without torch.

========================  ==============================================================
``run.json``              name, date, recipe, names of the classes
``metrics.jsonl``         a line at each epoch's end
``steps.f32``             four little-endian float32 a batch: loss, accuracy, learning
                          rate, gradient norm
``snapshots/N``           the weights after N batches, as safetensors
``epochs/N``              the test set's probabilities after N epochs, as safetensors
``test.safetensors``      the test set's labels
``checkpoint.safetensors``  where the training goes on
``log.jsonl``             when it started, changed, diverged and ended; notices
========================  ==============================================================

A program that was killed leaves a torn last line or record, which is passed over.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cnnviz.codec import from_json
from cnnviz.errors import InputError
from cnnviz.files import check_open, read_bytes
from cnnviz.nn import tensor_files
from cnnviz.nn.events import Checkpoint, Metrics, Steps
from cnnviz.nn.recipe import Augmentation, Recipe  # noqa: TC001 (for the codec)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from cnnviz.nn.events import Floats, Weights

FORMAT = "cnnviz-run"
VERSION = 1
RECORD = np.dtype((np.dtype("<f4"), 4))

RUN, METRICS, STEPS, LOG = "run.json", "metrics.jsonl", "steps.f32", "log.jsonl"
SNAPSHOTS, EPOCHS = "snapshots", "epochs"
CHECKPOINT, TEST = "checkpoint.safetensors", "test.safetensors"

TEXT_LIMIT = 64 * 2**20  # bytes; 1000 epochs make 300 kB of metrics
MOST_STEPS = 2**31
STEPS_LIMIT = 2**30  # bytes; 60 million batches

LONGEST_NAME = 80  # letters

State = Literal["new", "unfinished", "stopped", "diverged", "complete"]


@dataclass(frozen=True)
class Run:
    """A run on disk; its methods read what is there now.

    Attributes
    ----------
    folder : Path
    name : str
        For the screen.
    created : str
        ISO 8601 with the offset from UTC.
    recipe : Recipe
    data : str
        What the data was called, such as ``"MNIST"``.
    classes : tuple of str
        Names of the classes; empty if unknown.
    """

    folder: Path
    name: str
    created: str
    recipe: Recipe
    data: str = ""
    classes: tuple[str, ...] = ()

    def metrics(self) -> tuple[Metrics, ...]:
        """Return what was measured at the end of each complete epoch."""
        lines = read_lines(self.folder / METRICS)
        return tuple(filter(None, map(_metrics, lines)))

    def steps(self) -> Steps:
        """Return the curves of all batches: as one event, whose speed is 0."""
        path = self.folder / STEPS
        data = read_bytes(path, STEPS_LIMIT) if path.exists() else b""
        whole = len(data) // RECORD.itemsize
        records = np.frombuffer(data, RECORD, whole)
        loss, accuracy, rate, norm = np.ascontiguousarray(
            records.T, dtype=np.float32
        ).reshape(4, whole)
        return Steps(whole, loss, accuracy, rate, norm, speed=0.0)

    def snapshots(self) -> tuple[int, ...]:
        """Return after how many batches there are weights, in order."""
        return numbered(self.folder / SNAPSHOTS)

    def weights(self, step: int) -> Weights:
        """Return the weights after so many batches, one of :meth:`snapshots`.

        Raises
        ------
        InputError
            The snapshot is absent or damaged.
        """
        path = tensor_path(self.folder / SNAPSHOTS, step)
        return dict(tensor_files.read(path)[0])

    def epochs(self) -> tuple[int, ...]:
        """Return after which epochs there are probabilities, in order."""
        return numbered(self.folder / EPOCHS)

    def probabilities(self, epoch: int) -> Floats:
        """Return the test set's probabilities after an epoch, float32 (N, classes).

        Raises
        ------
        InputError
            The file is absent or damaged.
        """
        path = tensor_path(self.folder / EPOCHS, epoch)
        return _only(path, "probabilities").astype(np.float32, copy=False)

    def labels(self) -> NDArray[np.int64] | None:
        """Return the test set's labels (N,), or None if they were not recorded."""
        path = self.folder / TEST
        if not path.exists():
            return None
        return _only(path, "labels").astype(np.int64, copy=False)

    def checkpoint(self) -> Checkpoint | None:
        """Return where the training goes on, or None if it has not begun.

        Raises
        ------
        InputError
            The file is damaged.
        """
        path = self.folder / CHECKPOINT
        if not path.exists():
            return None
        tensors, facts = tensor_files.read(path)
        step, epoch, rest = (facts.get(key) for key in ("step", "epoch", "facts"))
        if not (type(step) is int and type(epoch) is int and isinstance(rest, dict)):
            raise InputError(
                f"The checkpoint of the run “{self.name}” is damaged: its snapshots "
                "can be seen and it cannot go on."
            )
        return Checkpoint(step, epoch, tensors, rest)

    def saved(self) -> int:
        """Return the batch from which it goes on, without reading the weights.

        Raises
        ------
        InputError
            The checkpoint is damaged.
        """
        path = self.folder / CHECKPOINT
        step = tensor_files.read_facts(path).get("step") if path.is_file() else 0
        if type(step) is not int:
            raise InputError(f"The checkpoint of the run “{self.name}” is damaged.")
        return step

    def log(self) -> tuple[dict[str, Any], ...]:
        """Return when it started, changed, diverged and ended, and what it had to say.

        Each entry has a ``time`` (ISO 8601), an ``event`` (``started``, ``changed``,
        ``notice``, ``diverged`` or ``finished``) and the fields of that event; a start
        also has the version of ``torch``. ``branched`` has the run and the batch that
        it came from.
        """
        return tuple(read_lines(self.folder / LOG))

    def latest_recipe(self) -> Recipe:
        """Return the recipe with the learning rate and augmentation last in force."""
        recipe = self.recipe
        for entry in self.log():
            if entry.get("event") != "changed":
                continue
            try:
                live = from_json(_Live, entry)
            except InputError:
                continue
            changed = dataclasses.replace(recipe, **vars(live))
            recipe = recipe if changed.why_invalid() else changed
        return recipe

    def planned(self) -> int:
        """Return the batches that its last start was to do; 0 if nobody knows."""
        told = [entry.get("steps") for entry in self.log()]
        return max((n for n in told if type(n) is int and n < MOST_STEPS), default=0)

    def state(self) -> State:
        """Return how the training ended; ``"unfinished"`` also while it runs."""
        state: State = "new"
        for entry in self.log():
            match entry.get("event"):
                case "started":
                    state = "unfinished"
                case "diverged":
                    state = "diverged"
                case "finished" if entry.get("complete"):
                    state = "complete"
                case "finished" if state != "diverged":
                    state = "stopped"
        return state


def open_run(folder: Path) -> Run:
    """Open the run in a folder.

    Raises
    ------
    InputError
        The folder holds no run, or one that is damaged or from a newer version.
    """
    folder = Path(folder)
    path = folder / RUN
    check_open(folder)
    if not path.is_file():
        raise InputError(
            f"“{folder.name}” holds no run: choose a folder with a {RUN} in it."
        )
    damaged = InputError(
        f"The run in “{folder.name}” is damaged: its {RUN} cannot be read; "
        "open another one or delete it."
    )
    try:
        data = json.loads(read_bytes(path, TEXT_LIMIT))
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, InputError) else damaged from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise damaged
    version = data.get("version")
    if isinstance(version, int) and version > VERSION:
        raise InputError(
            f"The run in “{folder.name}” was recorded by a newer cnnviz; "
            "update this one to open it."
        )
    try:
        head = from_json(_Head, data)
        datetime.fromisoformat(head.created)
    except ValueError:  # an InputError is one too
        raise damaged from None
    if head.recipe.network.why_invalid():
        raise damaged
    head = dataclasses.replace(head, name=clean_name(head.name) or folder.name)
    return Run(folder, *(getattr(head, f.name) for f in dataclasses.fields(head)))


def clean_name(name: str) -> str:
    """Return a run's name in one line that has room on the screen."""
    return " ".join(name.split())[:LONGEST_NAME]


@dataclass(frozen=True)
class _Live:
    """What of a recipe may change while it is trained, as the log has it."""

    learning_rate: float
    augmentation: Augmentation


@dataclass(frozen=True)
class _Head:
    """What of a run is in its ``run.json``, in the order of :class:`Run`."""

    name: str
    created: str
    recipe: Recipe
    data: str = ""
    classes: tuple[str, ...] = ()


# ------------------------------------------------ files of a run, for the recorder too


def tensor_path(folder: Path, number: int) -> Path:
    """Return the file of a snapshot's step or of an epoch."""
    return folder / f"{number:08d}{tensor_files.SUFFIX}"


def numbered(folder: Path) -> tuple[int, ...]:
    """Return the numbers of the tensor files in a folder, in order."""
    names = (path.stem for path in folder.glob(f"*{tensor_files.SUFFIX}"))
    return tuple(sorted(int(n) for n in names if n.isascii() and n.isdecimal()))


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines; a line that is none is passed over."""
    data = read_bytes(path, TEXT_LIMIT) if path.exists() else b""
    for line in data.split(b"\n"):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _metrics(line: dict[str, Any]) -> Metrics | None:
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Metrics):
        if field.name in line:
            value = line[field.name]
            whole = field.name in ("epoch", "step")
            if value is None and not whole:
                value = math.nan
            if type(value) is not int and (whole or type(value) is not float):
                return None
            values[field.name] = value if whole else float(value)
    try:
        return Metrics(**values)
    except TypeError:
        return None


def _only(path: Path, name: str) -> NDArray[Any]:
    tensors, _ = tensor_files.read(path)
    if name not in tensors:
        raise InputError(f"“{path.name}” is damaged: it holds no {name}.")
    return tensors[name]
