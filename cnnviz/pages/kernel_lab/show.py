"""From the state and its maps to what the canvas shows; pure functions, no widget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from cnnviz.ops.colour import Kind, Scale, natural_scale, value_range
from cnnviz.ops.geometry import Geometry, receptive_field
from cnnviz.pages.kernel_lab.state import State, Step, steps_of
from cnnviz.widgets.numbers import text
from cnnviz.widgets.overlay import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.images import Picture
    from cnnviz.ops.pipeline import Stage
    from cnnviz.pages.kernel_lab.compute import Run, Thumb

SMALL = 16
"""A picture of at most so many rows and columns is a matrix with values of its own."""

CHANNEL_NAMES = ("Red", "Green", "Blue")
ACTIVATION_NAMES = {"relu": "ReLU", "abs": "Absolute value"}
POOL_NAMES = {"max": "Max", "average": "Average", "min": "Min", "l2": "L2"}


@dataclass(frozen=True, eq=False)
class Placed:
    """An array with its place in the picture plane.

    Attributes
    ----------
    array : float32 array, (H, W) or (H, W, 3)
        The values.
    scale : Scale
        Which values the ends of the colours mean.
    title, note : str
        What stands over the pane, left and right.
    origin, step : (rows, columns)
        Where the first value begins and how far it is to the next, in pixels of the
        picture.
    padding : ((top, bottom), (left, right))
        Rows and columns around the array that windows reach into.
    name : str
        What the status bar calls a value of it.
    """

    array: NDArray[np.float32]
    scale: Scale
    title: str
    note: str
    origin: tuple[float, float] = (0.0, 0.0)
    step: tuple[float, float] = (1.0, 1.0)
    padding: tuple[Pair, Pair] = ((0, 0), (0, 0))
    name: str = "map"

    def centre(self, row: int, column: int) -> tuple[float, float]:
        """Return the middle of a cell in the picture plane, (row, column)."""
        return (
            self.origin[0] + (row + 0.5) * self.step[0],
            self.origin[1] + (column + 0.5) * self.step[1],
        )

    def channels(self) -> list[Placed]:
        """Return red, green and blue as planes of their own, or the plane itself."""
        if self.array.ndim == 2:
            return [self]
        scale = self.scale
        if scale.kind == "colour":
            scale = replace(scale, kind="grey")
        return [
            replace(
                self,
                array=plane(self.array, index),
                scale=scale,
                title=name,
                note=_times(self.array.shape),
            )
            for index, name in enumerate(CHANNEL_NAMES)
        ]


def map_places(state: State) -> list[tuple[int, Step]]:
    """List every map of the pipeline as (stage, step), in its order."""
    return [
        (index, step)
        for index, stage in enumerate(state.stages)
        for step in steps_of(stage)
    ]


def step_title(stage: Stage, step: Step) -> str:
    """Name a map by what made it."""
    if step == "filtered":
        return stage.kernel.name
    if step == "activated":
        return ACTIVATION_NAMES[stage.activation]
    assert stage.pool is not None
    return f"{POOL_NAMES[stage.pool.kind]} pool {_times(stage.pool.size)}"


def chain_to(stages: Sequence[Stage], step: Step) -> list[Geometry]:
    """List the windows that slide over the picture up to a step of the last stage."""
    chain: list[Geometry] = []
    for index, stage in enumerate(stages):
        chain.append(stage.geometry)
        if stage.pool and (index < len(stages) - 1 or step == "pooled"):
            chain.append(stage.pool.geometry)
    return chain


@lru_cache(64)
def place(
    chain: tuple[Geometry, ...],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return origin and step of a map in the picture plane, for :class:`Placed`.

    Every value is drawn about the centre of its receptive field, as wide as the
    distance to its neighbour's.
    """
    field = receptive_field(chain)
    (row, column), (down, right) = field.start, field.jump
    return (row + 0.5 - down / 2, column + 0.5 - right / 2), (down, right)


# ------------------------------------------------------------------ scales


def picture_scale(array: NDArray[np.float32], source: str) -> Scale:
    """Return the scale of a picture: 0 to 255, or a sample matrix's own range."""
    if array.ndim == 3:
        return Scale(0.0, 255.0, "colour")
    if max(array.shape) > SMALL or not source.startswith("sample:"):
        return Scale(0.0, 255.0, "grey")
    own = natural_scale(*value_range(array))
    return own if own.kind == "signed" else replace(own, kind="grey")


