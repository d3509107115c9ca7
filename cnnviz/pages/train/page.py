"""The Train page: wires the state to data, training, runs and views."""

from __future__ import annotations

from dataclasses import replace
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt

from cnnviz import paths, theme
from cnnviz.errors import InputError
from cnnviz.nn import recording
from cnnviz.nn.datasets import find
from cnnviz.nn.pytorch_source import pytorch_source
from cnnviz.nn.recipe import Recipe
from cnnviz.nn.run import RUN
from cnnviz.pages.base import Page
from cnnviz.pages.train import runs
from cnnviz.pages.train.canvas import Canvas, Scrolled, Words
from cnnviz.pages.train.controls import Controls
from cnnviz.pages.train.current_run import CurrentRun
from cnnviz.pages.train.data_commands import DataCommands
from cnnviz.pages.train.device_dialog import DeviceDialog
from cnnviz.pages.train.drawing_dialog import draw
from cnnviz.pages.train.keys import leave_to_training
from cnnviz.pages.train.run_commands import RunCommands
from cnnviz.pages.train.sight import Sight
from cnnviz.pages.train.state import State
from cnnviz.pages.train.telling import Telling
from cnnviz.pages.train.training_commands import TrainingCommands

if TYPE_CHECKING:
    from PySide6.QtCore import QObject
    from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent, QShowEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Floats, Watched
    from cnnviz.pages.train.run_box import Phase

LEAST = 360
"""Pixels at text size 100 % that the canvas keeps while the explanation scrolls."""


def create() -> TrainPage:
    """Make the page, on MNIST where that is there already."""
    source = "mnist" if find("mnist", paths.data_dir()) else "generated"
    return TrainPage(State(Recipe(data=source)))


