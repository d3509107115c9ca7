"""Every snapshot can be reached, with the pointer and with the keys."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt

from cnnviz import theme
from cnnviz.widgets.timeline import LIVE, Timeline

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

STEPS = [0, 1, 2, 5, 10, 20, 50, 100, 200, *range(469, 4691, 469)]


@pytest.fixture
def timeline(qtbot: QtBot, qapp: QApplication) -> Timeline:
    theme.apply(qapp, "light", 100)
    widget = Timeline("Rewind", "tip")
    qtbot.addWidget(widget)
    widget.resize(880, 60)
    widget.set_steps(STEPS, 5000)
    widget.show()
    return widget


def at(timeline: Timeline, index: int) -> QPoint:
    return QPoint(round(timeline.place(index)), 36)


def test_all_snapshots_lie_apart(timeline: Timeline) -> None:
    places = [timeline.place(index) for index in [*range(len(STEPS)), LIVE]]
    gaps = [b - a for a, b in pairwise(places)]
    assert min(gaps) > 10
    assert places[0] >= 0 and places[-1] <= 880


def test_every_one_can_be_clicked(timeline: Timeline, qtbot: QtBot) -> None:
    told: list[int] = []
    timeline.chosen.connect(told.append)
    order = [*range(len(STEPS)), LIVE]
    for index in order:
        qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, index))
    assert told == order


def test_a_drag_tells_each_moment_once(timeline: Timeline, qtbot: QtBot) -> None:
    told: list[int] = []
    timeline.chosen.connect(told.append)
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, 12))
    for x in range(round(timeline.place(12)), 0, -2):
        qtbot.mouseMove(timeline, QPoint(x, 50))
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=QPoint(2, 50))
    assert told == list(range(12, -1, -1))


def test_keys(timeline: Timeline, qtbot: QtBot) -> None:
    told: list[int] = []
    timeline.chosen.connect(told.append)
    key, last = Qt.Key, len(STEPS) - 1
    for each in (key.Key_Left, key.Key_Left, key.Key_Right, key.Key_Right):
        qtbot.keyClick(timeline, each)
    for each in (key.Key_Home, key.Key_Left, key.Key_Right, key.Key_End):
        qtbot.keyClick(timeline, each)
    assert told == [last, last - 1, last, LIVE, 0, 1, LIVE]


def test_the_last_snapshot_may_be_now(timeline: Timeline, qtbot: QtBot) -> None:
    timeline.set_steps([0, 10, 20], 20)
    with qtbot.waitSignal(timeline.chosen) as told:
        qtbot.keyClick(timeline, Qt.Key.Key_Left)
    assert told.args == [1]
    timeline.set_steps([0, 10, 20], 20, 2)
    with qtbot.waitSignal(timeline.chosen) as told:
        qtbot.keyClick(timeline, Qt.Key.Key_Left)
    assert told.args == [1]


def test_the_setter_is_silent_and_describes(timeline: Timeline, qtbot: QtBot) -> None:
    before = timeline.grab().toImage()
    with qtbot.assertNotEmitted(timeline.chosen):
        timeline.set_steps(STEPS, 5000, 4)
    assert timeline.current == 4
    assert timeline.accessibleDescription() == "snapshot 5 of 19, after 10 batches"
    assert timeline.grab().toImage() != before
    handle = timeline.grab().toImage().pixelColor(at(timeline, 4) - QPoint(0, 3))
    assert handle == theme.color("accent")


@pytest.mark.parametrize("steps", [[], [0]])
def test_before_the_start(timeline: Timeline, qtbot: QtBot, steps: list[int]) -> None:
    timeline.set_steps(steps, 0)
    for each in (Qt.Key.Key_Home, Qt.Key.Key_Left, Qt.Key.Key_End):
        qtbot.keyClick(timeline, each)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=QPoint(3, 50))
    timeline.grab()
    assert timeline.current == LIVE


def test_a_click_gives_it_the_keys(timeline: Timeline, qtbot: QtBot) -> None:
    told: list[int] = []
    timeline.activateWindow()
    qtbot.waitUntil(timeline.isActiveWindow)
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=at(timeline, 5))
    assert timeline.hasFocus()
    timeline.chosen.connect(told.append)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(timeline, key)
    assert told == [4, 5, 0, LIVE]
