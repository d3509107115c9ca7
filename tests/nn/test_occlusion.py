"""Covering a picture, against captum and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build
from cnnviz.nn.occlusion import occlusion


def last(steps):
    *_, final = steps
    return final


def test_it_is_captums_of_the_probability():
    captum = pytest.importorskip("captum.attr")
    module = build(tiny.NETWORK).eval()
    picture = np.random.default_rng(0).random((1, 28, 28), np.float32)
    ours = last(occlusion(module, picture, 4, window=(6, 4), stride=(2, 3), fill=0.5))
    theirs = captum.Occlusion(lambda x: module(x).softmax(1)).attribute(
        torch.from_numpy(picture)[None],
        sliding_window_shapes=(1, 6, 4),
        strides=(1, 2, 3),
        baselines=0.5,
        target=4,
    )
    np.testing.assert_allclose(ours.heat, theirs[0, 0], atol=1e-6)
    assert ours.probabilities.shape == (12, 9)
    assert ours.done == ours.total == 108


def test_each_place_is_what_the_network_says_of_the_covered_picture():
    module = build(tiny.NETWORK).eval()
    picture = np.random.default_rng(1).random((1, 28, 28), np.float32)
    steps = list(occlusion(module, picture, window=(9, 9), stride=(3, 3)))
    assert [step.done for step in steps] == [64]  # 7 and the pushed-back one, squared
    covered = picture.copy()
    covered[:, 6:15, 19:28] = 0
    probability = module(torch.from_numpy(covered)[None]).softmax(1)[0]
    final = steps[-1]
    assert final.probabilities[2, 7] == pytest.approx(probability[final.target].item())


def test_what_is_yielded_grows_and_closing_ends_it():
    module = build(tiny.NETWORK).train()
    picture = np.zeros((1, 28, 28), np.float32)
    steps = occlusion(module, picture)
    first, second = next(steps), next(steps)
    assert (first.done, second.done, second.total) == (64, 128, 24 * 24)
    assert np.isnan(first.probabilities).sum() == 24 * 24 - 64
    steps.close()
    assert module.training


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"window": (29, 1)}, "29 × 1 does not fit on 28 × 28"),
        ({"stride": (0, 1)}, "stride"),
        ({"target": 10}, "no class 10"),
    ],
)
def test_what_does_not_fit_says_why(settings, words):
    module = build(tiny.NETWORK)
    with pytest.raises(InputError, match=words):
        next(occlusion(module, np.zeros((1, 28, 28), np.float32), **settings))


def test_a_network_of_the_mean_minds_every_pixel_alike():
    class Bright(nn.Module):
        def forward(self, pictures):
            mean = pictures.mean(dim=(1, 2, 3))
            return torch.stack([mean, -mean], dim=1)

    picture = np.ones((1, 6, 6), np.float32)
    final = last(occlusion(Bright(), picture, 0, window=(2, 2)))
    assert np.ptp(final.heat) < 1e-6
    assert final.heat[0, 0] > 0
