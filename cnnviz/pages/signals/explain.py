"""The words, the formula and the facts under the canvas, with the page's numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnnviz.ops.geometry import dropped, formula
from cnnviz.ops.signals import gain
from cnnviz.widgets import numbers
from cnnviz.widgets.bar_plot import numbered
from cnnviz.widgets.facts import Fact

if TYPE_CHECKING:
    from cnnviz.pages.signals.compute import Run
    from cnnviz.pages.signals.state import State

LENGTHS: dict[str, str] = {"narrow": "M − K + 1", "equal": "M", "wide": "M + K − 1"}
"""The lecture's three lengths, at stride 1 and without holes."""

MOST_TERMS = 5
"""A longer sum is written with its first terms and the number of the others."""


def equation(run: Run, at: int) -> tuple[str, str]:
    """Return the sum of one output with its numbers, and its value.

    The terms are in the order of the weights, w₁ first: ``"y₅ = w₁·x₆ + w₂·x₅ = 0.5·3
    + 0.5·1 = "`` and ``"2"``. The sign before numbers is ≈ where one is rounded.
    """
    sliding, order = run.sliding, run.state.order
    taps = [order.index(number) for number in range(len(order))]
    shown = taps if len(taps) <= MOST_TERMS else taps[: MOST_TERMS - 1]
    rest = len(taps) - len(shown)
    tail = f" + … {rest} more" if rest else ""
    names = [
        f"w{numbered(order[tap] + 1)}·"
        + (f"x{numbered(int(sliding.taps[at, tap]) + 1)}" if inside else "0")
        for tap, inside in zip(shown, sliding.inside[at][shown], strict=True)
    ]
    pairs = [(sliding.weights[tap], sliding.values[at, tap]) for tap in shown]
    factors = [[numbers.text(number) for number in pair] for pair in pairs]
    rounded = any(
        numbers.is_rounded(number, text)
        for pair, texts in zip(pairs, factors, strict=True)
        for number, text in zip(pair, texts, strict=True)
    )
    written = " + ".join(f"{_bracketed(w)}·{_bracketed(x)}" for w, x in factors)
    total = float(sliding.sums[at])
    value = numbers.text(total, 6)
    sign = numbers.ROUNDED if rounded else "="
    last = numbers.ROUNDED if numbers.is_rounded(total, value) else "="
    return (
        f"y{numbered(at + 1)} = {' + '.join(names)}{tail} "
        f"{sign} {written}{tail} {last} ",
        value,
    )


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith(numbers.MINUS) else text


def equals(value: float) -> str:
    """Write ``"= 2"``, or ``"≈ 0.3333"`` where that is rounded."""
    text = numbers.text(value)
    return f"{numbers.ROUNDED if numbers.is_rounded(value, text) else '='} {text}"


def reading(state: State, tap: int) -> str:
    """Return which sample one tap reads for output t, counted from 1: ``"t − 1"``."""
    g = state.geometry
    rest = 1 - state.stride - g.pads[1][0] + state.dilation * tap
    return f"{_times(state.stride, 't')}{_plus(rest)}"


def sentence(state: State) -> str:
    """Return the definition of the result, counted from 1 as in the lecture.

    Output t reads the sample under its first tap, s·(t − 1) + 1 − P, and those that
    follow at distances of the dilation; true convolution meets them from the last on.
    """
    g = state.geometry
    first = 1 - state.stride - g.pads[1][0]
    if state.operation == "convolution":
        return _definition(state, "−", first + g.extent[1] - 1 + state.dilation)
    return _definition(state, "+", first - state.dilation)


def _definition(state: State, sign: str, constant: int) -> str:
    heads = {
        "convolution": "True convolution flips the kernel",
        "correlation": "Correlation lays the kernel as it is",
    }
    index = (
        f"{_times(state.stride, 't')} {sign} {_times(state.dilation, 'k')}"
        f"{_plus(constant)}"
    )
    return (
        f"{heads[state.operation]}: y(t) = Σ w(k) · x({index}), "
        f"k = 1 … {len(state.kernel)}."
    )


