"""The Train page: a person at its real controls, a real training behind them."""

from __future__ import annotations

import shutil
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSlider,
    QTableView,
    QToolTip,
    QWidget,
)

from cnnviz import commands, paths, theme
from cnnviz.codec import from_json, to_json
from cnnviz.nn import checkpoints, digits, idx, recording, replay, resuming
from cnnviz.nn.models import lenet5, tiny
from cnnviz.nn.network import Layer, dense
from cnnviz.nn.recipe import Augmentation, Recipe
from cnnviz.nn.run import tensor_path
from cnnviz.pages.train import mistakes_view
from cnnviz.pages.train.canvas import Scrolled
from cnnviz.pages.train.device_dialog import DeviceDialog
from cnnviz.pages.train.drawing_dialog import DrawingDialog
from cnnviz.pages.train.layers import COLUMNS
from cnnviz.pages.train.looking import newest_weights
from cnnviz.pages.train.page import LEAST, TrainPage
from cnnviz.pages.train.plots import ROLES, short
from cnnviz.pages.train.state import State
from cnnviz.settings import Settings
from cnnviz.widgets import numbers
from cnnviz.widgets.confusion_matrix import ConfusionMatrix
from cnnviz.widgets.gallery import Gallery
from cnnviz.widgets.mosaic import Mosaic
from cnnviz.widgets.probability_bars import percentage
from cnnviz.widgets.run_plot import RunPlot
from cnnviz.widgets.timeline import LIVE, Timeline
from cnnviz.window import Window

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 60_000
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
TRAIN, TEST, BATCH = 480, 120, 32
STEPS = TRAIN // BATCH


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Write a small data set of generated digits as MNIST's four files."""
    place = tmp_path_factory.mktemp("small digits")
    for name, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
        split = digits.generate(count, seed)
        idx.write(place / f"{name}-images-idx3-ubyte.gz", split.images[:, 0])
        labels = split.labels.astype(np.uint8)
        idx.write(place / f"{name}-labels-idx1-ubyte.gz", labels)
    return place


@pytest.fixture
def state(folder) -> State:
    recipe = Recipe(
        tiny.NETWORK,
        str(folder),
        batch=BATCH,
        epochs=2,
        precision="float32",
        device="cpu",
    )
    return State(recipe)


@pytest.fixture
def page(qtbot, state):
    theme.apply(QApplication.instance(), "light", 100)
    made = []

    def make(first: State = state) -> TrainPage:
        page = TrainPage(first)
        qtbot.addWidget(page)
        made.append(page)
        page.resize(1100, 740)
        page.show()
        qtbot.waitUntil(page.settled, timeout=PATIENCE)
        return page

    yield make
    for page in made:
        page.shut_down()


def press(page, name):
    button = next(
        b for b in page.findChildren(QPushButton) if b.accessibleName() == name
    )
    assert button.isEnabled(), name
    button.click()


def write_pictures(folder, size, channels):
    random = np.random.default_rng(0)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for number in range(4):
            pixels = random.integers(0, 256, (size, size, channels), np.uint8)
            cv2.imwrite(str(folder / name / f"{number}.png"), pixels)


def wait_for(qtbot, page, phase):
    qtbot.waitUntil(lambda: page.phase == phase, timeout=PATIENCE)
    qtbot.waitUntil(page.settled, timeout=PATIENCE)


class Requests(QObject):
    """Counts how often a widget has to lay out what is in it."""

    count = 0

    def eventFilter(self, watched, event):
        self.count += event.type() is QEvent.Type.LayoutRequest
        return False


def outputs(page):
    return page._canvas.maps._seen.outputs


# ------------------------------------------------------------------ before


def test_it_shows_the_maps_of_the_first_weights_before_it_starts(page, state):
    shown = page()
    weights = replay.first_weights(state.recipe)
    picture = shown._data.test.images[shown.state.digit]
    seen = replay.look(state.recipe.network, weights, picture)
    assert list(outputs(shown)) == list(state.recipe.network.names)
    for name, values in seen.outputs.items():
        np.testing.assert_array_equal(outputs(shown)[name], values)
    assert shown.phase == "new"
    assert not (paths.data_dir() / "runs").exists(), "nothing has been trained"


def test_data_that_is_not_there_says_so_and_nothing_can_start(page, state, tmp_path):
    absent = state.with_recipe(replace(state.recipe, data=str(tmp_path / "none")))
    shown = page(absent)
    assert "is not there" in shown.banner.text()
    assert shown.phase == "none"


def test_missing_mnist_offers_to_fetch_it(page, state):
    shown = page(state.with_recipe(replace(state.recipe, data="mnist")))
    names = [b.text() for b in shown.findChildren(QPushButton) if b.isVisibleTo(shown)]
    assert "Download MNIST" in names
    assert shown.phase == "none"


def test_a_network_that_cannot_work_says_why(page, state):
    shown = page()
    network = replace(tiny.NETWORK, layers=(Layer("flatten"), dense(7)))
    shown.edit(state.with_recipe(replace(state.recipe, network=network)))
    assert shown.phase == "none"
    assert "10 classes" in shown._controls.run._note.text()
    shown.undo()
    assert shown.phase == "new"


def test_bad_data_leaves_data_and_run_as_they_were(qtbot, page, state, tmp_path):
    shown = page()
    press(shown, "One batch")
    wait_for(qtbot, shown, "paused")
    old, run = shown.state, shown._current.run
    (tmp_path / "bad" / "a").mkdir(parents=True)
    shown.open_paths([str(tmp_path / "bad")])
    assert shown.phase == "paused", "the run is not touched"
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert "sub-folder" in shown.banner.text()
    assert shown.state.recipe == old.recipe
    assert shown._current.run is run
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 2, timeout=PATIENCE)


def test_nothing_starts_on_old_data_while_new_data_is_on_its_way(qtbot, page, tmp_path):
    shown = page()
    write_pictures(tmp_path / "shapes", 28, 1)
    shown.open_paths([str(tmp_path / "shapes")])
    assert shown.phase == "none"
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert shown.phase == "new"
    assert shown._data.name == "shapes"


def test_a_number_beyond_smaller_data_pins_its_last_picture(qtbot, page, tmp_path):
    shown = page()
    shown.edit(replace(shown.state, digit=23))
    write_pictures(tmp_path / "shapes", 28, 1)
    shown.open_paths([str(tmp_path / "shapes")])
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    count = len(shown._data.test)
    assert count < 23
    assert shown._sight.number == count - 1
    np.testing.assert_array_equal(shown._sight.picture, shown._data.test.images[-1])


def test_data_that_is_missing_or_smaller_chooses_no_other_picture(
    qtbot, page, tmp_path
):
    shown = page()
    assert shown.state.digit == 23
    write_pictures(tmp_path / "shapes", 28, 1)
    for source in ("mnist", str(tmp_path / "shapes")):
        recipe = replace(shown.state.recipe, data=source)
        shown.edit(shown.state.with_recipe(recipe))
        qtbot.waitUntil(shown.settled, timeout=PATIENCE)
        assert (shown._data is None) == (source == "mnist")
        assert shown.state.digit == 23
        shown.undo()
        assert shown.state.recipe.data != source
        shown.redo()
        qtbot.waitUntil(shown.settled, timeout=PATIENCE)


