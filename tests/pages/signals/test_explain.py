"""The words and formulas, with a class's numbers in them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.ops.signals import Signal, make
from cnnviz.pages.signals import explain
from cnnviz.pages.signals.compute import Run
from cnnviz.pages.signals.state import State

LECTURE = State(signal=make("x1-x7"), kernel=make("edge"), width="wide")


def text(state, at):
    return "".join(explain.equation(Run(state), at))


def test_the_equation_of_the_lectures_example() -> None:
    assert text(LECTURE, 2) == ("y₃ = w₁·x₃ + w₂·x₂ + w₃·x₁ = 1·4 + 0·1 + (−1)·3 = 1")
    assert text(LECTURE, 0) == "y₁ = w₁·x₁ + w₂·0 + w₃·0 = 1·3 + 0·0 + (−1)·0 = 3"
    plain = replace(LECTURE, operation="correlation", width="narrow")
    assert text(plain, 0) == "y₁ = w₁·x₁ + w₂·x₂ + w₃·x₃ = 1·3 + 0·1 + (−1)·4 = −1"


def test_rounding_is_marked() -> None:
    state = replace(LECTURE, kernel=make("mean"), width="narrow")
    assert " ≈ 0.3333·4 + " in text(state, 0)
    assert text(state, 0).endswith(" ≈ 2.66667")
    assert text(state, 1).endswith(" = 2")


def test_a_long_sum_is_cut_and_says_so() -> None:
    state = replace(LECTURE, kernel=make("gaussian-1d", size=9), width="equal")
    assert text(state, 3).count("+ … 5 more") == 2


@pytest.mark.parametrize(
    ("changes", "index"),
    [
        ({}, "t − k + 1"),
        ({"width": "equal"}, "t − k + 2"),
        ({"width": "narrow"}, "t − k + 3"),
        ({"width": "narrow", "operation": "correlation"}, "t + k − 1"),
        ({"width": "narrow", "stride": 2}, "2t − k + 2"),
        ({"dilation": 2}, "t − 2k + 2"),
    ],
)
def test_the_definition(changes, index) -> None:
    state = replace(LECTURE, **changes)
    assert f"x({index})" in explain.sentence(state)


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(["convolution", "correlation"]),
    st.sampled_from(["narrow", "wide", "free"]),
    st.integers(1, 4),
    st.integers(1, 4),
    st.integers(0, 5),
    st.integers(1, 5),
)
def test_the_definition_and_the_copies_name_the_samples_that_are_read(
    operation, width, stride, dilation, padding, taps
) -> None:
    state = State(
        signal=Signal("x", tuple(float(n) for n in range(1, 31))),
        kernel=Signal("w", (1.0,) * taps),
        operation=operation,
        width=width,
        stride=stride,
        dilation=dilation,
        padding=padding,
    )
    run = Run(state)
    found = re.search(r"x\((.*)\), k", explain.sentence(state))
    for t in (1, state.outputs):
        for k in range(1, taps + 1):
            tap = state.order.index(k - 1)
            sample = run.sliding.taps[t - 1, tap] + 1
            assert value(found[1], t=t, k=k) == sample
            assert value(explain.reading(state, tap), t=t, k=k) == sample


def value(formula, **names):
    python = re.sub(r"(\d)([tk])", r"\1*\2", formula).replace("−", "-")
    return eval(python, names)


def test_facts_fill_in_the_formula() -> None:
    facts = {fact.name: fact.value for fact in explain.facts(LECTURE)}
    length = facts["Output length, wide: M + K − 1"]
    assert length == "floor((7 + 2·2 − 1·(3 − 1) − 1) / 1) + 1 = 9"
    assert facts["Weights, shared"] == "3"
    assert facts["Multiplications"] == "27"
    assert facts["Weights if fully connected"] == "63"
    state = replace(LECTURE, width="narrow", stride=3)
    assert "Output length, floor drops 1" in [f.name for f in explain.facts(state)]


@pytest.mark.parametrize(
    ("kernel", "kept"),
    [
        ("mean", "by 1 and frequency ½ by 0.3333: this kernel keeps the low"),
        ("second-difference", "by 0 and frequency ½ by 4: this kernel keeps the high"),
        ("identity", "keeps low and high frequencies alike"),
    ],
)
def test_what_a_kernel_keeps(kernel, kept) -> None:
    first, second = explain.spectral_words(Run(State(kernel=make(kernel))))
    assert kept in first.replace("≈", "")
    assert "Here it is cut" in second
    wide = State(kernel=make(kernel), width="wide")
    assert "cut" not in explain.spectral_words(Run(wide))[1]


def test_a_kernel_of_zeros_keeps_nothing() -> None:
    state = State(kernel=Signal("0", (0.0, 0.0)))
    assert "keeps nothing" in explain.spectral_words(Run(state))[0]


def test_the_drawing_counts_its_weights() -> None:
    state = State(kernel=make("edge"), view="connections")
    assert "sees 3 of 7 inputs" in explain.connection_words(state)[0]
    facts = [fact.value for fact in explain.connection_facts(state)]
    assert facts == ["floor((7 + 2·0 − 1·(3 − 1) − 1) / 1) + 1 = 5", "3", "15", "35"]
