"""A picture that grows: the same from the same settings, played, paused and stepped."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
import small_views as small
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.nn import replay
from cnnviz.nn.dreaming import Dream, dream
from cnnviz.nn.favourites import favourites
from cnnviz.pages.inspect import dream_view, growing
from cnnviz.pages.inspect.dream_view import DreamView
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.why_state import Dreaming, Why
from cnnviz.widgets.gallery import CAPTION


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Grow fewer steps by itself, and faster."""
    monkeypatch.setattr(dream_view, "FIRST_STEPS", 6)
    monkeypatch.setattr(dream_view, "FRAME", 1)


def with_settings(**fields):
    return State(why=Why(dreaming=Dreaming(**fields)))


def grown(weights, settings, count, start=(1, 8, 8)):
    module = replay.module_of(small.SMALL, weights)
    layer, channel = growing.chosen(small.asked(weights), settings)
    helps = Dream(
        settings.step,
        settings.jitter,
        settings.blur,
        variation=settings.variation,
        seed=settings.seed,
    )
    return list(islice(dream(module, layer, channel, start, helps), count + 1))


def test_it_grows_by_itself_and_rests(show, weights):
    view = show(DreamView)
    steps = grown(weights, Dreaming(), 6)
    np.testing.assert_array_equal(view._picture._values, steps[-1].picture[0])
    np.testing.assert_allclose(view._activations, [step.activation for step in steps])
    assert view._play.text() == "Play"
    assert view._picture._caption == "step 6"


def test_a_step_is_one_step(show, qtbot, weights):
    view = show(DreamView, with_settings(layer="conv1", channel=2, seed=4))
    view._step.click()
    qtbot.waitUntil(lambda: not view.busy)
    steps = grown(weights, Dreaming(layer="conv1", channel=2, seed=4), 7)
    np.testing.assert_array_equal(view._picture._values, steps[-1].picture[0])


def test_it_plays_on_until_it_is_paused(show, qtbot):
    view = show(DreamView)
    view._play.click()
    assert view._play.text() == "Pause"
    qtbot.waitUntil(lambda: len(view._activations) > 20)
    view._play.click()
    qtbot.waitUntil(lambda: not view.busy)
    assert view._play.text() == "Play"
    assert view._activations[-1] > view._activations[0]


def test_from_the_picture(show, weights):
    settings = Dreaming(start="picture", channel=1)
    view = show(DreamView, State(why=Why(dreaming=settings)))
    steps = grown(weights, settings, 6, small.PICTURE)
    np.testing.assert_array_equal(view._picture._values, steps[-1].picture[0])


def test_from_noise_another_picture_changes_nothing(show, weights):
    view = show(DreamView)
    before = view._picture._values
    small.give(view, weights, small.PICTURE[:, ::-1].copy())
    assert not view.busy
    assert view._picture._values is before


def test_restart_draws_other_noise(show, qtbot, weights):
    view = show(DreamView)
    view._again.click()
    qtbot.waitUntil(lambda: not view.busy)
    assert view.state.why.dreaming.seed == 1
    steps = grown(weights, Dreaming(seed=1), 6)
    np.testing.assert_array_equal(view._picture._values, steps[-1].picture[0])


def test_the_favourites_are_those_of_the_channel_and_can_be_pinned(
    show, qtbot, weights
):
    view = show(DreamView, with_settings(layer="conv1", channel=3))
    module = replay.module_of(small.SMALL, weights)
    *_, wanted = favourites(module, small.DATA.test, "conv1", 9)
    assert view._shown == wanted.pictures[3].tolist()
    view.edit_why("dreaming", channel=0)
    assert view._shown == wanted.pictures[0].tolist(), "found for all channels at once"
    qtbot.waitUntil(lambda: not view.busy)
    view._gallery.chosen.emit(2)
    assert (view.state.source, view.state.index) == ("test", wanted.pictures[0, 2])


def test_a_channel_that_never_answers_is_a_sentence(show, weights):
    dead = {**weights, "conv1.bias": np.full(4, -100, np.float32)}
    view = show(DreamView, with_settings(layer="pool1"), weights=dead)
    assert "answers nothing" in view.sentence.text()


def test_hidden_it_rests(show, qtbot):
    view = show(DreamView)
    view._play.click()
    view.hide()
    assert not view._clock.isActive()
    qtbot.waitUntil(lambda: not view.busy)


def test_the_last_layer_asks_for_a_class_and_others_for_a_channel(show, qtbot):
    view = show(DreamView)
    assert view._class_row.isVisible() and not view._channel_row.isVisible()
    view._layer.chosen.emit("conv1")
    assert view._channel_row.isVisible() and not view._class_row.isVisible()
    assert view._channel.maximum() == 3
    qtbot.waitUntil(lambda: not view.busy)


@pytest.mark.parametrize("size", [(750, 590), (1390, 900)])
def test_picture_and_favourites_take_the_room_that_there_is(show, size):
    view = show(DreamView)
    view.resize(*size)
    QApplication.processEvents()
    picture, gallery = view._picture, view._gallery
    for whole, last, caption in (
        (picture.rect(), picture.cell_rect((7, 7)).toRect(), 0),
        (gallery.rect(), gallery.item_rect(8), CAPTION),
    ):
        beside = whole.right() - last.right()
        below = whole.bottom() - last.bottom() - theme.current().px(caption)
        assert 0 <= min(beside, below) < 24
    assert picture.geometry().bottom() > view.height() - 8
