"""The facts under the equation: the formulas with this page's numbers in them."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from cnnviz.ops.geometry import dropped, formula, output_size
from cnnviz.widgets.facts import Fact

if TYPE_CHECKING:
    from cnnviz.ops.geometry import Geometry, Pair
    from cnnviz.ops.pipeline import Stage


def facts(size: Pair, channels: int, stage: Stage) -> list[Fact]:
    """Return output size, weights, multiplications and what full connection costs.

    Local connection and weight sharing are the lecture's first reason for convolution:
    a layer from N inputs to M outputs holds N × M weights when fully connected.

    Parameters
    ----------
    size : (rows, columns)
        Of what the stage filters.
    channels : int
        1 for grey, 3 for colour; each is filtered by the same weights.
    stage : Stage
        A stage that can work on it.
    """
    taps = prod(stage.kernel.size)
    inputs = prod(size) * channels
    outputs = prod(output_size(size, stage.geometry)) * channels
    others = len(stage.kernels) - 1
    note = f"; the other {others} of the bank come on top" * bool(others)
    return [
        *_sizes(size, stage),
        Fact(
            "Shared weights",
            f"{taps:,}",
            f"The same {taps:,} weights make all {outputs:,} outputs{note}.",
        ),
        Fact(
            "Multiplications",
            f"{taps * outputs:,}",
            f"{taps:,} for each of {outputs:,} outputs{note}.",
        ),
        Fact(
            "Weights if fully connected",
            f"{inputs * outputs:,}",
            f"{inputs:,} inputs × {outputs:,} outputs, each pair with its own weight.",
        ),
    ]


def _sizes(size: Pair, stage: Stage) -> list[Fact]:
    result = _window_sizes("Output", size, stage.geometry)
    if stage.pool:
        after = output_size(size, stage.geometry)
        result += _window_sizes("Pooled", after, stage.pool.geometry)
    return result


def _window_sizes(name: str, size: Pair, geometry: Geometry) -> list[Fact]:
    rows, columns = (formula(size[axis], geometry, axis) for axis in (0, 1))
    lost_rows, lost_columns = dropped(size, geometry)
    axes = [
        (f"{name} rows", rows, lost_rows),
        (f"{name} columns", columns, lost_columns),
    ]
    if rows == columns:
        axes = [(f"{name} rows and columns", rows, lost_rows)]
    sentence = (
        "floor((size + padding − dilation·(kernel − 1) − 1) / stride) + 1; "
        "floor drops what is left of a stride at the far edge."
    )
    return [
        Fact(f"{title}, floor drops {count}" if count else title, text, sentence)
        for title, text, count in axes
    ]
