"""What went astray in a wrong answer, as far as it can be told from the number; no Qt.

Where no single slip makes the number, every product is laid open beside the sum, which
stays covered.
"""

from __future__ import annotations

import math
from itertools import chain, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cnnviz.pages.windows.state import same
from cnnviz.pages.windows.words import number, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cnnviz.ops.worked import Step, Work
    from cnnviz.ops.worked_setting import Setting
    from cnnviz.pages.windows.state import State

    Cell = tuple[int, int, int]
    Guess = tuple[float, str, tuple[Cell, ...]]

MANY = 3
"""If more terms than these would explain an answer, none is named."""


FAULTS: tuple[tuple[str, Callable[[float, float], float]], ...] = (
    ("is missing", lambda value, weight: -value * weight),
    ("has the wrong sign", lambda value, weight: -2 * value * weight),
    ("was counted twice", lambda value, weight: value * weight),
    ("was added up and not multiplied", lambda v, w: v + w - v * w),
)
"""What can happen to a term, and by how much it changes the sum."""


class Mistake(NamedTuple):
    """What is wrong with an answer.

    Attributes
    ----------
    sentence : str
    astray : tuple of (channel, row, column)
        The terms that went astray; none if it was something else.
    opened : bool
        Whether all products are laid open, since no single slip makes the answer.
    """

    sentence: str
    astray: tuple[Cell, ...] = ()
    opened: bool = False


class Clue(NamedTuple):
    """What may be seen of the terms of a covered value, after wrong answers."""

    astray: frozenset[Cell] = frozenset()
    """Those of the last answer; their products may be seen."""
    opened: bool = False
    """Whether all products may be seen."""


def clue(state: State) -> Clue:
    """Return what the answers to the present value have opened."""
    if state.reason or state.is_open(state.step):
        return Clue()
    found = [
        why_wrong(state.work, state.step, each.value)
        for each in state.answers
        if each.step == state.step and each.value is not None
    ]
    if not found:
        return Clue()
    return Clue(frozenset(found[-1].astray), any(each.opened for each in found))


def why_wrong(done: Work, index: int, answer: float) -> Mistake:
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
    for value, sentence, cells in [*guesses, *_elsewhere(done, index)]:
        cut = max(value, 0.0) if setting.relu else value
        if same(answer, value) or same(answer, cut):
            if not same(value, step.total):
                return Mistake(sentence, cells)
    return Mistake(_untold(step, setting), opened=True)


def _untold(step: Step, setting: Setting) -> str:
    if setting.mode == "max":
        return "It is none of the values under the window; look for the largest."
    if setting.mode == "average":
        count = step.values.size
        return f"Add the {count} values in the table and divide by {count}."
    rest = " and ".join(["the bias"] * bool(step.bias) + ["ReLU"] * setting.relu)
    mind = f"; mind {rest}" if rest else ""
    return f"No single slip makes that; the table has the products now{mind}."


def _pooled(step: Step, setting: Setting) -> Iterator[Guess]:
    total = float(step.sums[0])
    if setting.mode == "average":
        count = step.values.size
        yield total, f"That is the sum of the window; divide it by {count}.", ()
        most = float(step.values.max())
        yield most, "That is the largest value; the mean is asked.", ()
    else:
        values = step.values[np.isfinite(step.values)]
        least, mean = float(values.min()), float(values.mean())
        yield least, "That is the smallest value; the largest is asked.", ()
        yield mean, "That is the mean; the largest value is asked.", ()
        for cell in _cells(step):
            value = float(step.values[cell])
            told = f"{number(value)} is there, but it is not the largest."
            yield value, told, (cell,)


def _summed(step: Step, setting: Setting) -> Iterator[Guess]:
    before, bias = step.before, step.bias
    if setting.relu:
        told = f"That is the sum before ReLU; max(0, {number(before)}) is asked."
        yield before, told, ()
    if bias:
        yield before - bias, f"The bias of {number(bias)} is missing.", ()
        yield before - 2 * bias, f"The bias of {number(bias)} has the wrong sign.", ()
    yield from _turned(step, setting)
    yield from _terms(step)
    if len(step.sums) > 1:
        for channel, value in enumerate(step.sums, start=1):
            yield before - value, f"The sum of channel {channel} is missing.", ()
            yield value, f"That is channel {channel} alone; add the others.", ()
    yield bias - (before - bias), "Every sign is turned round.", ()


def _turned(step: Step, setting: Setting) -> Iterator[Guess]:
    other = step.values * step.weights[:, ::-1, ::-1]
    value = math.fsum([*other.flat, step.bias])
    if setting.mode == "correlation":
        yield value, "The kernel was turned; correlation takes it as it is given.", ()
    else:
        told = "The kernel was taken as it is given; turn it by half a turn first."
        yield value, told, ()


def _terms(step: Step) -> Iterator[Guess]:
    """Yield what comes of one term left out, turned round, doubled or added up."""
    for fault, change in FAULTS:
        found: dict[float, dict[str, list[Cell]]] = {}
        for cell in _cells(step):
            value, weight = float(step.values[cell]), float(step.weights[cell])
            if gap := change(value, weight):
                name = f"{number(value)} × {number(weight)}"
                found.setdefault(gap, {}).setdefault(name, []).append(cell)
        for gap, named in found.items():
            if len(named) <= MANY:
                told = f"The term {' or '.join(named)} {fault}."
                yield step.before + gap, told, tuple(chain(*named.values()))


def _cells(step: Step) -> Iterator[Cell]:
    """Return channel, row and column of every term."""
    channels, rows, columns = map(range, step.values.shape)
    return product(channels, rows, columns)


def _elsewhere(done: Work, index: int) -> Iterator[Guess]:
    """Yield the values next to the one that was asked for."""
    owner, row, column = done.place(index)
    _, height, width = done.result.shape
    for down, across in ((0, 1), (1, 0), (0, -1), (-1, 0)):
        i, j = row + down, column + across
        if 0 <= i < height and 0 <= j < width:
            step = done.step(done.index(owner, i, j))
            where = place(step, done.setting)
            yield step.total, f"That is the value of {where}; mind the window.", ()
