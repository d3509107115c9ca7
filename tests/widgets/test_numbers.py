"""Numbers as text: what is written is what is meant, and rounding is marked."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.errors import InputError
from cnnviz.widgets import numbers

finite = st.floats(-1e300, 1e300)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (-0.0, "0"),
        (-517, "−517"),
        (1234, "1234"),
        (12345, "12,345"),
        (68_719_476_736, "68,719,476,736"),
        (0.12971, "0.1297"),
        (-0.5, "−0.5"),
        (1234.6, "1235"),
        (99999.6, "100,000"),
        (0.00099996, "0.001"),
        (0.0001234, "0.0001234"),
        (2.5e-7, "2.5·10⁻⁷"),
        (-3.14159e12 - 0.5, "−3.142·10¹²"),
        (1e15, "1·10¹⁵"),
        (-1e-300, "−1·10⁻³⁰⁰"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
        (np.float32(0.1), "0.1"),
    ],
)
def test_text(value, written):
    assert numbers.text(value) == written


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (0.5, 2, "0.5"),
        (0.0596, 3, "0.060"),
        (-0.001, 2, "0.00"),
        (0, 2, "0"),
        (-0.016, 2, "−0.02"),
        (188, 0, "188"),
        (12345.678, 1, "12,345.7"),
    ],
)
def test_fixed(value, decimals, written):
    assert numbers.fixed(value, decimals) == written


def test_fixed_with_a_mark_where_it_is_rounded():
    shown = [numbers.approx_fixed(value, 2) for value in (0.25, -1 / 3, 1e-9, 12345)]
    assert shown == ["0.25", "≈−0.33", "≈0.00", "12,345"]


def test_a_number_that_rounds_to_infinity_is_rounded():
    assert numbers.approx(1.7976e308, 3) == "≈1.8·10³⁰⁸"


def test_only_rounding_is_marked():
    assert numbers.approx(0.25) == "0.25"
    assert numbers.approx(1 / 3) == "≈0.3333"
    assert numbers.approx(-1 / 3) == "≈−0.3333"
    assert numbers.approx(0.1 + 0.2) == "0.3"
    assert numbers.approx(np.float32(0.1)) == "0.1"
    assert numbers.approx(float(np.float32(0.1))) == "≈0.1"
    assert numbers.approx(np.float32(128.25003), 6) == "≈128.25"
    assert numbers.approx(12345.0) == "12,345"


@given(finite, st.integers(2, 8))
def test_text_is_within_its_last_digit(value, digits):
    written = numbers.text(value, digits)
    assert "-" not in written
    assert written not in ("−0", "−0.0")
    read = numbers.parse(written.replace(",", ""))
    assert math.isclose(read, value, rel_tol=0.5000001 * 10.0 ** (1 - digits))


@given(finite)
def test_plain_is_exact(value):
    assert numbers.parse(numbers.plain(value)) == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_plain_is_exact_in_single_precision(value):
    single = np.float32(value)
    assert np.float32(numbers.parse(numbers.plain(single))) == single


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (" −2 ", -2),
        ("-2", -2),
        ("+.5", 0.5),
        ("3.", 3),
        ("0,25", 0.25),
        ("1/16", 0.0625),
        ("−1 / 4", -0.25),
        ("2e-3", 0.002),
        ("2.5·10⁻⁷", 2.5e-7),
        ("3×10^4", 3e4),
    ],
)
def test_parse(written, value):
    assert numbers.parse(written) == value


@pytest.mark.parametrize(
    "written",
    ["", "abc", "nan", "inf", "1_000", "1/2/3", "1e999", "1e999/2", "--1", "1,2,3"],
)
def test_what_is_no_number_is_refused_in_a_sentence(written):
    with pytest.raises(InputError, match=r"not a number|not finite"):
        numbers.parse(written)


@pytest.mark.parametrize("written", ["1/0", " −3 / 0,0", "0/0"])
def test_nothing_is_divided_by_zero(written):
    with pytest.raises(InputError, match=f"“{written.strip()}” divides by zero; write"):
        numbers.parse(written)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (-4936783888384.0, "≈−4.9·10¹²"),
        (2e6, "2·10⁶"),
        (999_999.0, "999,999"),
        (0.1234, "≈0.12"),
        (math.inf, "∞"),
    ],
)
def test_brief_numbers_find_room(value, shown):
    assert numbers.brief(value, 2) == shown


@pytest.mark.parametrize(
    ("value", "written"),
    [(999, "999"), (5000, "5,000"), (-10000.0, "−10,000"), (0.5, "0.5")],
)
def test_counts_in_a_row_are_grouped_alike(value, written):
    assert numbers.counted(value) == written
