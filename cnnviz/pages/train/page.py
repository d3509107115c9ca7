"""The Train page: wires the state to data, training, runs and views."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFileDialog

from cnnviz import paths
from cnnviz.errors import InputError
from cnnviz.nn import recording
from cnnviz.nn.control import Watch
from cnnviz.nn.datasets import find
from cnnviz.nn.recipe import Recipe
from cnnviz.pages.base import Page
from cnnviz.pages.train import data_loader, looking, runs
from cnnviz.pages.train.canvas import Canvas, Words
from cnnviz.pages.train.controls import Controls
from cnnviz.pages.train.data_loader import DataLoader
from cnnviz.pages.train.drawing_dialog import DrawingDialog
from cnnviz.pages.train.learner import Learner
from cnnviz.pages.train.run_box import Progress
from cnnviz.pages.train.run_commands import RunCommands
from cnnviz.pages.train.state import State

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QShowEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Floats, Watched
    from cnnviz.nn.network import Network
    from cnnviz.pages.train.curves import Curves
    from cnnviz.pages.train.looking import Getter
    from cnnviz.pages.train.run_box import Phase

FOREVER = float("inf")
LIVE = ("learning_rate", "augmentation")
"""Fields of a recipe that may change while it is trained."""


def create() -> TrainPage:
    """Make the page, on MNIST where that is there already."""
    source = "mnist" if find("mnist", paths.data_dir()) else "generated"
    return TrainPage(State(Recipe(data=source)))


class TrainPage(Page):
    """A network that learns, what it makes of one picture, and what it gets wrong."""

    id = "train"
    title = "Train"
    open_filter = "Runs and weights (run.json *.safetensors *.pt)"
    keys = (
        ("Space", "Start and pause the training"),
        ("Right arrow", "Train one batch"),
        ("Double click, Esc", "Enlarge the maps of one layer, show all again"),
    )

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._home = paths.data_dir()
        self._data: Dataset | None = None
        self._seen: Watched | None = None
        self._shares: Floats | None = None
        self._others: list[Curves] = []
        self._loader = DataLoader(self._home, self)
        self._learner = Learner(self)
        self._looking = looking.Looking(self)
        self._build()
        self._connect()
        self._commands = RunCommands(self, self._runs_folder)
        self._show_run(self.state)
        self._show_others()
        self._show_all()
        self._loader.request(self.state.recipe.data)

    # ---------------------------------------------------------------- building

    def _build(self) -> None:
        self._controls = Controls(self.state)
        self._canvas = Canvas(self.state)
        self._words = Words()
        self.controls.addWidget(self._controls)
        self.canvas.addWidget(self._canvas)
        self.explanation.addWidget(self._words, 3)
        self.explanation.addWidget(self._words.facts, 2)

    def _connect(self) -> None:
        controls, canvas, learner = self._controls, self._canvas, self._learner
        controls.edited.connect(self.edit)
        controls.layers_asked.connect(lambda: self._view("network"))
        controls.data.folder_asked.connect(self._ask_for_folder)
        controls.data.download_asked.connect(
            lambda: self._loader.request("mnist", download=True)
        )
        controls.data.cancelled.connect(self._cancel_loading)
        controls.run.toggled.connect(self._toggle)
        controls.run.stepped.connect(lambda: self._go(1))
        controls.run.epoch_asked.connect(lambda: self._go(0))
        controls.run.reset.connect(self._reset)
        controls.run.new_weights.connect(self._draw_weights)
        canvas.viewed.connect(self._view)
        canvas.rewound.connect(self._rewind)
        for view in (canvas.maps, canvas.mistakes, canvas.curves):
            view.edited.connect(self.edit)
        canvas.maps.readout.connect(self.readout)
        canvas.maps.digit.chosen.connect(self._choose_digit)
        canvas.maps.digit.draw_asked.connect(self._draw)
        canvas.network.edited.connect(lambda network: self._set(network=network))
        canvas.network.refused.connect(self.show_message)
        self._loader.progressed.connect(controls.data.show_progress)
        self._loader.loaded.connect(self._take_data)
        self._loader.failed.connect(self._refuse_data)
        learner.curves_changed.connect(self._show_curves)
        learner.seen.connect(self._take_seen)
        learner.epoch_ended.connect(self._answer)
        learner.snapshot_taken.connect(self._show_snapshots)
        learner.phase_changed.connect(self._show_phase)
        learner.message.connect(self.show_message)
        learner.ended.connect(self._look)
        self._looking.seen.connect(self._take_replay)
        self._looking.tested.connect(self._take_shares)
        self._looking.progressed.connect(canvas.mistakes.show_progress)
        self._looking.failed.connect(self.show_message)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        if new.recipe.data != old.recipe.data:
            self._loader.request(new.recipe.data)
        if new.run != old.run:
            self._show_run(old)
        if new.compared != old.compared:
            self._show_others()
        self._tune()
        self._show_all()
        fields = ("run", "moment", "digit", "drawing", "gradients", "recipe")
        if any(getattr(new, name) != getattr(old, name) for name in fields):
            self._look()
        if (new.view, new.moment, new.run) != (old.view, old.moment, old.run):
            self._answer()

    def _show_all(self) -> None:
        state = self.state
        classes = len(self._data.classes) if self._data else None
        self._controls.set_state(state)
        self._canvas.set_state(state, self._on_show, classes)
        self._show_digit()
        self._show_curves()
        self._show_snapshots()
        self._show_phase()
        if state.view == "runs":
            self.show_runs()

    def _set(self, **fields: Any) -> None:
        recipe = replace(self.state.recipe, **fields)
        self.edit(self.state.with_recipe(recipe))

    def _view(self, key: str) -> None:
        self.edit(replace(self.state, view=key))

    @property
    def _on_show(self) -> Network:
        """The network whose maps are on the screen."""
        run = self._learner.run
        return run.recipe.network if run else self.state.recipe.network

    # ---------------------------------------------------------------- runs

    @property
    def _runs_folder(self) -> Path:
        return self._home / "runs"

    def _show_run(self, old: State) -> None:
        name = self.state.run
        if self._learner.run is not None and self._learner.run.folder.name == name:
            return  # it was begun just now
        try:
            run = recording.open_run(self._runs_folder / name) if name else None
            self._learner.show_run(run)
        except InputError as error:
            self.show_message(str(error))
            kept = old.run if old.run != name else ""
            self.amend(replace(self.state, run=kept, moment=None))

    def open_run(self, name: str) -> None:
        """Show a run with the settings that made it."""
        try:
            run = recording.open_run(self._runs_folder / name)
        except InputError as error:
            self.show_message(str(error))
            return
        state = self.state.with_recipe(run.recipe)
        self.edit(replace(state, run=name, moment=None, view="maps", cell=None))

    def show_runs(self) -> None:
        """Show the list of runs as it is on disk."""
        found = runs.entries(self._runs_folder, self.state.compared)
        self._canvas.runs.set_entries(found, self.state.run)

    def _show_others(self) -> None:
        self._others = []
        for name in self.state.compared:
            try:
                run = recording.open_run(self._runs_folder / name)
                self._others.append(runs.curves(run))
            except InputError as error:
                self.show_message(str(error))

    # ---------------------------------------------------------------- data

    def _take_data(self, source: str, data: Dataset) -> None:
        if source != self.state.recipe.data:
            return
        self._data = data
        self._controls.data.show_ready(data_loader.about(data))
        self._show_all()
        self._look()
        self._answer()

    def _refuse_data(self, source: str, sentence: str) -> None:
        if source != self.state.recipe.data:
            return
        self._data = None
        if source == "mnist":
            self._controls.data.show_missing(sentence)
        else:
            self._controls.data.show_ready("")
            self.show_message(sentence)
        self._show_all()

    def _cancel_loading(self) -> None:
        self._loader.cancel()
        self._refuse_data(
            self.state.recipe.data, "Cancelled; choose the data again to go on."
        )

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a data set")
        if folder:
            self.open_paths([folder])

    # ---------------------------------------------------------------- training

    @property
    def _obstacle(self) -> str | None:
        """Why nothing can start, if it cannot."""
        if self._data is None:
            return "" if self._loader.busy else "Choose data to learn from."
        reason = self.state.recipe.why_invalid(len(self._data.classes))
        shape = self._data.train.images.shape[1:]
        if reason is None and shape != self.state.recipe.network.input:
            return "The network's input does not fit these pictures."
        return reason

    @property
    def _same(self) -> bool:
        """Whether the run on show is of the present recipe, but for what may change."""
        run = self._learner.run
        if run is None:
            return False
        live = {name: getattr(self.state.recipe, name) for name in LIVE}
        return replace(run.recipe, **live) == self.state.recipe

    @property
    def phase(self) -> Phase:
        """What the buttons can do."""
        if self._learner.control is not None:
            return self._learner.phase
        if self._obstacle is not None:
            return "none"
        if not self._same:
            return "new"
        return self._learner.phase

    def _toggle(self) -> None:
        if self.phase == "running":
            self._learner.pause()
        else:
            self._go(FOREVER)

    def _go(self, batches: float) -> None:
        """Do so many batches, 0 for the rest of the epoch; begin a run if need be."""
        if self._learner.control is not None:
            self._learner.go(batches)
            return
        if self.phase == "none" or self._data is None:
            return
        if self.phase != "paused":
            self._learner.show_run(None)
        try:
            self._learner.start(
                self.state.recipe, self._data, self._runs_folder, self._watch, batches
            )
        except InputError as error:
            self.show_message(str(error))
            return
        assert self._learner.run is not None
        self._tune()
        name = self._learner.run.folder.name
        self.amend(replace(self.state, run=name, moment=None))

    def _reset(self) -> None:
        self.edit(replace(self.state, run="", moment=None))

    def _draw_weights(self) -> None:
        old = self.state.recipe
        recipe = replace(old, weights_seed=old.weights_seed + 1)
        self.edit(replace(self.state, recipe=recipe, run="", moment=None))

    def _tune(self) -> None:
        """Hand on what may change while it runs."""
        if (control := self._learner.control) is not None:
            control.learning_rate = self.state.recipe.learning_rate
            control.augmentation = self.state.recipe.augmentation

    def _show_phase(self) -> None:
        running = self._learner.control is not None
        note = self._obstacle or ""
        if running and not self._same:
            note = "This training keeps its settings; Reset, then Start takes the new."
        self._controls.run.show_phase(self.phase, note)
        self._show_progress()

    def _show_progress(self) -> None:
        learner, recipe = self._learner, self.state.recipe
        run = learner.run
        recipe = run.recipe if run else recipe
        steps = self._all_steps
        left = None
        if learner.control is not None and learner.curves.speed:
            left = (steps - learner.curves.steps) * recipe.batch / learner.curves.speed
        self._controls.run.show_progress(
            Progress(
                learner.curves.steps,
                steps,
                len(learner.curves.metrics),
                recipe.epochs,
                left,
            )
        )

    @property
    def _all_steps(self) -> int:
        """How many batches the whole training has; 0 if nobody knows yet."""
        learner = self._learner
        if learner.started is not None:
            return learner.started.steps
        if learner.curves.metrics and learner.run is not None:
            line = learner.curves.metrics[-1]
            return line.step // line.epoch * learner.run.recipe.epochs
        return learner.curves.steps

    # ---------------------------------------------------------------- one picture

    @property
    def _picture(self) -> NDArray[np.uint8] | None:
        """The pinned picture, uint8 (C, H, W)."""
        if (drawn := self.state.picture) is not None:
            return drawn[None]
        if self._data is None:
            return None
        images = self._data.test.images
        return images[min(self.state.digit, len(images) - 1)]

    @property
    def _watch(self) -> Watch:
        return Watch(self._picture, gradients=self.state.gradients)

    def _show_digit(self) -> None:
        picture, data = self._picture, self._data
        if picture is None:
            return
        count = len(data.test) if data else 0
        number = min(self.state.digit, max(0, count - 1))
        words = "drawn"
        if data is not None and not self.state.drawing:
            words = f"a {data.classes[data.test.labels[number]]}"
        self._canvas.maps.digit.set_picture(picture, words, number, count)

    def _choose_digit(self, number: int, gesture: str) -> None:
        self.edit(replace(self.state, digit=number, drawing=""), gesture)

    def _draw(self) -> None:
        classes = self._data.classes if self._data else ()
        dialog = DrawingDialog(self, classes, self._home)
        dialog.pinned.connect(
            lambda pixels: self.edit(self.state.with_drawing(pixels))
        )
        dialog.open()

    def _weights(self) -> tuple[Getter, int]:
        """Return what reads the weights on show, and after which batch they were so."""
        run, snapshots = self._learner.run, self._learner.snapshots
        if run is None or not snapshots:
            recipe = run.recipe if run else self.state.recipe
            return looking.first_weights(recipe), 0
        moment = self.state.moment
        step = moment if moment in snapshots else snapshots[-1]
        return looking.recorded_weights(run, step), step

    def _look(self) -> None:
        """See what the network on show makes of the pinned picture."""
        picture = self._picture
        control = self._learner.control
        if picture is None or self._on_show.why_invalid():
            return
        if control is not None:
            control.look(self._watch)
        if control is None or self.state.moment is not None:
            get, step = self._weights()
            self._looking.look(self._on_show, get, picture, step)

    def _take_seen(self, seen: Watched) -> None:
        if self.state.moment is None:
            self._take_replay(seen)

    def _take_replay(self, seen: Watched) -> None:
        classes = self._data.classes if self._data else ()
        self._canvas.maps.show_seen(seen, classes)

    def _rewind(self, step: int | None) -> None:
        self.amend(replace(self.state, moment=step))

    # ---------------------------------------------------------------- the test set

    def _answer(self) -> None:
        """Show the answers to the test set at the moment on show."""
        if self.state.view != "mistakes":
            return
        learner, data = self._learner, self._data
        self._looking.stop_testing()
        epochs = {line.step: line.epoch for line in learner.curves.metrics}
        if learner.run is None or data is None:
            self._canvas.mistakes.show_answers(data, None)
        elif self.state.moment is None:
            self._canvas.mistakes.show_answers(data, learner.shares)
        elif self.state.moment in epochs:
            shares = learner.run.probabilities(epochs[self.state.moment])
            self._canvas.mistakes.show_answers(data, shares)
        else:
            get, step = self._weights()
            self._looking.test(self._on_show, get, data.test, step)

    def _take_shares(self, shares: Floats, step: int) -> None:
        if step == self.state.moment:
            self._canvas.mistakes.show_answers(self._data, shares)

    # ---------------------------------------------------------------- drawing

    def _show_curves(self) -> None:
        steps = self._all_steps
        self._canvas.show_curves(
            self.state, self._learner.curves, steps, self._others
        )
        self._words.show_words(self.state, self._learner, self._on_show)
        self._show_progress()

    def _show_snapshots(self) -> None:
        self._canvas.show_snapshots(self.state, self._learner.snapshots)

    # ---------------------------------------------------------------- for the window

    def open_paths(self, paths: list[str]) -> None:
        """Show a run, or learn from a data set in a folder."""
        path = Path(paths[0])
        folder = path.parent if path.name == RUN else path
        if (folder / RUN).is_file():
            self.open_run(str(folder.absolute()))
            self.recent.emit(str(folder.absolute()))
        else:
            self._set(data=str(path.absolute()))

    def copy_picture(self) -> QImage | None:
        """Return the canvas."""
        return self._canvas.grab().toImage()

    def pytorch(self) -> str:
        """Return code that builds the network and trains it by the recipe."""
        recipe = self.state.recipe
        return "" if recipe.why_invalid() else pytorch_source(recipe.network)

    def settled(self) -> bool:
        """Whether data and maps are there."""
        return not self._loader.busy and not self._looking.busy

    def shut_down(self) -> None:
        """Stop and save the training; cancel and join everything else."""
        self._loader.shut_down()
        self._looking.shut_down()
        self._learner.shut_down()

    # ---------------------------------------------------------------- Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Let the keys work at once."""
        super().showEvent(event)
        self._canvas.focus_views()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Start and pause with Space, train one batch with the right arrow."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._toggle()
        elif event.key() == Qt.Key.Key_Right:
            self._go(1)
        else:
            super().keyPressEvent(event)