def test_a_folder_that_was_mended_can_be_chosen_again(qtbot, page, state, tmp_path):
    place = tmp_path / "later"
    shown = page(state.with_recipe(replace(state.recipe, data=str(place))))
    assert "Choose data" in shown._controls.run._note.text()
    write_pictures(place, 28, 1)
    shown.open_paths([str(place)])
    qtbot.waitUntil(lambda: shown.phase == "new", timeout=PATIENCE)


def test_a_folder_of_data_is_called_by_its_name(qtbot, page, folder, monkeypatch):
    shown, name = page(), folder.name
    choice = shown._controls.data._choice
    listed = [choice.itemText(n) for n in range(choice.count())]
    assert listed[-2:] == [name, "Folder…"]
    assert choice.currentText() == name
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    choice.setCurrentIndex(choice.count() - 1)
    choice.activated.emit(choice.count() - 1)
    assert choice.currentText() == name, "no other was chosen"
    shown._set(data="drawings")
    assert choice.currentText() == "Our drawings"
    assert name not in [choice.itemText(n) for n in range(choice.count())]
    shown.undo()
    assert choice.currentText() == name
    assert str(folder) in choice.itemData(
        choice.currentIndex(), Qt.ItemDataRole.ToolTipRole
    )
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)


def test_networks_take_pictures_and_classes_as_they_come(qtbot, page, tmp_path):
    shown = page()
    write_pictures(tmp_path / "colours", 32, 3)
    shown.open_paths([str(tmp_path / "colours")])
    qtbot.waitUntil(lambda: shown.phase == "new", timeout=PATIENCE)
    for key in ("tiny", "lecture"):
        shown._controls._choose_network(key)
        network = shown.state.recipe.network
        assert (network.input, network.classes) == ((3, 32, 32), 2)
        assert shown._controls._network.current() == key
        assert shown.phase == "new"
    shown._controls._choose_preset("fast-99")
    assert shown._controls._preset.current() == "fast-99"
    shown._controls._choose_network("tiny")
    press(shown, "One batch")
    wait_for(qtbot, shown, "paused")
    assert outputs(shown)["conv1"].shape[-1] == 32 - 28 + tiny.NETWORK.shapes[0][-1]


# ------------------------------------------------------------------ training


def test_it_trains_records_and_tests(qtbot, page):
    shown = page()
    press(shown, "Start")
    wait_for(qtbot, shown, "complete")
    current = shown._current
    run = recording.open_run(paths.data_dir() / "runs" / shown.state.run)
    assert current.curves.steps == 2 * STEPS == run.steps().step
    assert [line.epoch for line in current.curves.metrics] == [1, 2]
    np.testing.assert_array_equal(run.steps().loss, current.curves.column("loss"))
    assert run.metrics() == tuple(current.curves.metrics)
    assert run.snapshots() == tuple(current.snapshots)
    assert current.curves.column("loss")[-3:].mean() < current.curves.column("loss")[0]


def test_while_it_trains_words_are_written_seldom_and_nothing_is_laid_out_anew(
    qtbot, page, state
):
    shown = page(state.with_recipe(replace(state.recipe, epochs=1000)))
    told, requests = [], Requests()
    shown._telling.due.connect(told.append)
    press(shown, "Start")
    qtbot.waitUntil(lambda: told.count(True) == 2, timeout=PATIENCE)
    shown.installEventFilter(requests)
    qtbot.waitUntil(lambda: told.count(True) == 4, timeout=PATIENCE)
    shown.removeEventFilter(requests)
    assert told.count(False) >= 2
    assert requests.count == 0
    press(shown, "Pause")
    wait_for(qtbot, shown, "paused")
    # The last batch may come after the button has changed.
    step = f"Batch {shown._current.curves.steps:,}: "
    qtbot.waitUntil(lambda: shown._words._lines[0].text().startswith(step))


def test_the_maps_at_the_end_are_those_of_the_recorded_weights(qtbot, page, state):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    live = dict(outputs(shown))
    run = shown._current.run
    picture = shown._data.test.images[shown.state.digit]
    seen = replay.look(state.recipe.network, run.weights(STEPS), picture)
    for name, values in seen.outputs.items():
        np.testing.assert_allclose(live[name], values, rtol=1e-4, atol=1e-5)


def test_space_starts_and_pauses_and_the_arrow_does_one_batch(qtbot, page):
    shown = page()
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    assert shown.phase == "paused"
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown._current.curves.steps == 2, timeout=PATIENCE)
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert shown.phase == "running"
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert shown.phase == "paused"


def test_reset_goes_back_to_the_same_weights_and_new_weights_draws_others(qtbot, page):
    shown = page()
    first = dict(outputs(shown))
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    press(shown, "Reset")
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert shown.phase == "new"
    assert shown._current.curves.steps == 0
    np.testing.assert_array_equal(outputs(shown)["conv1"], first["conv1"])
    press(shown, "New weights")
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert (outputs(shown)["conv1"] != first["conv1"]).any()


def test_stop_ends_the_training_and_it_can_go_on(qtbot, page, state):
    shown = page(state.with_recipe(replace(state.recipe, epochs=100)))
    press(shown, "Start")
    qtbot.waitUntil(lambda: shown._current.curves.steps > 1, timeout=PATIENCE)
    press(shown, "Stop")
    qtbot.waitUntil(lambda: shown._current.control is None, timeout=PATIENCE)
    assert shown.phase == "paused"
    done = shown._current.curves.steps
    run = shown._current.run
    assert run.steps().step == done
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    weights = newest_weights(run, run.snapshots()[-1])()
    seen = replay.look(run.recipe.network, weights, shown._sight.picture)
    np.testing.assert_array_equal(outputs(shown)["conv1"], seen.outputs["conv1"])
    if done not in run.snapshots():
        old = run.weights(run.snapshots()[-1])
        assert any((weights[name] != old[name]).any() for name in old)
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == done + 1, timeout=PATIENCE)


def test_after_a_click_the_keys_belong_to_the_training(qtbot, page):
    shown = page()
    box = shown._controls.run
    for button in (box._batch, box._reset):
        qtbot.waitUntil(button.isEnabled, timeout=PATIENCE)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert not button.hasFocus()
        assert not box._weights.hasFocus(), "where Qt goes from a disabled button"
    assert shown.focusWidget() is shown._canvas._views


def left(qtbot, page, button: str) -> State:
    """Train for a while on a page and close it; return its state, as it is saved."""
    first = page()
    press(first, button)
    wait_for(qtbot, first, "paused")
    saved = from_json(State, to_json(first.state))
    first.shut_down()
    return saved


def test_a_run_opened_before_its_first_epoch_knows_its_length(qtbot, page):
    saved = left(qtbot, page, "One batch")
    again = page(saved)
    assert again._current.progress(again.state.recipe)[:2] == (1, 2 * STEPS)