def _times(factor: int, name: str) -> str:
    return f"{factor}{name}" if factor > 1 else name


def _plus(number: int) -> str:
    return f" {'+' if number > 0 else numbers.MINUS} {abs(number)}" if number else ""


def spectral_words(run: Run) -> tuple[str, str]:
    """Say which frequencies the kernel keeps, and when |Y| is |X| times |W|."""
    state, kernel = run.state, run.spectra.kernel
    ends = [gain(state.kernel.array, f, state.dilation) for f in (0.0, 0.5)]
    zero, half = (numbers.approx(round(each, 12)) for each in ends)
    low = float((kernel.magnitudes[kernel.frequencies <= 0.25] ** 2).mean())
    high = float((kernel.magnitudes[kernel.frequencies > 0.25] ** 2).mean())
    kept = "low and high frequencies alike"
    if low > 2 * high:
        kept = "the low frequencies"
    elif high > 2 * low:
        kept = "the high frequencies"
    if not low + high:
        kept = "nothing"
    exact = state.stride == 1 and state.width == "wide"
    rule = "|Y| = |X| · |W| at every frequency"
    return (
        f"Frequency 0 is multiplied by {zero} and frequency ½ by {half}: "
        f"this kernel keeps {kept}.",
        f"{rule}."
        if exact
        else f"{rule} when the whole result is there: wide, stride 1. Here it is cut.",
    )


def connection_words(state: State) -> tuple[str, str]:
    """Say what local connection and weight sharing are, with the drawing's numbers."""
    taps, hidden = len(state.kernel), state.hidden
    return (
        f"Local connection: each hidden unit sees {taps} of {state.inputs} inputs. "
        f"Weight sharing: all {hidden} use the same {taps}.",
        "Lines of one colour carry one weight. Fully connected, every line has its "
        "own.",
    )


def connection_facts(state: State) -> list[Fact]:
    """Return the counts of the drawing."""
    g = replace(state.geometry, padding="valid")
    taps, hidden, inputs = len(state.kernel), state.hidden, state.inputs
    return [
        Fact("Hidden units", formula(inputs, g, 1), "As many as the window has places"),
        Fact("Weights, shared", f"{taps}", "One for each tap of the kernel"),
        Fact(
            "Weights if local, not shared",
            f"{taps * hidden}",
            f"{taps} for each of {hidden} hidden units.",
        ),
        Fact(
            "Weights if fully connected",
            f"{inputs * hidden}",
            f"{inputs} inputs × {hidden} hidden units.",
        ),
    ]


def facts(state: State) -> list[Fact]:
    """Return output length, weights, multiplications and full connection's cost.

    Parameters
    ----------
    state : State
        With a window that fits.
    """
    g, inputs, outputs = state.geometry, len(state.signal), state.outputs
    taps = len(state.kernel)
    lost = dropped((1, inputs), g)[1]
    name = f"Output length, floor drops {lost}" if lost else "Output length"
    if state.width in LENGTHS and state.stride == state.dilation == 1:
        name = f"Output length, {state.width}: {LENGTHS[state.width]}"
    return [
        Fact(
            name,
            formula(inputs, g, 1),
            "floor((M + padding − dilation·(K − 1) − 1) / stride) + 1; floor drops "
            "what is left of a stride at the end.",
        ),
        Fact(
            "Weights, shared",
            f"{taps:,}",
            f"The same {taps:,} weights make all {outputs:,} outputs.",
        ),
        Fact(
            "Multiplications",
            f"{taps * outputs:,}",
            f"{taps:,} for each of {outputs:,} outputs.",
        ),
        Fact(
            "Weights if fully connected",
            f"{inputs * outputs:,}",
            f"{inputs:,} inputs × {outputs:,} outputs, each pair with its own weight.",
        ),
    ]
