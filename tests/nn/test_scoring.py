"""Explanations of any module of others, against captum on the bare module."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from modules_of_others import Branching, Residual, example
from torch import nn

from cnnviz.errors import InputError
from cnnviz.nn import probing
from cnnviz.nn.adversarial import Attack, perturb
from cnnviz.nn.attribution import (
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    saliency,
)
from cnnviz.nn.dreaming import dream
from cnnviz.nn.foreign import inspect_module
from cnnviz.nn.occlusion import occlusion
from cnnviz.nn.scoring import Scores, classes, gives_shares

captum = pytest.importorskip("captum.attr")

TIGHT = {"atol": 1e-5, "rtol": 1e-4}


class Curves(nn.Module):
    """One-dimensional, with two branches."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 4, 5, padding=2)
        self.wide = nn.Conv1d(2, 4, 9, padding=4)
        self.head = nn.Linear(4, 3)

    def forward(self, curves: torch.Tensor) -> torch.Tensor:
        maps = torch.relu(self.conv(curves)) + torch.tanh(self.wide(curves))
        return self.head(maps.mean(dim=2))


def decoder() -> nn.Sequential:
    """Return a network that gives maps: one a class, larger than what it takes."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.ReLU(inplace=True), nn.ConvTranspose2d(6, 2, 4, 2)
    )


def residual() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        Residual(),
        Residual(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 5),
    )


class Means(nn.Module):
    """A module's output averaged over places, which is what a class's score is."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.network(pictures)
        return output.flatten(2).mean(2)


# A module, what it takes, and a layer of it, which is a step of the same name.
MODULES = {
    "residual": (residual, (1, 1, 11, 9), "1.act"),
    "branching": (Branching, (1, 3, 20, 24), "stem"),
    "curves": (Curves, (1, 2, 30), "conv"),
    "maps": (decoder, (1, 3, 9, 7), "0"),
}


@pytest.fixture(params=MODULES)
def asked(request):
    make, shape, layer = MODULES[request.param]
    with torch.random.fork_rng():
        torch.manual_seed(3)
        module = make().eval()
    batch = 3 * example(*shape) - 1  # no pixel range of anybody's
    bare = Means(module) if request.param == "maps" else module
    ours = Scores(module, inspect_module(module, batch))
    return bare, ours, batch, module.get_submodule(layer), layer


def planes(batch: torch.Tensor) -> np.ndarray:
    picture = batch[0].detach().numpy()
    return picture if picture.ndim == 3 else picture[:, None]


def log(module, bare):
    """Return what ours explains where a module ends in softmax: the logarithm."""
    return (lambda batch: module(batch).log()) if bare else module


def wanted(asked):
    bare, ours, batch, layer, step = asked
    module = log(bare, ours._shares)
    return module, ours, batch.clone().requires_grad_(), layer, step


def array(tensor: torch.Tensor) -> np.ndarray:
    return planes(tensor.detach())


def test_gradients_of_any_module_are_captums(asked):
    module, ours, batch, _, _ = wanted(asked)
    picture = planes(batch)
    theirs = array(captum.Saliency(module).attribute(batch, target=1))
    found = saliency(ours, picture, 1)
    np.testing.assert_allclose(found.values, theirs, **TIGHT)
    np.testing.assert_allclose(found.heat, theirs.max(axis=0), **TIGHT)
    theirs = array(captum.InputXGradient(module).attribute(batch, target=1))
    found = gradient_times_input(ours, picture, 1)
    np.testing.assert_allclose(found.values, theirs, **TIGHT)


def test_integrated_gradients_of_any_module_are_captums(asked):
    module, ours, batch, _, _ = wanted(asked)
    theirs = captum.IntegratedGradients(module).attribute(
        batch, 0.0, target=1, n_steps=40
    )
    *_, found = integrated_gradients(ours, planes(batch), 1, steps=40)
    np.testing.assert_allclose(found.values, array(theirs), **TIGHT)


def test_grad_cam_of_a_layer_of_any_module_is_captums(asked):
    module, ours, batch, layer, step = wanted(asked)
    theirs = captum.LayerGradCam(module, layer).attribute(
        batch, target=1, relu_attributions=True
    )
    found = grad_cam(ours, planes(batch), step, 1)
    np.testing.assert_allclose(found.coarse, array(theirs)[0], **TIGHT)


def test_grad_cam_of_a_sum_of_branches_is_the_formula():
    """What a step makes that is no module: two branches added."""
    network, batch = Curves().eval(), example(1, 2, 30)
    ours = Scores(network, inspect_module(network, batch))
    maps = torch.relu(network.conv(batch)) + torch.tanh(network.wide(batch))
    # The head is linear in the mean of each map, so its slope is its weight.
    weights = network.head.weight[2][:, None] / 30
    coarse = (weights * maps[0]).sum(dim=0).relu().detach().numpy()
    found = grad_cam(ours, planes(batch), "add1", 2)
    np.testing.assert_allclose(found.coarse, coarse[None], **TIGHT)


