"""The module that a table becomes: shapes, parameters, names and numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from tables import networks
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn.class_codes import class_codes, digits
from cnnviz.nn.inspection import layer_outputs
from cnnviz.nn.models import NETWORKS
from cnnviz.nn.models.lenet5 import LENET5_1998
from cnnviz.nn.modules import Average, PartialConv, ScaledTanh, Subsample, build
from cnnviz.nn.network import Layer, Network, conv, dense, max_pool, subsample
from cnnviz.nn.recipe import INITIALISATIONS

slow = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


def pictures(network: Network, count: int = 3) -> torch.Tensor:
    return torch.rand(count, *network.input, generator=torch.manual_seed(1))


def check_against_the_table(network: Network) -> None:
    """Compare names, shapes, parameters, and the fused order with the plain one."""
    module, fused = build(network, 5), build(network, 5, fused=True)
    x = pictures(network)
    outputs = layer_outputs(module, x)
    assert tuple(outputs) == network.names
    assert tuple(tuple(y.shape[1:]) for y in outputs.values()) == network.shapes
    counts = tuple(
        sum(p.numel() for p in layer.parameters()) for layer in module.children()
    )
    assert counts == network.parameters
    assert [n for n, _ in fused.named_parameters()] == [
        n for n, _ in module.named_parameters()
    ]
    plain = module.eval()(x)
    assert torch.equal(outputs[network.names[-1]], plain)
    assert torch.equal(fused.eval()(x.clone()), plain)
    for name, value in layer_outputs(fused, x).items():
        assert torch.equal(value, outputs[name])


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.id)
def test_every_network_is_its_table(network):
    check_against_the_table(network)


@slow
@given(networks())
def test_any_table_becomes_what_it_says(network):
    check_against_the_table(network)


@slow
@given(networks())
def test_fused_gradients_are_the_plain_ones(network):
    gradients = []
    for fused in (False, True):
        module = build(network, 2, fused=fused)
        for layer in module.children():
            if isinstance(layer, nn.Dropout):
                layer.p = 0.0
        module(pictures(network)).square().sum().backward()
        gradients.append([p.grad for p in module.parameters()])
    for plain, ours in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-5, atol=1e-6)


def test_the_lecture_network_is_torchs_own():
    ours = build(NETWORKS[0], 3)
    torch.manual_seed(3)
    theirs = nn.Sequential(
        nn.Conv2d(1, 32, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(1024, 1000),
        nn.ReLU(),
        nn.Linear(1000, 10),
    )
    for own, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(own, other)
    x = pictures(NETWORKS[0])
    torch.testing.assert_close(ours(x), theirs(x))


def test_what_is_no_network_says_why():
    with pytest.raises(InputError, match="put flatten before"):
        build(Network(layers=(dense(10),)))


def test_subsampling_by_hand():
    layer = Subsample(subsample(2), 1)
    x = torch.tensor([[[[1.0, 2.0], [3.0, 6.0]]]])
    assert layer(x).item() == 3  # it begins as the mean of the four
    with torch.no_grad():
        layer.weight.fill_(0.5)
        layer.bias.fill_(-1)
    assert layer(x).item() == 0.5 * 12 - 1


def test_averages_that_dilate():
    rows = Layer("average-pool", kernel=(2, 2), dilation=(2, 2), padding=(1, 1))
    x = torch.arange(16.0).reshape(1, 1, 4, 4)
    padded = nn.functional.pad(x, (1, 1, 1, 1))[0, 0]
    expected = [
        [(padded[r : r + 3 : 2, c : c + 3 : 2]).mean() for c in range(4)]
        for r in range(4)
    ]
    assert torch.equal(Average(rows)(x)[0, 0], torch.tensor(expected))


def test_scaled_tanh_maps_one_to_one():
    # LeCun et al. 1998, appendix A: f(1) = 1 and f(−1) = −1.
    x = torch.tensor([-1.0, 0.0, 1.0, 50.0])
    y = ScaledTanh()(x)
    torch.testing.assert_close(
        y, torch.tensor([-1.0, 0.0, 1.0, 1.7159]), rtol=0, atol=1e-4
    )


def test_a_partial_convolution_is_a_full_one_with_zeros():
    table = ((0, 2), (1,), (0, 1, 2))
    layer = PartialConv(conv(3, 3, stride=2, padding=1, connections=table), 3)
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    full = nn.Conv2d(3, 3, 3, 2, 1)
    with torch.no_grad():
        full.weight.zero_()
        full.bias.copy_(layer.bias)
        kernels = iter(layer.weight)
        for output, row in enumerate(table):
            for channel in row:
                full.weight[output, channel] = next(kernels)
    x = torch.rand(2, 3, 8, 8)
    assert torch.equal(layer.full_weight, full.weight)
    torch.testing.assert_close(layer(x), full(x))
    assert layer.weight.numel() == 6 * 9


def test_lenet5_scores_are_distances_to_drawn_digits():
    module = build(LENET5_1998)
    outputs = layer_outputs(module, pictures(LENET5_1998, 1))
    hidden = outputs["tanh6"][0].numpy()
    distance = ((hidden - class_codes(10, 84)) ** 2).sum(axis=1)
    np.testing.assert_allclose(outputs["rbf1"][0], -distance, rtol=1e-5)


def test_the_codes_tell_the_classes_apart():
    assert digits().shape == (10, 12, 7)
    for codes, least in ((class_codes(10, 84), 6), (class_codes(7, 300), 100)):
        assert codes.dtype == np.float32
        assert set(np.unique(codes)) == {-1, 1}
        differ = (codes[:, None] != codes).sum(-1)
        assert differ[~np.eye(len(codes), dtype=bool)].min() >= least


@pytest.mark.parametrize("kind", INITIALISATIONS)
def test_weights_begin_as_drawn(kind):
    network = Network(layers=(conv(64, 5), max_pool(2), Layer("flatten"), dense(100)))
    module = build(network, 1, kind)
    same, other = build(network, 1, kind), build(network, 2, kind)
    deviation = {
        "torch": 1 / math.sqrt(3 * 9216),
        "xavier": math.sqrt(2 / (9216 + 100)),
        "he": math.sqrt(2 / 9216),
        "normal": 0.05,
    }[kind]
    weight, bias = module.dense1.weight, module.dense1.bias
    assert weight.std().item() == pytest.approx(deviation, rel=0.01)
    assert bool(bias.any()) == (kind == "torch")
    assert torch.equal(weight, same.dense1.weight)
    assert not torch.equal(weight, other.dense1.weight)


def test_kernels_of_a_partial_convolution_begin_by_what_their_map_reads():
    weight = build(LENET5_1998).conv2.weight
    assert 1 / math.sqrt(4 * 25) < weight[:18].abs().max() < 1 / math.sqrt(3 * 25)
    assert weight[-6:].abs().max() < 1 / math.sqrt(6 * 25)


def test_dropout_draws_from_its_own_generator():
    network = Network(layers=(Layer("flatten"), Layer("dropout", rate=0.25), dense(2)))
    layer = build(network).dropout1
    x = torch.ones(100, 1000)
    layer.generator = torch.Generator().manual_seed(0)
    before = torch.get_rng_state()
    y = layer(x)
    assert torch.equal(torch.get_rng_state(), before)
    assert y.unique().tolist() == pytest.approx([0, 4 / 3])
    assert (y == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert layer.eval()(x) is x
