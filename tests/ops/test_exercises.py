"""Exercises: workable, varied, and the same from the same seed everywhere."""

from __future__ import annotations

import pytest

from cnnviz.ops.exercises import exercise
from cnnviz.ops.worked import work
from cnnviz.ops.worked_setting import why_unworkable

SHEET = ((4, 0, 3), (2, 3, 1), (1, 5, 2))
KERNEL = ((1, 1), (0, -1))
KINDS = ("easy", "medium", "hard")


@pytest.mark.parametrize("difficulty", KINDS)
def test_every_exercise_can_be_worked(difficulty):
    for seed in range(200):
        setting = exercise(difficulty, seed)
        assert why_unworkable(setting) is None
        done = work(setting)
        assert 4 <= done.count <= 64
        assert all(
            value.is_integer() or value * 4 % 1 == 0 for value in done.result.flat
        )


@pytest.mark.parametrize("difficulty", KINDS)
def test_seeds_differ_and_repeat(difficulty):
    sheets = [exercise(difficulty, seed) for seed in range(50)]
    assert len(set(sheets)) == 50
    assert sheets == [exercise(difficulty, seed) for seed in range(50)]


def test_a_sheet_is_the_same_everywhere():
    # Written down once: if this changes, classes with two versions differ.
    setting = exercise("easy", 20261)
    assert setting.image == (SHEET,)
    assert setting.kernels == ((KERNEL,),)


def test_hard_ones_have_every_kind():
    modes = {exercise("hard", seed).mode for seed in range(50)}
    assert modes == {"correlation", "convolution", "transposed"}
    assert {exercise("medium", seed).mode for seed in range(50)} == {
        "correlation",
        "max",
        "average",
    }
