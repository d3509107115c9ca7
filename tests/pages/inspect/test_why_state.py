"""The settings of the views: what a file may hold, and what it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.why_state import (
    Attacking,
    Attributing,
    Changing,
    Dreaming,
    Mapping,
    Why,
)


def test_settings_survive_a_file():
    why = Why(
        Attributing(3, "conv2", 20, 7, 2, 0.5),
        Attacking("pgd", "l2", 4.5, 20, 1),
        Dreaming("conv1", 5, "picture", 0.1, 2, 1.0, 0.2, 7),
        Mapping("input", "tsne", 500),
        Changing("rotate", "tiny"),
    )
    state = State(why=why)
    assert from_json(State, to_json(state)) == state


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("attributing", "steps", 0),
        ("attributing", "window", 65),
        ("attributing", "fill", -0.1),
        ("attributing", "target", -2),
        ("attacking", "epsilon", 0.6),
        ("attacking", "epsilon", float("nan")),
        ("attacking", "steps", 201),
        ("dreaming", "jitter", 9),
        ("dreaming", "step", 0.0),
        ("mapping", "count", 99),
    ],
)
def test_what_no_control_can_set_is_refused(part, field, value):
    with pytest.raises(InputError):
        replace(getattr(Why(), part), **{field: value})


def test_the_range_of_epsilon_goes_by_its_norm():
    assert Attacking(norm="l2", epsilon=5.0).epsilon == 5.0
    with pytest.raises(InputError):
        Attacking(norm="linf", epsilon=5.0)
