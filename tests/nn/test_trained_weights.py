"""The weights that come with cnnviz are what their cards say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from cnnviz.codec import from_json
from cnnviz.nn import checkpoints, model_card
from cnnviz.nn.inspection import to_input
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.modules import build
from cnnviz.nn.recipe import Recipe
from cnnviz.paths import asset

if TYPE_CHECKING:
    from cnnviz.nn.datasets import Dataset

LEAST = {"lecture": 0.992, "lenet5": 0.990, "dense": 0.98}
each = pytest.mark.parametrize("key", LEAST)


@each
def test_they_open_as_the_network_of_the_menu(key):
    by_id = {network.id: network for network in NETWORKS}
    path = asset(f"weights/{key}.safetensors")
    network, _, facts = checkpoints.load(path, by_id[key])
    assert network == by_id[key]
    assert facts["classes"] == list("0123456789")
    assert facts["test_accuracy"] >= LEAST[key]
    card = path.with_suffix(".md").read_text("utf-8")
    assert f"{facts['test_accuracy']:.2%}" in card
    recipe = from_json(Recipe, facts["recipe"])
    assert model_card.command(recipe, path.name) in card
    assert recipe.network == network


@each
@pytest.mark.mnist
def test_they_are_as_accurate_as_they_say(key, mnist: Dataset):
    network, weights, facts = checkpoints.load(asset(f"weights/{key}.safetensors"))
    module = build(network).eval()
    module.load_state_dict({k: torch.from_numpy(v) for k, v in weights.items()})
    right = 0
    with torch.inference_mode():
        for start in range(0, len(mnist.test), 1000):
            part = slice(start, start + 1000)
            scores = module(to_input(mnist.test.images[part]))
            labels = torch.from_numpy(mnist.test.labels[part])
            right += int((scores.argmax(1) == labels).sum())
    # Another processor may round one or two pictures to the other side.
    assert right / len(mnist.test) == pytest.approx(facts["test_accuracy"], abs=3e-4)
