"""The Inspect page: a person at its real controls, real networks behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from digits_by_hand import placed
from networks_for_tests import MIXED, complete, saved, seen, subject
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QMessageBox, QPushButton
from torch import nn

from cnnviz import inspecting, theme
from cnnviz.codec import from_json, to_json
from cnnviz.errors import InputError
from cnnviz.nn import checkpoints, datasets, digits, idx, replay
from cnnviz.nn.network import Layer, Network, conv, dense
from cnnviz.ops.geometry import output_size
from cnnviz.pages.inspect import networks, packed
from cnnviz.pages.inspect.all_terms import AllTerms
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.page import InspectPage
from cnnviz.pages.inspect.set_box import mistakes
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.subject import Handed
from cnnviz.settings import Settings
from cnnviz.widgets.sum_strip import SumStrip
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    Make = Callable[..., InspectPage]

PATIENCE = 30_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def network(tmp_path: Path) -> str:
    return str(saved(subject(), tmp_path))


@pytest.fixture
def test_set(tmp_path: Path) -> str:
    """Write a few generated digits as MNIST's four files."""
    place = tmp_path / "small digits"
    place.mkdir()
    for name, count, seed in (("train", 20, 1), ("t10k", 60, 2)):
        split = digits.generate(count, seed)
        idx.write(place / f"{name}-images-idx3-ubyte.gz", split.images[:, 0])
        labels = split.labels.astype(np.uint8)
        idx.write(place / f"{name}-labels-idx1-ubyte.gz", labels)
    return str(place)


@pytest.fixture
def page(qtbot: QtBot, network: str) -> Iterator[Make]:
    theme.apply(QApplication.instance(), "light", 100)
    made = []

    def make(state: State | None = None) -> InspectPage:
        page = InspectPage(state or replace(first_state(), network=network))
        qtbot.addWidget(page)
        made.append(page)
        page.resize(1090, 740)
        page.show()
        settle(qtbot, page)
        return page

    yield make
    for page in made:
        page.shut_down()


def settle(qtbot: QtBot, page: InspectPage) -> None:
    qtbot.waitUntil(page.settled, timeout=PATIENCE)
    QApplication.processEvents()  # which lays out what the answer has made
    QApplication.processEvents()


def press(page: InspectPage, name: str) -> None:
    QApplication.processEvents()  # which shows what was made just now
    buttons = page.findChildren(QPushButton)
    next(b for b in buttons if b.accessibleName() == name and b.isVisible()).click()


def draw(qtbot: QtBot, page: InspectPage, strokes) -> None:
    """Draw with the mouse; places are shares of the sheet."""
    pad = page._controls.pad.pad
    side = pad.sheet.width()
    for stroke in strokes:
        points = [QPoint(round(x * side), round(y * side)) for x, y in stroke]
        qtbot.mousePress(pad, LEFT, pos=points[0])
        for point in points[1:]:
            qtbot.mouseMove(pad, point)
        qtbot.mouseRelease(pad, LEFT, pos=points[-1])


def click_cell(qtbot: QtBot, page: InspectPage, layer: str, cell) -> None:
    wall = page._layers.wall
    number = next(n for n, t in enumerate(wall.tiles) if t.layer == layer)
    mosaic = wall.mosaics[number]
    at = mosaic.cell_rect(cell).center().toPoint()
    qtbot.mouseClick(mosaic, LEFT, pos=at)


def outputs(page: InspectPage):
    return page._answer.seen.outputs


# ------------------------------------------------------------------ the main job


def test_it_opens_on_a_digit_with_every_layer_and_an_answer(page: Make) -> None:
    shown = page()
    layers = [tile.layer for tile in shown._layers.wall.tiles]
    assert layers[0] == "input"
    assert layers[-1] == "softmax"
    module = replay.module_of(MIXED, complete(subject()))
    values = shown._answer.ready.values
    with torch.no_grad():
        scores = module(torch.from_numpy(values)[None])[0]
    np.testing.assert_allclose(
        outputs(shown)["softmax"], scores.softmax(0).numpy(), rtol=1e-5
    )
    assert shown._controls.bars._shares is not None


def test_a_stroke_is_followed_by_every_layer(page: Make, qtbot: QtBot) -> None:
    shown = page()
    before = outputs(shown)
    draw(qtbot, shown, placed(7))
    settle(qtbot, shown)
    after = outputs(shown)
    assert not np.array_equal(before["conv1"], after["conv1"])
    sheet = shown._controls.pad.pad.drawing()
    np.testing.assert_array_equal(shown.state.sheet, sheet)
    tile = next(t for t in shown._layers.wall.tiles if t.layer == "conv1")
    np.testing.assert_array_equal(tile.maps, after["conv1"])


