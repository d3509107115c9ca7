"""Boxes moved apart."""

import numpy as np
import pytest

from cnnviz.widgets.spreading import spread

ROOM = np.array([600.0, 400.0])


def gaps(middles, sizes):
    """Return between each two the larger of their gaps, sideways and upwards."""
    first, second = np.triu_indices(len(middles), 1)
    apart = np.abs(middles[first] - middles[second])
    return (apart - (sizes[first] + sizes[second]) / 2).max(axis=1)


def test_boxes_that_are_apart_stay():
    middles = np.array([[50.0, 50.0], [90.0, 50.0], [50.0, 90.0]])
    sizes = np.full((3, 2), 30.0)
    np.testing.assert_array_equal(spread(middles, sizes, 4, ROOM), middles)


def test_two_share_the_shorter_way():
    middles, sizes = np.array([[100.0, 100.0], [110.0, 103.0]]), np.full((2, 2), 20.0)
    found = spread(middles, sizes, 4, ROOM)
    np.testing.assert_allclose(found, [[93, 100], [117, 103]], atol=1e-4)


def test_boxes_on_one_place_come_apart():
    middles, sizes = np.full((3, 2), 200.0), np.full((3, 2), (30.0, 20.0))
    assert gaps(spread(middles, sizes, 4, ROOM), sizes).min() >= 4 - 1e-3


def test_in_a_corner_they_stay_in_the_room():
    middles, sizes = np.zeros((2, 2)), np.full((2, 2), 20.0)
    found = spread(middles, sizes, 4, ROOM)
    assert found.min() >= 10
    assert gaps(found, sizes).min() >= 4 - 1e-2


@pytest.mark.parametrize("seed", range(50))
def test_ten_close_ones_are_all_apart_and_near_where_they_were(seed):
    rng = np.random.default_rng(seed)
    middles = rng.uniform((150, 100), (350, 250), (10, 2))
    sizes = np.column_stack([rng.uniform(20, 80, 10), np.full(10, 26.0)])
    found = spread(middles, sizes, 4, ROOM)
    assert gaps(found, sizes).min() >= 4 - 0.5
    assert np.abs(found - middles).max() < 120


def test_none_are_none():
    assert spread(np.zeros((0, 2)), np.zeros((0, 2)), 4, ROOM).shape == (0, 2)
