"""Each channel's strongest pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnviz.errors import InputError
from cnnviz.nn.datasets import Split
from cnnviz.nn.favourites import favourites
from cnnviz.nn.inspection import layer_outputs
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build


def split(count: int) -> Split:
    draw = np.random.default_rng(0)
    images = draw.integers(0, 256, (count, 1, 28, 28), np.uint8)
    return Split(images, np.zeros(count, np.int64))


@pytest.mark.parametrize("layer", ["conv1", "pool2", "dense1"])
def test_they_are_the_strongest_of_all(layer):
    module, data = build(tiny.NETWORK), split(600)
    looks = list(favourites(module, data, layer))
    assert [look.done for look in looks] == [250, 500, 600]
    every = layer_outputs(module, torch.from_numpy(data.images) / 255)[layer]
    peaks = every.flatten(2).amax(dim=2) if every.ndim == 4 else every
    values, _ = peaks.sort(dim=0, descending=True)
    final = looks[-1]
    np.testing.assert_allclose(final.values, values[:9].T, rtol=1e-4)
    assert final.pictures.shape == (every.shape[1], 9)
    flat = every.flatten(2) if every.ndim == 4 else every[..., None]
    for channel in range(every.shape[1]):
        found = flat[final.pictures[channel], channel, final.places[channel]]
        np.testing.assert_allclose(found, final.values[channel], rtol=1e-4)


def test_few_pictures_are_all_there_is():
    module = build(tiny.NETWORK)
    (look,) = favourites(module, split(4), "conv2", count=9)
    assert look.pictures.shape == (16, 4)
    assert module.training
    assert not any(part._forward_hooks for part in module.modules())


def test_what_cannot_be_ranked_says_why():
    module = build(tiny.NETWORK)
    with pytest.raises(InputError, match="no picture"):
        next(favourites(module, split(0), "conv1"))
    with pytest.raises(InputError, match="no layer conv9"):
        next(favourites(module, split(1), "conv9"))
    with torch.no_grad():
        module.conv1.weight.fill_(torch.nan)
    with pytest.raises(InputError, match=r"conv1\.weight"):
        next(favourites(module, split(1), "conv1"))