def test_the_same_seed_gives_the_same_numbers(qtbot, page):
    shown, losses = page(), []
    for _ in range(2):
        press(shown, "One epoch")
        wait_for(qtbot, shown, "paused")
        losses.append(shown._current.curves.column("loss").copy())
        press(shown, "Reset")
    np.testing.assert_array_equal(*losses)


def test_the_learning_rate_changes_while_it_trains(qtbot, page, state):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    recipe = replace(state.recipe, learning_rate=0.0005)
    shown.edit(shown.state.with_recipe(recipe))
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 2, timeout=PATIENCE)
    rates = shown._current.curves.column("learning_rate")
    np.testing.assert_allclose(rates, [0.001, 0.0005], rtol=1e-6)


def test_a_rate_that_was_changed_is_there_when_the_run_is_opened_again(
    qtbot, page, state
):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    shifted = Augmentation(shift=1)
    recipe = replace(state.recipe, learning_rate=0.0003, augmentation=shifted)
    shown.edit(shown.state.with_recipe(recipe))
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 2, timeout=PATIENCE)
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    name = shown.state.run
    press(shown, "Reset")
    qtbot.waitUntil(lambda: not shown._current._ending, timeout=PATIENCE)
    shown.edit(shown.state.with_recipe(state.recipe))
    shown.open_run(name)
    assert shown.state.recipe == recipe
    assert shown._controls._numbers["learning_rate"].value() == 0.0003
    press(shown, "Go on")
    wait_for(qtbot, shown, "complete")
    rates = shown._current.curves.column("learning_rate")
    expected = [0.001] + [0.0003] * (2 * STEPS - 1)
    np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_a_run_in_training_keeps_its_settings_and_says_so(qtbot, page, state):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    shown.edit(shown.state.with_recipe(replace(shown.state.recipe, batch=64)))
    assert "keeps its settings" in shown._controls.run._note.text()
    assert shown._current.run.recipe == state.recipe


def test_a_pinned_picture_is_seen_while_paused(qtbot, page):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    before = outputs(shown)["conv1"]
    shown.edit(replace(shown.state, digit=5))
    qtbot.waitUntil(lambda: (outputs(shown)["conv1"] != before).any(), timeout=PATIENCE)


# ------------------------------------------------------------------ looking back


@pytest.mark.parametrize("away", ["view", "page"])
def test_a_training_looks_at_nothing_while_nobody_would_see_it(qtbot, page, away):
    shown = page()
    shown._training.go(1)
    wait_for(qtbot, shown, "paused")
    seen = []
    shown._current.seen.connect(seen.append)
    if away == "view":
        shown.edit(replace(shown.state, view="network"))
    else:
        shown.hide()
    shown._training.go(3)
    wait_for(qtbot, shown, "paused")
    assert not seen
    if away == "view":
        shown.edit(replace(shown.state, view="maps"))
    else:
        shown.show()
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert [event.step for event in seen] == [4]
    shown._training.go(1)
    wait_for(qtbot, shown, "paused")
    assert seen[-1].step == 5


def test_rewinding_shows_the_recorded_weights_also_while_it_trains(qtbot, page, state):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    timeline = shown.findChild(Timeline)
    qtbot.mouseClick(
        timeline,
        Qt.MouseButton.LeftButton,
        pos=timeline.rect().center().__class__(round(timeline.place(0)), 30),
    )
    assert shown.state.moment == 0
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    weights = shown._current.run.weights(0)
    picture = shown._data.test.images[shown.state.digit]
    seen = replay.look(state.recipe.network, weights, picture)
    np.testing.assert_array_equal(outputs(shown)["conv2"], seen.outputs["conv2"])
    press(shown, "Go on")
    wait_for(qtbot, shown, "complete")
    np.testing.assert_array_equal(outputs(shown)["conv2"], seen.outputs["conv2"])
    timeline.setFocus()
    qtbot.keyClick(timeline, Qt.Key.Key_End)
    assert shown.state.moment is None
    assert timeline.current == LIVE


def test_mistakes_are_those_of_the_moment_on_show(qtbot, page):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    shown.edit(replace(shown.state, view="mistakes"))
    view, labels = shown._canvas.mistakes, shown._data.test.labels
    run, network = shown._current.run, shown.state.recipe.network
    for moment in (STEPS, 0):
        shown.edit(replace(shown.state, moment=moment))
        shares = np.concatenate(
            list(replay.test(network, run.weights(moment), shown._data.test))
        )
        qtbot.waitUntil(
            lambda shares=shares: (
                view._shares is not None
                and np.allclose(view._shares, shares, atol=1e-5)
            ),
            timeout=PATIENCE,
        )
        assert view._matrix._counts.trace() == (shares.argmax(1) == labels).sum()


def test_mistakes_say_of_which_moment_they_are(qtbot, page):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == STEPS + 1, timeout=PATIENCE)
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    shown.edit(replace(shown.state, view="mistakes"))
    label = shown._canvas.mistakes._title

    def says(words):
        return label.text().replace("\N{NO-BREAK SPACE}", " ").endswith(words)

    tested = f"answered wrongly after epoch 1, batch {STEPS}"
    assert says(tested)  # not of the batch that came after it
    shown.edit(replace(shown.state, cell=(1, 2)))
    assert says(f"of class 1 answered 2 after epoch 1, batch {STEPS}")
    for moment, words in ((0, "answered wrongly after batch 0"), (STEPS, tested)):
        shown.edit(replace(shown.state, moment=moment, cell=None))
        qtbot.waitUntil(lambda w=words: says(w), timeout=PATIENCE)


def test_a_cell_of_the_matrix_shows_its_pictures_and_a_click_pins_one(qtbot, page):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    shown.edit(replace(shown.state, view="mistakes"))
    view = shown._canvas.mistakes
    answers, labels = view._shares.argmax(1), shown._data.test.labels
    true, answer = labels[0], answers[0]
    view._matrix.chosen.emit(int(true), int(answer))
    found = set(np.flatnonzero((labels == true) & (answers == answer)))
    assert set(view._numbers) == found
    share = percentage(view._shares[view._numbers[0]].max(), 0)
    assert view._gallery._captions[0] == f"{true} → {answer}, {share}"
    assert share[0] in "≈>", share
    view._gallery.chosen.emit(0)
    assert shown.state.view == "maps"
    assert shown.state.digit == view._numbers[0]


def test_pictures_that_have_no_room_are_counted(page, monkeypatch, qtbot):
    monkeypatch.setattr(mistakes_view, "MOST", 3)
    shown = page()
    view, data = shown._canvas.mistakes, shown._data
    shares = np.zeros((len(data.test), 10), np.float32)
    shares[:, 1] = 1
    view.show_answers(data, shares, "now")
    count = len(data.test)
    wrong = int((data.test.labels != 1).sum())
    assert view._title.text() == f"{wrong} of {count} answered wrongly now, 3 shown"
    shown.edit(replace(shown.state, view="mistakes", cell=(7, 1)))
    view.show_answers(data, shares, "now")
    sevens = int((data.test.labels == 7).sum())
    assert view._title.text() == f"{sevens} of class 7 answered 1 now, 3 shown"
    assert view._gallery._captions == ("7 → 1, 100 %",) * 3


