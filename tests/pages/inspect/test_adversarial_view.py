"""Adversarial examples on the screen, and accuracy against epsilon."""

from __future__ import annotations

import numpy as np
import pytest
import small_views as small
from PySide6.QtWidgets import QSlider

from cnnviz.nn import replay, robustness
from cnnviz.nn.adversarial import Attack, perturb
from cnnviz.pages.inspect import attacking
from cnnviz.pages.inspect.adversarial_view import AdversarialView
from cnnviz.pages.inspect.state import State
from cnnviz.pages.inspect.why_state import MOST_EPSILON, Attacking, Why


def with_settings(**fields):
    return State(why=Why(attacking=Attacking(**fields)))


@pytest.mark.parametrize(
    "settings",
    [
        Attacking(),
        Attacking(norm="l2", epsilon=2.0),
        Attacking("pgd", epsilon=0.2, steps=5),
        Attacking("pgd", "l2", 1.5, 4, target=2),
    ],
)
def test_the_pictures_are_those_of_the_attack(show, weights, settings):
    view = show(AdversarialView, State(why=Why(attacking=settings)))
    module = replay.module_of(small.SMALL, weights)
    attack = Attack(
        settings.method, settings.norm, settings.epsilon, steps=settings.steps
    )
    target = None if settings.target < 0 else settings.target
    wanted = perturb(module, small.PICTURE, attack, target=target)
    np.testing.assert_array_equal(view._after._values, wanted.result[0])
    np.testing.assert_array_equal(view._change._values, wanted.perturbation[0])
    np.testing.assert_array_equal(view._bars[1]._shares, wanted.after.probabilities)
    factor = float(view._change._title.removeprefix("Change × "))
    assert view._change._scale.high == 1 / factor
    assert 0.4 / factor < np.abs(wanted.perturbation).max() <= 1.001 / factor


def test_the_slider_is_an_edit_that_goes_on_living(show, qtbot):
    view = show(AdversarialView)
    slider = next(
        s for s in view.findChildren(QSlider) if s.accessibleName() == "Epsilon"
    )
    gestures = []
    view.edited.connect(lambda _, gesture: gestures.append(gesture))
    for place in (0, 50, 300):
        slider.setValue(place)
    qtbot.waitUntil(lambda: not view.busy)
    assert view.state.why.attacking.epsilon == 0.3
    assert len(set(gestures)) == 1, "one step to undo"
    assert np.abs(view._change._values).max() == pytest.approx(0.3)


def test_no_change_changes_nothing(show):
    view = show(AdversarialView, with_settings(epsilon=0.0))
    assert not view._change._values.any()
    assert "still taken for" in view._words.text()


def test_another_norm_begins_with_an_epsilon_of_its_own(show, qtbot):
    view = show(AdversarialView, with_settings(epsilon=0.5))
    view._norm.changed.emit("l2")
    assert view.state.why.attacking == Attacking(norm="l2", epsilon=2.5)
    slider = view._epsilon._slider
    slider.setValue(slider.maximum())
    assert view.state.why.attacking.epsilon == MOST_EPSILON["l2"]


def test_of_colours_the_channel_that_changes_most_is_shown():
    change = np.array([[[0.1]], [[-0.3]], [[0.2]]], np.float32)
    np.testing.assert_array_equal(
        attacking.strongest(change), np.array([[-0.3]], np.float32)
    )


# ------------------------------------------------------------------ the curve


def measured(view):
    return view._curve._series[0]


def test_the_curve_is_counted_over_the_whole_test_set(show, qtbot, weights):
    view = show(AdversarialView)
    assert not view._curve._series
    view._start.click()
    assert view._progress.isVisible()
    qtbot.waitUntil(lambda: not view.busy)
    module = replay.module_of(small.SMALL, weights)
    series = measured(view)
    *_, wanted = robustness.accuracy_curve(
        module, small.DATA.test, series.x.tolist(), Attack()
    )
    np.testing.assert_allclose(series.y, wanted.accuracy, atol=1e-7)
    assert len(series.x) == attacking.POINTS
    assert wanted.asked.tolist() == [300] * attacking.POINTS
    assert series.y[0] > 0.9 > 0.5 > series.y[-1]
    assert not view._progress.isVisible()


def test_a_cancelled_curve_stays_as_far_as_it_is(show, qtbot):
    view = show(AdversarialView)
    view._start.click()
    qtbot.waitUntil(lambda: bool(view._curve._series))
    view._progress.cancelled.emit()
    assert not view.busy
    assert view._start.isVisible()
    assert view._curve._series


def test_a_curve_of_another_attack_goes_and_one_of_another_epsilon_stays(show, qtbot):
    view = show(AdversarialView)
    view._start.click()
    qtbot.waitUntil(lambda: not view.busy)
    view.edit_why("attacking", epsilon=0.3)
    assert view._curve._series
    view.edit_why("attacking", method="pgd")
    assert not view._curve._series
    qtbot.waitUntil(lambda: not view.busy)


def test_hidden_it_stops_counting(show, qtbot):
    view = show(AdversarialView)
    view._start.click()
    view.hide()
    assert not view._measuring.busy


def test_without_a_test_set_nothing_can_be_measured(show):
    view = show(AdversarialView, data=None)
    assert not view._start.isEnabled()
    assert view._after._values is not None


def test_the_curve_is_large_enough_to_be_read_on_a_small_screen(show, qtbot):
    view = show(AdversarialView)
    view.resize(750, 560)  # in a window of 1280 by 800
    qtbot.waitUntil(lambda: view._curve.width() > 200)
    assert view._curve.height() >= 160
    assert view._before.height() >= 200


def test_a_change_that_is_not_magnified_is_not_called_so(show, qtbot):
    view = show(AdversarialView, with_settings(norm="l2", epsilon=5.0, method="pgd"))
    assert view._change._title == "Change × 1"
    assert view._change._caption == "not magnified"
    view.edit_why("attacking", epsilon=0.5)
    qtbot.waitUntil(lambda: not view.busy)
    assert view._change._title.startswith("Change × ")
    assert view._change._caption == "magnified"


def test_a_stopped_curve_says_of_how_many_pictures_it_is(show, qtbot):
    view = show(AdversarialView, data=small.data(9000))
    view._start.click()
    qtbot.waitUntil(lambda: bool(view._curve._series))
    view._progress._stop.click()
    most = int(view._counted[0])
    assert 0 < most < 9000, "it was stopped in time"
    assert view._note.text() == f"Stopped after {most:,} of 9,000 pictures"


def test_a_curve_beside_a_target_says_that_it_has_none(show, qtbot):
    view = show(AdversarialView, with_settings(target=2))
    view._start.click()
    qtbot.waitUntil(lambda: not view.busy)
    assert view._note.text() == "300 pictures, led to any other class"
    view.edit_why("attacking", target=-1)
    qtbot.waitUntil(lambda: not view.busy)
    assert view._note.text() == "300 pictures"
