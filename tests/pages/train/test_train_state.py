"""The state of the Train page: to JSON and back, and what it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.recipe import Recipe
from cnnviz.pages.train.state import State


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_it_survives_json(network):
    picture = np.arange(784, dtype=np.uint8).reshape(28, 28)
    state = State(Recipe(network), "run", ("a", "b"), 50, cell=(1, 2))
    state = state.with_drawing(picture)
    again = from_json(State, json.loads(json.dumps(to_json(state))))
    assert again == state
    assert again.picture is not None
    assert (again.picture == picture).all()


@pytest.mark.parametrize(
    "damage",
    [
        {"drawing": "zz"},
        {"drawing": "00"},
        {"smoothing": 1.5},
        {"digit": -1},
        {"view": "other"},
        {"compared": ["a"] * 7},
        {"run": "../elsewhere"},
    ],
)
def test_what_is_damaged_is_refused(damage):
    with pytest.raises(InputError, match=r"\.$"):
        from_json(State, {**to_json(State()), **damage})