# ------------------------------------------------------------------ sessions and runs


def test_a_stopped_run_goes_on_where_it_was(qtbot, page):
    saved = left(qtbot, page, "One epoch")
    again = page(saved)
    assert again.phase == "paused"
    assert again._current.curves.steps == STEPS
    assert again._current.progress(again.state.recipe).steps == 2 * STEPS
    press(again, "Go on")
    wait_for(qtbot, again, "complete")
    resumed = again._current.curves.column("loss").copy()
    press(again, "Reset")
    press(again, "Start")
    wait_for(qtbot, again, "complete")
    np.testing.assert_array_equal(resumed, again._current.curves.column("loss"))


def test_a_run_with_a_damaged_checkpoint_goes_on_from_a_snapshot(qtbot, page):
    saved = left(qtbot, page, "One epoch")
    run = recording.open_run(paths.data_dir() / "runs" / saved.run)
    file = run.folder / "checkpoint.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    again = page(saved)
    assert again._current.curves.steps == STEPS
    press(again, "Go on")
    wait_for(qtbot, again, "complete")
    assert again._current.curves.steps == 2 * STEPS
    assert run.checkpoint().step == 2 * STEPS
    told = [entry["sentence"] for entry in run.log() if entry["event"] == "notice"]
    assert f"whole snapshot, after batch {STEPS}." in told[0]
    assert any(told[0] in note.text() for note in again.findChildren(QLabel))


def test_a_killed_run_says_of_which_batch_its_maps_are_and_where_it_goes_on(
    qtbot, page, state
):
    first = page()
    press(first, "One epoch")
    wait_for(qtbot, first, "paused")
    name, folder = first.state.run, first._current.run.folder
    shutil.copytree(folder, folder.parent / "killed")
    first.shut_down()
    killed = recording.open_run(folder.parent / "killed")
    # What a kill -9 leaves: curves and a snapshot of batches after the checkpoint.
    later, curve = STEPS + 3, killed.folder / "steps.f32"
    data = curve.read_bytes()
    curve.write_bytes(data + data[: 5 * len(data) // STEPS])
    snapshots = killed.folder / "snapshots"
    shutil.copy(tensor_path(snapshots, 0), tensor_path(snapshots, later))
    shown = page(replace(state, run="killed"))
    assert shown._current.curves.steps == STEPS + 5
    caption = f"batch {later} of {2 * STEPS}"
    assert shown._canvas._timeline._caption.startswith(caption)
    assert shown._canvas.maps._seen.step == later
    assert shown._words._lines[0].text().startswith(f"Batch {later}:")
    sentence = f"goes on from batch {STEPS}, as what came after was not saved."
    assert sentence in shown._controls.run._note.text()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == STEPS + 1, timeout=PATIENCE)
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert later not in shown._current.snapshots  # gone from the disk, too
    assert sentence not in shown._controls.run._note.text()
    shown.open_run(name)  # this one was stopped, and lost nothing
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert "broken off" not in shown._controls.run._note.text()
    assert shown._canvas.maps._seen.step == STEPS


def test_a_killed_run_that_cannot_go_on_does_not_say_from_where(qtbot, page, state):
    first = page()
    press(first, "One batch")
    qtbot.waitUntil(lambda: first._current.curves.steps == 1, timeout=PATIENCE)
    qtbot.waitUntil(first.settled, timeout=PATIENCE)
    run = first._current.run
    shutil.copytree(run.folder, run.folder.parent / "killed")
    first.shut_down()
    (run.folder.parent / "killed" / "checkpoint.safetensors").write_bytes(b"torn")
    shown = page(replace(state, run="killed"))
    assert shown._canvas.maps._seen.step == shown._current.snapshots[-1] == 1
    assert "goes on" not in shown._controls.run._note.text()


def test_closing_while_it_trains_saves_the_run(qtbot, page):
    shown = page()
    press(shown, "Start")
    qtbot.waitUntil(lambda: shown._current.curves.steps > 0, timeout=PATIENCE)
    assert sys.getswitchinterval() < 0.001  # Python takes short turns meanwhile
    shown.shut_down()
    assert sys.getswitchinterval() == pytest.approx(0.005)
    run = recording.open_run(paths.data_dir() / "runs" / shown.state.run)
    assert run.checkpoint().step == run.steps().step


def test_runs_are_listed_compared_renamed_and_deleted(qtbot, page):
    shown = page()
    for _ in range(2):
        press(shown, "One batch")
        qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
        press(shown, "Reset")
    qtbot.waitUntil(lambda: not shown._current._ending, timeout=PATIENCE)
    shown.edit(replace(shown.state, view="runs"))
    table = shown._canvas.runs.findChild(QTableView)
    model = table.model()
    assert model.rowCount() == 2
    keys = [entry.key for entry in model.entries]
    model.setData(model.index(0, 0), 2, Qt.ItemDataRole.CheckStateRole)
    assert shown.state.compared == (keys[0],)
    assert [other.steps for other in shown._canvas._others] == [1]
    names = [series.name for series in shown._canvas._plots._loss._series]
    assert names[-1] == short(shown._canvas._others[0].title)
    assert names[-1], "one can tell which run it is"
    table.setCurrentIndex(model.index(1, 0))
    press(shown, "Rename")
    qtbot.keyClicks(table.findChild(QLineEdit), "The slow one")
    qtbot.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: model.entries[1].texts[0] == "The slow one")
    table.setCurrentIndex(model.index(0, 0))
    press(shown, "Delete")
    assert [entry.key for entry in model.entries] == [keys[1]]
    assert shown.state.compared == ()
    press(shown, "Bring back")
    assert [entry.key for entry in model.entries] == keys
    press(shown, "Delete")
    assert [entry.key for entry in model.entries] == [keys[1]]
    table.setCurrentIndex(model.index(0, 0))
    press(shown, "Open")
    assert shown.state.run == keys[1]
    assert shown.state.view == "maps"


