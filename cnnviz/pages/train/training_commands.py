"""What the buttons and keys of a training do: start, step, reset, branch off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cnnviz.errors import InputError
from cnnviz.pages.train import obstacles
from cnnviz.pages.train.current_run import FOREVER, CurrentRun

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.pages.train.data_commands import DataCommands
    from cnnviz.pages.train.page import TrainPage
    from cnnviz.pages.train.run_box import Phase, RunBox
    from cnnviz.pages.train.sight import Sight


class TrainingCommands:
    """Carries out what is asked of the training on show, or says why it cannot.

    Parameters
    ----------
    page : TrainPage
    box : RunBox
        The buttons.
    current : CurrentRun
    sight : Sight
        What a training is to look at.
    source : DataCommands
        What it learns from.
    folder : Path
        Of all runs.
    """

    def __init__(
        self,
        page: TrainPage,
        box: RunBox,
        current: CurrentRun,
        sight: Sight,
        source: DataCommands,
        folder: Path,
    ) -> None:
        self._page, self._box, self._current = page, box, current
        self._sight, self._source, self._folder = sight, source, folder
        box.toggled.connect(self.toggle)
        box.stepped.connect(lambda: self.go(1))
        box.epoch_asked.connect(lambda: self.go(0))
        box.stopped.connect(current.finish)
        box.reset.connect(self._reset)
        box.new_weights.connect(self._draw_weights)
        current.branched.connect(self._show_begun)

    @property
    def obstacle(self) -> str | None:
        """Why nothing can start, if it cannot; empty while data is on its way."""
        if self._source.busy:
            return ""
        return obstacles.why_not(self._page.state.recipe, self._source.data)

    @property
    def phase(self) -> Phase:
        """What the buttons can do."""
        current = self._current
        if current.branching:
            return "none"
        if current.control is not None:
            return current.phase
        if self.obstacle is not None:
            return "none"
        return current.phase if current.suits(self._page.state.recipe) else "new"

    def toggle(self) -> None:
        """Start, pause or go on."""
        if self.phase == "running":
            self._current.pause()
        else:
            self.go(FOREVER)

    def go(self, batches: float) -> None:
        """Do so many batches, 0 for the rest of the epoch; begin a run if need be."""
        data = self._source.data
        if self._current.control is not None:
            self._current.go(batches)
        elif data is not None and self.phase != "none":
            if self.phase != "paused":
                self._current.show_run(None)
            how = data, self._folder, self._sight.watch, batches
            try:
                self._current.start(self._page.state.recipe, *how)
            except InputError as error:
                self._page.show_message(str(error))
            else:
                self._show_begun()

    def train_on(self) -> None:
        """Begin a run with the weights on show; the one that they are of stays."""
        current, state, data = self._current, self._page.state, self._source.data
        step = current.branch_step(state.moment)
        if data is None or not current.suits(state.recipe):
            self._page.show_message(
                "These weights go with other settings: undo, or Start."
            )
        elif step is not None:
            watch = self._sight.watch
            current.train_on(step, state.recipe, data, self._folder, watch)

    def tune(self) -> None:
        """Hand on what may change while it runs."""
        if (control := self._current.control) is not None:
            recipe = self._page.state.recipe
            control.learning_rate = recipe.learning_rate
            control.augmentation = recipe.augmentation

    def show_phase(self) -> None:
        """Show what the buttons can do, and how far it has come."""
        current, recipe = self._current, self._page.state.recipe
        note = obstacles.note(self.obstacle, current, same=current.suits(recipe))
        training = current.control is not None
        self._box.show_phase(self.phase, note, training=training)
        self._box.show_progress(current.progress(recipe))

    def _show_begun(self) -> None:
        self.tune()
        name = self._current.name(self._folder)
        self._page.amend(replace(self._page.state, run=name, moment=None))

    def _reset(self, **fields: Any) -> None:
        state = self._page.state
        recipe = replace(state.recipe, **fields)
        self._page.edit(replace(state, recipe=recipe, run="", moment=None))

    def _draw_weights(self) -> None:
        self._reset(weights_seed=self._page.state.recipe.weights_seed + 1)
