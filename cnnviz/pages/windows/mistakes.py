"""What went astray in a wrong answer, if it can be told from the number; no Qt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.pages.windows.state import same
from cnnviz.pages.windows.words import number, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.ops.worked import Step, Work
    from cnnviz.ops.worked_setting import Setting

    Guess = tuple[float, str]

UNTOLD = "Work the products again, one after the other."
MANY = 3
"""If more terms than these would explain an answer, none is named."""


FAULTS: tuple[tuple[str, Callable[[float, float], float]], ...] = (
    ("is missing", lambda value, weight: -value * weight),
    ("has the wrong sign", lambda value, weight: -2 * value * weight),
    ("was counted twice", lambda value, weight: value * weight),
    ("was added up and not multiplied", lambda v, w: v + w - v * w),
)
"""What can happen to a term, and by how much it changes the sum."""


def why_wrong(done: Work, index: int, answer: float) -> str:
    """Say what was forgotten or turned round, in one sentence.

    Parameters
    ----------
    done : Work
    index : int
        The step whose value was asked for.
    answer : float
        A wrong answer.
    """
    step, setting = done.step(index), done.setting
    guesses = _pooled(step, setting) if setting.pooling else _summed(step, setting)
    for value, sentence in [*guesses, *_elsewhere(done, index)]:
        cut = max(value, 0.0) if setting.relu else value
        if same(answer, value) or same(answer, cut):
            if not same(value, step.total):
                return sentence
    return UNTOLD


def _pooled(step: Step, setting: Setting) -> Iterator[Guess]:
    total = float(step.sums[0])
    if setting.mode == "average":
        count = step.values.size
        yield total, f"That is the sum of the window; divide it by {count}."
        yield float(step.values.max()), "That is the largest value; the mean is asked."
    else:
        values = step.values[np.isfinite(step.values)]
        yield float(values.min()), "That is the smallest value; the largest is asked."
        yield float(values.mean()), "That is the mean; the largest value is asked."
        for value in values:
            yield float(value), f"{number(value)} is there, but it is not the largest."


def _summed(step: Step, setting: Setting) -> Iterator[Guess]:
    before, bias = step.before, step.bias
    if setting.relu:
        yield before, f"That is the sum before ReLU; max(0, {number(before)}) is asked."
    if bias:
        yield before - bias, f"The bias of {number(bias)} is missing."
        yield before - 2 * bias, f"The bias of {number(bias)} has the wrong sign."
    yield from _turned(step, setting)
    yield from _terms(step)
    if len(step.sums) > 1:
        for channel, value in enumerate(step.sums, start=1):
            yield before - value, f"The sum of channel {channel} is missing."
            yield value, f"That is channel {channel} alone; add the others."
    yield bias - (before - bias), "Every sign is turned round."


def _turned(step: Step, setting: Setting) -> Iterator[Guess]:
    other = step.values * step.weights[:, ::-1, ::-1]
    value = math.fsum([*other.flat, step.bias])
    if setting.mode == "correlation":
        yield value, "The kernel was turned; correlation takes it as it is given."
    else:
        yield (
            value,
            "The kernel was taken as it is given; turn it by half a turn first.",
        )


def _terms(step: Step) -> Iterator[Guess]:
    """Yield what comes of one term left out, turned round, doubled or added up."""
    pairs = list(zip(step.values.flat, step.weights.flat, strict=True))
    for fault, change in FAULTS:
        found: dict[float, list[str]] = {}
        for value, weight in pairs:
            gap = float(change(value, weight))
            name = f"{number(value)} × {number(weight)}"
            if gap and name not in found.setdefault(gap, []):
                found[gap].append(name)
        for gap, names in found.items():
            if len(names) <= MANY:
                yield step.before + gap, f"The term {' or '.join(names)} {fault}."


def _elsewhere(done: Work, index: int) -> Iterator[Guess]:
    """Yield the values next to the one that was asked for."""
    owner, row, column = done.place(index)
    _, height, width = done.result.shape
    for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        i, j = row + down, column + across
        if 0 <= i < height and 0 <= j < width:
            step = done.step(done.index(owner, i, j))
            where = place(step, done.setting)
            yield step.total, f"That is the value of {where}; mind the window."
