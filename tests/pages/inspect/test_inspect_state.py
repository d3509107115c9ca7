"""The state of the Inspect page, and pictures as texts in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.ops.changes import RANGES
from cnnviz.ops.handwriting import Steps
from cnnviz.pages.inspect.packed import pack, unpack
from cnnviz.pages.inspect.state import SIDE, Changes, State, unlike

SHEET = np.zeros((SIDE, SIDE), np.uint8)
SHEET[100:200, 140:150] = 255


@given(
    arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)))
)
def test_a_picture_comes_back_from_its_text(pixels):
    np.testing.assert_array_equal(unpack(pack(pixels)), pixels)


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1x2:",
        "1x2x2:AAAA",
        "1x2x2:!!",
        "1x9999x9999:eJw=",
        "0x1x1:eJwDAAAAAAE=",
        pack(np.zeros((1, 2, 2), np.uint8)).replace("1x2x2", "1x2x3"),
        pack(np.zeros((1, 50, 50), np.uint8)).replace("1x50x50", "1x2x2"),
    ],
)
def test_a_damaged_picture_is_refused(text):
    with pytest.raises(InputError, match="damaged"):
        unpack(text)


def test_the_state_survives_its_file():
    state = replace(
        State().with_sheet(SHEET).at("conv2", (12, 2, 5)),
        steps=Steps(centre=False),
        changes=Changes(rotate=30.0),
        pinned=pack(SHEET[None, :28, :28]),
        compare="both",
    )
    again = from_json(State, to_json(state))
    assert again == state
    np.testing.assert_array_equal(again.sheet, SHEET)


def test_a_sheet_without_ink_is_none():
    assert State().with_sheet(np.zeros_like(SHEET)) == State()


def test_going_out_leads_from_a_value_to_the_network():
    state = State().at("conv2", (12, 2, 5))
    steps = []
    while state.layer:
        state = state.out()
        steps.append((state.layer, state.place))
    assert steps == [("conv2", (12,)), ("conv2", ()), ("", ())]
    assert State().at("dense1", (3,)).out().place == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"drawing": "nonsense"},
        {"drawing": pack(np.zeros((1, 3, 3), np.uint8))},
        {"index": -1},
        {"place": (1, 2)},
        {"place": (-1,)},
        {"strongest": -2},
    ],
)
def test_what_no_control_can_set_is_refused(fields):
    with pytest.raises(InputError):
        State(**fields)


@pytest.mark.parametrize("name", RANGES)
def test_changes_stay_within_their_sliders(name):
    field, limits = name.replace("-", "_"), RANGES[name]
    assert getattr(Changes(), field) == limits.neutral
    Changes(**{field: limits.high})
    with pytest.raises(InputError):
        Changes(**{field: limits.high + 1})


def test_states_know_how_they_differ():
    assert unlike(State(), replace(State(), index=2, browse="class")) == {
        "index",
        "browse",
    }
