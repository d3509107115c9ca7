"""The state of the windows page: everything that determines what the page shows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.ops.exercises import Difficulty  # noqa: TC001  (codec reads it)
from cnnviz.ops.worked import Work, work
from cnnviz.ops.worked_setting import Setting, why_unworkable
from cnnviz.pages.windows.presets import PRESETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.worked_setting import Mode

SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0)
MAX_SEED = 99_999


@dataclass(frozen=True)
class Answer:
    """What was typed for a covered value; ``value`` is None if it was only shown."""

    step: int
    value: float | None = None


@dataclass(frozen=True)
class State:
    """All that the page shows is a function of this.

    Attributes
    ----------
    setting : Setting
        The numbers and what is done with them.
    step : int
        The output value in question, counted filter by filter and row by row.
    channel : int
        The channel on view where not all have room.
    covered : bool
        Whether the result is covered and asked for.
    answers : tuple of Answer
        All answers so far, in their order.
    difficulty, seed
        What a new exercise is made of.
    speed : float
        Steps a second while playing.
    motion : bool
        Whether the window glides from place to place.
    """

    setting: Setting = PRESETS[0].setting
    step: int = 0
    channel: int = 0
    covered: bool = False
    answers: tuple[Answer, ...] = ()
    difficulty: Difficulty = "easy"
    seed: int = 1
    speed: float = 1.0
    motion: bool = True

    def __post_init__(self) -> None:
        """Refuse places outside the setting and choices that are none."""
        if self.step < 0 or self.channel < 0:
            raise InputError("A step and a channel are counted from 0.")
        if not 0 <= self.seed <= MAX_SEED:
            raise InputError(f"A seed is a whole number from 0 to {MAX_SEED}.")
        if self.speed not in SPEEDS:
            raise InputError(f"The speed is one of {', '.join(map(str, SPEEDS))}.")

    def verified(self) -> State:
        """Return the state as far as it can be relied on."""
        return self.moved(self.step)

    # ---------------------------------------------------------------- what it means

    @property
    def reason(self) -> str:
        """Why there is no result, in one sentence; empty if there is one."""
        return why_unworkable(self.setting) or ""

    @property
    def work(self) -> Work:
        """The setting worked out; only where there is no ``reason`` against it."""
        return work(self.setting)

    @property
    def count(self) -> int:
        """How many steps there are."""
        return 0 if self.reason else self.work.count

    def answer_to(self, step: int) -> Answer | None:
        """Return the answer that uncovered a value, None while it is covered."""
        return next(
            (each for each in self.answers if each.step == step and self.ends(each)),
            None,
        )

    def ends(self, answer: Answer) -> bool:
        """Whether an answer uncovers its value: it is right, or it was given up."""
        return answer.value is None or self.is_right(answer)

    def is_right(self, answer: Answer) -> bool:
        """Whether an answer is the value, or the value rounded to its decimals."""
        value = self.work.result.flat[answer.step]
        return answer.value is not None and same(answer.value, float(value))

    def is_open(self, step: int) -> bool:
        """Whether the value of a step may be seen."""
        return not self.covered or self.answer_to(step) is not None

    @property
    def score(self) -> Pair:
        """How many answers were right, and how many there were."""
        typed = [each for each in self.answers if each.value is not None]
        return sum(map(self.is_right, typed)), len(typed)

    # ---------------------------------------------------------------- other states

    def moved(self, step: int) -> State:
        """Return the state at another step, the nearest that there is."""
        last = max(0, self.count - 1)
        channel = min(self.channel, self.setting.channels - 1)
        return replace(self, step=max(0, min(step, last)), channel=channel)

    def with_setting(self, setting: Setting) -> State:
        """Return the state with other numbers; answers to the old ones are gone."""
        return replace(self, setting=setting, answers=()).moved(self.step)

    def started(self, setting: Setting) -> State:
        """Return the state at the first step of other numbers."""
        return replace(self.with_setting(setting), step=0, channel=0)

    def answered(self, value: float | None) -> State:
        """Return the state with one more answer to the value in question."""
        return replace(self, answers=(*self.answers, Answer(self.step, value)))


def same(answer: float, value: float) -> bool:
    """Whether an answer is a value, as far as two decimals or six digits tell."""
    return math.isclose(answer, value, rel_tol=1e-6, abs_tol=0.005)


def from_patch(
    values: Sequence[Sequence[float]],
    kernel: Sequence[Sequence[float]],
    operation: Mode = "correlation",
    *,
    bias: float = 0.0,
    stride: Pair = (1, 1),
    dilation: Pair = (1, 1),
    relu: bool = False,
) -> State:
    """Return a state that works a patch of a picture by hand.

    Parameters
    ----------
    values : floats (H, W)
        The pixels under a window, or some more around it; at most 12 × 12.
    kernel : floats (Kh, Kw)
        The weights as they are given, before any flip; for pooling the window's size.
    operation : {"correlation", "convolution", "max", "average", "transposed"}
        What is done.
    bias, stride, dilation, relu
        As in :class:`~cnnviz.ops.worked_setting.Setting`.

    Raises
    ------
    InputError
        If the patch or the kernel is too large for this page.
    """
    setting = Setting(
        operation,
        (_plane(values),),
        ((_plane(kernel),),),
        (float(bias),),
        stride,
        (0, 0),
        dilation,
        relu=relu,
    )
    return State(setting)


def _plane(rows: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(value) for value in row) for row in rows)
