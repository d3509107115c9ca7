"""What others tell a running training, from any thread."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.recipe import Augmentation

LARGEST_DENSE = 20_000
"""Dense layers with more weights are not looked at: copying them takes too long."""


@dataclass(frozen=True, eq=False)
class Watch:
    """What is to be seen of the network while it trains.

    Attributes
    ----------
    picture : uint8 (C, H, W) or None
        The pinned picture; nothing is seen without one.
    rate : float
        The most looks a second.
    share : float
        The most of the training's time that looks may take, 0 to 1: on a slow machine
        there are fewer, though ten a second where the rate allows them.
    gradients : bool
        Also the gradients of the last batch.
    """

    picture: NDArray[np.uint8] | None = None
    rate: float = 20.0
    share: float = 1.0
    gradients: bool = False


class Control:
    """Start, pause, step and stop a training, and change what may change meanwhile.

    All methods may be called from any thread; the training calls :meth:`wait` before
    each batch.

    Attributes
    ----------
    learning_rate : float or None
        The rate from now on, in place of the recipe's; the schedule still scales it.
    augmentation : Augmentation or None
        From now on, in place of the recipe's.
    watch : Watch
        What to see. Set it with :meth:`look`, which wakes a paused training.
    """

    def __init__(self, watch: Watch | None = None, *, paused: bool = False) -> None:
        self.learning_rate: float | None = None
        self.augmentation: Augmentation | None = None
        self.watch = watch or Watch()
        self._changed = Condition()
        self._batches: float = 0 if paused else float("inf")
        self._to_epoch_end = False
        self._stopped = False

    def run(self) -> None:
        """Go on until told otherwise."""
        self._allow(float("inf"))

    def pause(self) -> None:
        """Stop after the present batch."""
        self._allow(0)

    def step(self, batches: int = 1) -> None:
        """Do so many more batches, then pause."""
        self._allow(batches)

    def finish_epoch(self) -> None:
        """Go on to the end of the epoch, then pause."""
        self._allow(float("inf"), to_epoch_end=True)

    def stop(self) -> None:
        """End the training after the present batch; nothing can start it again."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def look(self, watch: Watch) -> None:
        """See something else from now on, a paused training at once."""
        with self._changed:
            self.watch = watch
            self._changed.notify_all()

    # ------------------------------------------------ for the training itself

    @property
    def stopped(self) -> bool:
        """Whether the training is to end."""
        return self._stopped

    @property
    def paused(self) -> bool:
        """Whether no further batch may begin."""
        return self._batches < 1

    def begin_batch(self) -> bool:
        """Take leave for one batch; False if paused or stopped."""
        with self._changed:
            if self._stopped or self._batches < 1:
                return False
            self._batches -= 1
            return True

    def end_epoch(self) -> None:
        """Tell that an epoch is complete: pause, if that was asked for."""
        with self._changed:
            if self._to_epoch_end:
                self._to_epoch_end, self._batches = False, 0

    def wait(self, seen: Watch) -> None:
        """Sleep while paused, until told to go on, to stop or to see something else.

        Parameters
        ----------
        seen : Watch
            What the caller has seen last.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._stopped or self._batches >= 1 or self.watch is not seen
            )

    def _allow(self, batches: float, *, to_epoch_end: bool = False) -> None:
        with self._changed:
            self._batches, self._to_epoch_end = batches, to_epoch_end
            self._changed.notify_all()
