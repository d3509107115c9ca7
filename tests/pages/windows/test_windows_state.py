"""The state of the windows page, its presets and a patch handed over."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.ops.exercises import exercise
from cnnviz.ops.worked import work
from cnnviz.pages.windows import changes
from cnnviz.pages.windows.presets import PRESETS, named
from cnnviz.pages.windows.state import State, from_patch

BY_ID = {preset.id: preset.setting for preset in PRESETS}

# The lecture's own results, copied here.
LECTURE = {
    "tiny-picture": [[29, -192], [-35, -22]],
    "true-convolution": [[0, -2, -1], [2, 2, 4], [-1, 0, 0]],
    "letter-x": [
        [2, 0, 1, 0, 1],
        [0, 3, 0, 1, 0],
        [1, 0, 3, 0, 1],
        [0, 1, 0, 3, 0],
        [1, 0, 1, 0, 2],
    ],
    "weight-sharing": [[12, 12, 17], [10, 17, 19], [9, 6, 14]],
    "x-detector": [[4, 3, 4], [2, 4, 3], [2, 3, 4]],
}


@pytest.mark.parametrize("key", LECTURE)
def test_the_lecture_s_numbers(key):
    assert work(BY_ID[key]).result.tolist() == [LECTURE[key]]


def test_every_preset_works_and_is_known_by_its_numbers():
    assert len({preset.id for preset in PRESETS}) == len(PRESETS)
    for preset in PRESETS:
        assert State(preset.setting).reason == ""
        assert named(preset.setting) is preset
        assert preset.sentence.endswith(".")


def test_large_pooling_shrinks_as_the_lecture_s():
    assert work(BY_ID["large-pooling"]).result.shape == (1, 2, 2)


def test_json_and_back():
    for preset in PRESETS:
        state = State(preset.setting, covered=True).moved(2).answered(3.0)
        data = json.loads(json.dumps(to_json(state)))
        assert from_json(State, data) == state


@pytest.mark.parametrize(
    "change",
    [
        {"step": -1},
        {"seed": 10**6},
        {"speed": 3.0},
        {"difficulty": "mean"},
        {"setting": {"mode": "correlation"}},
        {"setting": {**to_json(BY_ID["tiny-picture"]), "image": [[[1e308]]]}},
        {"setting": {**to_json(BY_ID["tiny-picture"]), "image": [[[1.0], [1.0, 2.0]]]}},
        {"setting": {**to_json(BY_ID["tiny-picture"]), "image": "no"}},
    ],
)
def test_damaged_states_are_refused_in_a_sentence(change):
    with pytest.raises(InputError):
        from_json(State, {**to_json(State()), **change})


def test_a_step_past_the_end_is_the_last():
    data = {**to_json(State()), "step": 999, "channel": 7}
    state = from_json(State, data)
    assert (state.step, state.channel) == (3, 0)


def test_answers_uncover_and_are_counted():
    state = State(covered=True)
    assert not state.is_open(0)
    state = state.answered(30.0)
    assert not state.is_open(0) and state.score == (0, 1)
    state = state.answered(29.0)
    assert state.is_open(0) and state.score == (1, 2)
    state = state.moved(1).answered(None)
    assert state.is_open(1) and state.score == (1, 2)
    assert state.with_setting(BY_ID["letter-x"]).answers == ()


def test_rounded_answers_are_right():
    average = State(changes.with_kernel_size(BY_ID["average-pooling"], (3, 1)))
    assert average.work.result[0, 0, 0] == 13 / 3
    assert average.answered(4.33).score == (1, 1)
    assert average.answered(4.3).score == (0, 1)


def test_a_patch_from_a_picture():
    values = [[10, 20, 30], [40, 50, 60], [70, 80, 255]]
    state = from_patch(values, [[1 / 9] * 3] * 3, bias=1, relu=True)
    assert state.work.result.shape == (1, 1, 1)
    assert state.work.result[0, 0, 0] == pytest.approx(615 / 9 + 1)
    state = from_patch(values, [[1, 0], [0, 1]], "convolution", dilation=(2, 2))
    assert state.work.result.tolist() == [[[265]]]
    with pytest.raises(InputError, match="12 rows"):
        from_patch([[0] * 13] * 13, [[1]])


@given(
    st.sampled_from(PRESETS),
    st.tuples(st.integers(-3, 20), st.integers(-3, 20)),
    st.integers(-2, 9),
)
def test_sizes_and_channels_stay_in_their_limits(preset, size, count):
    setting = changes.with_size(preset.setting, size)
    setting = changes.with_kernel_size(setting, (size[1], size[0]))
    setting = changes.with_filters(changes.with_channels(setting, count), count)
    assert (
        1 <= min(setting.size) <= max(setting.size) <= (20 if setting.pooling else 12)
    )
    assert setting.channels == max(1, min(count, 4))
    assert len(setting.kernels) == len(setting.biases) == max(1, min(count, 6))


def test_cells_and_biases_change():
    setting = BY_ID["rgb-layer"]
    setting = changes.with_input(setting, 2, 1, 3, 7.0)
    setting = changes.with_weight(setting, 1, (2, 0, 1), -5.0)
    setting = changes.with_bias(setting, 1, 4.0)
    assert setting.image[2][1][3] == 7
    assert setting.kernels[1][2][0][1] == -5
    assert setting.biases == (1, 4)
    with pytest.raises(InputError, match="smaller"):
        changes.with_input(setting, 0, 0, 0, 1e308)


def test_exercises_start_covered_states():
    state = replace(State(), covered=True).started(exercise("hard", 3))
    assert state.reason == "" and not any(map(state.is_open, range(state.count)))
