"""A heat over a picture: its colours, its outline, and the cell pointed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from cnnviz import theme
from cnnviz.palette import sequential_table
from cnnviz.widgets.heat_map import HeatMap, edges

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

HEAT = np.array([[0.0, 1.0, 2.0], [4.0, -4.0, 0.5]], np.float32)


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication) -> HeatMap:
    theme.apply(qapp, "light", 100)
    widget = HeatMap("Saliency", "What counts")
    qtbot.addWidget(widget)
    widget.resize(300, 300)
    widget.show()
    return widget


def colour_at(widget: HeatMap, cell: tuple[int, int]) -> QColor:
    point = widget.cell_rect(cell).center().toPoint()
    return widget.grab().toImage().pixelColor(point)


def test_signed_colours_are_those_of_the_theme(shown: HeatMap) -> None:
    shown.set_heat(HEAT, signed=True)
    for cell in np.ndindex(2, 3):
        wanted = theme.signed_color(float(HEAT[cell]), 4.0)
        assert colour_at(shown, cell) == wanted


def test_other_heats_rise_from_nothing(shown: HeatMap) -> None:
    shown.set_heat(np.abs(HEAT))
    blue, green, red = sequential_table()[255, 0].tolist()
    assert colour_at(shown, (1, 0)) == QColor(red, green, blue)
    blue, green, red = sequential_table()[0, 0].tolist()
    assert colour_at(shown, (0, 0)) == QColor(red, green, blue)


def test_values_below_nothing_are_counted_not_hidden(shown: HeatMap) -> None:
    shown.set_heat(HEAT)
    assert shown._note == "1 below 0"


def test_a_single_row_is_a_strip_that_can_be_seen_and_pointed_at(
    shown: HeatMap,
) -> None:
    shown.set_heat(np.linspace(-1, 1, 100, dtype=np.float32)[None], signed=True)
    cell = shown.cell_rect((0, 99))
    assert cell.height() == theme.current().px(40) and cell.width() == 3
    assert shown.cell_at(cell.center()) == (0, 99)
    assert colour_at(shown, (0, 98)) == theme.signed_color(97 / 99, 1.0)
    assert shown.cell_at(QPointF(5, cell.bottom() + 2)) is None


def test_pictures_are_shown_as_they_are(shown: HeatMap) -> None:
    picture = np.zeros((3, 2, 2), np.float32)
    picture[:, 0, 1] = 1.0, 0.6, 0.2
    shown.set_picture(picture)
    assert colour_at(shown, (0, 1)) == QColor(255, 153, 51)
    assert colour_at(shown, (1, 1)) == QColor(0, 0, 0)


def test_cells_and_points_agree(shown: HeatMap) -> None:
    shown.set_heat(HEAT)
    for cell in np.ndindex(2, 3):
        assert shown.cell_at(shown.cell_rect(cell).center()) == cell
    assert shown.cell_at(QPointF(299, 299)) is None


def test_edges_lie_between_dark_and_light() -> None:
    picture = np.zeros((1, 3, 3), np.float32)
    picture[0, 1, 1] = 1
    found = {tuple(map(float, line)) for line in edges(picture)}
    assert found == {(1, 1, 1, 2), (2, 1, 2, 2), (1, 1, 2, 1), (1, 2, 2, 2)}
    assert not len(edges(np.ones((1, 3, 3), np.float32)))
    assert not len(edges(None))


def test_the_pointer_and_the_keys_point(shown: HeatMap, qtbot: QtBot) -> None:
    shown.set_heat(HEAT)
    told: list[object] = []
    shown.hovered.connect(told.append)
    qtbot.mouseMove(shown, shown.cell_rect((1, 2)).center().toPoint())
    shown.set_mark((0, 0))
    qtbot.keyClick(shown, Qt.Key.Key_Down)
    qtbot.keyClick(shown, Qt.Key.Key_Left)
    assert told == [(1, 2), (1, 0), (0, 0)]
    assert shown.describe((1, 1)) == "Saliency, row 1, column 1: −4"
    assert shown.describe((9, 9)) == ""


def test_the_mark_is_drawn_and_an_empty_one_says_nothing(shown: HeatMap) -> None:
    shown.set_heat(HEAT, HEAT[None])
    shown.set_mark(None)
    bare = shown.grab().toImage()
    shown.set_mark((0, 2))
    assert shown.grab().toImage() != bare
    shown.set_heat(None)
    assert shown.cell_at(QPointF(20, 60)) is None
    shown.grab()


def test_without_numbers_there_is_a_frame_and_no_slab(shown: HeatMap) -> None:
    shown.set_heat(None)
    area, _, _ = shown._area(1.0)
    image = shown.grab().toImage()
    assert image.pixelColor(area.topLeft()) == theme.color("line")
    ground = image.pixelColor(area.right() + 8, area.center().y())
    assert image.pixelColor(area.center()) == ground != theme.color("line")
