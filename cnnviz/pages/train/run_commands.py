"""What can be done with a run: compare, rename, delete, export."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from cnnviz.background import Latest, raise_again
from cnnviz.errors import InputError
from cnnviz.files import write_atomic
from cnnviz.nn import recording
from cnnviz.pages.train.state import MOST_COMPARED

if TYPE_CHECKING:
    from cnnviz.nn.run import Run
    from cnnviz.pages.train.page import TrainPage
    from cnnviz.pages.train.runs_view import RunsView

FILES = {
    "csv": (".csv", "CSV (*.csv)"),
    "batches": ("-batches.csv", "CSV (*.csv)"),
    "safetensors": (".safetensors", "Weights (*.safetensors)"),
    "onnx": (".onnx", "ONNX (*.onnx)"),
    "pytorch": ("-pytorch.py", "Python (*.py)"),
    "keras": ("-keras.py", "Python (*.py)"),
}
"""The end of a file's name and the filter of the dialog; TensorBoard takes a folder."""


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
        self._page, self._folder, self._view = page, folder, view
        self._deleted: Path | None = None
        self._writing = Latest(page)  # a large network takes a second
        self._writing.done.connect(page.readout.emit)
        self._writing.failed.connect(self._refuse)
        view.opened.connect(page.open_run)
        view.compared.connect(self._compare)
        view.renamed.connect(self._rename)
        view.deleted.connect(self._delete)
        view.restored.connect(self._restore)
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
            self._deleted = recording.delete(self._folder / name, self._folder)
        except InputError as error:
            self._page.show_message(str(error))
            return
        run = "" if state.run == name else state.run
        self._page.amend(replace(state, run=run, compared=others))
        self._page.show_runs()
        self._view.offer_restoring(True)

    def _restore(self) -> None:
        assert self._deleted is not None
        try:
            recording.restore(self._deleted)
        except InputError as error:
            self._page.show_message(str(error))
        self._view.offer_restoring(False)
        self._page.show_runs()

    def _export(self, name: str, kind: str) -> None:
        if self.busy:
            self._page.show_message("A file is being written; export this one after.")
            return
        if kind in FILES:
            end, types = FILES[kind]
            file = f"{Path(name).name}{end}"
            path, _ = QFileDialog.getSaveFileName(self._page, "Export", file, types)
        else:
            path = QFileDialog.getExistingDirectory(self._page, "Export into a folder")
        if not path:
            return
        self._page.readout.emit(f"Writing {path}")
        self._writing.request(partial(_write, self._folder / name, kind, Path(path)))

    @property
    def busy(self) -> bool:
        """Whether a file is being written."""
        return self._writing.busy

    def shut_down(self) -> None:
        """Join the thread that writes; a file that is begun is written to its end."""
        self._writing.shut_down()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self._page.readout.emit("")
        self._page.show_message(str(error))


def _write(folder: Path, kind: str, path: Path) -> str:
    export_run(recording.open_run(folder), kind, path)
    return f"Written to {path}"


def export_run(run: Run, kind: str, path: Path) -> None:
    """Write a run in another format: one of `FILES`, or ``"tensorboard"`` in a folder.

    Raises
    ------
    InputError
        There are no weights yet, a package is absent, or the file cannot be written.
    """
    from cnnviz.nn import checkpoints, export, model_card
    from cnnviz.nn.keras_source import keras_source
    from cnnviz.nn.pytorch_source import pytorch_source

    network = run.recipe.network
    if kind == "tensorboard":
        export.tensorboard(run, path)
    elif kind == "csv":
        write_atomic(path, export.epochs_csv(run.metrics()).encode())
    elif kind == "batches":
        write_atomic(path, export.steps_csv(run.steps()).encode())
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
            told = model_card.facts(run, steps[-1])
            checkpoints.save(path, network, weights, told)
