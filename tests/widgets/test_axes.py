"""From numbers to pixels and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from cnnviz.widgets.axes import Axes, Span, extremes, fit, round_step, tick_text, ticks

AXES = Axes(QRectF(10, 20, 200, 100), Span(-0.5, 9.5), Span(-1, 1))


def test_pixels_and_back():
    assert AXES.pitch == 20
    assert AXES.x(0) == 20 and AXES.y(-1) == 120 and AXES.y(1) == 20
    assert AXES.place(AXES.x(3)) == pytest.approx(3)
    assert AXES.value(AXES.y(0.25)) == pytest.approx(0.25)
    assert AXES.value(-500) == 1 and AXES.value(500) == -1


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9), st.booleans())
def test_a_fitted_span_holds_zero_and_every_value(values, symmetric):
    span = fit(values, symmetric=symmetric)
    assert span.low < span.high
    assert span.low <= min(0, *values) and max(0, *values) <= span.high
    if symmetric:
        assert span.low == -span.high


@settings(deadline=None)
@given(st.floats(-1e6, 0), st.floats(0.001, 1e6), st.integers(2, 9))
def test_ticks_are_few_round_and_inside(low, length, most):
    span = Span(low, low + length)
    found = ticks(span, most)
    assert 1 <= len(found) <= most + 1 or length < round_step(length / most)
    slack = 1e-9 * max(abs(low), length)
    assert all(span.low - slack <= each <= span.high + slack for each in found)


@pytest.mark.parametrize(
    ("least", "step"), [(1, 1), (1.2, 2), (3, 5), (7, 10), (0.03, 0.05)]
)
def test_steps_are_round(least, step):
    assert round_step(least) == step


@pytest.mark.parametrize(
    ("value", "text"), [(-0.5, "−0.5"), (0, "0"), (20000, "20,000"), (2e6, "2·10⁶")]
)
def test_ticks_are_short(value, text):
    assert tick_text(value) == text


def test_no_extreme_is_lost():
    values = np.random.default_rng(1).normal(size=8192)
    low, high = extremes(values, 700)
    assert low.min() == values.min() and high.max() == values.max()
    assert (low <= high).all()
    assert (low[:-1] <= high[1:]).all() and (low[1:] <= high[:-1]).all()
