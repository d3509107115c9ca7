"""Which cells of the board are framed, and in what colour; no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz.pages.windows import show
from cnnviz.pages.windows.mistakes import clue
from cnnviz.pages.windows.show import INPUT, KERNEL, LYING, RESULT, SCATTER, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.worked import Step
    from cnnviz.ops.worked_setting import Setting
    from cnnviz.pages.windows.state import State

    Key = tuple[str, int]
    Named = tuple[str, "Mark"]


@dataclass(frozen=True)
class Mark:
    """A frame around one cell, or around several of one matrix.

    Attributes
    ----------
    key : (block, number)
        The matrix.
    cells : tuple of (row, column)
    around : bool
        Whether the frame leaves a little room around the cells.
    role : str
        Its colour in the palette.
    """

    key: Key
    cells: tuple[Pair, ...]
    around: bool = False
    role: str = "highlight"


def marks(
    state: State, shown: Sequence[Key], pointed: tuple[Key, Pair] | None
) -> dict[str, Mark]:
    """Return all frames by names that stay the same from step to step.

    Parameters
    ----------
    state : State
        One that has a result.
    shown : sequence of (block, number)
        The matrices on the board.
    pointed : ((block, number), (row, column)) or None
        The cell of the input under the pointer.
    """
    step = state.work.step(state.step)
    found = dict(named for key in shown for named in _window(state, step, key, shown))
    if state.covered:
        found.update(_astray(state, step, shown))
    if pointed is not None:
        found.update(_reached(state, shown, *pointed))
    elif state.setting.mode == "transposed":
        found.update(_stamped(state, shown))
    return found


def _window(
    state: State, step: Step, key: Key, shown: Sequence[Key]
) -> Iterator[Named]:
    """Yield the frames of the highlight: window, kernel and output value."""
    setting, (name, number) = state.setting, key
    read = _read(setting)
    applied = LYING if (LYING, number) in shown else KERNEL
    if name == read and (not setting.pooling or number == step.filter):
        cells = show.window(step)
        if step.chosen is not None and state.is_open(state.step):
            yield f"{key} window", Mark(key, tuple(cells), around=True)
            cells = [cells[step.chosen[0] * len(step.columns) + step.chosen[1]]]
        for place, cell in enumerate(cells):
            yield f"{key} {place}", Mark(key, (cell,))
    elif name == applied:
        rows, columns = setting.kernel_size
        yield f"{key}", Mark(key, ((0, 0), (rows - 1, columns - 1)), around=True)
    elif name == SCATTER or (name == RESULT and number == step.filter):
        yield name, Mark(key, ((step.row, step.column),))


def _astray(state: State, step: Step, shown: Sequence[Key]) -> Iterator[Named]:
    """Yield frames around the values and weights that a wrong answer lost."""
    read, applied = _read(state.setting), KERNEL
    for channel, row, column in clue(state).astray:
        if (LYING, channel) in shown:
            applied = LYING
        place = step.filter if state.setting.pooling else channel
        under = int(step.rows[row]), int(step.columns[column])
        for key, cell in (((read, place), under), ((applied, channel), (row, column))):
            if key in shown:
                yield f"astray {key} {cell}", Mark(key, (cell,), role="error")


def _read(setting: Setting) -> str:
    """Return the block that the windows lie on."""
    return SOURCE if setting.mode == "transposed" else INPUT


def _reached(
    state: State, shown: Sequence[Key], key: Key, cell: Pair
) -> Iterator[Named]:
    """Yield frames around an input and the outputs that it reaches."""
    place: Pair | None = cell
    if key[0] == INPUT and state.setting.mode == "transposed":
        place = show.spread_place(state.work, cell)
    yield "pointed", Mark(key, (cell,), role="accent")
    outputs = [] if place is None else state.work.reached(*place)
    for name, number in shown:
        own = not state.setting.pooling or number == key[1]
        if name in (RESULT, SCATTER) and own:
            for row, column in outputs:
                mark = Mark((name, number), ((row, column),), role="accent")
                yield f"reached {name} {number} {row} {column}", mark


def _stamped(state: State, shown: Sequence[Key]) -> Iterator[Named]:
    """Yield frames around the input that was added last, and around its stamp."""
    done = state.work
    last = done.stamped(state.step)
    if last < 0:
        return
    cell = divmod(last, state.setting.size[1])
    for key in shown:
        if key[0] == INPUT:
            yield f"stamped {key}", Mark(key, (cell,), role="accent")
    place = show.spread_place(done, cell)
    outputs = done.reached(*place) if place else []
    if outputs:
        yield "stamp", Mark((SCATTER, 0), tuple(outputs), around=True, role="accent")
