"""One-dimensional convolution against torch, numpy and paper."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.errors import InputError
from cnnviz.ops import signals
from cnnviz.ops.geometry import Geometry, output_size
from cnnviz.ops.signal_recipes import KERNELS, RECIPES, SIGNALS
from cnnviz.ops.signals import Signal, applied, make, slide, spectrum, with_holes

X = np.array([3.0, 1, 4, 1, 5, 9, 2])


def geometry(taps, stride=1, padding="valid", dilation=1):
    return Geometry((1, taps), (1, stride), padding, (1, dilation))


@st.composite
def settings_of_a_window(draw, elements):
    taps = draw(st.integers(1, 9) | st.integers(1, 31))
    stride = draw(st.just(1) | st.integers(1, 4))
    dilation = draw(st.just(1) | st.integers(1, 4))
    padding = draw(st.sampled_from(["valid", "same", "full"]) | st.integers(0, 9))
    if padding == "same":
        stride = 1
    if isinstance(padding, int):
        padding = (0, padding)
    g = geometry(taps, stride, padding, dilation)
    least = max(1, g.extent[1] - sum(g.pads[1]))
    length = least + draw(st.integers(0, 40))
    kernel = draw(st.lists(elements, min_size=taps, max_size=taps))
    signal = draw(st.lists(elements, min_size=length, max_size=length))
    return np.array(signal, float), np.array(kernel, float), g


def torch_conv1d(signal, weights, g):
    x = F.pad(torch.tensor(signal)[None, None], g.pads[1])
    w = torch.tensor(np.ascontiguousarray(weights))[None, None]
    y = F.conv1d(x, w, stride=g.stride[1], dilation=g.dilation[1])
    return y[0, 0].numpy()


@settings(deadline=None, max_examples=150)
@given(settings_of_a_window(st.integers(-99, 99)))
def test_small_integers_equal_torch_bit_for_bit(case) -> None:
    signal, weights, g = case
    assert np.array_equal(slide(signal, weights, g).sums, torch_conv1d(*case))


@settings(deadline=None, max_examples=150)
@given(settings_of_a_window(st.floats(-10, 10, allow_subnormal=False)))
def test_other_numbers_equal_torch_within_a_millionth(case) -> None:
    np.testing.assert_allclose(
        slide(*case).sums, torch_conv1d(*case), rtol=1e-6, atol=1e-6
    )


@settings(deadline=None, max_examples=100)
@given(settings_of_a_window(st.floats(-1e6, 1e6)))
def test_terms_and_delayed_copies_add_up_to_the_result_itself(case) -> None:
    sliding = slide(*case)
    for row, total in zip(sliding.products, sliding.sums, strict=True):
        assert math.fsum(row) == total
    copies = sliding.products.T
    added = [math.fsum(column) for column in zip(*copies.tolist(), strict=True)]
    assert added == sliding.sums.tolist()


@settings(deadline=None, max_examples=60)
@given(settings_of_a_window(st.integers(-9, 9)))
def test_a_copy_is_the_signal_shifted_and_scaled(case) -> None:
    signal, weights, g = case
    sliding = slide(signal, weights, g)
    padded = np.pad(signal, g.pads[1])
    for tap, weight in enumerate(weights):
        start = tap * g.dilation[1]
        read = padded[start :: g.stride[1]][: len(sliding.sums)]
        assert np.array_equal(sliding.products[:, tap], weight * read)


def test_the_lectures_formula_is_true_convolution_in_wide_form() -> None:
    weights = np.array([1.0, 0, -1])
    result = slide(X, applied(weights, "convolution"), geometry(3, padding="full"))
    padded = {t + 1: value for t, value in enumerate(X)}
    expected = [
        sum(weights[k - 1] * padded.get(t - k + 1, 0) for k in (1, 2, 3))
        for t in range(1, 10)
    ]
    assert result.sums.tolist() == expected == np.convolve(X, weights).tolist()


@pytest.mark.parametrize(
    ("padding", "length"), [("valid", 7 - 3 + 1), ("full", 7 + 3 - 1), ("same", 7)]
)
def test_the_lectures_three_lengths(padding, length) -> None:
    assert len(slide(X, np.ones(3), geometry(3, padding=padding)).sums) == length


def test_taps_tell_the_padding() -> None:
    sliding = slide(X, np.ones(3), geometry(3, padding="same"))
    assert sliding.taps[0].tolist() == [-1, 0, 1]
    assert sliding.inside[0].tolist() == [False, True, True]
    assert sliding.values[0].tolist() == [0, 3, 1]


# ------------------------------------------------------------------ spectra


@settings(deadline=None, max_examples=80)
@given(settings_of_a_window(st.floats(-10, 10, allow_subnormal=False)))
def test_the_convolution_theorem(case) -> None:
    signal, weights, g = case
    wide = geometry(len(weights), padding="full", dilation=g.dilation[1])
    transform = signals.transform_length(len(signal), wide)
    result = slide(signal, applied(weights, "convolution"), wide).sums
    x, w, y = (
        spectrum(each, transform).magnitudes
        for each in (signal, with_holes(weights, g.dilation[1]), result)
    )
    np.testing.assert_allclose(y, x * w, rtol=1e-9, atol=1e-7)


def test_the_mean_keeps_low_and_the_second_difference_high_frequencies() -> None:
    x = make("two-sines").array
    for name, kept, lost in (
        ("mean", 1 / 24, 1 / 3),
        ("second-difference", 1 / 3, 1 / 24),
    ):
        weights = make(name).array
        y = slide(x, weights, geometry(3, padding="same")).sums
        before, after = spectrum(x, 512), spectrum(y, 512)
        at = [int(np.abs(before.frequencies - f).argmin()) for f in (kept, lost)]
        ratio = after.magnitudes[at] / before.magnitudes[at]
        assert ratio[0] > 0.9 and ratio[1] < 0.12


def test_gain_is_the_kernels_spectrum() -> None:
    weights = make("gaussian-1d", size=9).array
    found = spectrum(with_holes(weights, 3), 512)
    for index in (0, 100, 256):
        expected = signals.gain(weights, found.frequencies[index], 3)
        assert found.magnitudes[index] == pytest.approx(expected)


def test_a_stride_shortens_the_axis_of_frequencies() -> None:
    assert spectrum(X, 512, 2).frequencies[-1] == 0.25


# ------------------------------------------------------------------ names and edits


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_makes_what_survives_its_file(recipe) -> None:
    made = make(recipe)
    assert made.verified() == made and made.recipe == recipe
    assert len(made) >= 1 and np.isfinite(made.array).all()


def test_there_is_what_the_lecture_shows() -> None:
    assert len(make("x1-x7")) == 7
    assert make("mean").values == (1 / 3,) * 3
    assert make("second-difference").values == (1, -2, 1)
    assert make("edge").values == (1, 0, -1)
    assert {each.id for each in SIGNALS} >= {
        "impulse",
        "step",
        "ramp",
        "sine",
        "two-sines",
        "chirp",
        "noise",
        "noisy-step",
    }
    assert {each.id for each in KERNELS} >= {"gaussian-1d", "difference"}


@pytest.mark.parametrize("recipe", [*SIGNALS, *KERNELS], ids=lambda each: each.id)
def test_the_ends_of_every_parameter_work(recipe) -> None:
    for parameter in recipe.parameters:
        for value in (parameter.low, parameter.high):
            assert np.isfinite(make(recipe.id, **{parameter.name: value}).array).all()
        with pytest.raises(InputError):
            make(recipe.id, **{parameter.name: parameter.high + 1})


def test_an_edit_drops_the_recipe_and_no_edit_keeps_it() -> None:
    mean = make("mean")
    assert signals.edited(mean, mean.values) is mean
    other = signals.edited(mean, (1, 2, 3))
    assert other.recipe == "" and other.name.endswith("(edited)")
    assert signals.resized(other, 5).values == (1, 2, 3, 0, 0)
    assert signals.resized(other, 1).values == (1,)


def test_a_recipe_that_does_not_give_the_values_is_dropped() -> None:
    liar = Signal("Mean", (1.0, 2.0), "mean")
    assert liar.verified() == Signal("Mean", (1.0, 2.0))
    assert Signal("x", (1.0,), "no such").verified().recipe == ""


@pytest.mark.parametrize(
    "values", [(), (math.nan,), (math.inf,), (1e308,), (0.0,) * 8193]
)
def test_values_that_cannot_be_are_refused(values) -> None:
    with pytest.raises(InputError):
        Signal("x", values)


@pytest.mark.parametrize(
    ("length", "g", "words"),
    [
        (3, geometry(5), "spans 5 samples and the signal has only 3"),
        (3, geometry(3, dilation=4), "lower the dilation"),
        (9, geometry(3, 2, "same"), "stride 1"),
    ],
)
def test_a_window_that_does_not_fit_says_why(length, g, words) -> None:
    assert words in str(signals.why_invalid(length, g))
    with pytest.raises(InputError):
        slide(np.ones(length), np.ones(g.kernel_size[1]), g)


@settings(deadline=None, max_examples=100)
@given(
    st.integers(1, 40),
    st.integers(1, 31),
    st.integers(1, 5),
    st.sampled_from(["valid", "same", "full", (0, 3)]),
    st.integers(1, 5),
)
def test_it_is_refused_exactly_when_the_geometry_is(
    length, taps, stride, padding, dilation
) -> None:
    g = geometry(taps, stride, padding, dilation)
    if signals.why_invalid(length, g) is None:
        assert output_size((1, length), g)[1] >= 1
    else:
        with pytest.raises(InputError):
            output_size((1, length), g)
