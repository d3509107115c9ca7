"""The words for a sum: what is displayed adds up to what is displayed."""

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnviz.widgets import numbers, terms
from cnnviz.widgets.terms import PoolContent, TermsContent


def content(values, weights, bias=0.0, **more):
    values = np.asarray(values, np.float32)
    weights = np.asarray(weights, np.float32)
    products = values.astype(np.float64) * weights
    total = float(products.sum()) + bias
    shown = float(np.float32((values * weights).sum(dtype=np.float32) + bias))
    inside = np.ones(values.shape, bool)
    return TermsContent(
        "Feature map",
        "row 136, column 222",
        values,
        weights,
        products,
        inside,
        bias,
        total,
        shown,
        **more,
    )


def read(shown):
    """Return a displayed number and half a unit of its last digit, 0 if exact."""
    body = shown.removeprefix("≈").replace(",", "")
    mantissa = re.split("·", body)[0]
    decimals = len(mantissa.partition(".")[2])
    value = numbers.parse(body)
    scale = value / numbers.parse(mantissa) if numbers.parse(mantissa) else 1.0
    return value, 0.5 * 10.0**-decimals * scale if shown.startswith("≈") else 0.0


def normal(low, high):
    """Draw numbers that float32 holds to all its digits, unlike those below 10⁻³⁸."""
    return st.floats(low, high, width=32, allow_subnormal=False)


shapes = st.tuples(st.integers(1, 7), st.integers(1, 7))
planes = shapes.flatmap(
    lambda shape: st.tuples(
        arrays(np.float32, shape, elements=normal(0, 255)),
        arrays(np.float32, shape, elements=normal(-10, 10)),
    )
)


@given(planes, st.floats(-100, 100))
def test_displayed_terms_add_up_to_the_displayed_value(plane, bias):
    made = content(*plane, bias)
    *rows, last = terms.table(made)
    read_terms = [read(row[4]) for row in rows] + [read(last[4])]
    displayed, half_unit = read(terms.value_text(made))
    gap = abs(sum(value for value, _ in read_terms) - displayed)
    rounding = sum(half for _, half in read_terms) + half_unit
    single = abs(made.shown - made.total)
    scale = float(np.abs(made.products).sum()) + abs(bias)
    assert gap <= 1.0001 * rounding + single + 1e-7 * scale
    assert read(last[5])[0] == pytest.approx(made.total, rel=1e-7, abs=1e-300)


@given(planes)
def test_a_float32_sum_that_differs_is_told(plane):
    made = content(*plane)
    assert bool(terms.difference(made)) == (made.shown != made.total)


def test_the_lecture_s_window():
    made = content(
        [[0, 50, 0], [0, 80, 31], [33, 90, 0]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    )
    assert made.sentence() == "sum 29, bias 0"
    assert terms.value_text(made) == "29"
    assert terms.difference(made) == ""
    assert terms.table(made)[5] == ("1", "2", "31", "2", "62", "62")
    assert terms.table(made)[-1] == ("with bias", "", "", "", "0", "29")


def test_minus_and_rounding_are_marked():
    made = content([[1]], [[-1 / 3]], 0.5, after=(("ReLU", 0.0), ("Max 2 × 2", 12.0)))
    assert made.sentence() == "sum ≈−0.333333, bias 0.5"
    assert terms.value_text(made) == "≈0.166667"
    assert terms.later_lines(made) == ["ReLU → 0", "Max 2 × 2 → 12"]


def test_the_difference_has_one_digit():
    made = content([[1]], [[1]])
    off = TermsContent(**{**vars(made), "shown": 1.0 + 2e-6})
    assert terms.difference(off) == "float32 sum differs by 2·10⁻⁶"


def test_csv_is_exact_and_plain():
    made = content([[0.1, 3]], [[-1 / 3, 2]], 0.25)
    rows = list(csv.reader(io.StringIO(terms.as_csv(made))))
    assert tuple(rows[0]) == terms.HEADER
    assert rows[1][2] == "0.1"
    assert [float(row[4]) for row in rows[1:3]] == made.products.ravel().tolist()
    assert float(rows[-1][5]) == made.total
    assert "−" not in terms.as_csv(made)


def test_markdown_is_a_table():
    lines = terms.as_markdown(content([[1, 2]], [[3, 4]])).splitlines()
    assert (
        lines[0]
        == "| Kernel row | Kernel column | Value | Weight | Product | Running sum |"
    )
    assert lines[3] == "| 0 | 1 | 2 | 4 | 8 | 11 |"


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("max", "largest of 4 values"),
        ("min", "smallest of 4 values"),
        ("average", "sum 10 ÷ 4 values"),
        ("l2", "root of the sum of squares, 30"),
    ],
)
def test_pooling_in_words(kind, sentence):
    values = np.array([[1, 2], [3, 4]], np.float32)
    inside = np.ones((2, 2), bool)
    made = PoolContent("Pool", "row 0", kind, values, inside, None, 1.0, 1.0)
    assert made.sentence() == sentence


def test_sum_and_value_bear_the_same_mark():
    made = content([[6.0, 0.5], [4.0, 8.0]], [[0.1, 0.3], [0.7, 0.9]])
    total = float(made.products.sum())
    assert numbers.approx(total).startswith("≈"), "in double precision it is rounded"
    assert terms.value_text(made) == "10.75"
    assert made.sentence() == "sum 10.75, bias 0"