def test_a_damaged_run_is_listed_with_its_reason_and_can_be_deleted(qtbot, page, state):
    shown = page()
    whole, torn, headless, locked = (
        recording.create(shown.runs_folder, state.recipe, f"Run {n}") for n in range(4)
    )
    (torn.folder / "run.json").write_text('{"format": "cnnviz-run", "vers')
    (headless.folder / "run.json").rename(headless.folder / "metrics.jsonl")
    (locked.folder / "metrics.jsonl").mkdir()
    shown.edit(replace(shown.state, view="runs"))
    view = shown._canvas.runs
    table = view.findChild(QTableView)
    model = table.model()
    found = {entry.key: entry for entry in model.entries}
    assert model.entries[0].key == whole.folder.name
    assert len(found) == 4
    for run, word in ((torn, "damaged"), (headless, "no run"), (locked, "folder")):
        entry = found[run.folder.name]
        assert word in entry.sentence
        assert run.folder.name in entry.sentence
        row = model.entries.index(entry)
        assert model.index(row, 0).data() == entry.sentence
        assert table.columnSpan(row, 0) == model.columnCount()
        assert not model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsUserCheckable
        table.setCurrentIndex(model.index(row, 0))
        assert view._why.isVisible()
        assert view._why.text() == entry.sentence
        usable = [b.text() for b in (*view._buttons, view._export) if b.isEnabled()]
        assert usable == ["Delete"]
    table.setCurrentIndex(model.index(0, 0))
    assert not view._why.isVisible()
    assert all(button.isEnabled() for button in (*view._buttons, view._export))
    for run in (torn, headless, locked):
        row = [entry.key for entry in model.entries].index(run.folder.name)
        table.setCurrentIndex(model.index(row, 0))
        press(shown, "Delete")
        assert not run.folder.exists()
    assert [entry.key for entry in model.entries] == [whole.folder.name]


def test_a_narrow_list_of_runs_keeps_the_names(qtbot, page, state):
    theme.apply(QApplication.instance(), "light", 150)
    shown = page(replace(state, view="runs"))
    recording.create(shown.runs_folder, state.recipe, "The one with the dropout")
    shown.resize(1183, 724)  # what 1280 × 800 pixels leave
    shown.show_runs()
    table = shown._canvas.runs.findChild(QTableView)
    name = table.fontMetrics().horizontalAdvance("The one with the dropout")
    qtbot.waitUntil(lambda: table.columnWidth(0) > name, timeout=PATIENCE)
    bar = table.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() == 0, timeout=PATIENCE)
    theme.apply(QApplication.instance(), "light", 100)
    shown.resize(1090, 745)
    qtbot.waitUntil(lambda: not table.isColumnHidden(1), timeout=PATIENCE)


def test_a_compared_run_that_was_damaged_is_left_out(page, state):
    shown = page()
    run = recording.create(shown.runs_folder, state.recipe)
    (run.folder / "steps.f32").mkdir()
    shown.edit(replace(shown.state, compared=(run.folder.name,)))
    assert shown._canvas._others == []


@pytest.mark.parametrize(
    "kind", ["csv", "batches", "safetensors", "onnx", "pytorch", "keras"]
)
@pytest.mark.filterwarnings("default")  # others' packages warn of themselves
def test_a_run_is_exported_as_a_file_of_its_kind(
    qtbot, page, tmp_path, monkeypatch, kind
):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: 1 in shown._current.snapshots, timeout=PATIENCE)
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    suggested = []

    def answer(parent, title, name, types):
        suggested.append((name, types))
        return str(tmp_path / name), types

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    said = []
    shown.readout.connect(said.append)
    if kind == "onnx":
        pytest.importorskip("onnx")
    shown._canvas.runs.exported.emit(shown.state.run, kind)
    ((name, types),) = suggested
    path = tmp_path / name
    assert said == [f"Writing {path}"], "the window does not wait for it"
    shown._canvas.runs.exported.emit(shown.state.run, kind)
    assert "export this one after" in shown.banner.text()
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert said[-1] == f"Written to {path}"
    assert types.endswith(f"(*{(tmp_path / name).suffix})"), "what the dialog filters"
    content = (tmp_path / name).read_bytes()
    assert content
    if kind == "safetensors":
        _, _, facts = checkpoints.load(path)
        assert facts["data"] == shown._data.name
        assert (
            facts["note"] == f"Trained on {shown._data.name}, as it was after batch 1."
        )
    if name.endswith(".py"):
        compile(content, name, "exec")


def test_closing_does_not_wait_for_an_export(qtbot, page, tmp_path, monkeypatch):
    onnx = pytest.importorskip("onnx")
    shown = page()
    press(shown, "One batch")
    wait_for(qtbot, shown, "paused")
    path = tmp_path / "a.onnx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    shown._canvas.runs.exported.emit(shown.state.run, "onnx")
    assert shown._commands.busy
    began = time.monotonic()
    shown.shut_down()
    assert time.monotonic() - began < 2, "torch's own exporter takes four seconds"
    left = [file.name for file in tmp_path.iterdir() if file.is_file()]
    assert left in ([], [path.name]), "no draft"
    if left:
        onnx.checker.check_model(onnx.load(path), full_check=True)


def test_an_export_that_cannot_be_written_is_explained(
    qtbot, page, tmp_path, monkeypatch
):
    shown = page()
    press(shown, "One batch")
    wait_for(qtbot, shown, "paused")
    path = tmp_path / "absent" / "a.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    shown._canvas.runs.exported.emit(shown.state.run, "csv")
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert shown.banner.text().startswith("“a.csv” cannot be saved: there is no such")


def test_a_run_from_elsewhere_opens_as_a_folder(qtbot, page, state, tmp_path):
    first = page()
    press(first, "One batch")
    qtbot.waitUntil(lambda: first._current.curves.steps == 1, timeout=PATIENCE)
    first.shut_down()
    moved = tmp_path / "from a server"
    (paths.data_dir() / "runs" / first.state.run).rename(moved)
    other = page(State(Recipe(data=state.recipe.data)))
    other.open_paths([str(moved)])
    qtbot.waitUntil(other.settled, timeout=PATIENCE)
    assert other.state.run == str(moved)
    assert other._current.curves.steps == 1
    assert other.state.recipe == state.recipe


def test_a_run_that_is_gone_is_explained(page, state):
    shown = page(replace(state, run="gone"))
    assert "holds no run" in shown.banner.text()
    assert shown.state.run == ""


def test_a_loss_that_is_no_number_is_explained(qtbot, page, state):
    linear = replace(tiny.NETWORK, layers=(Layer("flatten"), dense(64), dense(10)))
    recipe = replace(state.recipe, network=linear, optimizer="sgd", learning_rate=100.0)
    shown = page(state.with_recipe(recipe))
    press(shown, "Start")
    qtbot.waitUntil(lambda: bool(shown.banner.text()), timeout=PATIENCE)
    qtbot.waitUntil(lambda: shown._current.control is None, timeout=PATIENCE)
    assert shown._current.snapshots, "the snapshot before it can be seen"


def test_after_a_breakdown_a_new_run_trains_on_from_an_earlier_moment(
    qtbot, page, state
):
    linear = replace(tiny.NETWORK, layers=(Layer("flatten"), dense(64), dense(10)))
    recipe = replace(state.recipe, network=linear, optimizer="sgd", learning_rate=100.0)
    shown = page(state.with_recipe(recipe))
    button = shown._canvas._train_on
    assert button.isHidden()
    press(shown, "Start")
    qtbot.waitUntil(lambda: shown._current._state == "diverged", timeout=PATIENCE)
    qtbot.waitUntil(lambda: shown._current.control is None, timeout=PATIENCE)
    assert button.isVisible() and button.isEnabled(), "from the newest, at once"
    broken = shown._current.run
    before = recording.open_run(broken.folder).snapshots()
    shown.edit(replace(shown.state, moment=0))
    shown._set(learning_rate=0.001)
    press(shown, "Train on from here")
    assert shown.phase == "none", "it is written in a thread"
    assert "being written" in shown._controls.run._note.text()
    assert not button.isEnabled()
    wait_for(qtbot, shown, "complete")
    run = shown._current.run
    assert run.folder != broken.folder
    assert shown.state.run == run.folder.name
    assert run.state() == "complete"
    assert run.recipe.learning_rate == 0.001
    assert broken.snapshots() == before
    assert broken.state() == "diverged"


