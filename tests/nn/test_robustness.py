"""Accuracy against epsilon."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.errors import InputError
from cnnviz.nn.adversarial import METHODS, Attack, attacked
from cnnviz.nn.datasets import Split
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build
from cnnviz.nn.robustness import FIRST, accuracy_curve


def split(count: int) -> Split:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (count, 1, 28, 28), np.uint8)
    return Split(images, draw.integers(0, 10, count))


def labelled(count: int, module) -> Split:
    """Return pictures that the network names right, all but every fifth."""
    pictures = split(count).images
    scores = module.eval()(torch.from_numpy(pictures).float() / 255)
    labels = scores.argmax(dim=1).numpy()
    labels[::5] = (labels[::5] + 1) % 10
    return Split(pictures, labels)


@pytest.mark.parametrize("method", METHODS)
def test_the_end_is_what_attacking_all_gives(method):
    module = build(tiny.NETWORK, seed=2)
    data, epsilons = labelled(130, module), (0.0, 0.01, 0.1)
    attack = Attack(method, steps=3)
    *_, curve = accuracy_curve(module, data, epsilons, attack)
    assert curve.done == curve.total == 390
    pictures = torch.from_numpy(data.images).float() / 255
    labels = torch.from_numpy(data.labels)
    for epsilon, accuracy in zip(epsilons, curve.accuracy, strict=True):
        one = Attack(method, epsilon=epsilon, steps=3)
        named = module(attacked(module, pictures, labels, one)).argmax(dim=1)
        assert accuracy == pytest.approx((named == labels).float().mean().item())
    assert curve.accuracy[0] == pytest.approx(0.8)
    assert (np.diff(curve.accuracy) < 0).all()


def test_a_coarse_curve_comes_first():
    module = build(tiny.NETWORK)
    curves = accuracy_curve(module, split(1000), (0.0, 0.1))
    first = next(curves)
    assert (first.done, first.total) == (FIRST, 2000)
    assert np.isnan(first.accuracy[1])
    second = next(curves)
    assert second.asked.tolist() == [FIRST, FIRST]
    curves.close()
    assert module.training


@pytest.mark.parametrize(
    ("count", "epsilons", "words"),
    [(0, (0.1,), "no picture"), (5, (), "no epsilon"), (5, (-1.0,), "epsilon of -1")],
)
def test_what_cannot_be_asked_says_why(count, epsilons, words):
    with pytest.raises(InputError, match=words):
        list(accuracy_curve(build(tiny.NETWORK), split(count), epsilons))