class TrainPage(Page):
    """A network that learns, what it makes of one picture, and what it gets wrong."""

    id = "train"
    title = "Train"
    open_filter = f"Runs ({RUN})"
    keys = (
        ("Space", "Start and pause the training"),
        ("Right arrow", "Train one batch"),
        ("Tab to Rewind, then arrows", "Go back and forth between the snapshots"),
        ("Double click, Esc", "Enlarge the maps of one layer, show all again"),
    )

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._home, self.runs_folder = paths.data_dir(), paths.runs_dir()
        self._current = CurrentRun(self)
        self._telling = Telling(self._current)
        self._sight = Sight(self.state, self._current)
        self._controls = Controls(self.state)
        self._canvas = Canvas(self.state)
        self._words = Words()
        self._source = DataCommands(self, self._controls.data, self._home)
        self.controls.addWidget(self._controls)
        self.canvas.addWidget(Scrolled(self._canvas))
        self.roomy.leave_bar()
        self.banner.installEventFilter(self)
        self.explanation.addWidget(self._words, 3)
        self.explanation.addWidget(self._words.facts, 2)
        self._commands = RunCommands(self, self._canvas.runs, self.runs_folder)
        self._training = TrainingCommands(
            self,
            self._controls.run,
            self._current,
            self._sight,
            self._source,
            self.runs_folder,
        )
        self._connect_controls()
        self._connect_canvas()
        self._connect_work()
        for part in (self._controls, self._canvas):
            leave_to_training(part)
        self._source.load(self.state.recipe.data)
        self._show_run(self.state)
        self._show_others()
        self._show_all()
        self._sight.look()

    def _connect_controls(self) -> None:
        controls = self._controls
        controls.edited.connect(self.edit)
        controls.layers_asked.connect(lambda: self._view("network"))
        controls.timing_asked.connect(self._time_devices)
        controls.run.clicked.connect(lambda: self._canvas.focus_views())

    def _connect_canvas(self) -> None:
        canvas = self._canvas
        canvas.viewed.connect(self._view)
        canvas.rewound.connect(
            lambda step: self.amend(replace(self.state, moment=step))
        )
        canvas.train_on_asked.connect(self._training.train_on)
        for view in (canvas.maps, canvas.mistakes, canvas.curves):
            view.edited.connect(self.edit)
        canvas.maps.readout.connect(self.readout)
        canvas.maps.sighted.connect(self._sight.follow)
        canvas.maps.digit.draw_asked.connect(lambda: draw(self, self._data, self._home))
        canvas.network.edited.connect(lambda network: self._set(network=network))
        canvas.network.refused.connect(self.show_message)

    def _connect_work(self) -> None:
        current, sight = self._current, self._sight
        self._source.changed.connect(self._take_data)
        self._telling.due.connect(self._tell)
        current.epoch_ended.connect(self._answer)
        current.snapshot_taken.connect(self._show_snapshots)
        current.phase_changed.connect(self._show_phase)
        current.message.connect(self.show_message)
        sight.failed.connect(self.show_message)
        sight.seen.connect(self._take_seen)
        sight.answered.connect(self._take_answers)
        sight.progressed.connect(self._canvas.mistakes.show_progress)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        self._sight.state, self._sight.data = new, self._data
        if new.recipe.data != old.recipe.data:
            self._source.load(new.recipe.data)
        if new.run != old.run:
            self._show_run(old)
        if (new.compared, new.run) != (old.compared, old.run):
            self._show_others()
        self._training.tune()
        self._show_all()
        fields = ("run", "moment", "digit", "drawing", "gradients", "recipe")
        if any(getattr(new, name) != getattr(old, name) for name in fields):
            self._sight.look()
        if (new.view, new.moment, new.run) != (old.view, old.moment, old.run):
            self._answer()

    def _show_all(self) -> None:
        state, data = self.state, self._data
        self._controls.set_state(state)
        self._canvas.set_state(state, self._sight.recipe, data)
        picture, number = self._sight.picture, self._sight.number
        self._canvas.maps.show_picture(picture, number, data)
        self._tell()
        self._show_phase()
        if state.view == "runs":
            self.show_runs()

    def _set(self, **fields: Any) -> None:
        recipe = replace(self.state.recipe, **fields)
        self.edit(self.state.with_recipe(recipe))

    def _view(self, key: str) -> None:
        self.edit(replace(self.state, view=key))

    # ---------------------------------------------------------------- runs

    def _show_run(self, old: State) -> None:
        name = self.state.run
        folder, run = self.runs_folder / name, self._current.run
        if name and run is not None and run.folder == folder:
            return  # it was begun just now
        try:
            self._current.show_run(recording.open_run(folder) if name else None)
        except InputError as error:
            self.show_message(str(error))
            kept = old.run if old.run != name else ""
            self.amend(replace(self.state, run=kept, moment=None))

    def open_run(self, name: str) -> None:
        """Show a run with the settings that made it."""
        try:
            run = recording.open_run(self.runs_folder / name)
        except InputError as error:
            self.show_message(str(error))
            return
        state = self.state.with_recipe(run.latest_recipe())
        self.edit(replace(state, run=name, moment=None, view="maps", cell=None))

    def show_runs(self) -> None:
        """Show the list of runs as it is on disk."""
        found = runs.entries(self.runs_folder, self.state.compared)
        self._canvas.runs.set_entries(found, self.state.run)

    def _show_others(self) -> None:
        state = self.state
        self._canvas.show_others(
            runs.others(self.runs_folder, state.compared, but=state.run)
        )

    # ---------------------------------------------------------------- data

    @property
    def _data(self) -> Dataset | None:
        return self._source.data

    def _take_data(self) -> None:
        self._sight.data = self._data
        self._show_all()
        self._sight.look()
        self._answer()

    # ---------------------------------------------------------------- training

    @property
    def phase(self) -> Phase:
        """What the buttons can do."""
        return self._training.phase

    def _show_phase(self) -> None:
        self._training.show_phase()
        self._show_snapshots()

    # ---------------------------------------------------------------- what is seen

    def _tell(self, words: bool = True) -> None:
        """Draw, and say in words and numbers, where the training is."""
        self._telling.note(words=words)
        progress = self._current.progress(self.state.recipe)
        self._canvas.show_curves(self.state, self._current.curves, progress.steps)
        self._canvas.maps.show_answer(self._data)
        if words:
            self._words.show_words(self.state, self._current, self._sight.network)
        self._show_snapshots()
        self._controls.run.show_progress(progress)

    def _show_snapshots(self) -> None:
        progress = self._current.progress(self.state.recipe)
        self._canvas.show_snapshots(self.state, self._current, progress.steps)
        step = self._current.branch_step(self.state.moment)
        self._canvas.offer_training_on(step is not None and step < progress.steps)

    def _take_seen(self, seen: Watched) -> None:
        self._canvas.maps.show_seen(seen)
        # The answer of a running training is told with its curves.
        if self._current.phase != "running" or self.state.moment is not None:
            self._canvas.maps.show_answer(self._data)

    def _answer(self) -> None:
        if self.state.view == "mistakes":
            self._sight.answer()

    def _take_answers(self, shares: Floats | None, when: str) -> None:
        self._canvas.mistakes.show_answers(self._data, shares, when)

    def _time_devices(self) -> None:
        reason = self._training.obstacle
        if self._data is None or reason:
            self.show_message(reason or "Wait for the data, then try again.")
            return
        self._current.pause()
        DeviceDialog(self, self.state.recipe, self._data).open()

    # ---------------------------------------------------------------- for the window

    def open_paths(self, paths: list[str]) -> None:
        """Show a run, or learn from the data set in a folder."""
        path = Path(paths[0]).absolute()
        folder = path.parent if path.name == RUN else path
        if isfile(folder / RUN):
            self.open_run(str(folder))
            self.recent.emit(str(folder))
        else:
            self._source.choose(str(path))

    def copy_picture(self) -> QImage | None:
        """Return the canvas."""
        return self._canvas.grab().toImage()

    def pytorch(self) -> str:
        """Return code that builds the network."""
        network = self.state.recipe.network
        return "" if network.why_invalid() else pytorch_source(network)

    def settled(self) -> bool:
        """Whether data and maps are there, and what a pause waits for."""
        works = self._source.busy or self._sight.busy or self._commands.busy
        waits = self._current.branching or self._telling.waits
        return not works and not waits and self._current.settled

    def shut_down(self) -> None:
        """Stop and save the training; cancel and join everything else."""
        self._telling.stop()
        for dialog in self.findChildren(DeviceDialog):
            dialog.shut_down()
        self._source.shut_down()
        self._sight.shut_down()
        self._current.shut_down()
        self._commands.shut_down()

    # ---------------------------------------------------------------- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the explanation scroll before the maps have too little room."""
        super().resizeEvent(event)
        self.leave_canvas(theme.current().px(LEAST))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share out what a message leaves."""
        kinds = QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.Hide
        if event.type() in kinds:
            self.leave_canvas(theme.current().px(LEAST))
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the keys work at once."""
        super().showEvent(event)
        self._canvas.focus_views()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Start and pause with Space, train one batch with the right arrow.

        Enter, which a field has taken before, gives these keys back.
        """
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._training.toggle()
        elif event.key() == Qt.Key.Key_Right:
            self._training.go(1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._canvas.focus_views()
        else:
            super().keyPressEvent(event)