def test_a_stroke_is_one_step_to_undo(page: Make, qtbot: QtBot) -> None:
    shown = page()
    first = shown.state
    draw(qtbot, shown, placed(4))
    settle(qtbot, shown)
    assert shown.state != first
    shown.undo()
    shown.undo()
    assert shown.state == first
    np.testing.assert_array_equal(shown._controls.pad.pad.drawing(), first.sheet)
    assert not shown.can_undo()


def test_a_click_on_a_value_writes_out_its_sum(page: Make, qtbot: QtBot) -> None:
    shown = page()
    click_cell(qtbot, shown, "conv2", (3, 1, 1))
    assert (shown.state.layer, shown.state.place) == ("conv2", (3, 1, 1))
    settle(qtbot, shown)
    terms = shown._explanation.terms
    assert terms.isVisible()
    made = shown._explanation.made
    own = outputs(shown)["conv2"][3, 1, 1]
    assert made.terms.own == pytest.approx(float(own))
    assert made.terms.closes
    assert "Equal" in terms._closing.text()
    layers = [tile.layer for tile in shown._layers.wall.tiles]
    assert layers == ["pool1", "conv2", "relu1"]
    assert shown._layers.wall.mosaics[0]._blocks, "its window below is framed"


def test_the_channel_is_picked_in_the_strip(page: Make, qtbot: QtBot) -> None:
    shown = page()
    shown.edit(shown.state.at("conv2", (3, 1, 1)))
    strip = shown._explanation.terms.findChild(SumStrip)
    picks = [(item, rect) for item, rect in strip.shown() if item.key is not None]
    item, rect = picks[-1]
    qtbot.mouseClick(strip, LEFT, pos=rect.center().toPoint())
    assert shown.state.channel == item.key
    products = shown._explanation.terms._matrices[2]._values
    assert float(np.sum(products)) == pytest.approx(item.value, abs=1e-5)


def test_esc_and_the_breadcrumb_go_back(page: Make, qtbot: QtBot) -> None:
    shown = page()
    shown.edit(shown.state.at("conv2", (3, 1, 1)))
    qtbot.keyClick(shown._layers.wall, Qt.Key.Key_Escape)
    assert shown.state.place == (3,)
    press(shown, "Back to Conv 2")
    assert (shown.state.layer, shown.state.place) == ("conv2", ())
    assert shown._layers.sheets.isVisible()
    qtbot.keyClick(shown._layers.sheets.sheets[0], Qt.Key.Key_Escape)
    assert shown.state.layer == ""
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.state.layer == ""


def test_a_title_opens_its_layer(page: Make, qtbot: QtBot) -> None:
    shown = page()
    mosaic = shown._layers.wall.mosaics[1]
    qtbot.mouseClick(mosaic, LEFT, pos=QPoint(6, 6))
    assert (shown.state.layer, shown.state.place) == ("conv1", ())
    sheet = shown._layers.sheets.sheets[0]
    at = sheet.cell_rect((2, 3, 4)).center().toPoint()
    qtbot.mouseClick(sheet.viewport(), LEFT, pos=at)
    assert shown.state.place == (2, 3, 4)


