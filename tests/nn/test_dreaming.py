"""Pictures that grow for a channel."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn.dreaming import RANGES, Dream, blurred, dream, variation_gradient
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build

SHAPE = (1, 28, 28)
BARE = Dream(jitter=0, blur=0, variation=0, decay=0)


def steps(count: int, *of, **settings):
    return list(islice(dream(build(tiny.NETWORK), *of, **settings), count))


@pytest.mark.parametrize(
    ("layer", "channel"), [("conv1", 3), ("conv2", 5), ("dense1", 7)]
)
def test_the_channel_answers_more_and_more(layer, channel):
    found = steps(30, layer, channel, SHAPE)
    assert [step.number for step in found] == list(range(30))
    assert found[-1].activation > found[0].activation
    module = build(tiny.NETWORK).eval()
    for step in found[::10]:
        assert step.picture.min() >= 0
        assert step.picture.max() <= 1
        seen = torch.from_numpy(step.picture)[None]
        for name, part in module.named_children():
            seen = part(seen)
            if name == layer:
                break
        assert step.activation == pytest.approx(
            seen[0, channel].mean().item(), abs=1e-6
        )


def test_a_bare_step_is_gradient_ascent():
    module = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    start = np.full((1, 2, 2), 0.5, np.float32)
    first, second = islice(dream(module, "1", 1, start, BARE), 2)
    np.testing.assert_array_equal(first.picture, start)
    row = module[1].weight.detach().numpy()[1].reshape(1, 2, 2)
    expected = start + BARE.step * row / np.sqrt((row**2).mean())
    np.testing.assert_allclose(second.picture, expected, atol=1e-6)


def test_the_same_seed_dreams_the_same():
    one, two = (steps(6, "conv2", 1, SHAPE)[-1].picture for _ in range(2))
    np.testing.assert_array_equal(one, two)
    other = steps(6, "conv2", 1, SHAPE, settings=Dream(seed=1))[-1].picture
    assert not np.array_equal(one, other)


def test_helps_make_it_smoother():
    def roughness(settings: Dream) -> float:
        picture = steps(40, "conv2", 1, SHAPE, settings=settings)[-1].picture
        return float(np.abs(np.diff(picture)).mean())

    rough = roughness(BARE)
    assert roughness(replace(BARE, blur=1.0)) < rough
    assert roughness(replace(BARE, variation=3.0)) < rough


def test_variation_has_the_gradient_of_its_formula():
    picture = torch.rand(1, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    roughness = sum((picture.diff(dim=d) ** 2).sum() for d in (2, 3)) / 2
    (expected,) = torch.autograd.grad(roughness, picture)
    torch.testing.assert_close(variation_gradient(picture.detach()), expected)


@pytest.mark.parametrize("deviation", [0.3, 1.0, 2.5])
def test_the_blur_is_gaussian(deviation):
    picture = np.random.default_rng(0).random((2, 14, 11), np.float32)
    ours = blurred(torch.from_numpy(picture)[None], deviation)[0].numpy()
    reach = int(np.ceil(3 * deviation))
    theirs = [
        ndimage.gaussian_filter(plane, deviation, mode="nearest", radius=reach)
        for plane in picture
    ]
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_nothing_is_left_behind():
    module = build(tiny.NETWORK).train()
    dreaming = dream(module, "conv2", 0, SHAPE)
    next(dreaming)
    assert module.training
    assert not any(part._forward_hooks for part in module.modules())
    assert all(weight.grad is None for weight in module.parameters())
    dreaming.close()


@pytest.mark.parametrize("field", RANGES)
def test_settings_out_of_range_say_so(field):
    for value in (RANGES[field][1] * 2, float("nan")):
        with pytest.raises(InputError, match=field.replace("_", " ")):
            steps(1, "conv1", 0, SHAPE, settings=replace(Dream(), **{field: value}))


def test_what_cannot_be_dreamt_says_why():
    with pytest.raises(InputError, match="no channel 8: choose 0 to 7"):
        steps(1, "conv1", 8, SHAPE)
    with pytest.raises(InputError, match="no layer conv9"):
        steps(1, "conv9", 8, SHAPE)
    module = build(tiny.NETWORK)
    with torch.no_grad():
        module.conv1.bias.fill_(-100)
    with pytest.raises(InputError, match="answers nothing"):
        next(dream(module, "relu1", 0, SHAPE))
    with torch.no_grad():
        module.conv1.bias.fill_(torch.nan)
    with pytest.raises(InputError, match="not finite"):
        next(dream(module, "conv1", 0, SHAPE))
