"""Probabilities over a slider's range."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn.invariance import Invariance, invariance
from cnnviz.nn.models import dense, tiny
from cnnviz.nn.modules import build
from cnnviz.ops.changes import RANGES, changed

PICTURE = np.random.default_rng(0).random((1, 28, 28), np.float32)


def whole(*of) -> Invariance:
    *_, final = invariance(*of)
    assert final.done == final.total
    return final


def test_each_point_is_what_the_network_says_of_the_changed_picture():
    modules = build(tiny.NETWORK).train(), build(dense.NETWORK).eval()
    values = RANGES["rotate"].values(9)
    curves = whole(modules, PICTURE, "rotate", values)
    assert curves.probabilities.shape == (2, 9, 10)
    np.testing.assert_allclose(curves.probabilities.sum(axis=2), 1, atol=1e-5)
    turned = torch.from_numpy(changed(PICTURE, "rotate", float(values[7])))[None]
    for module, found in zip(modules, curves.probabilities, strict=True):
        theirs = module(turned).softmax(1)[0].detach().numpy()
        np.testing.assert_allclose(found[7], theirs, atol=1e-6)
    assert modules[0].training


def test_the_mean_of_a_picture_does_not_mind_a_shift():
    module = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 2))
    picture = np.zeros((1, 28, 28), np.float32)
    picture[:, 12:16, 12:16] = 1
    values = RANGES["shift-down"].values(21)
    curves = whole([module], picture, "shift-down", values)
    assert np.ptp(curves.probabilities, axis=1).max() < 1e-6


def test_how_far_a_label_wins():
    values = np.arange(-3, 4, dtype=np.float32)
    wins = np.array([1, 0, 1, 1, 1, 0, 0], np.float32)
    curves = Invariance(
        "rotate", values, np.stack([wins, 1 - wins], axis=1)[None], 7, 7
    )
    assert curves.unchanged(0, 0, 0) == (-1, 1)
    assert curves.unchanged(0, 1, 0) == (0, 0)
    assert curves.unchanged(0, 1, 3) == (2, 3)
    every = Invariance("rotate", values, np.ones((1, 7, 1), np.float32), 7, 7)
    assert every.unchanged(0, 0, 0) == (-3, 3)


def test_a_network_that_takes_no_such_picture_says_so():
    with pytest.raises(InputError, match="1 × 28 × 28"):
        whole([nn.Linear(3, 2)], PICTURE, "scale", RANGES["scale"].values(3))


def test_curves_grow_and_closing_ends_them():
    modules = build(tiny.NETWORK), build(dense.NETWORK)
    curves = invariance(modules, PICTURE, "scale", RANGES["scale"].values(40))
    first, second, third = (next(curves) for _ in range(3))
    assert [one.done for one in (first, second, third)] == [25, 40, 65]
    assert np.isnan(first.probabilities).sum() == (80 - 25) * 10
    curves.close()


def test_networks_of_other_classes_are_not_compared():
    other = nn.Sequential(nn.Flatten(), nn.Linear(784, 3))
    with pytest.raises(InputError, match="10 and 3 classes"):
        whole([build(tiny.NETWORK), other], PICTURE, "noise", np.zeros(1, np.float32))