def test_occlusion_of_any_module_is_the_share_with_the_window_covered(asked):
    bare, ours, batch, _, _ = asked
    rows = planes(batch).shape[1]
    side = min(3, rows)
    *_, found = occlusion(
        ours, planes(batch), 1, window=(side, 3), stride=(2, 2), fill=-0.5
    )
    covered = batch.clone()
    covered[..., :3] = -0.5
    if batch.ndim == 4:
        covered[..., 3:, :] = batch[..., 3:, :]
    with torch.no_grad():
        scores = bare(covered)
    share = scores if ours._shares else scores.softmax(1)
    assert found.probabilities[0, 0] == pytest.approx(share[0, 1].item(), abs=1e-6)


def test_an_attack_goes_along_the_sign_of_the_slope_in_the_modules_own_range(asked):
    bare, _, batch, _, _ = asked
    module = bare.network if isinstance(bare, Means) else bare
    ours = Scores(module, inspect_module(module, batch), (-1.0, 2.0))
    unit = (planes(batch) + 1) / 3
    found = perturb(ours, unit, Attack(epsilon=0.02))
    moved = batch.clone().requires_grad_()
    scores = bare(moved).log() if ours._shares else bare(moved)
    label = scores.argmax(1)
    nn.functional.cross_entropy(scores, label).backward()
    step = (batch + 0.06 * moved.grad.sign()).clamp(-1, 2)
    np.testing.assert_allclose(3 * found.result - 1, planes(step), atol=1e-5)
    assert found.label == int(label)
    for parameter in module.parameters():
        parameter.grad = None


def test_a_picture_grows_for_a_step_of_any_module(asked):
    _, ours, batch, _, step = asked
    steps = dream(ours, step, 1, planes(batch).clip(0, 1))
    first, *_, last = (next(steps) for _ in range(8))
    assert last.activation > first.activation


def test_nothing_is_left_behind(asked):
    bare, ours, batch, _, step = asked
    bare.train()
    grad_cam(ours, planes(batch), step, 0)
    assert bare.training and all(part.training for part in bare.modules())
    assert all(weight.grad is None for weight in bare.parameters())
    parts = [*bare.modules(), *ours._steps.values()]
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in parts)


def test_a_module_that_fails_in_the_middle_keeps_no_hook():
    class Fragile(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)

        def forward(self, pictures: torch.Tensor) -> torch.Tensor:
            maps = self.conv(pictures)
            if pictures.requires_grad or maps.requires_grad:
                raise RuntimeError("no gradients on Fridays")
            return maps.mean((2, 3))

    module, picture = Fragile(), np.ones((1, 5, 5), np.float32)
    ours = Scores(module, inspect_module(module, picture[None]))
    with pytest.raises(InputError, match="no gradients on Fridays"):
        grad_cam(ours, picture, "conv", 0)
    assert module.training and not module.conv._forward_hooks
    assert not ours.get_submodule("conv")._forward_hooks
    with pytest.raises(InputError, match="no layer conv9"):
        grad_cam(ours, picture, "conv9", 0)


def test_a_softmax_at_the_end_is_not_taken_for_scores():
    module, batch = Branching().eval(), example(2, 3, 20, 24)
    inspected = inspect_module(module, batch[:1])
    assert gives_shares(inspected) and classes(inspected) == 3
    with torch.no_grad():
        shares = module(batch[:1])[0].numpy()
    found = probing.predict(Scores(module, inspected), batch[0].numpy())
    np.testing.assert_allclose(found.probabilities, shares, atol=1e-6)


class OneAtATime(nn.Module):
    """As an exported program whose batch is fixed."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.conv(pictures).relu().reshape(1, 3, 36).mean(2)


def test_a_network_that_takes_one_picture_at_a_time_is_asked_so():
    module, batch = OneAtATime().eval(), example(5, 1, 8, 8)
    ours = Scores(module, inspect_module(module, batch[:1]))
    with torch.no_grad(), probing.watched(ours, ["conv"]) as seen:
        scores = ours(batch)
    with torch.no_grad():
        torch.testing.assert_close(scores, torch.cat([module(b[None]) for b in batch]))
        torch.testing.assert_close(seen["conv"], module.conv(batch))
    *_, found = integrated_gradients(ours, batch[0].numpy(), 1, steps=4)
    assert found.done == 4


def test_what_gives_no_scores_says_so():
    module, batch = (
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(0)),
        example(1, 1, 5, 5),
    )
    ours = Scores(module, inspect_module(module, batch))
    with pytest.raises(InputError, match="no axis for the pictures"):
        probing.predict(ours, batch[0].numpy())
