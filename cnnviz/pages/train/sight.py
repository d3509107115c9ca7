"""What the network makes of the pinned picture and the test set, now or back then."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from cnnviz.nn.control import Watch
from cnnviz.nn.digits import generate
from cnnviz.pages.train import explain
from cnnviz.pages.train.looking import (
    Looking,
    first_weights,
    newest_weights,
    recorded_weights,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Floats, Watched
    from cnnviz.nn.network import Network
    from cnnviz.nn.recipe import Recipe
    from cnnviz.pages.train.current_run import CurrentRun
    from cnnviz.pages.train.looking import Getter
    from cnnviz.pages.train.state import State


RATE, SHARE = 30.0, 0.0075
"""Looks a second, and the share of the training's time that they take, at most; to draw
what is seen takes the window two to three times as long."""

SAMPLE, SAMPLE_SEED = 7, 2


class Sight(QObject):
    """Asks a running training while the newest is on show, else the recorded weights.

    Attributes
    ----------
    state : State
        Which picture, and which moment.
    data : Dataset or None
    """

    seen = Signal(object)
    """A Watched."""
    answered = Signal(object, str)
    """Probabilities (N, classes) of the test set, or None if there are none yet; and
    when the network answered so, such as ``"after epoch 1, batch 469"``."""
    progressed = Signal(int, int)
    failed = Signal(str)

    def __init__(self, state: State, current: CurrentRun) -> None:
        super().__init__(current)
        self.state = state
        self.data: Dataset | None = None
        self._current = current
        self._follows = False  # a training: someone sees its maps
        self._asked = False  # a training, which has not answered yet
        self._looking = Looking(self)
        self._looking.seen.connect(self.seen)
        self._looking.tested.connect(self._take_shares)
        self._looking.progressed.connect(self.progressed)
        self._looking.failed.connect(self.failed)
        current.seen.connect(self._take_live)
        current.ended.connect(self.look)

    @property
    def recipe(self) -> Recipe:
        """The recipe on show: that of the run, else the one to be trained."""
        run = self._current.run
        return run.recipe if run else self.state.recipe

    @property
    def network(self) -> Network:
        """The network on show."""
        return self.recipe.network

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The pinned picture, uint8 (C, H, W); a generated 7 while there is no data."""
        if (drawn := self.state.picture) is not None:
            return drawn[None]
        return self.data.test.images[self.number] if self.data else _sample()

    @property
    def number(self) -> int:
        """The number of the pinned picture in the test set."""
        count = len(self.data.test) if self.data else 0
        return min(self.state.digit, max(0, count - 1))

    @property
    def watch(self) -> Watch:
        """What a training is to look at: nothing, while nobody would see it."""
        if not self._follows or self.state.moment is not None:
            return Watch()
        return Watch(self.picture, RATE, SHARE, gradients=self.state.gradients)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        waits = self._asked and self._current.control is not None
        return self._looking.busy or waits

    def follow(self, on: bool) -> None:
        """Have a training tell what it sees from now on, or no more."""
        self._follows = on
        self._ask()

    def look(self) -> None:
        """See what the network makes of the pinned picture."""
        self._ask()
        picture = self.picture
        if self.network.why_invalid() or picture.shape != self.network.input:
            return
        if self._current.control is None or self.state.moment is not None:
            get, step = self._weights()
            self._looking.look(self.network, get, picture, step)

    def answer(self) -> None:
        """See what it answers to the test set."""
        self._looking.stop_testing()
        current, data, moment = self._current, self.data, self.state.moment
        lines = current.curves.metrics
        line = next((line for line in lines if line.step == moment), None)
        if current.run is None or data is None:
            self.answered.emit(None, "")
        elif moment is None:
            # Those of a test, which a training does at the end of an epoch alone.
            self.answered.emit(current.shares, explain.when(lines[-1]) if lines else "")
        elif line is not None:
            shares = current.run.probabilities(line.epoch)
            self.answered.emit(shares, explain.when(line))
        else:
            get, step = self._weights()
            self._looking.test(self.network, get, data.test, step)

    def shut_down(self) -> None:
        """Cancel and join."""
        self._looking.shut_down()

    def _weights(self) -> tuple[Getter, int]:
        """Return what reads the weights on show, and after which batch they were so."""
        run, snapshots = self._current.run, self._current.snapshots
        if run is None or not snapshots:
            return first_weights(run.recipe if run else self.state.recipe), 0
        moment = self.state.moment
        if moment not in snapshots:
            return newest_weights(run, snapshots[-1]), self._current.newest
        step = moment
        assert step is not None
        return recorded_weights(run, step), step

    def _ask(self) -> None:
        control, watch = self._current.control, self.watch
        shape = None if watch.picture is None else watch.picture.shape
        self._asked = shape == self.network.input
        if control is not None:
            control.look(watch)

    def _take_live(self, seen: Watched) -> None:
        self._asked = False
        if self.state.moment is None:
            self.seen.emit(seen)

    def _take_shares(self, shares: Floats, step: int) -> None:
        if step == self.state.moment:
            self.answered.emit(shares, f"after {explain.batch(step)}")


@cache
def _sample() -> NDArray[np.uint8]:
    made = generate(10, SAMPLE_SEED)
    picture: NDArray[np.uint8] = made.images[made.labels.tolist().index(SAMPLE)]
    return picture