def test_it_is_told_where_an_optimizers_averages_begin_anew(qtbot, page, state):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    note = shown._controls.run._note
    assert note.isHidden()
    shown.edit(replace(shown.state, moment=5))
    press(shown, "Train on from here")
    wait_for(qtbot, shown, "complete")
    assert note.isVisible()
    assert note.text() == resuming.ANEW
    press(shown, "Reset")
    assert note.isHidden()


def test_a_branch_that_cannot_be_written_is_explained(qtbot, page):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    run = shown._current.run
    path = tensor_path(run.folder / "snapshots", 5)
    path.write_bytes(b"nothing")
    shown.edit(replace(shown.state, moment=5))
    press(shown, "Train on from here")
    qtbot.waitUntil(lambda: shown.phase == "paused", timeout=PATIENCE)
    assert "is damaged" in shown.banner.text()
    assert shown._current.run is run
    press(shown, "Go on")
    wait_for(qtbot, shown, "complete")


def test_a_branch_that_is_cancelled_leaves_no_run(qtbot, page):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    shown.edit(replace(shown.state, moment=5))
    press(shown, "Train on from here")
    assert shown._current.branching
    shown.shut_down()
    (run,) = recording.runs(shown.runs_folder)
    assert run.folder.name == shown.state.run


def test_training_on_takes_the_settings_of_its_run(qtbot, page):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: bool(shown._current.snapshots), timeout=PATIENCE)
    wait_for(qtbot, shown, "paused")
    shown._set(batch=16)
    shown.edit(replace(shown.state, moment=0))
    press(shown, "Train on from here")
    assert "other settings" in shown.banner.text()
    assert shown._current.run.folder.name == shown.state.run


