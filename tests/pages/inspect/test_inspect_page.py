"""The Inspect page: a person at its real controls, real networks behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from digits_by_hand import placed
from networks_for_tests import MIXED, complete, saved, seen, subject
from page_for_tests import (
    LEFT,
    PATIENCE,
    click_cell,
    draw,
    hover,
    outputs,
    press,
    settle,
)
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton

from cnnviz import theme
from cnnviz.codec import from_json, to_json
from cnnviz.nn import datasets, digits, idx, replay
from cnnviz.pages.inspect import packed
from cnnviz.pages.inspect.all_terms import AllTerms
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.set_box import mistakes
from cnnviz.pages.inspect.state import State
from cnnviz.widgets.sum_strip import SumStrip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.page import InspectPage

    Make = Callable[..., InspectPage]


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


def test_the_pens_width_is_set_in_sight_of_pad_and_answer(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    shown.resize(1095, 747)  # in a window of 1280 by 800
    QApplication.processEvents()
    box, bars = shown._controls.pad, shown._controls.bars
    for part in (box.pad, box.pen_width, bars):
        assert part.visibleRegion().boundingRect().height() == part.height()

    def ink(percent: float) -> int:
        press(shown, "Clear")
        box.pen_width._field.setValue(percent)
        draw(qtbot, shown, [((0.2, 0.5), (0.5, 0.5), (0.8, 0.5))])
        return int(np.count_nonzero(shown.state.sheet[:, 140] > 127))

    assert ink(5) == 0.05 * 280
    assert ink(10) == 0.10 * 280


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


@pytest.mark.parametrize("source", ["test", "drawing"])
def test_of_a_small_test_set_the_last_picture_is_on_show(
    page: Make, network: str, tmp_path: Path, source: str
) -> None:
    few = digits.generate(8, 1)
    for name in ("train", "t10k"):
        idx.write(tmp_path / f"{name}-images-idx3-ubyte", few.images[:, 0])
        labels = few.labels.astype(np.uint8)
        idx.write(tmp_path / f"{name}-labels-idx1-ubyte", labels)
    state = replace(first_state(), network=network, data=str(tmp_path))
    state = replace(state, source=source, browse="class", view="points")
    shown = page(state)
    assert shown.state == state and not shown.can_undo()
    browser = shown._controls.browser
    assert browser._number.value() == 7
    same = np.flatnonzero(few.labels == few.labels[7])
    assert browser._numbers.tolist() == same.tolist()
    assert browser._gallery._marked == len(same) - 1


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


def test_mistakes_of_another_network_are_not_shown_while_it_is_tried(
    page: Make, qtbot: QtBot, network: str, test_set: str, tmp_path: Path
) -> None:
    state = State(network=network, source="test", data=test_set, browse="mistakes")
    shown = page(state)
    browser = shown._controls.browser
    qtbot.waitUntil(lambda: browser._shares is not None, timeout=PATIENCE)
    told: list[tuple[bool, int]] = []
    shown._looking.tried.connect(
        lambda shares: told.append((shares is None, len(browser._numbers)))
    )
    (tmp_path / "other").mkdir()
    other = str(saved(subject(), tmp_path / "other"))
    shown.edit(replace(shown.state, network=other))
    qtbot.waitUntil(lambda: len(told) == 2, timeout=PATIENCE)
    assert [nothing for nothing, _ in told] == [True, False]
    assert told[0][1] == 0 < told[1][1]


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


def test_large_type_leaves_the_maps_of_the_network_large_enough(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    theme.apply(QApplication.instance(), "light", 150)
    shown.resize(1184, 724)  # in a window of 1280 by 800
    settle(qtbot, shown)
    wall = shown._layers.wall
    assert wall.height() >= wall.least() > 200
    for mosaic, tile in zip(wall.mosaics, wall.tiles, strict=True):
        count, rows, columns = np.atleast_3d(tile.maps.T).T.shape
        first = mosaic.cell_rect((0, 0, 0))
        last = mosaic.cell_rect((count - 1, rows - 1, columns - 1))
        assert last.bottom() - first.top() >= 30, tile.title
    theme.apply(QApplication.instance(), "light", 100)


def test_a_whole_sum_is_read_at_once_on_a_small_screen(
    page: Make, qtbot: QtBot, network: str
) -> None:
    shown = page(replace(first_state(), network=network).at("conv2", (1, 1, 1)))
    for _ in range(8):
        QApplication.processEvents()
    folding, terms = shown._folding, shown._explanation.terms
    assert folding.height() >= terms.minimumSizeHint().height() > 200
    assert folding.verticalScrollBar().maximum() == 0
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


def test_without_ink_it_says_what_to_do_and_shows_no_old_picture(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    press(shown, "Clear")
    settle(qtbot, shown)
    explained = shown._explanation
    assert explained._heading.isVisible() and explained._sentence.isVisible()
    assert explained._heading.text().startswith("Draw a digit")
    layers = explained._sentence.text()
    shown.edit(replace(shown.state, view="why"))
    settle(qtbot, shown)
    assert explained._heading.text().startswith("Draw a digit")
    assert explained._sentence.text() != layers
    steps = shown._controls.steps
    for box in (steps.seen, *steps._thumbs.values()):
        assert box._image.isNull(), "what was drawn before is not made ready any more"


def test_the_picture_is_framed_as_long_as_a_value_is_pinned(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    ready = shown._controls.steps.seen
    click_cell(qtbot, shown, "conv2", (1, 1, 1))
    shown._layers.wall.left.emit()
    assert ready._block == (3, 3, 17, 17)
    while shown.state.layer:
        qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert ready._block is None


@pytest.mark.parametrize("source", ["drawing", "test"])
def test_the_answer_is_in_sight_with_large_type_on_a_small_screen(
    page: Make, qtbot: QtBot, network: str, test_set: str, source: str
) -> None:
    theme.apply(QApplication.instance(), "light", 150)
    try:
        state = replace(first_state(), network=network, source=source, data=test_set)
        shown = page(state)
        shown.resize(1184, 724)  # in a window of 1280 by 800
        settle(qtbot, shown)
        controls = shown._controls
        pad, bars = controls.pad.pad, controls.bars
        seen = bars.visibleRegion().boundingRect()
        assert seen.height() == bars.height()
        assert len(bars.rows()) >= 4
        assert bars.width() < shown.parts["controls"].width(), "nothing is cut off"
        if source == "drawing":
            assert len(bars.rows()) == 10
            side = theme.current().px(112)
            assert pad.width() == pad.height() >= side
            assert pad.visibleRegion().boundingRect().height() == pad.height()
            draw(qtbot, shown, placed(3))
            settle(qtbot, shown)
            assert shown.state.sheet.any()
        shown.resize(1184, 1400)
        settle(qtbot, shown)
        assert controls.pad.pen_width.y() < controls._answer.y() or source == "test"
        assert pad.width() >= 300 or source == "test"
    finally:
        theme.apply(QApplication.instance(), "light", 100)


@pytest.mark.parametrize(
    ("text_size", "size"), [(100, (1095, 747)), (150, (1184, 724)), (150, (1184, 621))]
)
def test_ten_answers_are_in_sight_beside_a_class_of_the_test_set(
    page: Make,
    qtbot: QtBot,
    network: str,
    test_set: str,
    text_size: int,
    size: tuple[int, int],
) -> None:
    # Of a window of 1280 by 800: the last is what a lesson with three lines leaves.
    theme.apply(QApplication.instance(), "light", text_size)
    try:
        state = replace(first_state(), network=network, source="test", data=test_set)
        shown = page(replace(state, browse="class"))
        shown.resize(*size)
        settle(qtbot, shown)
        bars = shown._controls.bars
        qtbot.waitUntil(lambda: bars.visibleRegion().boundingRect() == bars.rect())
        assert len(bars.rows()) == 10
    finally:
        theme.apply(QApplication.instance(), "light", 100)


def test_a_percentage_is_kept_in_one_line(page: Make, qtbot: QtBot) -> None:
    shown = page()
    shown.edit(replace(shown.state, view="why"))
    settle(qtbot, shown)
    heading = shown._explanation._heading.text()
    assert "\N{NO-BREAK SPACE}%" in heading and " %" not in heading
