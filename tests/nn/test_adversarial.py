"""Pictures that fool a network, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.functional import cross_entropy

from cnnviz.errors import InputError
from cnnviz.nn.adversarial import METHODS, NORMS, Attack, attacked, perturb
from cnnviz.nn.models import tiny
from cnnviz.nn.modules import build

PICTURE = np.random.default_rng(0).random((1, 28, 28), np.float32)


def network() -> nn.Sequential:
    return build(tiny.NETWORK, seed=1)


def test_fgsm_is_epsilon_times_the_sign_of_the_gradient():
    module = network().eval()
    inputs = torch.from_numpy(PICTURE)[None].requires_grad_()
    cross_entropy(module(inputs), torch.tensor([3])).backward()
    step = 0.05 * inputs.grad.sign()
    for target, sign in (None, 1), (3, -1):
        label = 3 if target is None else None
        found = perturb(
            module, PICTURE, Attack(epsilon=0.05), label=label, target=target
        )
        expected = (inputs + sign * step).clamp(0, 1)[0].detach().numpy()
        np.testing.assert_allclose(found.result, expected, atol=1e-6)


@pytest.mark.filterwarnings("ignore:Input Tensor 0 did not already require")
def test_it_is_captums():
    robust = pytest.importorskip("captum.robust")
    module = network().eval()
    batch = torch.from_numpy(PICTURE)[None]
    labels = torch.tensor([2])
    bounds = {
        "loss_func": nn.CrossEntropyLoss(reduction="none"),
        "lower_bound": 0,
        "upper_bound": 1,
    }
    fgsm, pgd = (kind(module, **bounds) for kind in (robust.FGSM, robust.PGD))
    fgsm.zero_thresh = pgd.fgsm.zero_thresh = 0  # theirs leaves small gradients out
    theirs = fgsm.perturb(batch.clone().requires_grad_(), epsilon=0.07, target=labels)
    ours = attacked(module, batch, labels, Attack(epsilon=0.07))
    torch.testing.assert_close(ours, theirs.detach(), atol=1e-4, rtol=1e-4)
    theirs = pgd.perturb(
        batch.clone().requires_grad_(),
        radius=0.3,
        step_size=0.1,
        step_num=5,
        target=labels,
    )
    ours = attacked(
        module, batch, labels, Attack("pgd", "linf", 0.3, steps=5, step=0.1)
    )
    torch.testing.assert_close(ours, theirs.detach(), atol=1e-4, rtol=1e-4)


def test_l2_goes_along_the_gradient_and_back_to_the_ball():
    module = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False))
    with torch.no_grad():
        module[1].weight.copy_(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
    grey = np.full((1, 1, 2), 0.5, np.float32)
    once = perturb(module, grey, Attack("fgsm", "l2", 0.1), label=0)
    np.testing.assert_allclose(once.perturbation[0, 0], [-0.06, -0.08], atol=1e-6)
    far = Attack("pgd", "l2", 0.1, steps=3, step=5.0)
    back = perturb(module, grey, far, target=0)
    np.testing.assert_allclose(back.perturbation[0, 0], [0.06, 0.08], atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(
    method=st.sampled_from(METHODS),
    norm=st.sampled_from(NORMS),
    epsilon=st.floats(0, 2),
    steps=st.integers(1, 4),
    step=st.sampled_from([0.0, 0.5]),
    start=st.booleans(),
)
def test_the_change_stays_in_its_ball_and_the_picture_in_its_range(
    method, norm, epsilon, steps, step, start
):
    attack = Attack(method, norm, epsilon, steps, step, start)
    found = perturb(network(), PICTURE, attack)
    assert found.result.min() >= 0
    assert found.result.max() <= 1
    change = found.perturbation.ravel()
    length = np.abs(change).max() if norm == "linf" else np.linalg.norm(change)
    assert length <= epsilon + 1e-5
    np.testing.assert_array_equal(found.result - PICTURE, found.perturbation)


def test_a_strong_attack_fools_and_a_target_is_met():
    module = network()
    module.train()
    away = perturb(module, PICTURE, Attack("pgd", epsilon=0.3))
    assert away.fooled
    assert away.after.label != away.before.label == away.label
    target = (away.before.label + 1) % 10
    to = perturb(module, PICTURE, Attack("pgd", epsilon=0.5, steps=40), target=target)
    assert to.fooled
    assert to.after.label == target
    nothing = perturb(module, PICTURE, Attack(epsilon=0.0))
    assert not nothing.fooled
    assert not nothing.perturbation.any()
    assert module.training
    assert all(weight.grad is None for weight in module.parameters())


@pytest.mark.parametrize(
    ("epsilon", "factor"), [(0.05, 10), (0.1, 5), (0.3, 1), (0.004, 100), (0.007, 50)]
)
def test_the_magnified_change_has_a_round_factor(epsilon, factor):
    grey = np.full((1, 28, 28), 0.5, np.float32)
    found = perturb(network(), grey, Attack(epsilon=epsilon))
    assert found.factor == factor
    assert np.ptp(found.magnified) <= 1
    expected = 0.5 + factor * found.perturbation
    np.testing.assert_allclose(found.magnified, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"epsilon": -0.1}, "epsilon of -0.1"),
        ({"epsilon": float("nan")}, "epsilon of nan"),
        ({"method": "pgd", "steps": 0}, "0 steps"),
        ({"method": "pgd", "step": -1.0}, "step of -1"),
    ],
)
def test_an_attack_that_does_not_work_says_why(settings, words):
    with pytest.raises(InputError, match=words):
        perturb(network(), PICTURE, Attack(**settings))


def test_a_class_that_is_not_there_says_so():
    with pytest.raises(InputError, match="no class 10"):
        perturb(network(), PICTURE, Attack(), target=10)
