"""The optimizers of a recipe; FTRL against its paper, transcribed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from cnnviz.nn import optimizers
from cnnviz.nn.ftrl import FTRL
from cnnviz.nn.recipe import OPTIMIZERS, Recipe


def transcribed(w, gradients, alpha, beta=1.0, l1=0.0, l2=0.0):
    """McMahan et al. 2013, algorithm 1, weight by weight, beginning at w."""
    w = [float(x) for x in w]
    n = [0.0] * len(w)
    z = [-x * (beta / alpha + l2) - math.copysign(l1, x) for x in w]
    for gradient in gradients:
        for i, g in enumerate(map(float, gradient)):
            sigma = (math.sqrt(n[i] + g * g) - math.sqrt(n[i])) / alpha
            z[i] += g - sigma * w[i]
            n[i] += g * g
            w[i] = 0.0
            if abs(z[i]) > l1:
                scale = (beta + math.sqrt(n[i])) / alpha + l2
                w[i] = -(z[i] - math.copysign(l1, z[i])) / scale
    return w


def steps(optimizer: torch.optim.Optimizer, w: torch.Tensor, gradients) -> torch.Tensor:
    for gradient in gradients:
        w.grad = torch.as_tensor(gradient, dtype=w.dtype)
        optimizer.step()
    return w.detach()


def start(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.5, 0.0), (0.0, 2.0), (9.0, 1.0)])
def test_ftrl_is_its_paper(l1, l2):
    random = np.random.default_rng(4)
    first, gradients = random.normal(size=20), random.normal(size=(30, 20))
    w = start(first)
    ours = steps(FTRL([w], 0.1, l1=l1, l2=l2), w, gradients)
    theirs = transcribed(first, gradients, 0.1, l1=l1, l2=l2)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-14)
    assert l1 < 1 or (ours == 0).any()


def test_ftrl_by_hand():
    # α = 1, β = 1, one weight at 0, g = 3: n = 9, z = 3, w = −3/(1 + 3);
    # then g = 4: σ = √25 − √9 = 2, z = 3 + 4 + 2·3/4 = 8.5, n = 25, w = −8.5/6.
    w = start([0.0])
    assert steps(FTRL([w], 1.0), w, [[3.0]]).item() == -0.75
    w = start([0.0])
    assert steps(FTRL([w], 1.0), w, [[3.0], [4.0]]).item() == -8.5 / 6
    # λ₁ = 10 keeps it at 0, as |z| stays below.
    w = start([0.0])
    assert steps(FTRL([w], 1.0, l1=10), w, [[3.0], [4.0]]).item() == 0


def test_ftrl_without_penalties_is_adagrad():
    # With λ₁ = λ₂ = 0 each step is −α·g / (β + √n), n with the newest gradient.
    random = np.random.default_rng(5)
    first, gradients = random.normal(size=9), random.normal(size=(10, 9))
    w, other = start(first), start(first)
    ours = steps(FTRL([w], 0.1, beta=1e-10), w, gradients)
    theirs = steps(torch.optim.Adagrad([other], 0.1), other, gradients)
    torch.testing.assert_close(ours, theirs, rtol=1e-7, atol=1e-9)


def test_a_new_rate_moves_no_weight_of_ftrl():
    w = start([0.5, -0.25, 1.0])
    optimizer = FTRL([w], 0.1, l2=0.3)
    before = steps(optimizer, w, [[1.0, 2.0, -1.0]] * 3).clone()
    optimizer.param_groups[0]["lr"] = 0.001
    after = steps(optimizer, w, [[0.0, 0.0, 0.0]])
    torch.testing.assert_close(after, before)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_goes_down_a_valley(name):
    w = torch.full((4, 3, 2, 2), 2.0).contiguous(memory_format=torch.channels_last)
    w.requires_grad_()
    recipe = replace(Recipe().with_optimizer(name), weight_decay=1e-4)
    optimizer = optimizers.make(recipe, [w])
    loss = [torch.tensor(0.0)]
    for _ in range(50):
        optimizer.zero_grad()
        loss.append(w.square().sum())
        loss[-1].backward()
        optimizer.step()
    assert loss[-1] < loss[1]
    assert w.std() < 1e-5  # all alike, in this memory format too


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_options_of_the_recipe_reach_it(name):
    w = torch.zeros(1, requires_grad=True)
    recipe = Recipe(optimizer=name, learning_rate=0.3, momentum=0.7, weight_decay=0.01)
    (group,) = optimizers.make(recipe, [w]).param_groups
    assert (group["lr"], group["weight_decay"]) == (0.3, 0.01)
    assert name != "sgd" or group["momentum"] == 0.7
    assert name not in ("sgd", "adam", "adamw", "adagrad") or group["fused"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_those_of_torch(name, monkeypatch):
    random = np.random.default_rng(6)
    values = random.normal(size=(5, 4)).astype(np.float32)
    gradients = random.normal(size=(4, 5, 4)).astype(np.float32)
    w, other = (torch.tensor(values, requires_grad=True) for _ in range(2))
    recipe = Recipe(optimizer=name, weight_decay=1e-3)
    ours = optimizers.make(recipe, [w])
    monkeypatch.setitem(optimizers.MAKERS, name, optimizers.KINDS[name])
    theirs = optimizers.make(recipe, [other])
    assert torch.equal(steps(ours, w, gradients), steps(theirs, other, gradients))
    ours.zero_grad()
    assert w.grad is None
