"""What the Train page says is what is computed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnviz.nn import device
from cnnviz.nn.events import Metrics, Started, Steps
from cnnviz.nn.initialisation import NORMAL_DEVIATION
from cnnviz.nn.losses import mean_loss
from cnnviz.nn.models import tiny
from cnnviz.nn.recipe import INITIALISATIONS, LOSSES, OPTIMIZERS, SCHEDULES, Recipe
from cnnviz.pages.train import explain
from cnnviz.pages.train.controls import CHOICES, OPTIMIZER
from cnnviz.pages.train.curves import Curves
from cnnviz.pages.train.presets import PRESETS

SCORES, LABELS = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0]]), torch.tensor([0, 2])
P = np.exp(SCORES.numpy()) / np.exp(SCORES.numpy()).sum(1, keepdims=True)


def curves(loss: float) -> Curves:
    result = Curves()
    one = np.ones(1, np.float32)
    result.add(Steps(1, one * np.float32(loss), one, one, one, speed=0.0))
    return result


@pytest.mark.parametrize(
    ("loss", "words", "by_hand"),
    [
        (
            "cross-entropy",
            "mean of −log p(true class) over its pictures",
            -np.log(P[[0, 1], LABELS]),
        ),
        (
            "squared-error",
            "mean of (p − one-hot)² over the classes and over its pictures",
            (P - np.eye(3)[LABELS]) ** 2,
        ),
    ],
)
def test_the_formula_of_the_loss_gives_its_number(loss, words, by_hand):
    recipe = Recipe(loss=loss)
    value = mean_loss(SCORES, LABELS, recipe).item()
    assert value == pytest.approx(by_hand.mean(), rel=1e-6)
    assert words in explain.loss_words(recipe, curves(value), 1)


def tips(field: str) -> dict[str, tuple[str, str]]:
    options = {one.field: one.options for one in (*CHOICES, OPTIMIZER)}[field]
    return {key: (title, tip) for key, title, tip in options}


def test_the_choices_are_the_recipes_and_say_what_they_do():
    for field, known in (
        ("optimizer", OPTIMIZERS),
        ("loss", LOSSES),
        ("schedule", SCHEDULES),
        ("initialisation", INITIALISATIONS),
    ):
        assert set(tips(field)) == set(known)
    assert tips("initialisation")["normal"][0] == f"Normal {NORMAL_DEVIATION:g}"
    # tests/nn/test_schedules.py has the numbers that these words are about.
    assert "from the middle on" in tips("schedule")["step"][1]
    fast = PRESETS["fast-99"]
    assert ("augmentation" in fast.note) == (
        fast.recipe.augmentation != Recipe().augmentation
    )
    assert ("smoothed labels" in fast.note) == (fast.recipe.label_smoothing > 0)


def test_an_accuracy_bears_the_name_of_its_data():
    line = Metrics(1, 1, 0.5, 0.9, 0.4, 0.97, 1.0)
    shown = curves(0.5)
    shown.metrics = [line]
    for data, name in (
        ("generated digits", "Test accuracy, generated digits"),
        ("MNIST", "Test accuracy, MNIST"),
        ("x" * 90, f"Test accuracy, {'x' * 24}…"),
        ("", "Test accuracy"),
    ):
        facts = explain.facts(None, shown, tiny.NETWORK, 1, data)
        assert [fact.value for fact in facts if fact.name == name] == [
            "97.00 % after epoch 1"
        ]


def test_what_a_device_cannot_promise_is_said():
    card = torch.device("cuda")
    started = Started("CUDA, Card 9000", "bf16", 0, 0, 1, 1)
    for repeatable in ("", device.why_not_repeatable(card)):
        told = replace(started, repeatable=repeatable)
        (fact,) = (
            fact
            for fact in explain.facts(told, curves(0.5), tiny.NETWORK, 1, "")
            if fact.name == "Computed on"
        )
        assert fact.sentence == (
            repeatable or "The same seed gives the same numbers here."
        )
