"""Maps to scroll through and to zoom into: right colours, places, and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.widgets.map_sheet import MapSheet

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

MAPS = np.random.default_rng(0).normal(size=(60, 6, 6)).astype(np.float32)
LIMIT = float(np.abs(MAPS).max())


@pytest.fixture
def sheet(qtbot: QtBot, qapp: QApplication) -> MapSheet:
    theme.apply(qapp, "light", 100)
    widget = MapSheet("Conv 2")
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    widget.set_maps(MAPS, scale="layer", signed=True)
    return widget


def colour(sheet: MapSheet, place: tuple[int, int, int]):
    image = sheet.viewport().grab().toImage()
    return image.pixelColor(sheet.cell_rect(place).center().toPoint())


def in_sight(sheet: MapSheet, place: tuple[int, int, int]) -> bool:
    rect = sheet.cell_rect(place)
    return rect.top() >= 24 and rect.bottom() <= sheet.viewport().height() - 26


@pytest.mark.parametrize("zoom", [1.0, 1.7, 4.0])
@pytest.mark.parametrize("down", [0, 0.37, 1])
def test_what_is_in_sight_has_the_colour_of_its_value(sheet, zoom, down) -> None:
    sheet.set_zoom(zoom)
    bar = sheet.verticalScrollBar()
    bar.setValue(round(down * bar.maximum()))
    seen = [place for place in np.ndindex(*MAPS.shape) if in_sight(sheet, place)]
    assert len(seen) > 20
    for place in seen[:: max(1, len(seen) // 40)]:
        assert colour(sheet, place) == theme.signed_color(float(MAPS[place]), LIMIT)


def test_all_maps_are_in_sight_until_it_is_zoomed(sheet) -> None:
    assert all(in_sight(sheet, (n, 5, 5)) for n in range(60))
    assert sheet.verticalScrollBar().maximum() == 0
    sheet.set_zoom(100)
    assert sheet.verticalScrollBar().maximum() > 0
    rect = sheet.cell_rect((0, 0, 0)).united(sheet.cell_rect((0, 5, 5)))
    assert rect.width() <= sheet.viewport().width()
    sheet.set_zoom(0)
    assert sheet.zoom == 1


def test_the_wheel_zooms_with_ctrl_and_scrolls_without(sheet) -> None:
    def turn(delta: int, modifiers: Qt.KeyboardModifier) -> None:
        middle = QPointF(250, 200)
        event = QWheelEvent(
            middle,
            QPointF(sheet.mapToGlobal(middle.toPoint())),
            QPoint(),
            QPoint(0, delta),
            Qt.MouseButton.NoButton,
            modifiers,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(sheet.viewport(), event)

    for _ in range(6):
        turn(120, Qt.KeyboardModifier.ControlModifier)
    assert sheet.zoom > 2
    before = sheet.verticalScrollBar().value()
    turn(-120, Qt.KeyboardModifier.NoModifier)
    assert sheet.verticalScrollBar().value() > before


def test_keys_move_scroll_zoom_and_click(sheet, qtbot: QtBot) -> None:
    told = []
    sheet.hovered.connect(lambda *place: told.append(place))
    qtbot.keyClick(sheet, Qt.Key.Key_Right)
    qtbot.keyClick(sheet, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert told[0] == (0, 0, 1)
    assert told[1][0] > 0 and told[1][1:] == (0, 1)
    for _ in range(8):
        qtbot.keyClick(sheet, Qt.Key.Key_Plus)
    assert sheet.zoom > 2
    for _ in range(5):
        qtbot.keyClick(sheet, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert in_sight(sheet, told[-1])
    with qtbot.waitSignal(sheet.clicked) as clicked:
        qtbot.keyClick(sheet, Qt.Key.Key_Return)
    assert tuple(clicked.args) == told[-1]
    while sheet.zoom > 1:
        qtbot.keyClick(sheet, Qt.Key.Key_Minus)
    with qtbot.waitSignal(sheet.zoomed_out):
        qtbot.keyClick(sheet, Qt.Key.Key_Minus)


def test_a_click_picks_the_cell_under_it_when_scrolled(sheet, qtbot: QtBot) -> None:
    sheet.set_zoom(3)
    bar = sheet.verticalScrollBar()
    bar.setValue(bar.maximum())
    at = sheet.cell_rect((59, 3, 2)).center().toPoint()
    with qtbot.waitSignal(sheet.clicked) as told:
        qtbot.mousePress(sheet.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert told.args == [59, 3, 2]
    assert sheet.describe((59, 3, 2)) == str(MAPS[59, 3, 2]).replace("-", "−")


@pytest.mark.parametrize("maps", [MAPS[:1], np.arange(1000, dtype=np.float32)])
def test_one_map_and_a_thousand_units_are_drawn(sheet, maps) -> None:
    sheet.set_maps(maps, scale="map", signed=False)
    sheet.set_zoom(50)
    assert not sheet.viewport().grab().isNull()