def test_pointing_says_and_frames_where_a_value_is_from(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    wall = shown._layers.wall
    number = next(n for n, t in enumerate(wall.tiles) if t.layer == "conv2")
    at = wall.mosaics[number].cell_rect((1, 1, 1)).center().toPoint()
    with qtbot.waitSignal(shown.readout) as said:
        hover(wall.mosaics[number], at)
    assert said.args[0].startswith("Conv 2, map 1, row 1, column 1")
    picture, below = wall.mosaics[0], wall.mosaics[number - 1]
    assert picture._blocks == ((0, 3, 3, 17, 17),)
    assert [block[0] for block in below._blocks] == [1, 2]
    assert shown._controls.steps.seen._block == (3, 3, 17, 17)
    wall.left.emit()
    assert not picture._blocks
    assert shown._controls.steps.seen._block is None


@pytest.mark.parametrize("layer", ["norm1", "tanh1", "pool2", "flatten1", "softmax"])
def test_every_kind_of_layer_is_explained(page: Make, layer: str) -> None:
    shown = page()
    place = (3,) if layer in ("flatten1", "softmax") else (2, 0, 0)
    shown.edit(shown.state.at(layer, place))
    assert shown._explanation.made.terms.closes


def test_all_terms_can_be_read_and_copied(page: Make) -> None:
    shown = page()
    shown.edit(shown.state.at("conv2", (3, 1, 1)))
    press(shown, "All terms")
    dialog = shown.findChild(AllTerms)
    button = next(
        b for b in dialog.findChildren(QPushButton) if b.text() == "Copy as CSV"
    )
    button.click()
    lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + 2 * 9
    dialog.close()


# ------------------------------------------------------------------ the picture


def test_a_step_that_is_switched_off_changes_the_picture(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    draw(qtbot, shown, placed(2))
    settle(qtbot, shown)
    before = shown._answer.ready.values
    box = next(
        b for b in shown.findChildren(QCheckBox) if b.accessibleName() == "Scale to 20"
    )
    box.click()
    settle(qtbot, shown)
    assert not shown.state.steps.scale
    assert not np.array_equal(before, shown._answer.ready.values)


def test_an_empty_sheet_is_said_and_the_rest_kept(page: Make, qtbot: QtBot) -> None:
    shown = page()
    press(shown, "Clear")
    settle(qtbot, shown)
    assert "no ink" in shown._layers._sentence.text()
    assert shown._layers._sentence.isVisible()
    assert shown._controls.bars._shares is None
    press(shown, "Undo")
    settle(qtbot, shown)
    assert shown._layers.wall.isVisible()
    assert shown._controls.bars._shares is not None


def test_the_test_set_is_leafed_through(
    page: Make, qtbot: QtBot, network: str, test_set: str
) -> None:
    shown = page(State(network=network, source="test", data=test_set))
    data = datasets.load(test_set, shown._home)
    browser = shown._controls.browser
    assert len(browser._numbers) == 60
    browser._gallery.chosen.emit(7)
    settle(qtbot, shown)
    assert shown.state.index == 7
    np.testing.assert_array_equal(shown._answer.ready.pixels, data.test.images[7])
    browser.browsed.emit("class")
    same = np.flatnonzero(data.test.labels == data.test.labels[7])
    assert browser._numbers.tolist() == same.tolist()
    other = int(data.test.labels[7] + 1) % 10
    browser._class.chosen.emit(str(other))
    assert data.test.labels[shown.state.index] == other
    browser.browsed.emit("mistakes")
    qtbot.waitUntil(lambda: browser._shares is not None, timeout=PATIENCE)
    wrong = browser._numbers
    assert len(wrong) > 30, "a network that has learned nothing is mostly wrong"
    browser._gallery.chosen.emit(0)
    settle(qtbot, shown)
    shares = outputs(shown)["softmax"]
    assert shares.argmax() != data.test.labels[shown.state.index]


def test_mistakes_come_the_surest_first():
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]], np.float32)
    labels = np.array([1, 1, 1, 0])
    assert mistakes(shares, labels).tolist() == [0, 3, 2]


def test_a_file_a_paste_and_a_drop_become_drawings(
    page: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    shown = page()
    pixels = np.full((60, 80), 240, np.uint8)
    pixels[10:50, 38:44] = 15
    Image.fromarray(pixels).save(tmp_path / "one.png")
    shown.open_paths([str(tmp_path / "one.png")])
    qtbot.waitUntil(lambda: shown.state.sheet[140, 143] > 200, timeout=PATIENCE)
    first = shown.state.sheet
    shown.undo()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "one.png"))])
    assert shown.paste(mime)
    qtbot.waitUntil(lambda: np.array_equal(shown.state.sheet, first), timeout=PATIENCE)
    shown.undo()
    image = QMimeData()
    image.setImageData(shown._canvas.grab().toImage())
    assert shown.paste(image)
    settle(qtbot, shown)


def test_a_picture_of_nothing_is_a_sentence(
    page: Make, qtbot: QtBot, tmp_path: Path
) -> None:
    shown = page()
    before = shown.state
    Image.new("L", (50, 50), 128).save(tmp_path / "grey.png")
    for name in ("grey.png", "not there.png"):
        shown.open_paths([str(tmp_path / name)])
        qtbot.waitUntil(lambda: bool(shown.banner.text()), timeout=PATIENCE)
        settle(qtbot, shown)
        shown.banner.hide()
        assert shown.state == before


def test_two_pictures_are_compared(page: Make, qtbot: QtBot) -> None:
    shown = page()
    first = outputs(shown)["conv1"]
    press(shown, "Pin this picture")
    draw(qtbot, shown, placed(0))
    settle(qtbot, shown)
    tiles = shown._layers.wall.tiles
    pair = [tile for tile in tiles if tile.layer == "conv1"]
    assert [tile.which for tile in pair] == ["", "pinned"]
    np.testing.assert_allclose(pair[1].maps, first, atol=0.05)
    shown.edit(replace(shown.state, compare="difference"))
    (tile,) = [t for t in shown._layers.wall.tiles if t.layer == "conv1"]
    np.testing.assert_allclose(
        tile.maps, outputs(shown)["conv1"] - pair[1].maps, atol=1e-6
    )


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


