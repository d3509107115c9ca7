from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage

from cnnviz import theme
from cnnviz.widgets.map_grid import MapGrid
from cnnviz.widgets.thumb import Thumb

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LEFT = Qt.MouseButton.LeftButton


def thumb(name: str) -> Thumb:
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    return Thumb(image, name, f"About {name}")


@pytest.fixture
def grid(qtbot: QtBot) -> MapGrid:
    widget = MapGrid("Maps")
    qtbot.addWidget(widget)
    widget.set_items([thumb(name) for name in "ABCDEF"], 0)
    widget.resize(600, 400)
    widget.show()
    return widget


def test_maps_fill_rows_and_columns_without_overlap(grid: MapGrid) -> None:
    rects = [grid.item_rect(index) for index in range(6)]
    assert grid.columns() == 3
    assert all(grid.rect().contains(rect) for rect in rects)
    assert not any(
        one.intersects(other) for one in rects for other in rects if one is not other
    )


def test_click_and_keys_choose_and_open(grid: MapGrid, qtbot: QtBot) -> None:
    told: list[tuple[str, int]] = []
    grid.chosen.connect(lambda index: told.append(("chosen", index)))
    grid.opened.connect(lambda index: told.append(("opened", index)))
    qtbot.mouseClick(grid, LEFT, pos=grid.item_rect(4).center())
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    qtbot.keyClick(grid, Qt.Key.Key_Left)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert told == [("chosen", 4), ("chosen", 1), ("chosen", 0), ("opened", 0)]


def test_the_setter_is_silent_and_frames_the_current(
    grid: MapGrid, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(grid.chosen):
        grid.set_items([thumb("A"), thumb("B")], 1)
    assert grid.accessibleDescription() == "2 of 2: B"
    picture = grid.grab().toImage()
    rect = grid.item_rect(1)
    assert picture.pixelColor(rect.left(), rect.top() + 20) == theme.color("accent")
    assert picture.pixelColor(rect.left() + 30, rect.top() + 20) == QColor("#336699")
