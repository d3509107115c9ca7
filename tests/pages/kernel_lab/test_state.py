from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.ops import kernels
from cnnviz.ops.pipeline import MAX_STAGES, Pool, Stage
from cnnviz.pages.kernel_lab.state import State, View, steps_of

BOX, SOBEL = kernels.make("box"), kernels.make("sobel-vertical")

pairs = st.tuples(st.integers(1, 9), st.integers(1, 9))
stages = st.builds(
    Stage,
    kernels=st.lists(st.sampled_from([BOX, SOBEL]), min_size=1, max_size=3).map(tuple),
    operation=st.sampled_from(["correlation", "convolution"]),
    stride=pairs,
    padding=pairs | st.sampled_from(["same", "valid", "full"]),
    dilation=pairs,
    padding_mode=st.sampled_from(["zero", "reflect", "replicate", "circular"]),
    bias=st.floats(-1e3, 1e3),
    activation=st.sampled_from(["none", "relu", "abs"]),
    pool=st.none() | st.builds(Pool, st.sampled_from(["max", "l2"]), pairs, pairs),
)
states = st.builds(
    State,
    picture=st.text(min_size=1),
    channels=st.sampled_from(["grey", "colour", "split"]),
    channel=st.integers(0, 2),
    stages=st.lists(stages, min_size=1, max_size=4).map(tuple),
    step=st.sampled_from(["filtered", "activated", "pooled"]),
    pin=st.none() | pairs,
    view=st.builds(View, st.floats(0, 1), st.floats(0, 1), st.floats(1, 50)),
)


@given(states)
def test_a_state_survives_its_file(state: State) -> None:
    assert from_json(State, json.loads(json.dumps(to_json(state)))) == state


@given(states)
def test_the_step_on_show_is_one_that_the_stage_has(state: State) -> None:
    assert state.shown_step in steps_of(state.current)


def test_stages_come_and_go() -> None:
    state = State().add_stage()
    assert (len(state.stages), state.stage) == (2, 1)
    third = state.add_stage().with_stage(Stage((BOX,)))
    assert third.remove_stage(0).stages == third.stages[1:]
    assert third.remove_stage(0).stage == 1
    assert third.remove_stage(2).stage == 1
    assert replace(third, stage=0).remove_stage(2).stage == 0


def test_kernels_come_and_go() -> None:
    state = State().add_kernel()
    state = state.with_stage(state.current.with_kernel(BOX))
    assert state.current.kernels == (SOBEL, BOX)
    assert state.remove_kernel(0).current == Stage((BOX,))
    assert state.remove_kernel(1).current == Stage((SOBEL,))


@pytest.mark.parametrize(
    "damage",
    [
        {"stages": []},
        {"stages": [{}] * (MAX_STAGES + 1)},
        {"stage": 3},
        {"channel": 5},
        {"stages": [{"kernels": [{"name": "x", "weights": [[1], [1, 2]]}]}]},
        {"stages": [{"kernels": [{"name": "x"}]}]},
        {"stages": [{"chosen": 2}]},
        {"view": {"zoom": "near"}},
    ],
)
def test_a_damaged_state_is_refused_in_a_sentence(damage: dict[str, object]) -> None:
    with pytest.raises(InputError):
        from_json(State, damage)
