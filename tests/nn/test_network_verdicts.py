"""What a network says of a whole split."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.errors import InputError
from cnnviz.nn.datasets import Split
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build
from cnnviz.nn.verdicts import Verdicts, verdicts


def test_they_are_the_networks_answers():
    images = np.random.default_rng(0).integers(0, 256, (300, 1, 28, 28), np.uint8)
    module = build(tiny.NETWORK)
    first, final = verdicts(module, Split(images, np.zeros(300, np.int64)))
    assert (first.done, final.done, final.total) == (250, 300, 300)
    module.eval()
    theirs = module(torch.from_numpy(images) / 255).softmax(1).detach().numpy()
    np.testing.assert_allclose(final.probability, theirs.max(axis=1), rtol=1e-4)
    sure = np.sort(theirs, axis=1)[:, -1] - np.sort(theirs, axis=1)[:, -2] > 1e-5
    np.testing.assert_array_equal(final.predicted[sure], theirs.argmax(axis=1)[sure])


def test_the_surest_mistake_comes_first():
    probability = np.array([0.5, 0.9, 0.7, 0.8], np.float32)
    found = Verdicts(np.array([1, 2, 3, 4]), probability, 4, 9)
    labels = np.array([1, 0, 0, 0, 7, 7, 7, 7, 7])
    assert found.mistakes(labels).tolist() == [1, 3, 2]


def test_no_picture_has_no_verdict():
    empty = Split(np.zeros((0, 1, 28, 28), np.uint8), np.zeros(0, np.int64))
    with pytest.raises(InputError, match="no picture"):
        next(verdicts(build(tiny.NETWORK), empty))
