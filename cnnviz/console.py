"""What a training says on the terminal: a line an epoch, and a bar while it runs.

Lines go to standard output; the bar, which overwrites itself, to standard error
where that is a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

from cnnviz.nn.events import Diverged, EpochEnd, Finished, Notice, Started, Steps

if TYPE_CHECKING:
    from types import TracebackType

    from cnnviz.nn.events import Event, Metrics
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.recording import Run

BAR, SHORTEST = 24, 8  # letters


class Console:
    """Shows the events of one training; leaving it clears the bar."""

    def __init__(self, run: Run, recipe: Recipe) -> None:
        self._run, self._recipe = run, recipe
        self._steps_per_epoch = self._steps = 1
        self._broken = False

    def __enter__(self) -> Console:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Clear the bar."""
        status("")

    def show(self, event: Event) -> None:
        """Say what is to be said of an event."""
        match event:
            case Started():
                self._steps_per_epoch = event.steps_per_epoch
                self._steps = event.steps
                self._start(event)
            case Steps():
                status(self._bar(event))
            case EpochEnd(metrics):
                line(epoch_line(metrics, self._recipe.epochs))
            case Notice(sentence):
                line(sentence)
            case Diverged(sentence=sentence):
                self._broken = True
                line(sentence)
            case Finished(step, complete):
                where = os.fspath(self._run.folder)
                if complete or self._broken:  # it would break again
                    line(f"The run is in {where}")
                else:
                    line(f"Stopped after {step:,} batches; go on with")
                    line(f"  cnnviz train --resume {_quoted(where)}")

    def _start(self, event: Started) -> None:
        recipe = self._recipe
        parameters = sum(recipe.network.parameters)
        line(f"{recipe.network.title}, {parameters:,} parameters, on {self._run.data}")
        line(
            f"{recipe.optimizer}, learning rate {recipe.learning_rate:g}, batches of "
            f"{recipe.batch}, seed {recipe.seed}; {event.device}, {event.precision}"
        )
        if event.repeatable:
            line(event.repeatable)
        if event.step and event.epoch >= recipe.epochs:
            line(f"It is trained to the end: all {event.steps:,} batches are done")
        elif event.step:
            line(f"Goes on after {event.step:,} of {event.steps:,} batches")

    def _bar(self, event: Steps) -> str:
        epoch = (event.step - 1) // self._steps_per_epoch
        share = (event.step - epoch * self._steps_per_epoch) / self._steps_per_epoch
        left = ""
        if event.speed > 0:
            seconds = (self._steps - event.step) * self._recipe.batch / event.speed
            left = f"{event.speed:,.0f} pictures/s  {duration(seconds)} left"
        before = f"{epoch + 1}/{self._recipe.epochs}"
        after = f"{share:4.0%}  loss {float(event.loss[-1]):.4f}  {left}"
        # The bar is what a narrow terminal can do without.
        room = _width() - len(before) - len(after) - 2
        length = max(SHORTEST, min(BAR, room))
        bar = ("━" * round(share * length)).ljust(length, "─")
        return f"{before} {bar} {after}"


def epoch_line(metrics: Metrics, epochs: int) -> str:
    """Return an epoch's line: losses, accuracies in percent, seconds so far."""
    width = len(str(epochs))
    parts = [f"epoch {metrics.epoch:{width}}/{epochs}"]
    for split in ("train", "val", "test"):
        loss = getattr(metrics, f"{split}_loss")
        accuracy = getattr(metrics, f"{split}_accuracy")
        if loss is not None:
            parts.append(f"{split} {accuracy:7.2%} loss {loss:.4f}")
    return "  ".join([*parts, duration(metrics.seconds)])


def duration(seconds: float) -> str:
    """Return ``9.5 s``, ``2:05`` or ``1:00:00``."""
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def line(text: str) -> None:
    """Print a line that stays."""
    status("")
    print(text, flush=True)


def status(text: str) -> None:
    """Overwrite the last line of the terminal, if there is one."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text[: _width()]}", end="", file=sys.stderr, flush=True)


def _width() -> int:
    return shutil.get_terminal_size().columns - 1


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path
