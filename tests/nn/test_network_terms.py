"""The arithmetic behind a value, against the network's own tensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tables import networks

from cnnviz.nn import probing
from cnnviz.nn.arithmetic import (
    ConvTerms,
    DenseTerms,
    PointTerms,
    PoolTerms,
    RbfTerms,
    SoftmaxTerms,
)
from cnnviz.nn.models import NETWORKS, lecture, lenet5
from cnnviz.nn.modules import build
from cnnviz.nn.network import Layer, Network, conv, dense
from cnnviz.nn.terms import explain


def unsettled(network: Network, seed: int) -> torch.nn.Sequential:
    """Build a network, and give batch norms statistics of their own."""
    module = build(network, seed).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in module.modules():
            if isinstance(part, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
                part.running_mean.normal_(generator=generator)
                part.running_var.uniform_(0.1, 3, generator=generator)
                part.weight.normal_(generator=generator)
                part.bias.normal_(generator=generator)
    return module


def picture_for(network: Network, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(network.input, np.float32)


def looked_into(network: Network, seed: int = 0):
    module = unsettled(network, seed)
    outputs = probing.outputs(module, picture_for(network, seed))
    return probing.weights(module), outputs


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(network=networks(), seed=st.integers(0, 1000), data=st.data())
def test_every_total_is_the_networks_own_value(network, seed, data):
    weights, outputs = looked_into(network, seed)
    for name, values in list(outputs.items())[1:]:
        place = tuple(data.draw(st.integers(0, n - 1)) for n in values.shape)
        explanation = explain(network, weights, outputs, name, place)
        terms = explanation.terms
        assert terms.own == values[place]
        assert terms.closes, (name, place, terms)
        if explanation.activation:
            assert explanation.activation.closes
            assert explanation.activation.value == terms.own


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_shipped_networks_close_everywhere_that_is_tried(network):
    weights, outputs = looked_into(network)
    draw = np.random.default_rng(1)
    for name, values in list(outputs.items())[1:]:
        for _ in range(10):
            place = tuple(int(draw.integers(n)) for n in values.shape)
            assert explain(network, weights, outputs, name, place).terms.closes


def test_a_convolution_is_written_out_channel_by_channel():
    weights, outputs = looked_into(lecture.NETWORK)
    explanation = explain(lecture.NETWORK, weights, outputs, "conv2", (12, 2, 5))
    terms = explanation.terms
    assert isinstance(terms, ConvTerms)
    assert explanation.before == "pool1"
    assert terms.values.shape == terms.products.shape == (32, 5, 5)
    np.testing.assert_array_equal(terms.values, outputs["pool1"][:, 2:7, 5:10])
    np.testing.assert_array_equal(terms.weights, weights["conv2.weight"][12])
    np.testing.assert_allclose(terms.products.sum((1, 2)), terms.sums, rtol=1e-5)
    assert terms.bias == weights["conv2.bias"][12]
    strongest = terms.strongest(4)
    assert (np.diff(np.abs(terms.sums[strongest])) <= 0).all()
    assert explanation.activation is not None
    assert explanation.activation.total == outputs["relu2"][12, 2, 5]


def test_a_partial_convolution_reads_its_own_maps_only():
    network = lenet5.LENET5_1998
    weights, outputs = looked_into(network)
    terms = explain(network, weights, outputs, "conv2", (7, 3, 4)).terms
    assert isinstance(terms, ConvTerms)
    assert tuple(terms.channels) == lenet5.C3[7]
    full = np.zeros((6, 5, 5), np.float32)
    full[terms.channels] = terms.weights
    module = unsettled(network, 0)
    np.testing.assert_array_equal(full, module.conv2.full_weight[7].detach())


def test_kinds_have_their_own_terms():
    network = lenet5.LENET5_1998
    weights, outputs = looked_into(network)
    pooled = explain(network, weights, outputs, "subsample1", (1, 2, 3)).terms
    assert isinstance(pooled, PoolTerms)
    assert pooled.sum == pytest.approx(outputs["tanh1"][1, 4:6, 6:8].sum(), rel=1e-6)
    far = explain(network, weights, outputs, "rbf1", (3,)).terms
    assert isinstance(far, RbfTerms)
    assert set(far.codes) == {-1.0, 1.0}
    flat = explain(network, weights, outputs, "flatten1", (17,)).terms
    assert isinstance(flat, PointTerms)
    assert flat.source == (17, 0, 0)
    unit = explain(network, weights, outputs, "dense1", (4,)).terms
    assert isinstance(unit, DenseTerms)
    order = np.abs(unit.products)[unit.strongest(120)]
    assert (np.diff(order) <= 0).all()


def test_the_winner_of_a_window_is_named_and_ties_go_to_the_first():
    network = replace(lecture.NETWORK, layers=lecture.NETWORK.layers)
    weights, outputs = looked_into(network)
    terms = explain(network, weights, outputs, "pool1", (0, 1, 1)).terms
    assert isinstance(terms, PoolTerms)
    window = outputs["relu1"][0, 2:4, 2:4]
    assert terms.chosen == divmod(int(window.argmax()), 2)
    outputs["relu1"] = np.zeros_like(outputs["relu1"])
    again = explain(network, weights, outputs, "pool1", (0, 1, 1)).terms
    assert isinstance(again, PoolTerms)
    assert again.chosen == (0, 0)


def test_softmax_shows_its_exponentials():
    weights, outputs = looked_into(lecture.NETWORK)
    terms = explain(lecture.NETWORK, weights, outputs, "softmax", (3,)).terms
    assert isinstance(terms, SoftmaxTerms)
    assert terms.exponentials.max() == 1
    assert terms.total == pytest.approx(terms.exponentials[3] / terms.sum)
    assert terms.own == outputs["softmax"][3]


def test_large_numbers_overflow_nothing():
    layers = (conv(1, 1), Layer("sigmoid"), Layer("flatten"), dense(2))
    network = Network(input=(1, 2, 2), layers=layers)
    weights, outputs = looked_into(network)
    outputs["conv1"] = np.full((1, 2, 2), -1e30, np.float32)
    outputs["sigmoid1"] = np.zeros((1, 2, 2), np.float32)
    outputs["dense1"] = np.array([1e30, -1e30], np.float32)
    outputs["softmax"] = np.array([1, 0], np.float32)
    for name, place in ("sigmoid1", (0, 0, 0)), ("softmax", (1,)):
        assert explain(network, weights, outputs, name, place).terms.closes


def test_a_wrong_tensor_does_not_close():
    weights, outputs = looked_into(lecture.NETWORK)
    outputs["conv1"] = outputs["conv1"] + np.float32(1e-3)
    terms = explain(lecture.NETWORK, weights, outputs, "conv1", (0, 0, 0)).terms
    assert not terms.closes
    assert terms.difference == pytest.approx(1e-3, rel=0.01)


def test_what_is_not_there_is_no_value():
    weights, outputs = looked_into(lecture.NETWORK)
    with pytest.raises(IndexError):
        explain(lecture.NETWORK, weights, outputs, "conv1", (0, 24, 0))
    with pytest.raises(KeyError):
        explain(lecture.NETWORK, weights, outputs, "conv9", (0, 0, 0))
