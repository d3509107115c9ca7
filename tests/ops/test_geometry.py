from __future__ import annotations

from dataclasses import replace
from math import floor

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from sliding import fitting, geometries, pairs, torch_padded

from cnnviz.errors import InputError
from cnnviz.ops.geometry import (
    Geometry,
    Pair,
    dropped,
    formula,
    output_size,
    reached,
    receptive_field,
    why_invalid,
    window,
)

quick = settings(deadline=None, max_examples=100)
NUMPY_MODES = {
    "zero": {"mode": "constant", "constant_values": -1},
    "reflect": {"mode": "reflect"},
    "replicate": {"mode": "edge"},
    "circular": {"mode": "wrap"},
}


def torch_size(size: Pair, g: Geometry) -> Pair:
    x = torch_padded(np.zeros(size, np.float32), g)
    weights = torch.zeros(1, 1, *g.kernel_size, dtype=torch.float64)
    y = F.conv2d(x, weights, stride=g.stride, dilation=g.dilation)
    return y.shape[2], y.shape[3]


@quick
@given(fitting())
def test_output_size_is_torchs_and_the_formulas(case: tuple[Pair, Geometry]) -> None:
    size, g = case
    result = output_size(size, g)
    assert result == torch_size(size, g)
    for axis in (0, 1):
        left, right = formula(size[axis], g, axis).split(" = ")
        left = left.replace("·", "*").replace("−", "-")
        assert eval(left, {"floor": floor}) == int(right) == result[axis]


@quick
@given(pairs(1, 12), geometries(kernel=9, dilation=3))
def test_a_setting_is_refused_when_torch_refuses_it(size: Pair, g: Geometry) -> None:
    if g.padding == "same" and g.stride != (1, 1):
        # One sentence is enough where the padding would be refused at stride 1, too.
        slow = why_invalid(size, replace(g, stride=(1, 1)))
        assert why_invalid(size, g) == slow or "stride 1" in str(why_invalid(size, g))
        assert why_invalid(size, g) is not None
        return
    try:
        torch_size(size, g)
    except RuntimeError:
        assert why_invalid(size, g)
    else:
        assert why_invalid(size, g) is None


@pytest.mark.parametrize(
    ("length", "g", "text"),
    [
        (
            512,
            Geometry((3, 3), padding=(1, 1)),
            "floor((512 + 2·1 − 1·(3 − 1) − 1) / 1) + 1 = 512",
        ),
        (
            9,
            Geometry((4, 4), padding="same"),
            "floor((9 + 1 + 2 − 1·(4 − 1) − 1) / 1) + 1 = 9",
        ),
        (
            28,
            Geometry((5, 5), stride=(2, 2), dilation=(2, 2)),
            "floor((28 + 2·0 − 2·(5 − 1) − 1) / 2) + 1 = 10",
        ),
    ],
)
def test_the_formula_shows_its_numbers(length: int, g: Geometry, text: str) -> None:
    assert formula(length, g, 0) == text


@pytest.mark.parametrize(
    ("size", "g", "sentence"),
    [
        (
            (2, 9),
            Geometry((3, 3), padding=(1, 1), dilation=(2, 2)),
            "The window is 5 rows tall (kernel 3, dilation 2) but the padded picture "
            "has only 4; lower the dilation or add padding.",
        ),
        (
            (9, 1),
            Geometry((2, 2)),
            "The window is 2 columns wide but the picture has only 1; choose a smaller "
            "kernel or add padding.",
        ),
        (
            (9, 9),
            Geometry((3, 3), stride=(1, 2), padding="same"),
            "Padding “same” needs stride 1, and the stride is 2 columns; set it to 1 "
            "or give the padding as a number.",
        ),
        (
            (3, 9),
            Geometry((3, 3), padding=(3, 3), padding_mode="reflect"),
            "Reflect padding of 3 rows needs a picture of at least 4 rows, and this "
            "one has 3; lower the padding or choose another kind.",
        ),
        (
            (1, 9),
            Geometry((3, 3), padding=(2, 2), padding_mode="circular"),
            "Circular padding of 2 rows needs a picture of at least 2 rows, and this "
            "one has 1; lower the padding or choose another kind.",
        ),
        ((0, 9), Geometry((1, 1)), "The picture has no rows; open another one."),
        ((9, 9), Geometry((3, 32)), "The kernel size is 32 columns; choose 1 to 31."),
        ((9, 9), Geometry((3, 3), (0, 1)), "The stride is 0 rows; choose 1 to 1024."),
        (
            (9, 9),
            Geometry((3, 3), padding=(0, -1)),
            "The padding is −1 columns; choose 0 to 1024.",
        ),
        (
            (9, 9),
            Geometry((3, 3), dilation=(33, 1)),
            "The dilation is 33 rows; choose 1 to 32.",
        ),
    ],
)
def test_why_in_one_sentence(size: Pair, g: Geometry, sentence: str) -> None:
    assert why_invalid(size, g) == sentence
    with pytest.raises(InputError) as error:
        output_size(size, g)
    assert str(error.value) == sentence


