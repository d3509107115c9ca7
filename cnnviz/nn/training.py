"""Train a network and report what happens, one event after the other.

All of torch's work is done in the thread that asks for the events.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from cnnviz.nn import device as devices
from cnnviz.nn import resuming
from cnnviz.nn.allocator import keep_large_blocks
from cnnviz.nn.divergence import diverged
from cnnviz.nn.evaluation import BATCH, evaluate
from cnnviz.nn.events import (
    Changed,
    EpochEnd,
    Finished,
    Metrics,
    Notice,
    Paused,
    Snapshot,
    Started,
)
from cnnviz.nn.learner import Batch, Interrupted, never, tensors
from cnnviz.nn.relief import make_learner, relieve
from cnnviz.nn.schedules import factor
from cnnviz.nn.tally import Sums, Tally
from cnnviz.nn.watching import look

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from cnnviz.nn.control import Control
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Checkpoint, Event, Steps, Watched
    from cnnviz.nn.recipe import Recipe

T = TypeVar("T")

REPORTS_PER_SECOND = 3
"""Nobody reads curves faster; to write them down, to tell them and to draw them takes
time each time."""
FEWEST_LOOKS = 10.0
"""Looks a second that a small share of the time does not hinder."""
WEIGHTS_PER_SECOND = 10
"""Weights change more slowly than maps, and are more to copy and to draw."""
CHECKPOINT_SECONDS = 25.0
"""With the batch that a checkpoint waits for and the time that it takes to be written,
a kill loses no more than half a minute."""
LONG_BATCH = 0.1
"""Seconds of a batch that is given up where it is stopped in its midst."""
KEPT_SECONDS = 1.0
"""How old the copy may be from which a loss that is no number is traced."""


def train(
    recipe: Recipe, data: Dataset, control: Control, resume: Checkpoint | None = None
) -> Generator[Event, None, None]:
    """Train a network; closing the generator ends it at once.

    Parameters
    ----------
    recipe : Recipe
    data : Dataset
        Its pictures must have the shape that the network takes.
    control : Control
        For other threads, to pause and to stop it.
    resume : Checkpoint, optional
        Where to go on, by the same recipe and data.

    Yields
    ------
    Event
        ``Started`` first and ``Finished`` last; see :mod:`cnnviz.nn.events`. ``Steps``
        come up to 3 times a second, with a look where there are any, and ``Watched`` as
        often as the watch says, and both once more before a pause and an epoch's end.
        ``Checkpoint`` comes at the start, at each epoch's end, at least every 30
        seconds and when it is stopped after more batches, ``Snapshot`` after 0, 1, 2,
        5, 10, 20, 50, … batches and at each epoch's end.

    Raises
    ------
    InputError
        If the recipe does not fit the data, or the checkpoint does not fit the recipe.
    """
    yield from _Training(recipe, data, control, resume).events()


def is_snapshot_step(step: int) -> bool:
    """Whether a step is on the grid of snapshots: 0, 1, 2, 5, 10, 20, 50 and so on."""
    return step == 0 or str(step).rstrip("0") in ("1", "2", "5")


class _Training:
    """One training, from its first event to its last."""

    def __init__(
        self, recipe: Recipe, data: Dataset, control: Control, resume: Checkpoint | None
    ) -> None:
        keep_large_blocks()
        self.recipe, self.data, self.control = recipe, data, control
        device = devices.choose(recipe.device)
        self.learner, notice = make_learner(recipe, data, device)
        self.notices = [notice] if notice else []
        self.steps = recipe.epochs * self.learner.steps_per_epoch
        self.live = recipe.learning_rate, recipe.augmentation  # as was told last
        self.step = self.epoch = 0
        self.last_snapshot = self.last_checkpoint = -1
        self.tally = Tally()
        if resume is not None:
            self.tally = resuming.resume(self.learner, resume)
            self.step, self.epoch = resume.step, resume.epoch
            self.last_snapshot = self.step
            self.notices += [resume.notice] if resume.notice else []
            if resuming.forgets(self.learner, resume):
                self.notices.append(resuming.ANEW)
        self.ended = False
        self.seconds_learnt = math.inf  # of the last batch
        self.next_report = self.next_look = self.next_copy = 0.0
        self.next_weights = self.seconds_seen = self.speed = 0.0
        self.next_checkpoint = time.perf_counter() + CHECKPOINT_SECONDS
        self.kept = self.learner.capture()
        self.since: list[Batch] = []  # the batches after what is kept

    # ------------------------------------------------------------ the whole of it

    def events(self) -> Generator[Event, None, None]:
        yield self._started()
        yield from map(Notice, self.notices)
        if self.last_snapshot < 0:
            yield from self._saved()
        while self.epoch < self.recipe.epochs and not self.control.stopped:
            if self.step == (self.epoch + 1) * self.learner.steps_per_epoch:
                yield from self._epoch_end()
            elif self.control.begin_batch():
                yield from self._batch()
            else:
                yield from self._pause()
            if self.ended:
                return
        yield from self._reported()
        if self.ended:
            return
        complete = self.epoch == self.recipe.epochs
        if not complete:
            yield from self._changed()
            yield from self._seen()
            if self.last_checkpoint != self.step:
                yield self._checkpoint(last=True)
        yield Finished(self.step, complete)

    def _batch(self) -> Iterator[Event]:
        self.tally.clock.start()
        yield from self._changed()
        rate, changes = self.live
        rate *= factor(self.recipe.schedule, self.step, self.steps)
        batch = Batch(self.step, rate, changes)
        # To ask after each layer costs small networks a share of their speed.
        stopped = self._is_stopped if self.seconds_learnt > LONG_BATCH else never
        begin = time.perf_counter()
        try:
            numbers = yield from self._within_memory(
                lambda: self.learner.learn(batch, stopped)
            )
        except Interrupted:
            return
        self.seconds_learnt = time.perf_counter() - begin
        self.tally.add(batch, numbers)
        self.since.append(batch)
        self.step += 1
        yield from self._ticks()

    def _within_memory(self, work: Callable[[], T]) -> Generator[Event, None, T]:
        """Do some work, with relief as often as a card has too little memory for it."""
        while True:
            try:
                return work()
            except torch.OutOfMemoryError:  # of a card: on the CPU it isn't raised
                self.learner, sentence = relieve(self.learner, self.data)
                yield Notice(sentence)

    def _ticks(self) -> Iterator[Event]:
        """Do after a batch what it is time for."""
        now = time.perf_counter()
        watched = self.control.watch.picture is not None
        looks = watched and now >= self.next_look
        grid = is_snapshot_step(self.step)
        saved = now >= self.next_checkpoint
        weights = looks and now >= self.next_weights
        # Told at once, as each waking of the window costs time.
        report = now >= self.next_report and (looks or not watched)
        told = report or grid or saved
        if not (looks or told):
            return
        yield from self._checked()
        if self.ended:
            return
        seen = list(self._seen(weights=weights)) if looks else []
        if told:
            yield from self._told()
        yield from seen
        if grid and self.step % self.learner.steps_per_epoch:
            yield self._snapshot()
        if saved:
            yield self._checkpoint()

    def _pause(self) -> Iterator[Event]:
        self.tally.clock.stop()
        watch = self.control.watch
        yield from self._reported()
        if self.ended or self.control.stopped:
            return
        yield from self._seen()
        yield Paused(self.step)
        while self.control.paused and not self.control.stopped:
            self.control.wait(watch)
            if self.control.watch is not watch:
                watch = self.control.watch
                yield from self._seen()

    def _epoch_end(self) -> Iterator[Event]:
        self.tally.clock.stop()
        yield from self._reported()
        if self.ended:
            return
        yield from self._seen()
        if time.perf_counter() + self._seconds_of_test > self.next_checkpoint:
            yield self._checkpoint()
        end = yield from self._within_memory(self._tested)
        if end is None:
            return
        self.epoch += 1
        self.tally.sums = Sums()
        yield end
        yield from self._saved()
        self.control.end_epoch()

    # ------------------------------------------------------------ what it reports

    def _started(self) -> Started:
        learner = self.learner
        return Started(
            devices.title(learner.device),
            "bf16" if learner.bf16 else "float32",
            self.step,
            self.epoch,
            learner.steps_per_epoch,
            self.steps,
            devices.why_not_repeatable(learner.device),
        )

    def _changed(self) -> Iterator[Changed]:
        """Take what others have set for the batches to come, and tell if it is new."""
        live = (
            self.control.learning_rate or self.recipe.learning_rate,
            self.control.augmentation or self.recipe.augmentation,
        )
        if live != self.live:
            self.live = live
            yield Changed(self.step, *live)

    def _checked(self) -> Iterator[Event]:
        """Fetch the numbers; go back and end if one is no number."""
        bad = self.tally.fetch()
        now = time.perf_counter()
        if bad is None:
            if now >= self.next_copy and not self.control.stopped:
                self.kept, self.since = self.learner.capture(), []
                self.next_copy = now + KEPT_SECONDS
            return
        self.ended = True
        self.learner.restore(self.kept)
        for batch in self.since:
            if batch.step < bad.step:
                self.learner.learn(batch)
        self.step = bad.step
        if steps := self.tally.tell():
            yield steps
        if self.last_snapshot != self.step:
            yield self._snapshot()
        yield self._checkpoint()
        yield diverged(self.learner, bad)
        yield Finished(self.step, complete=False)

    def _reported(self) -> Iterator[Event]:
        yield from self._checked()
        if self.ended:
            return
        yield from self._told()

    def _told(self) -> Iterator[Steps]:
        self.next_report = time.perf_counter() + 1 / REPORTS_PER_SECOND
        if steps := self.tally.tell():
            self.speed = steps.speed
            yield steps

    def _seen(self, *, weights: bool = True) -> Iterator[Watched]:
        """Look, if there is anything to look at."""
        watch, begin = self.control.watch, time.perf_counter()
        shape = None if watch.picture is None else watch.picture.shape
        watched = None
        if shape == self.recipe.network.input:
            watched = look(self.learner.module, watch, self.step, weights=weights)
            self.seconds_seen = time.perf_counter() - begin
        longest = min(self.seconds_seen / max(watch.share, 1e-6), 1 / FEWEST_LOOKS)
        between = max(1 / max(watch.rate, 0.1), longest)
        self.next_look = _next(self.next_look, begin, between)
        if weights:
            self.next_weights = _next(self.next_weights, begin, 1 / WEIGHTS_PER_SECOND)
        if watched is not None:
            yield watched

    def _saved(self) -> Iterator[Event]:
        if self.last_snapshot != self.step:
            yield self._snapshot()
        yield self._checkpoint()

    def _snapshot(self) -> Snapshot:
        self.last_snapshot = self.step
        return Snapshot(self.step, self.epoch, self.learner.weights())

    def _checkpoint(self, *, last: bool = False) -> Checkpoint:
        self.next_checkpoint = time.perf_counter() + CHECKPOINT_SECONDS
        self.last_checkpoint = self.step
        now = self.learner, self.tally, self.step, self.epoch
        return resuming.checkpoint(*now, last=last)

    def _is_stopped(self) -> bool:
        return self.control.stopped

    @property
    def _seconds_of_test(self) -> float:
        """The most that a test takes: the time of so many pictures in training."""
        pictures = len(self.data.test) + len(self.learner.validation)
        return pictures / self.speed if self.speed else math.inf

    def _tested(self) -> EpochEnd | None:
        """Try the network on held-out pictures; None if that was stopped."""
        learner, recipe, held_out = self.learner, self.recipe, None
        how: Any = (self._is_stopped, BATCH // learner.parts)
        if len(learner.validation):
            held_out = evaluate(learner.module, *learner.held_out(), recipe, *how)
        test = tensors(self.data.test, learner.device)
        tested = evaluate(learner.module, *test, recipe, *how)
        if tested is None or (held_out is None and len(learner.validation)):
            return None
        sums = self.tally.sums
        metrics = Metrics(
            self.epoch + 1,
            self.step,
            sums.loss / sums.pictures,
            sums.right / sums.pictures,
            tested.loss,
            tested.accuracy,
            self.tally.clock.seconds,
            None if held_out is None else held_out.loss,
            None if held_out is None else held_out.accuracy,
        )
        return EpochEnd(metrics, tested.probabilities)


def _next(due: float, now: float, between: float) -> float:
    """Return when something is due again that was due once, and is done now.

    As it waits for the end of a batch, it would else come less often than it should.
    """
    return max(now, min(due, now) + between)
