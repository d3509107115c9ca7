from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.palette import sequential_table
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


def test_every_map_stands_over_its_own_legend(grid: MapGrid) -> None:
    table = sequential_table()
    legends = [(colour.Scale(0, high, "sequential"), table) for high in (255.0, 9.0)]
    grid.set_items([replace(thumb("A"), legend=each) for each in legends], 0)
    picture = grid.grab().toImage()
    ends = table[0, 0], table[255, 0]
    for index in range(2):
        rect = grid.item_rect(index)
        drawn = QSize(60, 40).scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
        middle = rect.top() + drawn.height() + 9
        assert middle < grid.height()
        for x, (b, g, r) in zip((10, drawn.width() - 10), ends, strict=True):
            seen = picture.pixelColor(rect.left() + x, middle)
            near = np.subtract((seen.red(), seen.green(), seen.blue()), (r, g, b))
            assert np.abs(near).max() < 25


def test_a_narrow_legend_is_a_bar_alone(grid: MapGrid) -> None:
    legend = colour.Scale(-123456.5, 123456.5, "sequential"), sequential_table()
    grid.resize(90, 120)
    grid.set_items([replace(thumb("A"), legend=legend)], 0)
    picture, rect = grid.grab().toImage(), grid.item_rect(0)
    drawn = QSize(60, 40).scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio)
    numbers = range(rect.top() + drawn.height() + 22, grid.height())
    seen = {picture.pixel(x, y) for x in range(grid.width()) for y in numbers}
    assert len(numbers) > 4
    assert len(seen) == 1
