"""Test pictures as points: where they lie, what a click does, and the journey."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace

import numpy as np
import pytest
import small_views as small

from cnnviz.nn import replay
from cnnviz.nn.embedding import pca
from cnnviz.nn.inspection import layer_outputs, to_input
from cnnviz.pages.inspect import mapping, points_view
from cnnviz.pages.inspect.asking_view import Inputs, Kept
from cnnviz.pages.inspect.points_view import PointsView
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.why_state import Mapping, Why


def with_settings(**fields):
    return State(why=Why(mapping=Mapping(**fields)))


def test_the_last_layer_is_mapped_by_pca(show, weights):
    view = show(PointsView, with_settings(count=120))
    module = replay.module_of(small.SMALL, weights)
    numbers = view._mapped.pictures
    assert len(numbers) == 120
    images = to_input(small.DATA.test.images[numbers])
    wanted = pca(layer_outputs(module, images)["dense1"].numpy())
    found = view._plot._points
    spread = np.sqrt(np.square(wanted.points).sum(axis=1).mean())
    np.testing.assert_allclose(found, wanted.points / spread, atol=1e-4)
    labels = small.DATA.test.labels[numbers]
    np.testing.assert_array_equal(view._plot._labels, labels)
    assert f"{100 * wanted.explained.sum():.0f} %" in view._plot._caption


def test_the_first_points_are_there_before_all_pictures_are(weights):
    inputs = Inputs(small.asked(weights), small.PICTURE, small.DATA)
    steps = list(mapping.project(Kept(), inputs, "dense1", 300))
    assert [len(step.points.get("dense1", ())) for step in steps[:4]] == [
        125,
        125,
        125,
        300,
    ]
    assert "of the first 125" in steps[0].words["dense1"]
    module = replay.module_of(small.SMALL, weights)
    images = to_input(small.DATA.test.images[steps[0].pictures[:125]])
    wanted = pca(layer_outputs(module, images)["dense1"].numpy()).points
    spread = np.sqrt(np.square(wanted).sum(axis=1).mean())
    np.testing.assert_allclose(steps[0].points["dense1"], wanted / spread, atol=1e-4)
    # The whole map goes on from the first one: nothing is mirrored.
    first, whole = steps[0].points["dense1"], steps[-1].points["dense1"][:125]
    for axis in (0, 1):
        assert np.corrcoef(first[:, axis], whole[:, axis])[0, 1] > 0.5


def test_any_layer_can_be_chosen_at_once(show, weights):
    view = show(PointsView, with_settings(count=100))
    last = view._plot._points
    view.edit_why("mapping", layer="input")
    assert not view.busy, "all layers are known"
    assert view._plot._title == "Pixels"
    assert not np.array_equal(view._plot._points, last)


def test_an_activation_is_mapped_as_well(show, qtbot):
    view = show(PointsView, with_settings(count=100))
    view.edit_why("mapping", layer="relu1")
    qtbot.waitUntil(lambda: not view.busy)
    assert len(view._plot._points) == 100
    assert view._plot._title.startswith("ReLU")


def test_a_click_pins_the_picture_and_it_is_marked(show, qtbot):
    view = show(PointsView, with_settings(count=100))
    told = []
    view.readout.connect(told.append)
    view._plot.hovered.emit(7)
    view._plot.clicked.emit(7)
    number = int(view._mapped.pictures[7])
    assert (view.state.source, view.state.index) == ("test", number)
    assert view._plot._marked == 7
    assert f"test picture {number}" in told[0]


def test_from_pixels_to_the_last_layer(show, qtbot, monkeypatch):
    monkeypatch.setattr(points_view, "REST", 1 - points_view.GLIDE)
    view = show(PointsView, with_settings(count=100))
    layers = []
    view.edited.connect(lambda state, _: layers.append(state.why.mapping.layer))
    view._play.click()
    qtbot.waitUntil(lambda: not view._clock.isActive())
    assert layers == ["input", "conv1", "pool1", "dense1"]
    assert not view.busy


def test_the_journey_stops_when_hidden(show):
    view = show(PointsView, with_settings(count=100))
    view._play.click()
    view.hide()
    assert not view._clock.isActive()


def test_tsne_says_how_to_get_it(show):
    view = show(PointsView, with_settings(count=100))
    option = view._method._options["tsne"]
    if importlib.util.find_spec("openTSNE") is None:
        assert not option.isEnabled()
        assert "pip install openTSNE" in option.toolTip()
    else:
        assert option.isEnabled()


@pytest.mark.parametrize("frozen", [False, True])
def test_without_tsne_the_way_out_stands_on_the_page(show, monkeypatch, frozen):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(sys, "frozen", frozen, raising=False)
    view = show(PointsView, with_settings(count=100))
    words = view._lacking.text()
    assert view._lacking.isVisible() and "PCA works" in words
    assert ("from its source" if frozen else "pip install openTSNE") in words
    assert ("pip" in words) != frozen


def test_a_state_with_tsne_maps_or_says_why_not(show):
    view = show(PointsView, with_settings(count=100, method="tsne"))
    if importlib.util.find_spec("openTSNE") is None:
        assert "pip install openTSNE" in view.sentence.text()
    else:
        assert view._plot._points.shape == (100, 2)
        assert np.isfinite(view._plot._points).all()


def test_without_a_test_set_it_waits_for_one(show, qtbot, weights):
    view = show(PointsView, with_settings(count=100), data=None)
    assert "not there yet" in view._plot._placeholder
    small.give(view, weights)
    qtbot.waitUntil(lambda: not view.busy)
    assert len(view._plot._points) == 100


def test_stages_hold_the_chosen_layer():
    asked = small.asked({})
    assert mapping.stages(asked, "") == ("input", "conv1", "pool1", "dense1")
    assert "relu1" in mapping.stages(asked, "relu1")
    assert "flatten1" not in mapping.layers(asked)


def test_it_can_be_stopped_and_begun_again(show, qtbot):
    view = show(PointsView, with_settings(count=100))
    told = []

    def stop(_found):
        told.append(view._progress.isVisible())
        view._progress.cancelled.emit()

    view.stream.yielded.connect(stop)
    view.edit_why("mapping", count=200)
    assert view.busy
    qtbot.waitUntil(lambda: bool(told))
    view.stream.yielded.disconnect(stop)
    assert told == [True]
    assert not view.busy and not view._progress.isVisible()
    view._layer.chosen.emit("input")
    assert view.busy
    qtbot.waitUntil(lambda: not view.busy)
    assert len(view._plot._points) == 200
    assert view._play.isEnabled()


def test_while_neighbours_are_looked_for_it_can_be_cancelled(weights):
    given = Inputs(small.asked(weights), small.PICTURE, small.DATA)
    for found in mapping.lay_out(Kept(), given, "dense1", 100):
        if found.doing == "iterations":
            break
    assert (found.done, found.total) == (0, mapping.ITERATIONS)
    assert not found.points and len(found.pictures) == 100


def test_a_stopped_plane_says_how_far_it_came(show):
    view = show(PointsView)
    found = view._mapped
    view.take(replace(found, done=3, total=9, doing="layers"))
    view._progress._stop.click()
    assert view._plot._caption == "stopped after 3 of 9 layers"
