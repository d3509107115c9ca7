"""What the plots and the terms show of a run; no widget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.widgets.axes import Span
from cnnviz.widgets.bar_plot import Bars, numbered
from cnnviz.widgets.bar_window import BarWindow
from cnnviz.widgets.terms import TermsContent

if TYPE_CHECKING:
    from cnnviz.pages.signals.compute import Run
    from cnnviz.pages.signals.state import State


def signal_bars(state: State) -> Bars:
    """Return the signal."""
    return Bars(state.signal.array, symbol="x")


def across(state: State) -> Span:
    """Return the samples from the first of the padding to the last."""
    before, after = state.geometry.pads[1]
    return Span(-0.5 - before, len(state.signal) - 0.5 + after)


def result_bars(run: Run) -> Bars:
    """Return the result, each value under the middle of its window."""
    g = run.state.geometry
    start = (g.extent[1] - 1) / 2 - g.pads[1][0]
    return Bars(run.sliding.sums, start, g.stride[1], "y")


def window(run: Run, at: int) -> BarWindow:
    """Return the kernel as it lies on the signal for one output."""
    return BarWindow(
        tuple(run.sliding.taps[at].tolist()),
        tuple(run.sliding.weights.tolist()),
        run.state.geometry.pads[1],
        len(run.state.signal),
    )


def samples(run: Run, at: int) -> frozenset[int]:
    """Return the samples that one output is made of."""
    return frozenset(run.sliding.taps[at][run.sliding.inside[at]].tolist())


def terms(run: Run, at: int) -> TermsContent:
    """Return one window written out, its weights in the order in which they lie."""
    sliding = run.sliding
    first, last = (int(tap) + 1 for tap in sliding.taps[at][[0, -1]])
    place = f"x{numbered(first)} to x{numbered(last)}"
    flipped = run.state.operation == "convolution" and len(run.state.kernel) > 1
    return TermsContent(
        title=f"y{numbered(at + 1)}",
        position=f"window {at + 1} of {len(sliding.sums)}, on {place}"
        + (", kernel flipped" if flipped else ""),
        values=sliding.values[at][np.newaxis],
        weights=sliding.weights[np.newaxis],
        products=sliding.products[at][np.newaxis],
        inside=sliding.inside[at][np.newaxis],
        bias=0.0,
        total=float(sliding.sums[at]),
        shown=float(sliding.sums[at]),
    )
