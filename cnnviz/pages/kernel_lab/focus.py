"""The value that is pointed at or pinned: its cell, its window and its terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz.errors import InputError
from cnnviz.ops.geometry import window
from cnnviz.ops.pipeline import activate, filter_terms, pooling_terms
from cnnviz.pages.kernel_lab.show import (
    ACTIVATION_NAMES,
    CHANNEL_NAMES,
    chain_to,
    field_window,
    plane,
    step_title,
)
from cnnviz.widgets.overlay import Window
from cnnviz.widgets.terms import PoolContent, TermsContent

if TYPE_CHECKING:
    from cnnviz.ops.colour import Scale
    from cnnviz.ops.geometry import Pair
    from cnnviz.pages.kernel_lab.compute import Layer, Run
    from cnnviz.pages.kernel_lab.show import Placed
    from cnnviz.pages.kernel_lab.state import State, Step
    from cnnviz.widgets.terms import Content, Steps


@dataclass(frozen=True, eq=False)
class Focus:
    """One value of the map on the canvas, or none.

    Attributes
    ----------
    cell : (row, column) or None
        The value.
    pinned : bool
        Whether it stays when the pointer moves on.
    window : Window or None
        The cells on the left side that it is made of.
    content : TermsContent, PoolContent or None
        How it was made.
    """

    cell: Pair | None = None
    pinned: bool = False
    window: Window | None = None
    content: Content | None = None


def focus(state: State, run: Run, before: Placed, pointed: Pair, channel: int) -> Focus:
    """Return the pinned value, or else the one that was pointed at last.

    Parameters
    ----------
    state : State
        With the pin.
    run : Run
        The maps that belong to the state.
    before : Placed
        What is shown on the left side.
    pointed : (row, column)
        The cell of the map under the pointer, or the last one that was; where the map
        has become smaller, the nearest there is.
    channel : int
        The channel whose terms are wanted.
    """
    if state.stage >= len(run.layers):
        return Focus()
    layer = run.layers[state.stage]
    rows, columns = getattr(layer.maps, state.shown_step).shape[:2]
    pinned = bool(state.pin and state.pin[0] < rows and state.pin[1] < columns)
    cell = state.pin if state.pin and pinned else pointed
    cell = min(cell[0], rows - 1), min(cell[1], columns - 1)
    content = _content(state, layer, cell, channel, before.scale, pinned=pinned)
    return Focus(cell, pinned, _window(state, layer, cell, content, pinned), content)


def _window(
    state: State, layer: Layer, cell: Pair, content: Content, pinned: bool
) -> Window:
    if state.stage > 0 and state.left == "picture":
        chain = chain_to(state.stages[: state.stage + 1], state.shown_step)
        return field_window(chain, cell, pinned=pinned)
    if state.shown_step == "pooled":
        return field_window(chain_to([layer.stage], "pooled"), cell, pinned=pinned)
    taps = window(cell, layer.input.shape[:2], layer.stage.geometry)
    weights = layer.stage.weights
    return Window(taps.rows, taps.columns, weights, pinned, content.values)


def _content(
    state: State,
    layer: Layer,
    cell: Pair,
    channel: int,
    scale: Scale,
    *,
    pinned: bool,
) -> Content:
    step, stage = state.shown_step, layer.stage
    title = step_title(stage, step)
    if layer.input.ndim == 3:
        title = f"{title}, {CHANNEL_NAMES[channel].lower()}"
    position = f"row {cell[0]}, column {cell[1]}"
    if pinned:
        position += " · pinned, Esc releases"
    if step == "pooled":
        assert stage.pool is not None
        activated = plane(layer.maps.activated, channel)
        pooled = pooling_terms(activated, stage.pool, cell)
        return PoolContent(
            title=title,
            position=position,
            kind=stage.pool.kind,
            values=pooled.values,
            inside=pooled.taps.inside,
            chosen=pooled.chosen,
            total=pooled.total,
            shown=float(plane(layer.maps.pooled, channel)[cell]),
        )
    terms = filter_terms(plane(layer.input, channel), stage, cell)
    shown = plane(layer.maps.filtered, channel)[cell]
    after: Steps = ()
    if stage.activation != "none":
        value = float(activate(shown, stage.activation))
        after = ((ACTIVATION_NAMES[stage.activation], value),)
    return TermsContent(
        title=title,
        position=position,
        values=terms.values,
        weights=terms.weights,
        products=terms.products,
        inside=terms.taps.inside,
        bias=terms.bias,
        total=terms.total,
        shown=float(shown),
        after=after,
        coloring="grey" if scale.kind == "colour" else scale.kind,
        limit=scale.high,
    )


def patch(layer: Layer, step: Step, cell: Pair, channel: int) -> dict[str, Any]:
    """Return one value's window as the words of the page that works it by hand.

    The values under the window are handed over with the padding filled and without the
    holes of dilation, so that there is one window only.

    Raises
    ------
    InputError
        That page does not know this kind of pooling.
    """
    stage = layer.stage
    if step == "pooled":
        assert stage.pool is not None
        if stage.pool.kind not in ("max", "average"):
            raise InputError(
                "Only maximum and average pooling are worked by hand; choose one."
            )
        activated = plane(layer.maps.activated, channel)
        values = pooling_terms(activated, stage.pool, cell).values
        return {
            "values": values.tolist(),
            "kernel": [[1.0] * stage.pool.size[1]] * stage.pool.size[0],
            "operation": stage.pool.kind,
        }
    values = filter_terms(plane(layer.input, channel), stage, cell).values
    return {
        "values": values.tolist(),
        "kernel": [list(row) for row in stage.kernel.weights],
        "operation": stage.operation,
        "bias": stage.bias,
        "relu": stage.activation == "relu",
    }
