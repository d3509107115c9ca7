"""From the state to what the board shows; pure functions, no widget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.worked import work
from cnnviz.pages.windows.arrange import Block

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.worked import Step, Work
    from cnnviz.ops.worked_setting import Setting
    from cnnviz.pages.windows.arrange import Plan
    from cnnviz.pages.windows.state import State


INPUT, SOURCE, KERNEL, LYING = "input", "source", "kernel", "lying"
RESULT, SCATTER = "result", "scatter"

TITLES = {
    INPUT: "Picture",
    SOURCE: "Zeros inserted",
    KERNEL: "Kernel",
    LYING: "Flipped kernel",
    RESULT: "Result",
    SCATTER: "Sum of stamps",
}
SHORT = {
    INPUT: "Channel",
    SOURCE: "Channel",
    KERNEL: "Kernel",
    LYING: "Flipped",
    RESULT: "Result",
}


@dataclass(frozen=True)
class Shown:
    """What there is room for: all channels and filters, or the present ones alone."""

    one_channel: bool = False
    one_filter: bool = False
    compact: bool = False
    """Whether the cells may be as small as they are at text size 100 %."""


LEVELS = (
    Shown(),
    Shown(one_filter=True),
    Shown(compact=True),
    Shown(one_filter=True, compact=True),
    Shown(True, True),
)
"""From all to the least, for boards too small for more."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """One matrix of the board.

    Attributes
    ----------
    title, short : str
        Its name, and a shorter one for its caption.
    values : float64 (rows, columns)
    inside : bool array or None
        False where a cell is hatched.
    blank : bool array or None
        True where a number is not shown yet.
    limit : float
        The value at the end of the colours.
    origin : (row, column)
        The first cell inside the padding.
    """

    title: str
    short: str
    values: NDArray[np.float64]
    inside: NDArray[np.bool_] | None = None
    blank: NDArray[np.bool_] | None = None
    limit: float = 1.0
    origin: Pair = (0, 0)


def plans(
    setting: Setting, shown: Shown, *, workable: bool, least: dict[str, int]
) -> list[Plan]:
    """Return the ways in which the blocks of a setting may lie.

    Parameters
    ----------
    setting : Setting
    shown : Shown
    workable : bool
        Whether there is a result.
    least : dict
        Width in pixels that the caption of each block needs.
    """
    channels = 1 if shown.one_channel else setting.channels
    filters = 1 if shown.one_filter else setting.filters
    size = setting.kernel_size

    def block(key: str, count: int, size: Pair) -> Block:
        return Block(key, count, size, least[key])

    given = block(INPUT, channels, setting.size)
    kernel = block(KERNEL, channels, size)
    lying = block(LYING, channels, size)
    if not workable:
        return [((given, kernel),)]
    done = work(setting)
    under = done.origin.shape[0], done.origin.shape[1]
    shape = done.result.shape[1], done.result.shape[2]
    result = block(RESULT, filters, shape)
    if setting.mode == "transposed":
        spread = block(SOURCE, channels, under)
        scatter = block(SCATTER, 1, shape)
        return [
            ((spread, lying, result), (given, kernel, scatter)),
            ((given, kernel, scatter, spread, lying, result),),
        ]
    given = block(INPUT, channels, under)
    if setting.pooling:
        return [((given, result),), ((given,), (result,))]
    beside, below = (under[0], 0), (0, under[1])
    beside_all = replace(result, spanning=True)
    kernels = replace(kernel, pitch=beside), replace(lying, pitch=beside)
    if setting.mode == "convolution":
        return [
            ((given, *kernels, result),),
            _stacked(given, kernel, lying, result),
            ((given, beside_all), (replace(kernel, pitch=below), lying)),
        ]
    return [
        ((given, kernels[0], result),),
        ((given, beside_all), (replace(kernel, pitch=below), None)),
        *([((replace(given, over=True), None), (kernel, result))] * shown.compact),
    ]


def _stacked(given: Block, kernel: Block, lying: Block, result: Block) -> Plan:
    """Return the plan with the flipped kernel under the given one."""
    beside = replace(given, spanning=True), replace(result, spanning=True)
    return (beside[0], kernel, beside[1]), (None, lying, None)


def matrix(state: State, key: str, index: int) -> Matrix:
    """Return what a matrix of the board shows.

    Parameters
    ----------
    state : State
    key : str
        The block.
    index : int
        The channel, or for the result the filter.
    """
    setting = state.setting
    if state.reason:
        return _given(setting, key, index, 0, None)
    done = state.work
    number = done.place(state.step)[0]
    if key == RESULT:
        values, blank = done.result[index], ~_shown(state, done, index)
        titles = _titles(setting, key, index, 0)
        return Matrix(*titles, values, None, blank, _limit(done.result))
    if key == SCATTER:
        sums = done.scattered(number, done.stamped(state.step))
        hidden = ~_shown(state, done, number) if state.covered else None
        titles = _titles(setting, key, index, number)
        return Matrix(*titles, sums, None, hidden, _limit(done.before))
    return _given(setting, key, index, number, done)


def identity(state: State, key: str, index: int) -> object:
    """Return what the numbers of a matrix depend on."""
    if state.reason:
        return state.setting, 0
    if key in (KERNEL, LYING):
        return state.setting, state.work.place(state.step)[0]
    return state.setting, state.step if key == SCATTER else -1


def _given(
    setting: Setting, key: str, index: int, number: int, done: Work | None
) -> Matrix:
    titles = _titles(setting, key, index, number)
    if key in (KERNEL, LYING):
        kernels = np.array(setting.kernels[number], np.float64)
        values = kernels[index] if key == KERNEL else kernels[index, ::-1, ::-1]
        return Matrix(*titles, values, limit=_limit(kernels))
    image = np.array(setting.image, np.float64)
    if done is None or (key == INPUT and setting.mode == "transposed"):
        return Matrix(*titles, image[index], limit=_limit(image))
    inside = done.origin >= 0
    origin = setting.padding if key == INPUT else (0, 0)
    values = done.source[index]
    return Matrix(*titles, values, inside, limit=_limit(image), origin=origin)


def _titles(setting: Setting, key: str, index: int, number: int) -> tuple[str, str]:
    """Return the caption of a matrix, and a shorter one."""
    title = TITLES[key]
    if key == KERNEL and len(setting.kernels) > 1:
        title = f"Filter {number + 1}"
        if setting.channels == 1:
            return title, title
        return f"{title}, channel {index + 1}", title
    count, unit = setting.channels, "channel"
    if key == SCATTER or (key == RESULT and not setting.pooling):
        count, unit = (setting.filters if key == RESULT else 1), "filter"
    if count == 1:
        return title, title
    return f"{title}, {unit} {index + 1}", f"{SHORT[key]} {index + 1}"


def _limit(values: NDArray[np.float64]) -> float:
    return float(np.abs(values).max())


def _shown(state: State, done: Work, number: int) -> NDArray[np.bool_]:
    """Return which values of a map may be seen, bool (H', W')."""
    height, width = done.result.shape[1:]
    first = number * height * width
    steps = np.arange(first, first + height * width)
    if state.covered:
        opened = [each.step for each in state.answers if state.ends(each)]
        shown = np.isin(steps, opened)
    else:
        shown = steps <= state.step
    return np.asarray(shown.reshape(height, width), np.bool_)


def spread_place(done: Work, cell: Pair) -> Pair | None:
    """Return where an input cell lies among the inserted zeros, None if cut off."""
    number = cell[0] * done.setting.size[1] + cell[1]
    found = np.argwhere(done.origin == number)
    return (int(found[0][0]), int(found[0][1])) if len(found) else None


def window(step: Step) -> list[Pair]:
    """List the cells of the source under the window of a step, row after row."""
    return [(int(row), int(column)) for row in step.rows for column in step.columns]


def captions(setting: Setting, shown: Shown) -> dict[str, str]:
    """Return the caption of the first matrix of each block."""
    return {
        key: _titles(setting, key, 0, 0)[1] + of_how_many(setting, key, shown)
        for key in TITLES
    }


def of_how_many(setting: Setting, key: str, shown: Shown) -> str:
    """Say of how many the one matrix of a block is, where the others have no room."""
    count = 1
    if key in (INPUT, SOURCE) and shown.one_channel:
        count = setting.channels
    if key == RESULT and shown.one_filter:
        count = setting.filters
    return f" of {count}" if count > 1 else ""
