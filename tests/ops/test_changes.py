"""Small changes to a picture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from cnnviz.errors import InputError
from cnnviz.ops.changes import CHANGES, RANGES, changed

PICTURE = np.random.default_rng(0).random((2, 9, 12), np.float32)


@pytest.mark.parametrize("change", CHANGES)
def test_the_neutral_value_changes_nothing(change):
    same = changed(PICTURE, change, RANGES[change].neutral)
    np.testing.assert_array_equal(same, PICTURE)
    assert same is not PICTURE


def test_a_shift_moves_whole_pixels_exactly():
    down = changed(PICTURE, "shift-down", 2)
    np.testing.assert_array_equal(down[:, 2:], PICTURE[:, :-2])
    assert not down[:, :2].any()
    left = changed(PICTURE, "shift-right", -3)
    np.testing.assert_array_equal(left[..., :-3], PICTURE[..., 3:])
    half = changed(PICTURE, "shift-right", 0.5)
    mean = (PICTURE[..., 1:] + PICTURE[..., :-1]) / 2
    np.testing.assert_allclose(half[..., 1:], mean, atol=1e-2)


def test_a_turn_is_anticlockwise_and_about_the_middle():
    square = PICTURE[:, :, :9]
    turned = changed(square, "rotate", 90)
    np.testing.assert_allclose(turned, np.rot90(square, axes=(1, 2)), atol=1e-5)
    turned = changed(square, "rotate", 30)
    theirs = ndimage.rotate(square, 30, (2, 1), reshape=False, order=1)
    inner = (slice(None), slice(3, -3), slice(3, -3))
    np.testing.assert_allclose(turned[inner], theirs[inner], atol=0.05)


def test_scaling_keeps_the_middle():
    square = np.zeros((1, 21, 21), np.float32)
    square[0, 6:15, 6:15] = 1
    for scale in (0.6, 1.5):
        found = changed(square, "scale", scale)
        assert found.sum() == pytest.approx(square.sum() * scale**2, rel=0.15)
        np.testing.assert_allclose(found, found[:, ::-1, ::-1], atol=1e-6)


def test_noise_has_its_strength_and_one_pattern():
    grey = np.full((1, 100, 100), 0.5, np.float32)
    weak, strong = (changed(grey, "noise", s, seed=3) - 0.5 for s in (0.05, 0.1))
    assert weak.std() == pytest.approx(0.05, rel=0.05)
    np.testing.assert_allclose(strong, 2 * weak, atol=1e-6)
    wild = changed(grey, "noise", 1.0)
    assert (wild.min(), wild.max()) == (0, 1)


@pytest.mark.parametrize("change", CHANGES)
def test_out_of_range_says_so(change):
    for value in (RANGES[change].high + 1, float("nan")):
        with pytest.raises(InputError, match="choose"):
            changed(PICTURE, change, value)
