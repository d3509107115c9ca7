"""Loss and accuracy on pictures that aren't trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small import DATA, RECIPE, TINY

from cnnviz.nn.evaluation import evaluate
from cnnviz.nn.learner import tensors
from cnnviz.nn.modules import build

CPU = torch.device("cpu")


@pytest.mark.parametrize("batch", [7, 30, 500])
def test_means_do_not_depend_on_the_batches(batch):
    module = build(TINY)
    images, labels = tensors(DATA.test, CPU)
    result = evaluate(module, images, labels, RECIPE, size=batch)
    assert module.training
    scores = module.eval()(images.float() / 255)
    expected = torch.nn.functional.cross_entropy(scores, labels).item()
    assert result.loss == pytest.approx(expected, rel=1e-5)
    right = (scores.argmax(1) == labels).float().mean().item()
    assert result.accuracy == pytest.approx(right)
    assert result.probabilities.dtype == np.float32
    np.testing.assert_allclose(
        result.probabilities, scores.softmax(1).detach(), atol=1e-6
    )


def test_it_can_be_stopped_between_batches():
    asked = []

    def stopped() -> bool:
        asked.append(True)
        return len(asked) == 3

    module = build(TINY)
    test = tensors(DATA.test, CPU)
    assert evaluate(module, *test, RECIPE, stopped, 10) is None
    assert len(asked) == 3
    assert module.training
