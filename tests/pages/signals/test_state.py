from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.ops.geometry import output_size
from cnnviz.ops.signals import Signal, make
from cnnviz.pages.signals.state import SPEEDS, State

signals = st.builds(
    Signal,
    name=st.text(max_size=20),
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20).map(tuple),
) | st.sampled_from([make("two-sines"), make("mean"), make("gaussian-1d", size=9)])
states = st.builds(
    State,
    signal=signals,
    kernel=signals.filter(lambda each: len(each) <= 31),
    operation=st.sampled_from(["convolution", "correlation"]),
    width=st.sampled_from(["narrow", "equal", "wide", "free"]),
    stride=st.integers(1, 9),
    padding=st.integers(0, 20),
    dilation=st.integers(1, 9),
    position=st.integers(0, 100),
    whole=st.booleans(),
    view=st.sampled_from(["steps", "copies", "spectra", "connections"]),
    inputs=st.integers(3, 12),
    speed=st.sampled_from(SPEEDS),
    motion=st.booleans(),
)


@settings(deadline=None)
@given(states)
def test_a_state_survives_its_file(state: State) -> None:
    assert from_json(State, json.loads(json.dumps(to_json(state)))) == state


@settings(deadline=None)
@given(states)
def test_the_window_on_show_is_one_that_there_is(state: State) -> None:
    if state.reason is None:
        size = output_size((1, len(state.signal)), state.geometry)
        assert 0 <= state.at < state.outputs == size[1]
    else:
        assert state.outputs == 0 and state.at == 0
    assert state.place[0] in range(max(1, state.place[1]))


def test_a_stride_turns_equal_width_into_its_padding() -> None:
    state = State().with_stride(2)
    assert (state.width, state.padding, state.stride) == ("free", 1, 2)
    assert State().with_stride(1) == State()
    assert State(width="wide").with_stride(3).width == "wide"


def test_a_signal_too_short_for_the_window_starts_anew() -> None:
    assert State().with_signal(make("x1-x7")).position == 0
    assert State().with_signal(make("noise")).position == State().position


def test_free_starts_from_the_padding_there_is() -> None:
    assert State(width="wide").with_width("free").padding == 2
    assert State(padding=5).with_width("narrow").padding == 5


def test_true_convolution_meets_the_weights_from_the_last_on() -> None:
    assert State().order == (2, 1, 0)
    assert State(operation="correlation").order == (0, 1, 2)


@pytest.mark.parametrize(
    ("inputs", "stride", "hidden"), [(7, 1, 5), (7, 2, 3), (3, 1, 1), (12, 1, 10)]
)
def test_hidden_units_of_the_drawing(inputs, stride, hidden) -> None:
    state = State(inputs=inputs, stride=stride, width="narrow", view="connections")
    assert state.hidden == state.place[1] == hidden
    assert replace(state, dilation=6).hidden == 0


@pytest.mark.parametrize(
    "damage",
    [
        {"kernel": {"name": "x", "values": []}},
        {"kernel": {"name": "x", "values": [0.0] * 32}},
        {"signal": {"name": "x", "values": [1e308]}},
        {"signal": {"name": "x"}},
        {"stride": 0},
        {"dilation": 99},
        {"padding": -1},
        {"inputs": 99},
        {"speed": 5.0},
        {"view": "nowhere"},
        {"width": "large"},
    ],
)
def test_a_damaged_state_is_refused_in_a_sentence(damage) -> None:
    with pytest.raises(InputError):
        from_json(State, damage)
