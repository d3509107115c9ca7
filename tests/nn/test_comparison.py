"""Curves of several runs on one axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import streams
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.nn import recording
from cnnviz.nn.comparison import Curve, aligned, curve, curves, differences, smooth
from cnnviz.nn.models import lecture
from cnnviz.nn.recipe import Augmentation


def test_runs_share_an_axis(tmp_path):
    long = recording.create(tmp_path, streams.RECIPE, "long")
    list(recording.record(streams.training(), long))
    recipe = replace(streams.RECIPE, epochs=2)
    short = recording.create(tmp_path, recipe, "short")
    list(recording.record(streams.training(recipe), short))
    empty = recording.create(tmp_path, recipe, "empty")
    found = curves([long, short, empty], "train_loss", "step")
    assert [c.name for c in found] == ["long", "short"]
    x, y = aligned(found)
    np.testing.assert_array_equal(x, [8, 16, 24, 32, 40, 48])
    np.testing.assert_allclose(y[0], [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6])
    np.testing.assert_array_equal(y[1], [1, 1 / 2, *[np.nan] * 4])
    assert curves([long], "val_loss") == ()


def test_axes_and_values_that_are_no_numbers():
    lines = [streams.metrics(1, validation=True), streams.metrics(2)]
    lines.append(replace(streams.metrics(3), test_loss=float("inf")))
    np.testing.assert_array_equal(curve("", lines, "val_loss", "epoch").x, [1, 2, 3])
    np.testing.assert_array_equal(
        curve("", lines, "val_loss", "epoch").y, [3, np.nan, np.nan]
    )
    np.testing.assert_array_equal(
        curve("", lines, "test_loss", "seconds").y, [2, 1, np.nan]
    )


def test_between_its_points_a_curve_is_straight():
    x, y = aligned([Curve("a", np.array([1.0, 3]), np.array([0.0, 1]))] * 1)
    np.testing.assert_array_equal((x, y[0]), ([1, 3], [0, 1]))
    other = Curve("b", np.array([2.0, 4]), np.array([5.0, 7]))
    x, y = aligned([Curve("a", np.array([1.0, 3]), np.array([0.0, 1])), other])
    np.testing.assert_array_equal(x, [1, 2, 3, 4])
    np.testing.assert_array_equal(y, [[0, 0.5, 1, np.nan], [np.nan, 5, 6, 7]])
    none = Curve("c", np.empty(0), np.empty(0))
    assert np.isnan(aligned([other, none])[1][1]).all()
    assert aligned([])[1].size == 0


def test_smoothing_by_hand():
    # Weight 1/2: 1/2, 7/4 and 39/8 over 1/2, 3/4 and 7/8.
    np.testing.assert_allclose(smooth(np.array([1.0, 3, 8]), 0.5), [1, 7 / 3, 39 / 7])
    values = np.array([np.nan, 2, np.nan, 4])
    np.testing.assert_array_equal(smooth(values, 0), [np.nan, 2, 2, 4])
    assert smooth(np.empty(0), 0.9).size == 0


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.floats(0, 0.999),
)
def test_smoothing_stays_between_the_values(values, weight):
    smoothed = smooth(np.array(values), weight)
    assert smoothed[0] == pytest.approx(values[0])
    slack = 1e-6 * max(1, *map(abs, values))
    for n, value in enumerate(smoothed, start=1):
        assert min(values[:n]) - slack <= value <= max(values[:n]) + slack


def test_how_recipes_differ():
    one = streams.RECIPE
    other = replace(
        one.with_optimizer("sgd"),
        network=lecture.NETWORK,
        augmentation=Augmentation(shift=2),
    )
    assert differences([one, other]) == {
        "network": ("tiny", "lecture"),
        "optimizer": ("adam", "sgd"),
        "learning_rate": (0.001, 0.05),
        "augmentation": (
            {"shift": 0, "rotate": 0, "elastic": 0},
            {"shift": 2, "rotate": 0, "elastic": 0},
        ),
    }
    assert differences([one, one]) == {}
    assert differences([]) == {}