def hover(view, at: QPoint) -> None:
    """Move the pointer over a place of a widget, whatever window lies over it."""
    none = Qt.MouseButton.NoButton
    keys = Qt.KeyboardModifier.NoModifier
    kind = QEvent.Type.MouseMove
    where = at.toPointF(), view.mapToGlobal(at).toPointF()
    QApplication.sendEvent(view, QMouseEvent(kind, *where, none, none, keys))


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


def test_the_state_comes_back_from_a_session(
    page: Make, qtbot: QtBot, network: str
) -> None:
    shown = page()
    draw(qtbot, shown, placed(3))
    shown.edit(shown.state.at("conv2", (3, 1, 1)))
    settle(qtbot, shown)
    data = to_json(shown.state)
    other = page(State(network=network))
    other.restore(data)
    settle(qtbot, other)
    assert other.state == from_json(State, data) == shown.state
    np.testing.assert_array_equal(outputs(other)["conv2"], outputs(shown)["conv2"])
    assert packed.unpack(other.state.drawing).any()


@pytest.mark.parametrize("layer", ["input", "conv2", "dense2"])
def test_esc_goes_back_after_a_click_anywhere(
    page: Make, qtbot: QtBot, layer: str
) -> None:
    shown = page()
    qtbot.waitUntil(shown.isActiveWindow)
    whole = len(shown._layers.wall.mosaics)
    click_cell(qtbot, shown, layer, (0, 0, 0))
    assert len(shown._layers.wall.mosaics) < whole
    assert len(shown.state.place) in (1, 3)
    while shown.state.layer:
        before = shown.state
        QApplication.processEvents()
        focused = QApplication.focusWidget()
        assert focused is not None and shown._layers.isAncestorOf(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Escape)
        assert shown.state == before.out() != before


def test_esc_goes_back_after_a_click_on_the_way_here(
    page: Make, qtbot: QtBot, network: str
) -> None:
    shown = page(replace(first_state(), network=network).at("conv2", (1, 1, 1)))
    qtbot.waitUntil(shown.isActiveWindow)
    links = shown._layers._crumbs.findChildren(QPushButton)
    link = next(one for one in links if one.text() == "map 1")
    qtbot.mouseClick(link, LEFT)
    assert shown.state.place == (1,)
    assert shown._layers.isAncestorOf(QApplication.focusWidget())
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert shown.state == shown.state.at("conv2")


def test_a_file_that_tells_little_opens_on_the_drawn_seven(
    page: Make, qtbot: QtBot, network: str
) -> None:
    shown = page(State(network=network))
    assert shown._answer is None
    shown.restore({"network": network, "view": "why"})
    settle(qtbot, shown)
    assert shown.state == replace(first_state(), network=network, view="why")
    assert shown._answer.seen is not None


def test_a_whole_sum_is_read_at_once_on_a_small_screen(
    page: Make, qtbot: QtBot, network: str
) -> None:
    shown = page(replace(first_state(), network=network).at("conv2", (1, 1, 1)))
    for _ in range(8):
        QApplication.processEvents()
    folding, terms = shown._folding, shown._explanation.terms
    assert folding.height() >= terms.minimumSizeHint().height() > 200
    assert not folding.verticalScrollBar().isVisible()
    wall = shown._layers.wall
    assert wall.visibleRegion().boundingRect().height() >= wall.height()


@pytest.mark.parametrize("view", ["why", "adversarial", "dream", "points", "changes"])
def test_under_each_view_there_is_its_formula(
    page: Make, qtbot: QtBot, network: str, view: str
) -> None:
    shown = page(replace(first_state(), network=network))
    before = shown._explanation._heading.text()
    shown.edit(replace(shown.state, view=view))
    heading, sentence = shown._explanation._heading, shown._explanation._sentence
    assert heading.isVisible() and sentence.isVisible()
    assert heading.text() != before
    settle(qtbot, shown)


def test_pytorch_code_builds_the_network(page: Make) -> None:
    code = page().pytorch()
    assert "Conv2d" in code
    compile(code, "network", "exec")


def test_what_is_seen_is_a_chain_of_stages(page: Make) -> None:
    assert page()._answer.seen.stages == seen(subject()).stages
