"""Networks as data: shapes, parameters and why they cannot be built."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.models.lenet5 import C3
from cnnviz.nn.network import Layer, Network, conv, dense, max_pool
from cnnviz.nn.recipe import LEARNING_RATES, OPTIMIZERS, RANGES, Recipe

BY_ID = {network.id: network for network in NETWORKS}


def test_the_lecture_network_is_the_lectures():
    lecture = BY_ID["lecture"]
    assert sum(lecture.parameters) == 1_087_106
    shown = [
        (shape, count)
        for layer, shape, count in zip(
            lecture.layers, lecture.shapes, lecture.parameters, strict=True
        )
        if layer.kind != "relu"
    ]
    assert shown == [
        ((32, 24, 24), 832),
        ((32, 12, 12), 0),
        ((64, 8, 8), 51_264),
        ((64, 4, 4), 0),
        ((1024,), 0),
        ((1000,), 1_025_000),
        ((10,), 10_010),
    ]


def test_lenet5_has_the_numbers_of_the_paper():
    published = BY_ID["lenet5-1998"]
    learned = [count for count in published.parameters if count]
    assert learned == [156, 12, 1_516, 32, 48_120, 10_164]
    assert C3[6:9] == ((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5))
    assert C3[12:15] == ((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5))
    assert sum(map(len, C3)) == 60


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_every_network_suits_mnist_and_says_true_things_of_itself(network):
    assert network.why_invalid(classes=10) is None
    assert network.classes == 10
    file = Path(__file__).parents[2] / "cnnviz" / "nn" / "models"
    text = "".join(path.read_text("utf-8") for path in file.glob("*.py"))
    for shape, count in zip(network.shapes, network.parameters, strict=True):
        assert " × ".join(map(str, shape)) in text
        assert not count or f"{count:,}" in text


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((), "no layer yet"),
        ((dense(10),), "put flatten before"),
        ((Layer("flatten"), Layer("flatten"), dense(10)), "flat already"),
        ((Layer("flatten"), conv(4, 3)), "were flattened before"),
        ((conv(0, 3), Layer("flatten"), dense(10)), "0 outputs"),
        ((conv(4, 29), Layer("flatten"), dense(10)), "28"),
        ((max_pool(2),) * 6, "Layer 5 (Max pooling)"),
        ((conv(4, 3),), "last layer must be dense"),
        ((Layer("flatten"), dense(9)), "10 classes"),
        ((Layer("flatten"), dense(4096), dense(4096), dense(4096)), "10 classes"),
        ((Layer("flatten"),), "784 scores"),
        ((Layer("flatten"), Layer("dropout", rate=1.0), dense(10)), "rate of 1"),
        ((conv(2, 3, connections=((0,), (1,))),), "connections"),
        ((Layer("flatten"),) + (dense(10),) * 40, "40 layers are the most"),
    ],
)
def test_what_cannot_work_says_why(layers, words):
    reason = Network(layers=layers).why_invalid(classes=10)
    assert reason is not None
    assert words in reason
    assert reason.endswith(".")


def test_too_many_parameters_are_refused():
    layers = (conv(512, 3), Layer("flatten"), dense(4096), dense(10))
    assert "parameters are more than" in (Network(layers=layers).why_invalid(10) or "")


def test_shapes_of_a_network_that_does_not_fit_raise_the_sentence():
    with pytest.raises(InputError, match="Layer 1"):
        _ = Network(layers=(conv(4, 99), dense(10))).shapes


def test_names_number_each_kind():
    assert BY_ID["tiny"].names == (
        "conv1",
        "relu1",
        "pool1",
        "conv2",
        "relu2",
        "pool2",
        "flatten1",
        "dense1",
    )


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_a_recipe_survives_json(network):
    recipe = Recipe(network).with_optimizer("sgd")
    text = json.dumps(to_json(recipe))
    assert from_json(Recipe, json.loads(text)) == recipe


def test_each_optimizer_has_a_rate_in_range():
    low, high = RANGES["learning_rate"]
    assert set(LEARNING_RATES) == set(OPTIMIZERS)
    assert all(low <= rate <= high for rate in LEARNING_RATES.values())


@pytest.mark.parametrize("field", RANGES)
def test_a_recipe_out_of_range_says_so(field):
    low, high = RANGES[field]
    assert Recipe().why_invalid(10) is None
    for value in (low - 1, high + 1, float("nan")):
        reason = replace(Recipe(), **{field: value}).why_invalid(10)
        assert reason is not None
        assert field.replace("_", " ") in reason