def map_scale(
    state: State, run: Run, stage: int, step: Step, thumb: Thumb | None = None
) -> Scale:
    """Return the scale of a map by the state's rule.

    ``thumb`` stands for a map of the bank that is not the chosen one.

    Red, green and blue shown as one picture keep their hues: a map without negative
    values goes from black to full colour, another has zero at mid-grey.
    """
    kind: Kind = "colour" if state.channels == "colour" else "grey"
    if state.scale == "picture":
        return Scale(0.0, 255.0, kind)
    layer = run.layers[stage]
    ranges = [(thumb.low, thumb.high) if thumb else layer.ranges[step]]
    if state.scale == "stage" and step == steps_of(layer.stage)[-1]:
        others = [(each.low, each.high) for each in layer.others.values()]
        ranges = [layer.ranges[step], *others]
    elif state.scale == "all":
        ranges = [ends for each in run.layers for ends in each.ranges.values()]
    lows, highs = zip(*ranges, strict=True)
    own = natural_scale(min(lows), max(highs))
    return replace(own, kind=kind) if kind == "colour" else own


# ------------------------------------------------------------------ the two sides


def picture_values(state: State, picture: Picture) -> NDArray[np.float32]:
    """Return the values that the pipeline starts from: a plane, or three."""
    return picture.grey if state.channels == "grey" else picture.colour


def left_side(state: State, picture: Picture, run: Run) -> Placed:
    """Return what the map is compared with: the stage's input or the picture."""
    padding = state.current.geometry.pads
    if 0 < state.stage <= len(run.layers) and state.left == "input":
        before = state.stage - 1
        step = steps_of(run.layers[before].stage)[-1]
        title = f"Input of stage {state.stage + 1}"
        placed = _placed_map(state, run, before, step, title)
        return replace(placed, padding=padding, name="input")
    values = picture_values(state, picture)
    kind = "grey" if values.ndim == 2 else "colour"
    scale = picture_scale(values, picture.source)
    note = f"{_times(values.shape)}, {kind}"
    title = picture.name or "Picture"
    if state.stage:
        padding = Placed.padding
    return Placed(values, scale, title, note, padding=padding, name="picture")


def right_side(state: State, run: Run) -> Placed | None:
    """Return the map on the canvas, or None where the pipeline ends before it."""
    if state.stage >= len(run.layers):
        return None
    title = step_title(state.current, state.shown_step)
    return _placed_map(state, run, state.stage, state.shown_step, title)


def _placed_map(state: State, run: Run, stage: int, step: Step, title: str) -> Placed:
    array = getattr(run.layers[stage].maps, step)
    scale = map_scale(state, run, stage, step)
    origin, pitch = place(tuple(chain_to(state.stages[: stage + 1], step)))
    kind = "signed" if run.layers[stage].ranges[step][0] < 0 else "not negative"
    return Placed(array, scale, title, f"{_times(array.shape)}, {kind}", origin, pitch)


# ------------------------------------------------------------------ one value


def field_window(chain: Sequence[Geometry], position: Pair, *, pinned: bool) -> Window:
    """Return the receptive field of one value, in cells of the chain's first input."""
    field = receptive_field(chain)
    rows, columns = (
        np.arange(size) + round(start + at * jump - (size - 1) / 2)
        for start, at, jump, size in zip(
            field.start, position, field.jump, field.size, strict=True
        )
    )
    return Window(rows, columns, None, pinned)


def plane(array: NDArray[np.float32], channel: int) -> NDArray[np.float32]:
    """Return one channel of an array, or the plane itself."""
    if array.ndim == 2:
        return array
    return cast("NDArray[np.float32]", cv2.extractChannel(array, channel))


def readout(placed: Placed, cell: Pair, other: Placed | None) -> str:
    """Write the status bar's line for a cell of one array.

    Parameters
    ----------
    placed : Placed
        The array that is pointed at.
    cell : (row, column)
        A cell of it.
    other : Placed or None
        The array that is read at the same place of the picture plane; where that is
        another row and column of its own, these are said too.
    """
    line = f"x {cell[1]}, y {cell[0]}   {placed.name} {_values(placed, cell)}"
    if other is None:
        return line
    at = placed.centre(*cell)
    row, column = (
        int((at[axis] - other.origin[axis]) // other.step[axis]) for axis in (0, 1)
    )
    rows, columns = other.array.shape[:2]
    if 0 <= row < rows and 0 <= column < columns:
        where = "" if (row, column) == cell else f" at x {column}, y {row}"
        line += f"   {other.name}{where} {_values(other, (row, column))}"
    return line


def _values(placed: Placed, cell: Pair) -> str:
    return ", ".join(text(value) for value in np.atleast_1d(placed.array[cell]))


def _times(pair: Sequence[int]) -> str:
    return f"{pair[0]} × {pair[1]}"
