"""Probabilities over a change's range, and another network beside."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import numpy as np
import pytest
import small_views as small

from cnnviz.nn import checkpoints, probing, replay
from cnnviz.nn.invariance import Invariance
from cnnviz.ops.changes import RANGES, changed
from cnnviz.pages.inspect import changing, networks
from cnnviz.pages.inspect.asked import of_chain
from cnnviz.pages.inspect.asking_view import Inputs, Kept
from cnnviz.pages.inspect.changes_view import ChangesView
from cnnviz.pages.inspect.state import Changes, State
from cnnviz.pages.inspect.why_state import Changing, Why


def with_settings(**fields):
    return State(why=Why(changing=Changing(**fields)))


def found(view):
    return view._compared.found


@pytest.mark.parametrize("change", RANGES)
def test_the_curves_are_what_the_network_says(show, weights, change):
    view = show(ChangesView, with_settings(change=change))
    module = replay.module_of(small.SMALL, weights)
    assert found(view).probabilities.shape == (1, changing.VALUES, 4)
    for index in (0, 30, 120):
        picture = changed(small.PICTURE, change, float(found(view).values[index]))
        wanted = probing.predict(module, picture).probabilities
        np.testing.assert_allclose(
            found(view).probabilities[0, index], wanted, atol=1e-6
        )


def test_the_other_changes_of_the_state_stay(show, qtbot, weights):
    state = replace(with_settings(), changes=Changes(rotate=20.0, shift_right=2.0))
    view = show(ChangesView, state)
    module = replay.module_of(small.SMALL, weights)
    turned = changed(small.PICTURE, "rotate", 20.0)
    wanted = probing.predict(module, changed(turned, "shift-right", -10.0))
    np.testing.assert_allclose(
        found(view).probabilities[0, 0], wanted.probabilities, atol=1e-6
    )
    assert view._plots[0]._line == pytest.approx(2.0, abs=0.1), "where the slider is"
    view.set_state(replace(state, changes=Changes(rotate=20.0, shift_right=5.0)))
    assert not view.busy, "the curve is the same"
    assert view._plots[0]._line == pytest.approx(5.0, abs=0.1)


def test_another_network_beside(show, tmp_path, weights):
    other = {key: value[..., ::-1].copy() for key, value in weights.items()}
    path = tmp_path / "mirrored.safetensors"
    checkpoints.save(path, small.SMALL, other)
    view = show(ChangesView, with_settings(other=str(path)))
    assert view._compared.other == "mirrored"
    module = replay.module_of(small.SMALL, other)
    picture = changed(small.PICTURE, "shift-right", -10.0)
    wanted = probing.predict(module, picture).probabilities
    np.testing.assert_allclose(found(view).probabilities[1, 0], wanted, atol=1e-6)
    assert view._plots[1].isVisible()


def test_the_fully_connected_network_is_beside_unless_another_is_chosen():
    shipped = networks.load("lecture")
    picture = np.zeros((1, 28, 28), np.float32)
    picture[0, 4:24, 13:16] = 1
    inputs = Inputs(of_chain(shipped), picture, None)
    parts = changing.compare(
        Kept(), Kept(), changing.Opened(), inputs, picture, Changing()
    )
    *_, whole = parts
    assert (whole.other, whole.refusal) == ("Fully connected", "")
    ours, theirs = whole.found.probabilities
    middle = changing.VALUES // 2
    assert ours[middle].argmax() == theirs[middle].argmax() == 1
    assert not np.allclose(ours, theirs)


def test_a_second_network_that_is_gone_is_named(show, tmp_path):
    view = show(ChangesView, with_settings(other=str(tmp_path / "gone.safetensors")))
    assert not view._plots[1].isVisible()
    assert "“gone.safetensors” is not there any more" in view._words[1].text()


def test_without_a_second_network_it_says_how_to_get_one(show, tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "shipped", lambda key: tmp_path / key)
    view = show(ChangesView)
    assert not view._plots[1].isVisible()
    assert view._words[1].text() == changing.HOW_TO_GET


def test_one_of_other_pictures_is_refused(show, tmp_path):
    from cnnviz.nn.models import tiny
    from cnnviz.nn.recipe import Recipe

    path = tmp_path / "tiny.safetensors"
    network = tiny.NETWORK
    checkpoints.save(path, network, replay.first_weights(Recipe(network)))
    view = show(ChangesView, with_settings(other=str(path)))
    assert "another size" in view._words[1].text()


def test_the_pointer_shows_the_picture_there(show):
    view = show(ChangesView)
    told = []
    view.readout.connect(told.append)
    view._plots[0].hovered.emit(3.0)
    picture = changed(small.PICTURE, "shift-right", 3.0)
    np.testing.assert_array_equal(view._pictures[1]._values, picture[0])
    assert told[-1].startswith("shift-right: 3 px · this network says ")
    view._plots[0].hovered.emit(nan)
    np.testing.assert_array_equal(view._pictures[1]._values, small.PICTURE[0])


def test_the_pointer_waits_for_the_curves_of_another_change(show, qtbot):
    view = show(ChangesView, with_settings(change="scale"))
    view.set_state(with_settings(change="noise"))
    assert view.busy
    view._plots[0].hovered.emit(1.25)  # a scale, and no noise
    np.testing.assert_array_equal(view._pictures[1]._values, small.PICTURE[0])
    qtbot.waitUntil(lambda: not view.busy)
    view._plots[0].hovered.emit(0.25)
    picture = changed(small.PICTURE, "noise", 0.25)
    np.testing.assert_array_equal(view._pictures[1]._values, picture[0])


def test_the_words_say_how_far_the_answer_holds():
    shares = np.zeros((1, 5, 2), np.float32)
    shares[0, :, 1] = 0.2, 0.9, 0.8, 0.7, 0.1
    shares[0, :, 0] = 1 - shares[0, :, 1]
    values = np.array([-10, -5, 0, 5, 10], np.float32)
    made = Invariance("shift-right", values, shares, 5, 5)
    assert changing.held(made, 0, 1, "seven") == "Says seven from −5 to 5 px."
    assert changing.held(made, 0, 0, "one") == "Never says one."
    assert changing.curved(made) == [1, 0]


def test_what_wins_somewhere_has_a_curve_and_the_rest_one_together():
    shares = np.zeros((1, 11, 7), np.float32)
    shares[0, :, 0] = 0.5
    shares[0, :, 1:4] = 0.14  # likelier on the whole than class 5, yet never first
    shares[0, :, 4] = 0.08
    shares[0, 10] = 0, 0.1, 0.1, 0.0, 0.1, 0.6, 0.1
    values = np.linspace(-10, 10, 11, dtype=np.float32)
    made = Invariance("shift-right", values, shares, 5, 5)
    shown = changing.curved(made)
    assert shown == [0, 5, 1, 2]
    rest = changing.others(made, shown)
    np.testing.assert_allclose(
        rest + shares[:, :, shown].sum(axis=2), shares.sum(axis=2), atol=1e-6
    )
    few = Invariance("shift-right", values, shares[..., :2], 5, 5)
    assert changing.others(few, [0, 1]) is None


def test_the_curves_of_a_view_add_up_to_one(show):
    view = show(ChangesView)
    drawn = [plot for plot in view._plots if plot._series]
    assert len(drawn) == 1
    whole = sum(series.y for series in drawn[0]._series)
    assert (whole > 0.8).all(), "all but what is nowhere worth a curve"
