"""Networks of every origin on the Inspect page, and what other pages take over."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from networks_for_tests import MIXED, complete, subject
from page_for_tests import PATIENCE, outputs, press, settle
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from torch import nn

from cnnviz import inspecting, theme
from cnnviz.errors import InputError
from cnnviz.nn import checkpoints
from cnnviz.nn.network import Layer, Network, conv, dense
from cnnviz.ops.geometry import output_size
from cnnviz.pages.inspect import networks
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.subject import Handed
from cnnviz.settings import Settings
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.page import InspectPage

    Make = Callable[..., InspectPage]


# ------------------------------------------------------------------ networks


def test_a_network_that_is_not_there_is_said_and_the_last_one_kept(
    page: Make, qtbot: QtBot, network: str, tmp_path: Path
) -> None:
    shown = page()
    (tmp_path / "noise.safetensors").write_bytes(b"noise")
    for name in ("gone.safetensors", "noise.safetensors"):
        shown.open_paths([str(tmp_path / name)])
        qtbot.waitUntil(lambda: bool(shown.banner.text()), timeout=PATIENCE)
        assert shown.state.network == network
        assert shown._looking.loaded == network
        shown.banner.hide()


def test_weights_that_are_no_numbers_are_said(
    page: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    shown = page()
    sick = subject(seed=3)
    sick.weights["conv1.weight"][0, 0, 0, 0] = np.nan
    path = tmp_path / "sick.safetensors"
    checkpoints.save(path, MIXED, complete(sick))
    shown.open_paths([str(path)])
    qtbot.waitUntil(lambda: bool(shown.banner.text()), timeout=PATIENCE)
    assert "no numbers" in shown.banner.text()


def test_a_network_of_another_shape_takes_the_drawing_scaled(
    page: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    colour = Network(
        "rgb", "RGB", (conv(2, 3), *MIXED.layers[7:8], dense(3)), (3, 9, 9)
    )
    one = subject(colour)
    path = tmp_path / "rgb.safetensors"
    checkpoints.save(path, colour, one.weights)
    shown = page()
    shown.open_paths([str(path)])
    qtbot.waitUntil(lambda: shown._looking.loaded == str(path), timeout=PATIENCE)
    settle(qtbot, shown)
    assert outputs(shown)["input"].shape == (3, 9, 9)
    Image.new("RGB", (30, 30), (250, 10, 10)).save(tmp_path / "red.png")
    shown.open_paths([str(tmp_path / "red.png")])
    qtbot.waitUntil(lambda: shown.state.source == "file", timeout=PATIENCE)
    settle(qtbot, shown)
    np.testing.assert_allclose(
        outputs(shown)["input"][:, 4, 4], np.array([250, 10, 10]) / 255, atol=0.01
    )


def test_test_pictures_that_do_not_fit_are_said(
    page: Make, qtbot: QtBot, test_set: str, tmp_path: Path
) -> None:
    layers = (conv(2, 3), Layer("flatten"), dense(3))
    small = Network("small", "Small", layers, (1, 9, 9))
    path = tmp_path / "small.safetensors"
    checkpoints.save(path, small, subject(small).weights)
    shown = page(State(network=str(path), source="test", data=test_set))
    assert "pictures of 1 × 9 × 9" in shown._layers._sentence.text()
    shown.edit(replace(shown.state, browse="mistakes"))
    assert "do not fit" in shown._controls.browser._about.text()


def wheel(view, at: QPoint, delta: int) -> None:
    """Turn the wheel with Ctrl over a place of a widget."""
    event = QWheelEvent(
        at.toPointF(),
        view.mapToGlobal(at).toPointF(),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_zooms_into_a_layer_and_out_again(page: Make) -> None:
    shown = page()
    mosaic = shown._layers.wall.mosaics[1]
    wheel(shown._layers.wall, mosaic.geometry().center(), 120)
    assert shown.state.layer == "conv1"
    sheet = shown._layers.sheets.sheets[0]
    wheel(sheet.viewport(), sheet.viewport().rect().center(), -120)
    assert shown.state.layer == ""


def test_an_archive_is_opened_only_if_it_is_trusted(
    page: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "exported.pt2"
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 3))
    program = torch.export.export(module.eval(), (torch.zeros(1, 1, 4, 4),))
    torch.export.save(program, path)
    shown = page()
    before = shown.state
    for choice in (QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Open):
        shown.open_paths([str(path)])
        box = shown.findChild(QMessageBox)
        assert shown.state == before
        box.button(choice).click()
        box.setParent(None)
    qtbot.waitUntil(lambda: shown._looking.loaded == str(path), timeout=PATIENCE)
    settle(qtbot, shown)


def test_the_shipped_networks_are_offered():
    found = dict(networks.groups(_nowhere(), "lecture"))
    assert "lecture" in [key for key, *_ in found["Trained networks"]]
    with pytest.raises(InputError, match="not there"):
        networks.load("/nowhere/at all.safetensors")


def _nowhere() -> Path:
    from pathlib import Path

    return Path("/nowhere")


# ------------------------------------------------------------------ of others


class Raises(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 2, 3)

    def forward(self, pictures):
        self.layer(pictures)
        raise ValueError("on purpose")


def hooks(module: nn.Module) -> int:
    return sum(
        len(part._forward_hooks) + len(part._forward_pre_hooks)
        for part in module.modules()
    )


def test_any_module_is_looked_into(page: Make, qtbot: QtBot) -> None:
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    )
    example = torch.randn(2, 3, 8, 8)
    shown = page()
    shown.show_module(inspecting.hand_over(module, example, ["a", "b", "c", "d"]))
    settle(qtbot, shown)
    with torch.no_grad():
        first = module[0](example)[0].numpy()
    np.testing.assert_allclose(outputs(shown)["0"], first, rtol=1e-5, atol=1e-6)
    shown.edit(shown.state.at("0", (1, 2, 2)))
    assert shown._explanation.made.terms.closes
    assert not hooks(module)


def test_a_module_that_raises_is_a_sentence(page: Make, qtbot: QtBot) -> None:
    shown, module = page(), Raises()
    shown.show_module(Handed(module, np.zeros((1, 6, 6), np.float32), "Raises"))
    qtbot.waitUntil(
        lambda: "on purpose" in shown._layers._sentence.text(), timeout=PATIENCE
    )
    assert not hooks(module)
    assert shown.state.network == networks.MODULE


@pytest.mark.parametrize(
    ("model", "example", "said"),
    [
        (len, np.zeros((1, 1, 4, 4)), "no torch module"),
        (nn.ReLU(), np.zeros(4), "batch axis"),
        (nn.ReLU(), np.array([["a"]]), "batch axis"),
    ],
)
def test_what_is_no_module_or_example_is_refused(model, example, said) -> None:
    with pytest.raises(InputError, match=said):
        inspecting.hand_over(model, example)


@pytest.fixture
def opened() -> Iterator[list[Window]]:
    windows: list[Window] = []
    yield windows
    for window in windows:
        window.shut_down()


def test_inspect_opens_a_window(qtbot: QtBot, opened: list[Window]) -> None:
    import cnnviz

    window = cnnviz.inspect(nn.Linear(4, 2), torch.zeros(1, 4))
    opened.append(window)
    qtbot.addWidget(window)
    qtbot.waitUntil(window.page.settled, timeout=PATIENCE)
    assert window.page.id == "inspect"
    assert outputs(window.page)["softmax"].shape == (2,)
    with pytest.raises(AttributeError, match="nothing"):
        _ = cnnviz.nothing


# ------------------------------------------------------------------ in the window


@pytest.fixture
def window(qtbot: QtBot, network: str) -> Iterator[Window]:
    theme.apply(QApplication.instance(), "light", 100)
    made = Window(Settings())
    qtbot.addWidget(made)
    made.restore_session()
    made.show_page("inspect")
    made.resize(1280, 800)
    made.show()
    made.page.edit(replace(first_state(), network=network))
    settle(qtbot, made.page)
    yield made
    made.shut_down()


def test_a_window_is_worked_by_hand(window: Window, qtbot: QtBot) -> None:
    page = window.page
    page.edit(page.state.at("conv1", (2, 5, 5)))
    own = page._explanation.made.terms.own
    press(page, "Work by hand")
    assert window.page.id == "windows"
    result = window.page.state.work.result
    assert result[0, 0, 0] == pytest.approx(own, abs=1e-5)


@pytest.mark.parametrize(("layer", "before"), [("conv1", "input"), ("conv2", "pool1")])
def test_a_kernel_is_slid_over_a_map_in_the_kernel_lab(
    window: Window, qtbot: QtBot, layer: str, before: str
) -> None:
    page = window.page
    page.edit(page.state.at(layer, (3, 1, 1)))
    weights = page._explanation.made.terms.weights
    channel = page._explanation.made.terms.strongest(1)[0]
    press(page, "Open in Kernel Lab")
    lab = window.page
    assert lab.id == "kernel-lab"
    qtbot.waitUntil(lab.settled, timeout=PATIENCE)
    np.testing.assert_allclose(
        np.array(lab.state.current.kernel.weights), weights[channel], rtol=1e-6
    )
    rows, columns = outputs(page)[before].shape[1:]
    assert lab._picture.pixels.shape[:2] == (rows, columns)
    slides = lab.state.current.geometry
    assert output_size((rows, columns), slides) == outputs(page)[layer].shape[1:]


def sources(page: InspectPage) -> list[str]:
    return [key for key, _ in page._controls._sources]


def test_a_network_for_curves_opens_on_an_example_and_leaves_none_behind(
    page: Make, qtbot: QtBot, tmp_path: Path, network: str
) -> None:
    path = tmp_path / "curves.pt2"
    module = nn.Sequential(nn.Conv1d(1, 2, 3), nn.Flatten(), nn.Linear(12, 3)).eval()
    program = torch.export.export(module, (torch.zeros(1, 1, 8),))
    torch.export.save(program, path)
    shown = page()
    shown._looking.trust(str(path))
    shown._look_into(str(path))
    settle(qtbot, shown)
    assert shown.state.source == "example"
    assert sources(shown)[0] == "example"
    given = outputs(shown)["input"]
    assert given.shape == (1, 1, 8) and np.ptp(given) > 0, "not all the same"
    assert not shown._controls._changes.isEnabled()
    shown.edit(replace(shown.state, source="drawing"))
    settle(qtbot, shown)
    said = shown._layers._sentence.text()
    assert said.startswith(
        "This network takes pictures of 1 × 8 and this one is 1 × 28"
    )
    assert shown._explanation._heading.text().startswith("Choose another picture")
    shown.edit(replace(shown.state, source="example"))
    shown.edit(replace(shown.state, network=network))
    settle(qtbot, shown)
    assert shown.state.source == "drawing"
    assert "example" not in sources(shown)
    assert shown._controls._changes.isEnabled()


def test_a_network_of_maps_has_no_answer_to_show(page: Make, qtbot: QtBot) -> None:
    shown = page()
    assert shown._controls._answer.isVisible()
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ConvTranspose2d(2, 1, 3))
    shown.show_module(Handed(module, np.ones((1, 28, 28), np.float32), "maps"))
    settle(qtbot, shown)
    assert shown._answer.seen is not None
    assert not shown._controls._answer.isVisible()
    shown.edit(replace(shown.state, network="lecture"))
    settle(qtbot, shown)
    assert shown._controls._answer.isVisible()


def test_the_kernel_lab_pins_the_value_it_is_handed(page: Make, qtbot: QtBot) -> None:
    shown = page()
    shown.edit(shown.state.at("conv2", (3, 1, 2)))
    settle(qtbot, shown)
    with qtbot.waitSignal(shown.handed_over) as handed:
        press(shown, "Open in Kernel Lab")
    assert handed.args[1]["pin"] == [1, 2]
