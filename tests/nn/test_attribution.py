"""Explanations by gradients, against captum and their own formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import networks
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn.attribution import (
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    saliency,
)
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.modules import build

if TYPE_CHECKING:
    from cnnviz.nn.network import Network

captum = pytest.importorskip("captum.attr")

TIGHT = {"atol": 1e-4, "rtol": 1e-4}
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def setting(network: Network, seed: int):
    module = build(network, seed).eval()
    picture = np.random.default_rng(seed).random(network.input, np.float32)
    return module, picture, torch.from_numpy(picture)[None].requires_grad_()


def whole(*of, **settings):
    *_, final = integrated_gradients(*of, **settings)
    assert final.done == final.total
    return final


def array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach()[0].numpy()


@SLOW
@given(network=networks(), seed=st.integers(0, 99), target=st.integers(0, 3))
def test_gradients_are_captums(network, seed, target):
    module, picture, batch = setting(network, seed)
    theirs = array(captum.Saliency(module).attribute(batch, target=target))
    ours = saliency(module, picture, target)
    np.testing.assert_allclose(ours.values, theirs, **TIGHT)
    np.testing.assert_allclose(ours.heat, theirs.max(axis=0), **TIGHT)
    theirs = array(captum.InputXGradient(module).attribute(batch, target=target))
    ours = gradient_times_input(module, picture, target)
    np.testing.assert_allclose(ours.values, theirs, **TIGHT)
    np.testing.assert_allclose(ours.heat, theirs.sum(axis=0), **TIGHT)


@SLOW
@given(
    network=networks(),
    seed=st.integers(0, 99),
    baseline=st.sampled_from([0.0, 1.0, 0.3]),
    steps=st.sampled_from([1, 20, 70]),
)
def test_integrated_gradients_are_captums(network, seed, baseline, steps):
    module, picture, batch = setting(network, seed)
    theirs, gap = captum.IntegratedGradients(module).attribute(
        batch, baseline, target=1, n_steps=steps, return_convergence_delta=True
    )
    ours = whole(module, picture, 1, baseline=baseline, steps=steps)
    np.testing.assert_allclose(ours.values, array(theirs), **TIGHT)
    # Scores of thousands, as squared distances can be, are float32 to a ten-thousandth.
    near = {"rel": 1e-5, "abs": 1e-4}
    assert ours.gap == pytest.approx(gap.item(), **near)
    change = ours.score - ours.baseline_score
    assert ours.values.sum() == pytest.approx(change + ours.gap, **near)


@SLOW
@given(network=networks(), seed=st.integers(0, 99), data=st.data())
def test_grad_cam_is_captums(network, seed, data):
    names = [
        name
        for name, shape in zip(network.names, network.shapes, strict=True)
        if len(shape) == 3
    ]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    module, picture, batch = setting(network, seed)
    theirs = captum.LayerGradCam(module, module.get_submodule(name)).attribute(
        batch, target=2, relu_attributions=True
    )
    ours = grad_cam(module, picture, name, 2)
    np.testing.assert_allclose(ours.coarse, array(theirs)[0], **TIGHT)
    large = captum.LayerAttribution.interpolate(
        theirs, picture.shape[1:], interpolate_mode="bilinear"
    )
    np.testing.assert_allclose(ours.heat, array(large)[0], **TIGHT)


def test_a_straight_network_says_everything_exactly():
    module = nn.Sequential(nn.Flatten(), nn.Linear(8, 3))
    picture = np.random.default_rng(0).random((2, 2, 2), np.float32)
    row = module[1].weight.detach().numpy()[2].reshape(2, 2, 2)
    np.testing.assert_allclose(
        saliency(module, picture, 2).heat, np.abs(row).max(axis=0)
    )
    np.testing.assert_allclose(
        gradient_times_input(module, picture, 2).values, row * picture
    )
    ours = whole(module, picture, 2, steps=1)
    np.testing.assert_allclose(ours.values, row * picture, atol=1e-6)
    assert abs(ours.gap) < 1e-5


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_shipped_networks_are_complete(network):
    module, picture, _ = setting(network, 3)
    ours = whole(module, picture, steps=100)
    assert abs(ours.gap) < 0.02 * max(1, abs(ours.score - ours.baseline_score))
    assert ours.target == module(torch.from_numpy(picture)[None]).argmax()


def test_nothing_is_left_behind():
    module, picture, _ = setting(NETWORKS[0], 0)
    module.train()
    module.relu2.eval()
    grad_cam(module, picture, "conv2")
    saliency(module, picture)
    whole(module, picture, steps=3)
    assert module.training
    assert not module.relu2.training
    assert all(weight.grad is None for weight in module.parameters())
    assert not any(part._forward_hooks for part in module.modules())


class Broken(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        self.conv(pictures)
        raise RuntimeError("the third moon is missing\nand more")


def test_a_network_that_fails_says_so_and_keeps_no_hook():
    module, picture = Broken(), np.zeros((1, 8, 8), np.float32)
    with pytest.raises(InputError, match=r"1 × 8 × 8: the third moon is missing\.$"):
        grad_cam(module, picture, "conv", 0)
    assert not any(part._forward_hooks for part in module.modules())
    assert module.training


def test_what_cannot_be_explained_says_why():
    module, picture, _ = setting(NETWORKS[0], 0)
    with pytest.raises(InputError, match="no class 10"):
        saliency(module, picture, 10)
    with pytest.raises(InputError, match="3 × 28 × 28"):
        saliency(module, np.zeros((3, 28, 28), np.float32))
    with pytest.raises(InputError, match="no maps"):
        grad_cam(module, picture, "dense1")
    with pytest.raises(InputError, match="no layer conv7"):
        grad_cam(module, picture, "conv7")
    with pytest.raises(InputError, match="0 steps"):
        whole(module, picture, steps=0)
    with torch.no_grad():
        module.conv2.weight[3, 1, 2, 2] = torch.nan
    with pytest.raises(InputError, match=r"conv2\.weight hold numbers"):
        saliency(module, picture)


def test_a_network_without_gradients_says_so():
    class Steps(nn.Module):
        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            return pictures.detach().flatten(1)

    with pytest.raises(InputError, match="No gradient"):
        saliency(Steps(), np.ones((1, 2, 2), np.float32))
