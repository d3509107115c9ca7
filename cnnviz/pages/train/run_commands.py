"""What can be done with a run: compare, rename, delete, export."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.nn import recording
from cnnviz.pages.train.state import MOST_COMPARED

if TYPE_CHECKING:
    from cnnviz.nn.run import Run
    from cnnviz.pages.train.page import TrainPage
    from cnnviz.pages.train.runs_view import RunsView

SUFFIXES = {
    "csv": "CSV (*.csv)",
    "tensorboard": "TensorBoard event file (*.tfevents)",
    "safetensors": "Weights (*.safetensors)",
    "onnx": "ONNX (*.onnx)",
    "pytorch": "Python (*.py)",
    "keras": "Python (*.py)",
}


class RunCommands:
    """Carries out what the list of runs asks for, on the page.

    Parameters
    ----------
    page : TrainPage
    view : RunsView
    folder : Path
        Of all runs.
    """

    def __init__(self, page: TrainPage, view: RunsView, folder: Path) -> None:
        self._page, self._folder = page, folder
        view.opened.connect(page.open_run)
        view.compared.connect(self._compare)
        view.renamed.connect(self._rename)
        view.deleted.connect(self._delete)
        view.exported.connect(self._export)

    def _compare(self, name: str, on: bool) -> None:
        state = self._page.state
        others = [other for other in state.compared if other != name]
        if on and len(others) == MOST_COMPARED:
            self._page.show_message(
                f"{MOST_COMPARED} runs are the most to compare; unmark one first."
            )
            self._page.show_runs()
            return
        compared = (*others, name) if on else tuple(others)
        self._page.edit(replace(state, compared=compared))

    def _rename(self, name: str, title: str) -> None:
        try:
            recording.rename(recording.open_run(self._folder / name), title)
        except InputError as error:
            self._page.show_message(str(error))
        self._page.show_runs()

    def _delete(self, name: str) -> None:
        state = self._page.state
        others = tuple(other for other in state.compared if other != name)
        try:
            recording.delete(self._folder / name, self._folder)
        except InputError as error:
            self._page.show_message(str(error))
            return
        run = "" if state.run == name else state.run
        self._page.amend(replace(state, run=run, compared=others))
        self._page.show_runs()

    def _export(self, name: str, kind: str) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self._page, "Export", f"{name}.{kind}", SUFFIXES[kind]
        )
        if not path:
            return
        try:
            export_run(recording.open_run(self._folder / name), kind, Path(path))
        except InputError as error:
            self._page.show_message(str(error))


def export_run(run: Run, kind: str, path: Path) -> None:
    """Write a run in another format: one of `SUFFIXES`.

    Raises
    ------
    InputError
        There are no weights yet, a package is absent, or the file cannot be written.
    """
    from cnnviz.nn import checkpoints, export
    from cnnviz.nn.keras_source import keras_source
    from cnnviz.nn.pytorch_source import pytorch_source

    network = run.recipe.network
    if kind == "tensorboard":
        export.tensorboard(run, path.parent)
    elif kind == "csv":
        write_atomic(path, export.epochs_csv(run.metrics()).encode())
    elif kind in ("pytorch", "keras"):
        write = pytorch_source if kind == "pytorch" else keras_source
        write_atomic(path, write(network).encode())
    else:
        steps = run.snapshots()
        if not steps:
            raise InputError("This run has no weights yet; train it first.")
        weights = run.weights(steps[-1])
        if kind == "onnx":
            export.onnx(network, weights, path)
        else:
            checkpoints.save(path, network, weights)
