"""The run on show, with the training that makes it while there is one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.background import raise_again
from cnnviz.errors import InputError
from cnnviz.nn import branching, recording
from cnnviz.nn import events as told
from cnnviz.pages.train.branch_writer import BranchWriter
from cnnviz.pages.train.curves import Curves
from cnnviz.pages.train.run_box import Progress
from cnnviz.pages.train.running import Training
from cnnviz.pages.train.runs import curves

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cnnviz.nn.control import Control, Watch
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Event, Floats, Started
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.recording import Run
    from cnnviz.pages.train.run_box import Phase


FOREVER = float("inf")
LIVE = ("learning_rate", "augmentation")
"""Fields of a recipe that may change while it is trained; `device`, while it isn't."""


class CurrentRun(QObject):
    """At most one run, and at most one training of it.

    Attributes
    ----------
    run : Run or None
    curves : Curves
    snapshots : list of int
        After which batches there are weights, in order.
    started : Started or None
        What the training said at its start; None for a run from disk.
    notes : tuple of str
        What the training had to say, a sentence each.
    shares : float32 (N, classes) or None
        The test set's probabilities at the end of the last complete epoch.
    """

    curves_changed = Signal()
    seen = Signal(object)
    epoch_ended = Signal()
    snapshot_taken = Signal()
    phase_changed = Signal()
    message = Signal(str)
    branched = Signal()
    """The run that was asked for by :meth:`train_on` is on show, and trains."""
    ended = Signal()
    """The training has ended, by itself or not; everything is on disk."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run: Run | None = None
        self.curves = Curves()
        self.snapshots: list[int] = []
        self.started: Started | None = None
        self.notes: tuple[str, ...] = ()
        self.shares: Floats | None = None
        self._training: Training | None = None
        self._ending: list[Training] = []
        self._then: Callable[[], None] = lambda: None  # with the run that is written
        self._branching = BranchWriter(self)
        self._branching.written.connect(self._take_branch)
        self._branching.failed.connect(self._refuse)
        self._branching.finished.connect(self.phase_changed)
        self._state = "new"
        self._at_rest = True
        self._planned = 0  # batches, by what a run's log says
        self._saved = 0  # the batch from which it would go on

    # ---------------------------------------------------------------- what there is

    @property
    def control(self) -> Control | None:
        """The control of the training, if there is one."""
        return self._training.control if self._training else None

    @property
    def branching(self) -> bool:
        """Whether a run is being written that :meth:`train_on` asked for."""
        return self._branching.busy

    @property
    def phase(self) -> Phase:
        """Where the training is."""
        if self.control is not None:
            return "paused" if self.control.paused else "running"
        if self.run is None:
            return "new"
        return (
            "paused" if self._state in ("new", "unfinished", "stopped") else "complete"
        )

    @property
    def newest(self) -> int:
        """The batch after which the network is as it is when nobody rewinds.

        A killed run has curves of batches whose weights are lost.
        """
        if self.control is not None or not self.snapshots:
            return self.curves.steps
        return max(self._saved, self.snapshots[-1])

    @property
    def settled(self) -> bool:
        """Whether a training that is to pause has told of its last batch."""
        return self._at_rest or self.phase == "running"

    def suits(self, recipe: Recipe) -> bool:
        """Whether the run on show is of a recipe, but for what may change."""
        names = LIVE if self.control is not None else (*LIVE, "device")
        live = {name: getattr(recipe, name) for name in names}
        return self.run is not None and replace(self.run.recipe, **live) == recipe

    def show_run(self, run: Run | None) -> None:
        """Show a run as it is on disk, or none; a training of another one is stopped.

        Raises
        ------
        InputError
            The run is damaged; what was on show stays.
        """
        found, steps, shares, state, planned = Curves(), [], None, "new", 0
        saved, notes = 0, tuple[str, ...]()
        if run is not None:
            found, steps, state = curves(run), list(run.snapshots()), run.state()
            planned, saved = run.planned(), _saved(run)
            if 0 <= saved < found.steps and state == "unfinished":
                notes = _goes_on_from(run, saved)
            # Of the last line's epoch: a kill between the two leaves more than that.
            if found.metrics and found.metrics[-1].epoch in run.epochs():
                shares = run.probabilities(found.metrics[-1].epoch)
        self.stop()
        self._branching.cancel()
        self.run, self.curves, self.snapshots, self._state = run, found, steps, state
        self.shares, self.started, self._planned = shares, None, planned
        self.notes, self._saved = notes, saved
        self.curves_changed.emit()
        self.phase_changed.emit()

    def name(self, folder: Path) -> str:
        """Return what a state calls the run: see :attr:`State.run`."""
        if self.run is None:
            return ""
        inside = self.run.folder.parent == folder
        return self.run.folder.name if inside else str(self.run.folder)

    def progress(self, recipe: Recipe) -> Progress:
        """Return how far it has come; `recipe` is what the next start would train."""
        done, recipe = self.curves.steps, self.run.recipe if self.run else recipe
        steps, lines = done, self.curves.metrics
        if self.started is not None:
            steps = self.started.steps
        elif self._planned:
            steps = self._planned
        left, begun = None, self.started
        # The first batch takes longer than those that follow, by what it sets up.
        measured = begun is not None and done > begun.step + 1
        if self.control is not None and measured and self.curves.speed:
            left = (steps - done) * recipe.batch / self.curves.speed
        return Progress(done, steps, len(lines), recipe.epochs, left)

    # ---------------------------------------------------------------- training

    def start(
        self, recipe: Recipe, data: Dataset, folder: Path, watch: Watch, batches: float
    ) -> None:
        """Begin a new run in a folder of runs, or go on with the one on show.

        Parameters
        ----------
        recipe : Recipe
            Of a new run; one that goes on has its own, but for what may change while it
            trains and the device: not every machine has the one that it began on.
        data : Dataset
        folder : Path
            Of all runs.
        watch : Watch
            What to see.
        batches : float
            How many to do before a pause: `FOREVER`, or 0 for the rest of the epoch.

        Raises
        ------
        InputError
            The run cannot be written.
        """
        if self.run is None:
            self.run = recording.create(folder, recipe, data=data)
        latest = replace(self.run.latest_recipe(), device=recipe.device)
        training = Training(latest, data, self.run, watch, self)
        training.control.learning_rate = recipe.learning_rate
        training.control.augmentation = recipe.augmentation
        training.told.connect(partial(self._take, training))
        training.failed.connect(partial(self._fail, training))
        training.ended.connect(partial(self._end, training))
        self._training, self._state = training, "unfinished"
        self.go(batches)
        training.start()

    def branch_step(self, moment: int | None) -> int | None:
        """Return the batch from which another training can go on, or None.

        Parameters
        ----------
        moment : int or None
            The batch on show; ``None`` for the newest, which is offered where the
            training has broken down after it.
        """
        if moment is None and self._state == "diverged" and self.snapshots:
            moment = self.snapshots[-1]
        known = self.run is not None and moment in self.snapshots
        known = known and not self.branching
        return moment if known and self.phase != "running" else None

    def train_on(
        self, step: int, recipe: Recipe, data: Dataset, folder: Path, watch: Watch
    ) -> None:
        """Begin a new run where the one on show was, which stays as it is.

        It is written in a thread and trains from :attr:`branched` on; what goes wrong,
        :attr:`message` tells.

        Parameters
        ----------
        step : int
            One of :attr:`snapshots`.
        recipe, data, folder, watch
            See :meth:`start`.
        """
        assert self.run is not None
        branch = partial(branching.branch, self.run, step, folder, recipe, data)
        self._then = partial(self.start, recipe, data, folder, watch, FOREVER)
        self._branching.request(branch)
        self.phase_changed.emit()

    def go(self, batches: float) -> None:
        """Let the training do so many batches, see :meth:`start`."""
        assert self.control is not None
        self._at_rest = False
        if batches == 0:
            self.control.finish_epoch()
        elif batches == FOREVER:
            self.control.run()
        else:
            self.control.step(int(batches))
        self.phase_changed.emit()

    def pause(self) -> None:
        """Pause after the present batch."""
        if self.control is not None:
            self.control.pause()
            self.phase_changed.emit()

    def finish(self) -> None:
        """End the training after the present batch; the run stays on show."""
        if self.control is not None:
            self.control.stop()

    def stop(self) -> None:
        """End the training; it saves itself and is heard of no more."""
        if self._training is not None:
            self._training.control.stop()
            self._ending.append(self._training)
            self._training, self._at_rest = None, True

    def shut_down(self) -> None:
        """Stop, save and join."""
        self.stop()
        self._branching.shut_down()
        for training in self._ending:
            training.shut_down()
        self._ending.clear()

    # ---------------------------------------------------------------- events

    def _take_branch(self, run: Run) -> None:
        self._branching.take()
        try:
            self.show_run(run)
            self._then()
        except InputError as error:
            self.message.emit(str(error))
        else:
            self.branched.emit()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self.message.emit(str(error))

    def _take(self, training: Training, event: Event) -> None:
        if training is not self._training:
            return
        match event:
            case told.Started():
                self.started = event
                self.notes = (event.repeatable,) if event.repeatable else ()
                self._cut(event.step)
                self.phase_changed.emit()
            case told.Steps():
                self.curves.add(event)
                self.curves_changed.emit()
            case told.Watched():
                self.seen.emit(event)
            case told.Snapshot():
                if event.step not in self.snapshots:
                    self.snapshots.append(event.step)
                    self.snapshot_taken.emit()
            case told.EpochEnd():
                self.curves.metrics.append(event.metrics)
                self.shares = event.probabilities
                self.epoch_ended.emit()
            case told.Diverged():
                self.message.emit(event.sentence)
            case told.Notice():
                self.notes = (*self.notes, event.sentence)
                self.phase_changed.emit()
            case told.Paused():
                self._at_rest = True
                self.phase_changed.emit()
            case told.Finished():
                self._state = "complete" if event.complete else "stopped"

    def _cut(self, step: int) -> None:
        """Forget what a training that goes on takes off the disk."""
        tested = len(self.curves.metrics)
        self.curves.keep(step)
        self.snapshots = [number for number in self.snapshots if number <= step]
        if len(self.curves.metrics) < tested:
            self.shares = None

    def _fail(self, training: Training, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        if training is self._training:
            self.message.emit(str(error))

    def _end(self, training: Training) -> None:
        if training in self._ending:
            self._ending.remove(training)
        if training is self._training:
            self._training, self._at_rest = None, True
            if self.run is not None:
                self._state, self._saved = self.run.state(), _saved(self.run)
            self.phase_changed.emit()
            self.ended.emit()
        training.deleteLater()


def _saved(run: Run) -> int:
    """Return the batch from which a run goes on, −1 where it cannot."""
    try:
        return run.saved()
    except InputError:  # its snapshots can be seen
        return -1


def _goes_on_from(run: Run, step: int) -> tuple[str, ...]:
    """Say what of a run that was killed is lost."""
    if recording.is_in_training(run):
        return ()
    return (
        f"This run was broken off: it goes on from batch {step:,}, as what came after "
        "was not saved.",
    )
