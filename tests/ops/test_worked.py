"""Small layers worked by hand, held against torch."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from workable import REAL, any_settings, by_torch

from cnnviz.errors import InputError
from cnnviz.ops.worked import work
from cnnviz.ops.worked_setting import (
    MAX_RESULT,
    Setting,
    result_size,
    size_formulas,
    unread,
    why_unworkable,
)

PICTURE = ((0, 50, 0, 29), (0, 80, 31, 2), (33, 90, 0, 75), (0, 9, 0, 95))
SOBEL = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1))
LECTURE = Setting("correlation", (PICTURE,), ((SOBEL,),))
STAMP = Setting(
    "transposed", (((1, 2), (3, 4)),), ((((1, 0), (2, -1)),),), stride=(2, 2)
)


def test_the_lecture_s_table():
    first = work(LECTURE).step(0)
    assert work(LECTURE).result.tolist() == [[[29, -192], [-35, -22]]]
    products = [product for product in first.products.flat if product]
    assert products == [62, -33]
    assert first.total == 29


@settings(deadline=None, max_examples=200)
@given(any_settings())
def test_whole_numbers_equal_torch_bit_for_bit(setting):
    assert np.array_equal(work(setting).result, by_torch(setting))


@settings(deadline=None, max_examples=80)
@given(any_settings(REAL))
def test_real_numbers_equal_torch(setting):
    np.testing.assert_allclose(
        work(setting).result, by_torch(setting), rtol=1e-12, atol=1e-9
    )


@settings(deadline=None, max_examples=50)
@given(any_settings(REAL))
def test_the_terms_of_every_step_make_its_value(setting):
    done = work(setting)
    for index in range(done.count):
        step = done.step(index)
        assert done.index(*done.place(index)) == index
        assert step.total == done.result[done.place(index)]
        if setting.mode == "max":
            assert step.values[0][step.chosen] == step.total
            continue
        terms = math.fsum([*step.products.flat, step.bias])
        if setting.mode == "average":
            assert step.before == terms / step.values.size
        else:
            assert step.before == terms
        cut = setting.relu and not setting.pooling
        assert step.total == (max(step.before, 0.0) if cut else step.before)


@settings(deadline=None, max_examples=50)
@given(any_settings(REAL, modes=("transposed",)))
def test_scattering_gives_the_same_numbers(setting):
    done = work(setting)
    last = len(setting.image[0]) * len(setting.image[0][0]) - 1
    for number in range(setting.filters):
        assert np.array_equal(done.scattered(number, last), done.before[number])
    for index in range(done.count):
        number, row, column = done.place(index)
        sums = done.scattered(number, done.stamped(index))
        assert sums[row, column] == done.before[number, row, column]


def test_scatter_adds_one_stamp_after_the_other():
    done = work(STAMP)
    assert done.scattered(0, -1).tolist() == np.zeros((4, 4)).tolist()
    assert done.scattered(0, 0)[:2, :2].tolist() == [[1, 0], [2, -1]]
    assert done.scattered(0, 1)[:2].tolist() == [[1, 0, 2, 0], [2, -1, 4, -2]]


@settings(deadline=None, max_examples=50)
@given(any_settings())
def test_an_input_reaches_the_windows_that_it_lies_in(setting):
    done = work(setting)
    for place in np.ndindex(*done.origin.shape):
        cells = {
            (i, j)
            for i, j in np.ndindex(*done.result.shape[1:])
            if place[0] in done.rows[i] and place[1] in done.columns[j]
        }
        assert set(done.reached(*place)) == cells


def test_formulas_and_what_floor_drops():
    setting = replace(LECTURE, stride=(2, 2), padding=(1, 1))
    assert size_formulas(setting)[0] == "floor((4 + 2·1 − 1·(3 − 1) − 1) / 2) + 1 = 2"
    assert unread(setting) == (1, 1)
    assert size_formulas(STAMP)[0] == "(2 − 1)·2 − 2·0 + 1·(2 − 1) + 0 + 1 = 4"
    assert unread(STAMP) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dilation": (3, 3)}, "lower the dilation"),
        ({"mode": "max", "padding": (2, 2)}, "at most half"),
        ({"mode": "transposed", "output_padding": (1, 1)}, "output padding"),
        ({"mode": "transposed", "padding": (4, 4)}, "cuts the whole result away"),
        ({"mode": "transposed", "stride": (12, 12)}, "too many to work by hand"),
    ],
)
def test_what_cannot_work_says_why(changes, words):
    setting = replace(LECTURE, **changes)
    assert words in (why_unworkable(setting) or "")
    with pytest.raises(InputError, match=words):
        work(setting)


@pytest.mark.parametrize(
    "changes",
    [
        {"image": (((1e308,),),)},
        {"image": (((math.nan,),),)},
        {"image": (((1.0, 2.0), (3.0,)),)},
        {"image": (((0.0,) * 13,),)},
        {"image": ((),)},
        {"image": (((),),)},
        {"image": ()},
        {"image": (PICTURE,) * 2},
        {"image": (PICTURE,) * 5},
        {"kernels": ()},
        {"kernels": (((SOBEL),),) * 7},
        {"biases": (0.0, 1.0)},
        {"biases": (math.inf,)},
        {"stride": (0, 1)},
        {"padding": (0, 99)},
    ],
)
def test_bad_numbers_are_refused_in_a_sentence(changes):
    with pytest.raises(InputError) as refusal:
        replace(LECTURE, **changes)
    assert str(refusal.value).endswith(".")


def test_the_result_has_a_largest_size():
    assert max(result_size(replace(LECTURE, padding=(11, 11)))) == MAX_RESULT
    assert why_unworkable(replace(LECTURE, padding=(11, 11))) is None
    assert why_unworkable(replace(LECTURE, padding=(12, 12)))
