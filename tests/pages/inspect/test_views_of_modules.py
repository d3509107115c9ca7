"""The views beside the layers, on modules of others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import small_views as small
import torch
from page_for_tests import PATIENCE, settle
from torch import nn

from cnnviz import inspecting
from cnnviz.nn import attribution
from cnnviz.nn.occlusion import occlusion
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.subject import Handed

if TYPE_CHECKING:
    from page_for_tests import Make
    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.page import InspectPage


class Coloured(nn.Module):
    """RGB, residual, normalised otherwise, without a module for its activations."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 1)
        self.head = nn.Linear(4, 3)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        maps = torch.relu(self.first(pictures))
        maps = torch.relu(maps + self.second(maps))
        return self.head(maps.mean((2, 3)))


@pytest.fixture
def shown(page: Make, network: str, test_set: str) -> InspectPage:
    return page(replace(first_state(), network=network, data=test_set))


def hand(page: InspectPage, qtbot: QtBot, module: nn.Module, *shape: int) -> Any:
    """Hand a module over with an example of −1 to 2."""
    generator = torch.Generator().manual_seed(0)
    example = 3 * torch.rand(1, *shape, generator=generator) - 1
    page.show_module(inspecting.hand_over(module, example))
    settle(qtbot, page)
    return example[0].numpy()


def look(page: InspectPage, qtbot: QtBot, view: Any) -> Any:
    page.edit(replace(page.state, view=view))
    settle(qtbot, page)
    return page._canvas.others[view]


def hooks(module: nn.Module) -> list[Any]:
    return [h for part in module.modules() for h in part._forward_hooks]


@pytest.fixture
def module() -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Coloured()


def test_why_is_shown_for_any_module(
    shown: InspectPage, qtbot: QtBot, module: Any
) -> None:
    example = hand(shown, qtbot, module, 3, 9, 11)
    view = look(shown, qtbot, "why")
    heats = {key: tile.heat._values for key, tile in view.tiles.items()}
    label = int(module(torch.from_numpy(example)[None]).argmax())
    assert view.tiles["picture"].heat._caption.startswith(f"{label}: ")
    found = attribution.saliency(module, example)
    np.testing.assert_allclose(heats["saliency"], found.heat, rtol=1e-5, atol=1e-7)
    found = attribution.gradient_times_input(module, example)
    np.testing.assert_allclose(heats["product"], found.heat, rtol=1e-4, atol=1e-6)
    *_, found = occlusion(module, example, window=(5, 5), fill=-1 + 1e-3)
    np.testing.assert_allclose(heats["occlusion"], found.heat, atol=1e-3)
    offered = [view._layer.itemData(n) for n in range(view._layer.count())]
    assert {"first", "relu1", "second", "add1", "relu2"} == set(offered)
    view._layer.chosen.emit("first")
    settle(qtbot, shown)
    cam = attribution.grad_cam(module, example, "first")
    np.testing.assert_allclose(
        view.tiles["cam"].heat._values, cam.heat, rtol=1e-4, atol=1e-7
    )
    assert "from x₀ = 0" in shown._explanation._sentence.text()
    assert module.training and not hooks(module)


def test_an_attack_and_a_dream_say_the_range_they_use(
    shown: InspectPage, qtbot: QtBot, module: Any
) -> None:
    hand(shown, qtbot, module, 3, 9, 11)
    shown.edit(replace(shown.state, view="dream"))
    dreamt: Any = shown._canvas.others["dream"]
    qtbot.waitUntil(lambda: len(dreamt._activations) > 1, timeout=PATIENCE)
    assert "Here 0 to 1 stands for" in shown._explanation._sentence.text()
    for key in ("adversarial", "changes"):
        view = look(shown, qtbot, key)
        assert view.sentence.text() == ""
        said = shown._explanation._sentence.text()
        assert "Here 0 to 1 stands for ≈−0.99" in said and said.endswith("the input.")
    attack = shown._canvas.others["adversarial"]
    assert attack._before._values.min() == 0 and attack._before._values.max() == 1
    assert np.abs(attack._change._values).max() == pytest.approx(0.25, abs=1e-4)
    assert not attack._start.isEnabled()
    assert "do not fit" in attack._note.text()


@pytest.mark.parametrize("key", ["why", "adversarial", "dream", "points", "changes"])
def test_pictures_of_the_test_set_are_asked_about_where_they_fit(
    shown: InspectPage, qtbot: QtBot, key: Any
) -> None:
    from cnnviz.nn.modules import build
    from cnnviz.nn.network import Network, conv, dense

    net = Network(input=(1, 28, 28), layers=(conv(3, 5, stride=4), dense(10)))
    net = replace(net, layers=(net.layers[0], small.Layer("flatten"), net.layers[1]))
    module = build(net)
    shown.show_module(Handed(module, np.zeros((1, 28, 28), np.float32), "theirs"))
    shown.edit(replace(shown.state, source="test", index=3, view=key))
    view: Any = shown._canvas.others[key]
    if key == "dream":  # which grows on for some seconds
        qtbot.waitUntil(lambda: len(view._shown) == 9, timeout=PATIENCE)
        shown.edit(replace(shown.state, view="layers"))
    settle(qtbot, shown)
    assert view.sentence.text() == "" and not view.inputs.missing
    assert view.inputs.picture.max() == 1
    if key == "points":
        assert len(view._plot._points) == 60
    assert not hooks(module)


def test_a_curve_is_explained_as_a_strip(shown: InspectPage, qtbot: QtBot) -> None:
    module = nn.Sequential(
        nn.Conv1d(2, 4, 5), nn.ReLU(), nn.AdaptiveAvgPool1d(1), nn.Flatten()
    )
    example = hand(shown, qtbot, module, 2, 40)
    view = look(shown, qtbot, "why")
    batch = torch.from_numpy(example)[None].requires_grad_()
    scores = module(batch)
    scores[0, scores.argmax()].backward()
    wanted = batch.grad[0].abs().amax(dim=0, keepdim=True).numpy()
    np.testing.assert_allclose(view.tiles["saliency"].heat._values, wanted, rtol=1e-4)
    assert view.tiles["cam"].heat._values.shape == (1, 40)
    assert view.tiles["occlusion"].heat._values.shape == (1, 40)
    assert "no picture that could be" in look(shown, qtbot, "changes").sentence.text()


class Stepped(nn.Module):
    """No gradient comes through it."""

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return (pictures > 0.5).float().flatten(2).mean(2)


def test_without_a_gradient_there_is_the_occlusion_and_a_sentence(
    shown: InspectPage, qtbot: QtBot
) -> None:
    hand(shown, qtbot, Stepped(), 2, 7, 7)
    view = look(shown, qtbot, "why")
    for key in ("saliency", "product", "integrated", "cam"):
        assert view.tiles[key].heat._values is None
        assert "No gradient comes through" in view.tiles[key]._words.text()
    assert view.tiles["occlusion"].heat._values.any()


@pytest.mark.parametrize(
    ("module", "shape", "view", "said"),
    [
        (nn.Flatten(), (1, 2, 3, 4), "why", "neither a picture nor a curve"),
        (nn.Linear(6, 1), (6,), "adversarial", "gives one number"),
        (nn.Linear(6, 1), (6,), "changes", "gives one number"),
    ],
)
def test_what_cannot_be_asked_says_why(
    shown: InspectPage, qtbot: QtBot, module: Any, shape: Any, view: Any, said: str
) -> None:
    hand(shown, qtbot, module, *shape)
    assert said in look(shown, qtbot, view).sentence.text()
