"""Runs and networks for other programs: CSV, source, TensorBoard and ONNX.

TensorBoard and ONNX need packages that cnnviz does not; a sentence names them.
"""

from __future__ import annotations

import csv
import dataclasses
import importlib.util
import io
from pathlib import Path
from typing import TYPE_CHECKING

from cnnviz.codec import to_json
from cnnviz.errors import InputError, absent
from cnnviz.files import make_folder, reason, write_atomic
from cnnviz.nn.keras_source import keras_source
from cnnviz.nn.pytorch_source import pytorch_source
from cnnviz.nn.recorder import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cnnviz.nn.events import Metrics, Steps, Weights
    from cnnviz.nn.network import Network
    from cnnviz.nn.run import Run

__all__ = [
    "epochs_csv",
    "keras_source",
    "onnx",
    "pytorch_source",
    "steps_csv",
    "tensorboard",
]

CURVES = ("loss", "accuracy", "learning_rate", "gradient_norm")


def epochs_csv(metrics: Sequence[Metrics]) -> str:
    """Return a line an epoch, with the columns of ``metrics.jsonl``.

    Columns of a validation split are left out where no epoch has any.
    """
    lines = [dataclasses.asdict(line) for line in metrics]
    keys = [key for key in ORDER if any(line[key] is not None for line in lines)]
    return _csv(keys or ORDER, ([line[key] for key in keys] for line in lines))


def steps_csv(steps: Steps) -> str:
    """Return a line a batch: step, loss, accuracy, learning rate, gradient norm."""
    columns = (getattr(steps, name).tolist() for name in CURVES)
    first = steps.step - len(steps.loss) + 1
    rows = zip(range(first, steps.step + 1), *columns, strict=True)
    return _csv(("step", *CURVES), rows)


def _csv(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return stream.getvalue()


def tensorboard(run: Run, folder: Path) -> Path:
    """Write a run's curves as TensorBoard's event files.

    Parameters
    ----------
    run : Run
    folder : Path
        Gets a sub-folder named as the run's folder; ``tensorboard --logdir FOLDER``
        then shows the runs in it.

    Returns
    -------
    Path
        The sub-folder.

    Raises
    ------
    InputError
        The package ``tensorboard`` is absent, or the folder cannot be written.
    """
    _need("TensorBoard files", "tensorboard")
    place = Path(folder) / run.folder.name
    make_folder(place)
    from torch.utils.tensorboard import SummaryWriter

    try:
        with SummaryWriter(str(place)) as writer:
            writer.add_text("recipe", f"    {to_json(run.recipe)}")
            for name, step, value in _scalars(run):
                writer.add_scalar(name, value, step)
    except OSError as error:
        raise InputError(
            f"“{place}” cannot be written: {reason(error)}; choose another folder."
        ) from error
    return place


def _scalars(run: Run) -> Iterable[tuple[str, int, float]]:
    steps = run.steps()
    for name in CURVES:
        for step, value in enumerate(getattr(steps, name).tolist(), start=1):
            yield f"batch/{name}", step, value
    for metrics in run.metrics():
        for key, value in dataclasses.asdict(metrics).items():
            split, _, measure = key.partition("_")
            if measure and value is not None:
                yield f"{measure}/{split}", metrics.step, value


def onnx(network: Network, weights: Weights, path: Path) -> None:
    """Write a network with its weights as ONNX: ``pictures`` in, ``scores`` out.

    Parameters
    ----------
    network : Network
    weights : dict
        Every parameter and buffer by name.
    path : Path
        The number of pictures, the first axis, may be any.

    Raises
    ------
    InputError
        The package ``onnx`` is absent, the weights are of another network, or the file
        cannot be written.
    """
    _need("ONNX files", "onnx")
    from cnnviz.nn import onnx_writing

    if not onnx_writing.fits(network, weights):
        raise InputError(f"These weights are not of “{network.title}”: choose its own.")
    write_atomic(path, onnx_writing.write(network, weights))


def _need(what: str, *packages: str) -> None:
    if lacking := [name for name in packages if importlib.util.find_spec(name) is None]:
        raise InputError(absent(what, *lacking))