def test_a_click_on_rewind_gives_it_the_keys_and_its_end_trains_on(qtbot, page):
    shown = page()
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    timeline = shown.findChild(Timeline)
    qtbot.mouseClick(timeline, LEFT, pos=QPoint(2, timeline.height() // 2))
    assert shown.focusWidget() is timeline
    assert shown.state.moment == 0
    qtbot.keyClick(timeline, Qt.Key.Key_Right)
    assert shown.state.moment is None
    assert shown._current.curves.steps == 1
    qtbot.keyClick(timeline, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown._current.curves.steps == 2, timeout=PATIENCE)
    wait_for(qtbot, shown, "paused")
    qtbot.keyClick(timeline, Qt.Key.Key_Space)
    assert shown.phase == "running"


# ------------------------------------------------------------------ views


@pytest.mark.parametrize("view", ["maps", "mistakes", "curves", "network", "runs"])
@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_view_is_painted(page, state, view, look):
    shown = page(replace(state, view=view, layers="all"))
    theme.apply(QApplication.instance(), look, 100)
    image = shown.grab().toImage()
    assert image.width() == shown.width()
    assert shown.copy_picture() is not None


@pytest.mark.parametrize("view", ["maps", "mistakes", "curves", "network", "runs"])
@pytest.mark.parametrize("size", [100, 150])
def test_every_view_has_the_room_it_needs(qtbot, page, state, view, size):
    theme.apply(QApplication.instance(), "light", size)
    shown = page(replace(state, view=view))
    shown.resize(1090, 745)
    on_show = shown._canvas._views.currentWidget()

    def small():
        return [
            child.accessibleName() or type(child).__name__
            for child in on_show.findChildren(QWidget)
            if child.isVisible()
            and child.parentWidget() is on_show
            and child.height() < child.minimumSizeHint().height()
        ]

    qtbot.waitUntil(lambda: not small(), timeout=PATIENCE)
    bar = shown.findChild(Scrolled).verticalScrollBar()
    if size == 100:
        qtbot.waitUntil(lambda: bar.maximum() == 0, timeout=PATIENCE)
    theme.apply(QApplication.instance(), "light", 100)


def test_where_there_is_little_room_the_maps_have_it_first(qtbot, page, state):
    theme.apply(QApplication.instance(), "light", 150)
    shown = page(state)
    shown.resize(1183, 724)  # what 1280 × 800 pixels leave
    canvas, room = shown._canvas, shown.findChild(Scrolled)
    plots, maps = canvas._plots, canvas.maps

    def seen_whole():
        """Return how many mosaics are on the screen without scrolling."""
        bottoms = [
            mosaic.mapTo(room, QPoint(0, mosaic.height())).y()
            for mosaic in maps._mosaics
        ]
        return sum(bottom <= room.height() for bottom in bottoms)

    qtbot.waitUntil(lambda: seen_whole() >= 2, timeout=PATIENCE)
    assert not plots.isVisible()
    shown._words.findChildren(QLabel)[-1].setText(" ".join(["many words"] * 200))
    qtbot.waitUntil(lambda: seen_whole() >= 2, timeout=PATIENCE)
    assert room.height() >= 0.9 * theme.current().px(LEAST), "the words scroll"
    shown.edit(replace(shown.state, view="curves"))
    assert plots.isVisible(), "the curves have a view of their own"
    press(shown, "One batch")
    # The button changes before the batch is done.
    qtbot.waitUntil(lambda: len(plots._loss._series[0].y) == 1, timeout=PATIENCE)
    wait_for(qtbot, shown, "paused")
    theme.apply(QApplication.instance(), "light", 100)
    shown.resize(1090, 745)
    shown.edit(replace(shown.state, view="maps"))
    qtbot.waitUntil(plots.isVisible, timeout=PATIENCE)
    assert plots.geometry().bottom() < canvas._tabs.geometry().top()


def test_maps_of_another_network_do_not_stay(page, state):
    shown = page()
    assert outputs(shown)
    shown._set(network=replace(tiny.NETWORK, layers=(Layer("flatten"), dense(10))))
    assert shown._canvas.maps._seen is None, "nothing was seen of this one yet"


def test_all_layers_and_one_layer_alone(page, state):
    shown = page(replace(state, layers="all"))

    def titles():
        found = shown._canvas.maps._mosaics
        return [mosaic.accessibleName() for mosaic in found]

    assert "Pool 2" in titles()
    shown.edit(replace(shown.state, opened="relu1"))
    assert titles() == ["ReLU 1"]


def test_a_layer_is_enlarged_by_hand_and_all_come_back(qtbot, page):
    shown = page()
    maps = shown._canvas.maps

    def first():
        return maps._mosaics[0]

    def inside():
        return first().cell_rect((0, 1, 1)).center().toPoint()

    ways = (
        lambda: qtbot.mouseDClick(first(), LEFT, pos=inside()),
        lambda: qtbot.mouseClick(first(), LEFT, pos=QPoint(5, 5)),
        lambda: qtbot.keyClick(first(), Qt.Key.Key_Return, SHIFT),
    )
    for enlarge in ways:
        enlarge()
        assert shown.state.opened == "conv1"
        assert len(maps._mosaics) == 1
        press(shown, "All maps")
        assert shown.state.opened == ""
        assert maps._back.isHidden()
    ways[0]()
    ways[0]()
    assert shown.state.opened == "", "a second double click does it, too"
    ways[0]()
    qtbot.keyClick(maps, Qt.Key.Key_Escape)
    assert shown.state.opened == ""


def test_all_columns_of_maps_are_as_wide(page, state):
    shown = page()
    for network in (tiny.NETWORK, lenet5.LENET5, tiny.NETWORK):
        shown.edit(state.with_recipe(replace(state.recipe, network=network)))
        QApplication.processEvents()
        QApplication.processEvents()
        widths = [mosaic.width() for mosaic in shown._canvas.maps._mosaics]
        assert max(widths) - min(widths) <= 1, network.id


def test_the_value_that_is_pointed_at_is_told_anew_when_it_changes(qtbot, page):
    shown, told = page(), []
    shown.readout.connect(told.append)
    mosaic = shown._canvas.maps._mosaics[0]
    mosaic.setFocus(Qt.FocusReason.TabFocusReason)
    place = mosaic.pointed
    before = told[-1]
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: told[-1] != before, timeout=PATIENCE)
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert told[-1] == f"Conv 1, {mosaic.describe(place)}"
    assert numbers.plain(outputs(shown)["conv1"][place]) in told[-1]
    shown.edit(replace(shown.state, view="runs"))
    assert told[-1] == "", "nothing is pointed at any more"


@pytest.mark.parametrize("view", ["Maps", "Mistakes", "Curves", "Network", "Runs"])
def test_after_a_click_on_a_tab_the_arrow_is_the_training_s(qtbot, page, state, view):
    shown = page(replace(state, view="network"))
    table = shown._canvas.network.findChild(QTableView)
    qtbot.mouseClick(table.viewport(), LEFT, pos=QPoint(40, 50))
    tab = next(
        option
        for option in shown.findChildren(QRadioButton)
        if option.accessibleName() == f"View: {view}"
    )
    qtbot.mouseClick(tab, LEFT)
    if view == "Network":
        qtbot.mouseClick(shown._canvas._views, LEFT)
    assert shown.focusWidget() is shown._canvas._views
    qtbot.keyClick(shown.focusWidget(), Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: shown._current.curves.steps == 1, timeout=PATIENCE)


def test_a_click_on_what_is_drawn_leaves_the_keys_to_the_training(qtbot, page, state):
    for view in ("maps", "mistakes", "curves"):
        shown = page(replace(state, view=view))
        canvas = shown._canvas
        for kind in (Mosaic, RunPlot, ConfusionMatrix, Gallery, QSlider, QCheckBox):
            for widget in canvas.findChildren(kind):
                if widget.isVisible() and not widget.size().isEmpty():
                    canvas.focus_views()
                    qtbot.mouseClick(widget, LEFT)
                    assert shown.focusWidget() is canvas._views, kind
        assert view != "mistakes" or canvas.findChildren(Gallery)


def test_enter_in_a_field_gives_the_keys_back(qtbot, page):
    shown = page()
    field = shown._controls._numbers["learning_rate"]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.005")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert shown.state.recipe.learning_rate == 0.005
    assert shown.focusWidget() is shown._canvas._views


def test_the_words_are_seen_down_to_the_edge_of_the_page(page):
    shown = page()
    for height in (640, 740):
        shown.resize(1000, height)
        QApplication.processEvents()
        seen = shown._folding.viewport()
        end = seen.mapTo(shown, QPoint(0, seen.height())).y()
        assert end == shown.height()
    assert shown.explanation.contentsMargins().bottom() > 0


@pytest.mark.parametrize("typed", ["1e9", "0", "-1"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Tab])
def test_the_range_is_told_though_the_keys_go_elsewhere(qtbot, page, typed, key):
    shown = page()
    field = shown._controls._numbers["learning_rate"]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, typed)
    qtbot.keyClick(field, key)
    assert not field.hasFocus()
    qtbot.waitUntil(QToolTip.isVisible)
    assert QToolTip.text() == (
        f"Learning rate: “{typed}” is not a number from 1·10⁻⁷ to 100."
    )
    assert shown.state.recipe.learning_rate == Recipe(tiny.NETWORK, "").learning_rate
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_the_time_left_is_told_from_the_second_batch_on(qtbot, page, state):
    shown = page()
    for steps in (1, 2):
        press(shown, "One batch")
        qtbot.waitUntil(
            lambda steps=steps: shown._current.curves.steps == steps, timeout=PATIENCE
        )
        wait_for(qtbot, shown, "paused")
        assert shown._current.curves.speed > 0
        left = shown._current.progress(state.recipe).seconds_left
        assert (left is None) == (steps == 1)


def test_space_starts_the_training_from_a_field_too(qtbot, page):
    shown = page()
    field = shown._controls._numbers["batch"]
    field.setFocus(Qt.FocusReason.TabFocusReason)
    tab = next(
        option
        for option in shown.findChildren(QRadioButton)
        if option.accessibleName() == "View: Maps"
    )
    qtbot.mouseClick(tab, LEFT)
    focus = shown.focusWidget()
    qtbot.keyClick(focus, Qt.Key.Key_Space)
    assert shown.phase == "running"
    assert field.text() == str(BATCH)


def test_rewinding_does_not_move_the_slider(qtbot, page):
    shown = page()
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    timeline = shown._canvas._timeline
    before = timeline.geometry()
    assert not shown._canvas._train_on.isEnabled(), "these are the newest weights"
    shown.edit(replace(shown.state, moment=0))
    QApplication.processEvents()
    assert timeline.geometry() == before
    assert shown._canvas._train_on.isEnabled()
    assert shown._canvas._plots._loss._line is None, "no batch is done there"


def test_every_curve_is_named_and_has_its_own_colour(qtbot, page, state):
    recipe = replace(state.recipe, validation=0.2)
    shown = page(state.with_recipe(recipe))
    folder = shown.runs_folder
    made = [recording.create(folder, recipe, f"Run {n}") for n in range(6)]
    press(shown, "One epoch")
    wait_for(qtbot, shown, "paused")
    keys = tuple(run.folder.name for run in made)
    shown.edit(replace(shown.state, compared=keys, view="runs"))
    plots = shown._canvas._plots
    rows = plots._names._rows
    assert [row.name for row in rows] == ["training", "validation", "test"] + [
        run.name for run in made
    ]
    colours = [theme.color(row.role).name() for row in rows]
    assert len(set(colours)) == 9
    for plot in (plots._loss, plots._accuracy):
        drawn = [series.role for series in plot._series]
        assert drawn == [row.role for row in rows]
    model = shown._canvas.runs.findChild(QTableView).model()
    listed = {entry.key: entry.role for entry in model.entries}
    assert [listed[key] for key in keys] == [row.role for row in rows[3:]]
    shown.open_run(keys[2])
    names = [row.name for row in plots._names._rows if row.name not in ROLES]
    assert names == [run.name for run in made if run is not made[2]], "not twice"