@quick
@given(fitting())
def test_dropped_pixels_are_not_missed(case: tuple[Pair, Geometry]) -> None:
    (rows, columns), g = case
    (row_count, _), (unread, _) = (
        output_size((rows, columns), g),
        dropped((rows, columns), g),
    )
    tight = rows + sum(g.pads[0]) - unread
    bare = Geometry(g.kernel_size, g.stride, "valid", g.dilation)
    assert output_size((tight, 999), bare)[0] == row_count
    if row_count > 1:
        assert output_size((tight - 1, 999), bare)[0] == row_count - 1


@quick
@given(fitting(), st.data())
def test_a_window_reads_what_padding_puts_there(
    case: tuple[Pair, Geometry], data: st.DataObject
) -> None:
    size, g = case
    rows, columns = output_size(size, g)
    at = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    taps = window(at, size, g)
    for axis, (read, source) in enumerate(
        [(taps.rows, taps.source_rows), (taps.columns, taps.source_columns)]
    ):
        filled = np.pad(
            np.arange(size[axis]), g.pads[axis], **NUMPY_MODES[g.padding_mode]
        )
        assert len(read) == g.kernel_size[axis]
        assert read[0] == at[axis] * g.stride[axis] - g.pads[axis][0]
        assert (np.diff(read) == g.dilation[axis]).all()
        np.testing.assert_array_equal(source, filled[read + g.pads[axis][0]])
    within = [
        [0 <= r < size[0] and 0 <= c < size[1] for c in taps.columns] for r in taps.rows
    ]
    np.testing.assert_array_equal(taps.inside, within)


def test_there_is_no_window_outside_the_output() -> None:
    for position in ((2, 0), (0, 2), (-1, 0)):
        with pytest.raises(IndexError):
            window(position, (4, 4), Geometry((3, 3)))


@settings(deadline=None, max_examples=40)
@given(fitting(), st.data())
def test_a_pixel_reaches_the_outputs_that_read_it(
    case: tuple[Pair, Geometry], data: st.DataObject
) -> None:
    size, g = case
    pixel = data.draw(st.tuples(*(st.integers(0, n - 1) for n in size)))
    outputs = output_size(size, g)
    rows, columns = reached(pixel, size, g)
    assert rows == [
        r for r in range(outputs[0]) if pixel[0] in window((r, 0), size, g).source_rows
    ]
    assert columns == [
        c
        for c in range(outputs[1])
        if pixel[1] in window((0, c), size, g).source_columns
    ]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(Geometry, pairs(1, 4), pairs(1, 3), pairs(0, 2), pairs(1, 2)),
        max_size=3,
    ),
    st.data(),
)
def test_the_receptive_field_is_what_an_output_depends_on(
    chain: list[Geometry], data: st.DataObject
) -> None:
    size = 90, 80  # the widest field of three has 79 pixels
    x = y = torch.zeros(1, 1, *size, dtype=torch.float64, requires_grad=True)
    for g in chain:
        ones = torch.ones(1, 1, *g.kernel_size, dtype=torch.float64)
        y = F.conv2d(y, ones, None, g.stride, g.padding, g.dilation)
    at = [data.draw(st.integers(0, n - 1)) for n in y.shape[2:]]
    (gradient,) = torch.autograd.grad(y[0, 0, at[0], at[1]], x)
    if not gradient.any():
        return  # the output sees padding only
    field = receptive_field(chain)
    for axis, others in ((0, 1), (1, 0)):
        found = np.flatnonzero(gradient[0, 0].sum(others).numpy())
        centre = field.start[axis] + at[axis] * field.jump[axis]
        reach = (field.size[axis] - 1) / 2
        if centre - reach >= 0:
            assert found[0] == centre - reach
        if centre + reach < size[axis]:
            assert found[-1] == centre + reach


def test_receptive_field_of_two_small_kernels_is_that_of_a_large_one() -> None:
    small, large = Geometry((3, 3)), Geometry((5, 5))
    assert receptive_field([small, small]) == receptive_field([large])
    lenet = [Geometry((5, 5)), Geometry((2, 2), (2, 2))] * 2
    assert receptive_field(lenet).size == (16, 16)
    assert receptive_field(lenet).jump == (4, 4)
