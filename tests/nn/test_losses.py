"""Losses against their formulas and torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.nn.losses import mean_loss
from cnnviz.nn.recipe import Recipe

SCORES = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0]])
LABELS = torch.tensor([0, 2])
SOFTMAX = np.exp(SCORES.numpy()) / np.exp(SCORES.numpy()).sum(1, keepdims=True)
ONE_HOT = np.eye(3)[LABELS]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_cross_entropy_with_smoothed_labels(smoothing):
    truth = ONE_HOT * (1 - smoothing) + smoothing / 3
    expected = -(truth * np.log(SOFTMAX)).sum(1).mean()
    loss = mean_loss(SCORES, LABELS, Recipe(label_smoothing=smoothing))
    assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_squared_error_is_of_probabilities_and_a_mean_over_classes():
    loss = mean_loss(SCORES, LABELS, Recipe(loss="squared-error"))
    assert loss.item() == pytest.approx(((SOFTMAX - ONE_HOT) ** 2).mean(), rel=1e-6)
