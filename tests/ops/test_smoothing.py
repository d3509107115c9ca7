"""The average against its own recurrence, one point after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.ops.smoothing import exponential

numbers = st.floats(-1e6, 1e6)
weights = st.sampled_from([0.0, 0.1, 0.6, 0.9, 0.99, 0.999])


def one_by_one(values: list[float], weight: float) -> list[float]:
    last, count, result = 0.0, 0, []
    for value in values:
        if not math.isfinite(value):
            result.append(value)
            continue
        last = weight * last + (1 - weight) * value
        count += 1
        result.append(last / (1 - weight**count))
    return result


@given(st.lists(numbers, max_size=200), weights)
def test_it_is_the_recurrence(values: list[float], weight: float) -> None:
    wanted = one_by_one(values, weight)
    assert exponential(values, weight) == pytest.approx(wanted, rel=1e-9, abs=1e-6)


def test_it_is_the_recurrence_far_out() -> None:
    values = np.random.default_rng(0).normal(size=20_000).tolist()
    assert exponential(values, 0.9) == pytest.approx(one_by_one(values, 0.9), abs=1e-12)


def test_worked_by_hand() -> None:
    # w = 0.5: 4; (0.5·2 + 0.5·1) / 0.75; (0.5·1.5 + 0.5·3) / 0.875
    assert exponential([4, 1, 3], 0.5) == pytest.approx([4, 2, 18 / 7])


@given(numbers, st.integers(1, 100), weights)
def test_a_constant_stays(value: float, count: int, weight: float) -> None:
    smooth = exponential([value] * count, weight)
    assert smooth == pytest.approx([value] * count, rel=1e-9)


def test_what_is_not_finite_is_left_out() -> None:
    smooth = exponential([1, math.nan, 3, math.inf], 0.5)
    assert np.isnan(smooth[1]) and smooth[3] == math.inf
    assert smooth[[0, 2]] == pytest.approx(exponential([1, 3], 0.5))


def test_the_values_themselves_are_not_touched() -> None:
    values = np.array([1.0, 2.0, 3.0])
    exponential(values, 0.9)
    assert values.tolist() == [1, 2, 3]


@pytest.mark.parametrize("weight", [-0.1, 1.0, math.nan])
def test_an_impossible_weight_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="not a weight"):
        exponential([1, 2], weight)
