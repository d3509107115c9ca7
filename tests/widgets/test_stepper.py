"""The transport bar."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSlider

from cnnviz.widgets.controls import Choice
from cnnviz.widgets.stepper import Stepper


@pytest.fixture
def stepper(qtbot):
    """Make a bar of four places that follows its own wishes, as a page does."""
    bar = Stepper("window", (1.0, 50.0))
    qtbot.addWidget(bar)
    bar.asked = []

    def follow(place: int) -> None:
        bar.asked.append(place)
        bar.set_place(place, 4)

    bar.moved.connect(follow)
    bar.set_speed(50.0)
    bar.set_place(0, 4)
    bar.resize(900, 40)
    bar.show()
    return bar


def button(bar, name):
    return next(b for b in bar.findChildren(QPushButton) if b.accessibleName() == name)


def test_buttons_step(stepper, qtbot):
    for name in ("Step", "Step", "Back", "Last", "First"):
        qtbot.mouseClick(button(stepper, name), Qt.MouseButton.LeftButton)
    assert stepper.asked == [1, 2, 1, 3, 0]


def test_it_stays_within_its_places(stepper, qtbot):
    qtbot.mouseClick(button(stepper, "Back"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button(stepper, "First"), Qt.MouseButton.LeftButton)
    assert stepper.asked == []


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 3),
    ],
)
def test_keys_step(stepper, key, place):
    stepper.set_place(1, 4)
    assert stepper.press(key)
    assert stepper.asked == [place]


def test_arrows_step_from_a_focused_button(stepper, qtbot):
    qtbot.keyClick(button(stepper, "Play"), Qt.Key.Key_Right)
    assert stepper.asked == [1]
    qtbot.keyClick(button(stepper, "Play"), Qt.Key.Key_Space)
    assert stepper.playing
    stepper.pause()


def test_other_keys_are_not_taken(stepper):
    assert not stepper.press(Qt.Key.Key_A)


def test_it_plays_to_the_end_and_begins_again(stepper, qtbot):
    stepper.press(Qt.Key.Key_Space)
    assert stepper.playing and button(stepper, "Play").text() == "Pause"
    qtbot.waitUntil(lambda: not stepper.playing)
    assert stepper.asked == [1, 2, 3]
    assert button(stepper, "Play").text() == "Play"
    stepper.toggle()
    assert stepper.asked[-1] == 0
    stepper.pause()


def test_stepping_and_hiding_pause(stepper):
    stepper.toggle()
    stepper.go(3)
    assert not stepper.playing
    stepper.set_place(0, 4)
    stepper.toggle()
    stepper.hide()
    assert not stepper.playing


def test_the_slider_scrubs(stepper):
    stepper.findChild(QSlider).setValue(2)
    assert stepper.asked == [2]
    assert stepper.text() == "window 3 of 4"


def test_nothing_to_step_through(stepper):
    stepper.set_place(0, 0)
    assert not stepper.isEnabled()
    assert stepper.text() == ""
    stepper.toggle()
    assert not stepper.playing
    stepper.press(Qt.Key.Key_Right)
    assert stepper.asked == []


def test_speed_is_chosen(stepper, qtbot):
    choice = stepper.findChild(Choice)
    with qtbot.waitSignal(stepper.speed_chosen) as chosen:
        choice.setCurrentIndex(0)
        choice.activated.emit(0)
    assert chosen.args == [1.0]


def test_words_go_where_there_is_no_room(stepper):
    assert button(stepper, "Step").text() == "Step"
    stepper.resize(500, 40)
    assert button(stepper, "Step").text() == ""