def test_a_run_of_a_machine_with_a_card_goes_on_without_one(qtbot, page, state):
    first = page()
    press(first, "One batch")
    wait_for(qtbot, first, "paused")
    first.shut_down()
    head = first._current.run.folder / "run.json"
    head.write_text(head.read_text().replace('"device": "cpu"', '"device": "cuda"'))
    shown = page(State(Recipe(data=state.recipe.data)))
    shown.open_run(first.state.run)
    assert shown.state.recipe.device == "cuda"
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert outputs(shown), "its maps are seen"
    if not torch.cuda.is_available():
        press(shown, "Go on")
        qtbot.waitUntil(lambda: shown._current.control is None, timeout=PATIENCE)
        assert "choose auto or CPU" in shown.banner.text()
    shown._controls._choose("device", "cpu")
    assert shown.phase == "paused", "the device alone makes no other run of it"
    press(shown, "One batch")
    qtbot.waitUntil(lambda: shown._current.curves.steps == 2, timeout=PATIENCE)
    assert shown.state.run == first.state.run


def test_the_table_of_layers_edits_the_network(qtbot, page):
    shown = page()
    press(shown, "Edit layers")
    assert shown.state.view == "network"
    table = shown._canvas.network.findChild(QTableView)
    model = table.model()
    assert model.setData(model.index(0, 1), "4")
    assert shown.state.recipe.network.layers[0].outputs == 4
    assert shown.state.recipe.network.id == "custom"
    assert not model.setData(model.index(0, 1), "many")
    assert "whole number" in shown.banner.text()
    table.setCurrentIndex(model.index(1, 0))
    press(shown, "Remove")
    assert [layer.kind for layer in shown.state.recipe.network.layers][:2] == [
        "conv",
        "max-pool",
    ]
    shown.undo()
    shown.undo()
    assert shown.state.recipe.network == tiny.NETWORK


def test_a_table_that_cannot_work_says_where_and_is_mended(qtbot, page):
    shown = page()
    press(shown, "Edit layers")
    table = shown._canvas.network.findChild(QTableView)
    model, window = table.model(), [c.field for c in COLUMNS].index("kernel")
    pool = [layer.kind for layer in tiny.NETWORK.layers].index("max-pool")
    assert model.setData(model.index(pool, window), "30")
    assert shown.phase == "none"
    assert f"Layer {pool + 1}" in shown._canvas.network._reason.text()
    for view in ("maps", "mistakes", "curves", "runs", "network"):
        shown._view(view)
    assert model.setData(model.index(pool, window), "2")
    assert shown.phase == "new"
    assert shown._canvas.maps._mosaics


def test_a_list_of_kinds_is_closed_once_however_many_keys_come(qtbot, page):
    shown = page()
    press(shown, "Edit layers")
    table = shown._canvas.network.findChild(QTableView)
    table.edit(table.model().index(0, 0))
    kinds = table.findChild(QComboBox)
    before = kinds.currentText()
    for _ in range(2):  # Qt warns where an editor is closed twice
        qtbot.keyClick(kinds, Qt.Key.Key_Down)
    assert table.model().index(0, 0).data() != before


def test_the_table_of_layers_has_keys(qtbot, page):
    shown = page()
    press(shown, "Edit layers")
    table = shown._canvas.network.findChild(QTableView)
    kinds = [layer.kind for layer in tiny.NETWORK.layers]

    def now():
        return [layer.kind for layer in shown.state.recipe.network.layers]

    shown.window().activateWindow()
    table.setFocus()
    table.setCurrentIndex(table.model().index(1, len(COLUMNS) - 1))
    qtbot.waitUntil(table.hasFocus)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert now() == [kinds[0], kinds[2], kinds[1], *kinds[3:]]
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert now() == kinds
    qtbot.keyClick(table, Qt.Key.Key_Insert)
    assert now() == [kinds[0], "conv", *kinds[1:]]
    assert table.currentIndex().row() == 1, "the new layer is marked"
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert now() == kinds
    assert table.currentIndex().row() == 1


def test_copy_as_pytorch_builds_the_network(page, state):
    scope: dict[str, object] = {"__name__": "written"}
    exec(page().pytorch(), scope)
    module = scope["network"]()
    assert sum(p.numel() for p in module.parameters()) == sum(
        state.recipe.network.parameters
    )


def test_a_run_opens_on_this_page_from_any_other(qtbot, page, tmp_path):
    first = page()
    press(first, "One batch")
    qtbot.waitUntil(lambda: first._current.curves.steps == 1, timeout=PATIENCE)
    first.shut_down()
    folder = paths.data_dir() / "runs" / first.state.run
    window = Window(Settings())
    qtbot.addWidget(window)
    window.show_page("signals")
    commands.open_paths([str(folder / "run.json")], window)
    assert window.pages.current == "train"
    assert window.page.state.run == str(folder)
    qtbot.waitUntil(window.page.settled, timeout=PATIENCE)
    window.shut_down()


def test_the_devices_are_timed(qtbot, page):
    shown = page()
    press(shown, "Time the devices")
    dialog = shown.findChild(DeviceDialog)
    qtbot.waitUntil(lambda: dialog._bar.isHidden(), timeout=PATIENCE)
    labels = [label.text() for label in dialog._rows["CPU"]]
    assert labels[:2] == ["CPU", "float32"]
    assert labels[2].endswith(" s")
    assert labels[3] == "0", "float32 on the CPU is what the others are compared with"
    press(dialog, "Close")


def test_a_drawing_is_pinned_and_kept(qtbot, page):
    shown = page()
    press(shown, "Draw a picture")
    dialog = shown.findChild(DrawingDialog)
    pad = dialog._pad
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(pad, left, pos=QPoint(100, 60))
    qtbot.mouseMove(pad, QPoint(120, 240))
    qtbot.mouseRelease(pad, left, pos=QPoint(120, 240))
    press(dialog, "Keep")
    kept = list((paths.data_dir() / "drawings" / "0").glob("*.png"))
    assert len(kept) == 1
    assert dialog._words.text() == "Kept as 0."
    assert dialog._seen._image.isNull(), "the pad is empty again"
    press(dialog, "Pin")
    assert "no ink" in dialog._words.text()
    dialog._pad.undo()
    assert "no ink" not in dialog._words.text()
    assert not dialog._seen._image.isNull()
    press(dialog, "Pin")
    assert shown.state.picture is not None
    assert shown.state.picture.max() > 200
    qtbot.waitUntil(shown.settled, timeout=PATIENCE)
    assert shown._canvas.maps.digit._class.text() == "drawn"
