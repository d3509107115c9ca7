"""The parts of a sum: those with no room are one of their sum, and all add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt

from cnnviz import theme
from cnnviz.widgets.sum_strip import Item, SumStrip

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

VALUES = np.random.default_rng(0).normal(size=40).astype(np.float32)
ITEMS = [
    *(Item(f"channel {n}", float(value), n) for n, value in enumerate(VALUES)),
    Item("bias", 0.25),
    Item("total", float(VALUES.sum() + 0.25), strong=True),
]


@pytest.fixture
def strip(qtbot: QtBot, qapp: QApplication) -> SumStrip:
    theme.apply(qapp, "light", 100)
    widget = SumStrip("Parts", "A sum")
    qtbot.addWidget(widget)
    widget.set_items(ITEMS, 0)
    widget.resize(700, 44)
    widget.show()
    return widget


@pytest.mark.parametrize("width", [320, 700, 1500, 9000])
def test_what_is_shown_adds_up_and_fits(strip: SumStrip, width: int) -> None:
    strip.resize(width, 44)
    shown = strip.shown()
    assert shown[-1][1].right() <= width or width == 320
    parts = [item.value for item, _ in shown if not item.strong]
    assert sum(parts) == pytest.approx(ITEMS[-1].value, abs=1e-4)
    folded = [item for item, _ in shown if item.name.endswith("more")]
    assert len(folded) == (width < 9000)


def test_a_click_and_the_arrows_pick(strip: SumStrip, qtbot: QtBot) -> None:
    item, rect = strip.shown()[2]
    with qtbot.waitSignal(strip.picked) as told:
        at = rect.center().toPoint()
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [item.key]
    with qtbot.waitSignal(strip.picked) as told:
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert told.args == [1]
    strip.set_items(ITEMS, 39)
    with qtbot.waitSignal(strip.picked) as told:
        qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert told.args == [39]
    assert "channel 39" in strip.accessibleDescription()


def test_what_cannot_be_picked_is_not(strip: SumStrip, qtbot: QtBot) -> None:
    told = []
    strip.picked.connect(told.append)
    at = strip.shown()[-1][1].center().toPoint()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at)
    assert not told
