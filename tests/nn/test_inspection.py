"""Outputs of layers, kernels and gradients, and leaving the module as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from small import DATA, NORMED, TINY

from cnnviz.nn.control import Watch
from cnnviz.nn.inspection import filters, layer_outputs, to_input
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.models.lenet5 import C3, LENET5_1998
from cnnviz.nn.modules import build
from cnnviz.nn.watching import look, seen_gradients

if TYPE_CHECKING:
    from cnnviz.nn.network import Network

PICTURES = DATA.test.images[:3]


def test_pictures_become_shares_of_white():
    images = np.array([[[[0, 51], [102, 255]]]], np.uint8)
    ready = to_input(images)
    assert ready.dtype == torch.float32
    expected = np.array([0, 51, 102, 255], np.float32) / np.float32(255)
    assert ready.flatten().tolist() == expected.tolist()
    assert torch.equal(to_input(torch.from_numpy(images)), ready)
    assert images.max() == 255  # untouched


def test_every_layer_is_applied_to_the_one_before():
    module = build(TINY, fused=True)
    inputs = to_input(PICTURES)
    outputs = layer_outputs(module, inputs)
    values = inputs
    for name, layer in build(TINY).eval().named_children():
        values = layer(values)
        assert torch.equal(outputs[name], values)
    assert (outputs["conv1"] < 0).any()  # not overwritten by ReLU


@pytest.mark.parametrize("training", [True, False])
def test_the_module_is_left_as_it_was(training):
    module = build(NORMED, fused=True).train(training)
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with torch.enable_grad():
        outputs = layer_outputs(module, to_input(PICTURES))
    assert module.training == module.norm1.training == training
    for name, value in module.state_dict().items():
        assert torch.equal(value, before[name])
    assert not any(value.requires_grad for value in outputs.values())
    assert not any(layer._forward_hooks for layer in module.modules())


def test_as_trained_uses_the_batchs_own_mean():
    outputs = layer_outputs(build(NORMED), to_input(PICTURES), as_trained=True)
    means = outputs["norm1"].mean((0, 2, 3))
    torch.testing.assert_close(means, torch.zeros(3), atol=1e-5, rtol=0)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_kernels_have_the_shape_of_torchs(network):
    kernels = filters(build(network))
    channels = network.input[0]
    for layer, name, shape in zip(
        network.layers, network.names, network.shapes, strict=True
    ):
        if layer.kind == "conv":
            kernel = kernels.pop(f"{name}.weight")
            assert kernel.shape == (layer.outputs, channels, *layer.kernel)
        channels = shape[0]
    assert not kernels


def test_a_look_at_lenet5_of_1998():
    module = build(LENET5_1998, fused=True)
    picture = np.random.default_rng(0).integers(0, 256, (1, 28, 28)).astype(np.uint8)
    module(to_input(picture[None])).square().sum().backward()
    seen = look(module, Watch(picture, gradients=True), 5)
    assert seen.step == 5
    assert [v.shape for v in seen.outputs.values()] == list(LENET5_1998.shapes)
    assert set(seen.weights) == {f"{n}.weight" for n in _learned(LENET5_1998)}
    assert set(seen.gradients) == set(seen.weights)
    for values in (seen.weights["conv2.weight"], seen.gradients["conv2.weight"]):
        assert values.shape == (16, 6, 5, 5)
        read = values.any(axis=(2, 3))
        assert [tuple(np.flatnonzero(row)) for row in read] == [
            tuple(sorted(row)) for row in C3
        ]
    assert seen.probabilities.sum() == pytest.approx(1)
    assert all(v.dtype == np.float32 for v in seen.outputs.values())


def _learned(network: Network) -> list[str]:
    return [n for n in network.names if n.startswith(("conv", "dense"))]


def test_what_was_seen_stays():
    module = build(TINY, fused=True)
    seen = look(module, Watch(PICTURES[0]), 0)
    before = {name: values.copy() for name, values in seen.weights.items()}
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1)
    for name, values in seen.weights.items():
        assert np.array_equal(values, before[name])


def test_no_picture_no_gradients_and_no_large_layers():
    module = build(NETWORKS[0])
    assert look(module, Watch(), 0) is None
    assert not seen_gradients(module)
    picture = np.zeros((1, 28, 28), np.uint8)
    seen = look(module, Watch(picture, gradients=True), 0)
    assert set(seen.weights) == {"conv1.weight", "conv2.weight", "dense2.weight"}
    assert not seen.gradients
