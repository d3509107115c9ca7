"""Minimal filtering against torch's own convolution."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import conv2d

from cnnviz.nn import winograd
from cnnviz.nn.modules import build
from cnnviz.nn.network import Layer, Network, conv, dense, max_pool
from cnnviz.nn.winograd import Conv2d, convolve

needs_mkl = pytest.mark.skipif(
    not torch.backends.mkl.is_available(), reason="torch has no MKL here"
)


@pytest.fixture(autouse=True)
def any_cores(monkeypatch):
    monkeypatch.setattr(winograd, "MOST_CORES", torch.get_num_threads())


def drawn(*shapes: tuple[int, ...], dtype=torch.float32) -> list[torch.Tensor]:
    random = torch.manual_seed(1)
    return [torch.randn(shape, generator=random, dtype=dtype) for shape in shapes]


def results(function, maps, weight, bias, gradient) -> list[torch.Tensor]:
    """Return the outputs, and the gradients of maps, weight and bias."""
    given = [t.detach().clone().requires_grad_() for t in (maps, weight, bias)]
    outputs = function(*given)
    outputs.backward(gradient)
    return [outputs.detach(), *(t.grad for t in given)]


def test_one_row_is_what_the_paper_says():
    inverse, kernel, data = (
        matrix.numpy() for matrix in winograd._matrices(torch.float64)
    )
    row, taps = np.array([3, -1, 4, 1, -5, 9, 2, -6.0]), np.array([2, 7, -1, 8, 2.0])
    found = inverse @ ((kernel @ taps) * (data @ row))
    np.testing.assert_allclose(found, np.correlate(row, taps, "valid"), atol=1e-12)


@pytest.mark.parametrize("size", [(8, 8), (12, 8), (8, 16)])
def test_gradients(size):
    given = drawn((2, 2, *size), (1, 2, 5, 5), (1,), dtype=torch.float64)
    for tensor in given:
        tensor.requires_grad_()
    assert torch.autograd.gradcheck(convolve, given)
    torch.testing.assert_close(convolve(*given), conv2d(*given))


@pytest.mark.parametrize(
    ("pictures", "channels", "outputs", "size"),
    [(128, 32, 64, 12), (97, 32, 32, 8), (32, 128, 128, 20)],
)
def test_rounding_stays_within_a_hundred_thousandth(pictures, channels, outputs, size):
    maps, weight, bias, gradient = drawn(
        (pictures, channels, size, size),
        (outputs, channels, 5, 5),
        (outputs,),
        (pictures, outputs, size - 4, size - 4),
    )
    # As in training: what a ReLU lets through, kernels of a usual size, a gradient for
    # the largest of four.
    given = maps.relu(), weight / (5 * channels**0.5), bias, gradient * (gradient > 0.7)
    ours = results(convolve, *given)
    exact = results(conv2d, *(tensor.double() for tensor in given))
    for found, true in zip(ours, exact, strict=True):
        assert found.dtype == torch.float32
        assert (found - true).abs().max() <= 1e-5 * true.abs().max()
    again = results(convolve, *given)
    assert all(map(torch.equal, ours, again))


def test_layouts_are_those_of_training():
    maps, weight, bias = drawn((32, 32, 8, 8), (32, 32, 5, 5), (32,))
    maps, weight = (
        t.contiguous(memory_format=torch.channels_last).requires_grad_()
        for t in (maps, weight)
    )
    outputs = convolve(maps, weight, bias)
    outputs.sum().backward()
    for tensor in (outputs, maps.grad, weight.grad):
        assert tensor.is_contiguous(memory_format=torch.channels_last)


def layer(channels=32, outputs=32, kernel=5, **options) -> Conv2d:
    made = Conv2d(channels, outputs, kernel, **options)
    made.minimal = True
    return made


def is_minimal(outputs: torch.Tensor) -> bool:
    return outputs.grad_fn is not None and "_Convolution" in outputs.grad_fn.name()


@needs_mkl
def test_it_is_used_where_it_pays():
    for size in (8, 12, 20):
        assert is_minimal(layer()(*drawn((32, 32, size, size))))


@pytest.mark.parametrize(
    ("made", "shape"),
    [
        (layer().eval(), (32, 32, 12, 12)),
        (layer(kernel=3), (32, 32, 12, 12)),
        (layer(stride=4), (32, 32, 12, 12)),
        (layer(dilation=2), (32, 32, 12, 12)),
        (layer(padding=2), (32, 32, 8, 8)),
        (layer(padding="same"), (32, 32, 8, 8)),
        (layer(bias=False), (32, 32, 12, 12)),
        (layer(channels=16), (32, 16, 12, 12)),
        (layer(outputs=16), (32, 32, 12, 12)),
        (layer(), (31, 32, 12, 12)),
        (layer(), (32, 32, 11, 12)),
        (layer(), (600, 32, 20, 20)),
        (layer().double(), (32, 32, 12, 12)),
        (Conv2d(32, 32, 5), (32, 32, 12, 12)),
    ],
)
def test_anything_else_is_torchs_own(made, shape):
    (maps,) = drawn(shape, dtype=made.weight.dtype)
    outputs = made(maps)
    assert not is_minimal(outputs)
    own = nn.Conv2d.forward(made, maps)
    assert torch.equal(outputs, own)


@pytest.mark.parametrize(
    "within", [torch.no_grad(), torch.inference_mode(), torch.autocast("cpu")]
)
def test_without_gradients_or_in_bf16_it_is_torchs_own(within):
    made = layer()
    (maps,) = drawn((32, 32, 12, 12))
    with within:
        outputs = made(maps)
        assert torch.equal(outputs, nn.Conv2d.forward(made, maps))
    assert not is_minimal(outputs)


def test_many_cores_keep_to_torchs_own(monkeypatch):
    monkeypatch.setattr(winograd, "MOST_CORES", torch.get_num_threads() - 1)
    assert not is_minimal(layer()(*drawn((32, 32, 12, 12))))


@needs_mkl
@pytest.mark.parametrize("pooled", [False, True])
def test_a_network_trains_by_it_and_is_evaluated_without(pooled):
    pool = [max_pool(2)] if pooled else []
    network = Network(
        input=(32, 12, 12),
        layers=(conv(32, 5), Layer("relu"), *pool, Layer("flatten"), dense(3)),
    )
    gradients, scores = [], []
    (pictures,) = drawn((40, 32, 12, 12))
    for fused in (True, False):
        module = build(network, 2, fused=fused)
        with torch.autograd.profiler.profile() if fused else nullcontext() as profile:
            module(pictures).square().sum().backward()
        if fused:
            assert "_Convolution" in {event.name for event in profile.function_events}
        gradients.append([p.grad for p in module.parameters()])
        scores.append(module.eval()(pictures))
    assert torch.equal(*scores)
    for ours, plain in zip(*gradients, strict=True):
        assert (ours - plain).abs().max() <= 1e-5 * plain.abs().max()
