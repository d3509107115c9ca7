"""All maps in one picture: right colours at the right cells, and what is pointed at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage

from cnnviz import theme
from cnnviz.ops.colour import Scale
from cnnviz.palette import sequential_table
from cnnviz.widgets.mosaic import Mosaic
from cnnviz.widgets.mosaic_image import reduced, scaled

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(size=(8, 6, 5)).astype(np.float32)


@pytest.fixture
def mosaic(qtbot: QtBot, qapp: QApplication) -> Mosaic:
    theme.apply(qapp, "light", 100)
    widget = Mosaic("Conv 1")
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    return widget


def shot(mosaic: Mosaic) -> QImage:
    return mosaic.grab().toImage()


def centre(mosaic: Mosaic, place: tuple[int, int, int]) -> QPoint:
    return mosaic.cell_rect(place).center().toPoint()


def test_every_cell_has_the_colour_of_its_value(mosaic: Mosaic) -> None:
    mosaic.set_maps(MAPS)
    image, limit = shot(mosaic), float(np.abs(MAPS).max())
    for place in np.ndindex(*MAPS.shape):
        got = image.pixelColor(centre(mosaic, place))
        assert got == theme.signed_color(float(MAPS[place]), limit)


def test_a_map_may_have_its_own_scale(mosaic: Mosaic) -> None:
    maps = np.zeros((2, 3, 3), np.float32)
    maps[0, 1, 1], maps[1, 2, 2] = 0.01, 7
    mosaic.set_maps(maps, scale="map")
    image = shot(mosaic)
    blue, green, red = sequential_table()[255, 0].tolist()
    assert image.pixelColor(centre(mosaic, (0, 1, 1))) == QColor(red, green, blue)
    assert image.pixelColor(centre(mosaic, (1, 2, 2))) == QColor(red, green, blue)


def test_the_caller_may_ask_for_signed_colours(mosaic: Mosaic) -> None:
    mosaic.set_maps(np.zeros((2, 3, 3), np.float32), signed=True)
    neutral = theme.current().palette.zero
    assert shot(mosaic).pixelColor(centre(mosaic, (1, 1, 1))) == QColor(neutral)


@pytest.mark.parametrize(
    ("scale", "signed", "outside"),
    [
        (Scale(-1, 1, "signed"), None, 3),
        (Scale(0, 3, "sequential"), None, 2),
        ("layer", None, 0),
        ("layer", False, 2),
        ("map", None, 0),
        ("map", False, 2),
    ],
)
def test_values_outside_are_counted(scale, signed, outside) -> None:
    maps = np.array([[[-2, -1, 0.5, 2, 3]]], np.float32)
    assert scaled(maps, scale, signed).outside == outside


def test_values_that_are_no_numbers_do_no_harm(mosaic: Mosaic) -> None:
    maps = np.full((4, 3, 3), np.nan, np.float32)
    maps[0] = np.inf
    for scale in ("layer", "map"):
        mosaic.set_maps(maps, scale=scale)
        shot(mosaic)
    assert mosaic.describe((1, 0, 0)).endswith("nan")


def test_a_vector_is_one_cell_a_unit(mosaic: Mosaic, qtbot: QtBot) -> None:
    mosaic.set_maps(np.arange(1000, dtype=np.float32))
    rects = [mosaic.cell_rect((n, 0, 0)) for n in range(1000)]
    assert all(mosaic.rect().toRectF().contains(rect) for rect in rects)
    with qtbot.waitSignal(mosaic.clicked) as told:
        qtbot.mouseClick(
            mosaic, Qt.MouseButton.LeftButton, pos=rects[777].center().toPoint()
        )
    assert told.args == [777, 0, 0]
    assert mosaic.describe((777, 0, 0)) == "unit 777: 777"


def test_large_maps_are_reduced_to_means(mosaic: Mosaic) -> None:
    maps = np.zeros((16, 200, 200), np.float32)
    maps[5] = 4
    maps[6, ::2] = 4
    mosaic.set_maps(maps)
    image, table = shot(mosaic), sequential_table()
    for index, entry in ((4, 0), (5, 255), (6, 128)):
        rect = mosaic.cell_rect((index, 100, 100))
        got = image.pixelColor(rect.center().toPoint())
        blue, green, red = table[entry, 0].tolist()
        assert abs(got.red() - red) + abs(got.green() - green) < 48
        assert abs(got.blue() - blue) < 24


@pytest.mark.parametrize(
    ("size", "room"),
    [((5, 5), (3, 3)), ((3, 7), (2, 7)), ((9, 9), (1, 4)), ((8, 20), (5, 9))],
)
def test_thousands_of_kernels_are_reduced_to_means(size, room) -> None:
    kernels = np.random.default_rng(1).normal(size=(6, *size)).astype(np.float32)
    (height, width), (high, wide) = size, room
    # By values repeated until every mean is one of whole values.
    fine = kernels.repeat(high, axis=1).repeat(wide, axis=2)
    means = fine.reshape(6, high, height, wide, width).mean(axis=(2, 4))
    assert reduced(kernels, high, wide) == pytest.approx(means, abs=1e-6)


def test_pointer_tells_cells_and_that_it_left(mosaic: Mosaic, qtbot: QtBot) -> None:
    mosaic.set_maps(MAPS)
    told: list[tuple[int, ...]] = []
    mosaic.hovered.connect(lambda *place: told.append(place))
    mosaic.left.connect(lambda: told.append(()))
    qtbot.mouseMove(mosaic, centre(mosaic, (3, 4, 2)))
    qtbot.mouseMove(mosaic, centre(mosaic, (7, 5, 4)))
    qtbot.mouseMove(mosaic, QPoint(3, 3))
    assert told == [(3, 4, 2), (7, 5, 4), ()]


def test_keys_move_and_click(mosaic: Mosaic, qtbot: QtBot) -> None:
    mosaic.set_maps(MAPS)
    mosaic.setFocus()
    told: list[tuple[int, ...]] = []
    mosaic.clicked.connect(lambda *place: told.append(place))
    key, shift = Qt.Key, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(mosaic, key.Key_Return)
    qtbot.keyClick(mosaic, key.Key_Down)
    qtbot.keyClick(mosaic, key.Key_Right)
    qtbot.keyClick(mosaic, key.Key_Right, shift)
    qtbot.keyClick(mosaic, key.Key_Return)
    assert told == [(0, 0, 0), (1, 1, 1)]


def test_the_tab_key_brings_a_cursor(mosaic: Mosaic, qtbot: QtBot) -> None:
    mosaic.set_maps(MAPS)
    mosaic.clearFocus()
    plain = shot(mosaic)
    mosaic.set_highlight((2, 1, 1))
    with qtbot.waitSignal(mosaic.hovered) as told:
        mosaic.setFocus(Qt.FocusReason.TabFocusReason)
    assert told.args == [2, 1, 1]
    mosaic.set_highlight(None)
    assert shot(mosaic) != plain


def test_a_highlight_is_seen_and_goes_with_another_layer(mosaic: Mosaic) -> None:
    mosaic.set_maps(MAPS)
    plain = shot(mosaic)
    mosaic.set_highlight((2, 1, 1))
    marked = shot(mosaic)
    corner = mosaic.cell_rect((2, 0, 0)).topLeft().toPoint() - QPoint(1, 1)
    assert marked.pixelColor(corner) == theme.color("highlight")
    mosaic.set_highlight(None)
    assert shot(mosaic) == plain
    mosaic.set_highlight(7)
    mosaic.set_maps(MAPS[:3])
    shot(mosaic)


def test_colours_follow_the_theme(mosaic: Mosaic, qapp: QApplication) -> None:
    mosaic.set_maps(MAPS)
    shot(mosaic)
    theme.apply(qapp, "dark", 150)
    limit, place = float(np.abs(MAPS).max()), (4, 2, 2)
    got = shot(mosaic).pixelColor(centre(mosaic, place))
    assert got == theme.signed_color(float(MAPS[place]), limit)
    theme.apply(qapp, "light", 100)


def test_empty_says_what_to_do(mosaic: Mosaic, qtbot: QtBot) -> None:
    mosaic.clear("Maps appear here")
    with qtbot.assertNotEmitted(mosaic.clicked):
        qtbot.keyClick(mosaic, Qt.Key.Key_Return)
        qtbot.mouseClick(mosaic, Qt.MouseButton.LeftButton)
    assert shot(mosaic) != QImage()


def test_a_double_click_is_told_but_not_that_on_the_title(
    mosaic: Mosaic, qtbot: QtBot
) -> None:
    mosaic.set_maps(MAPS)
    doubled, picked = [], []
    mosaic.doubled.connect(lambda: doubled.append(1))
    mosaic.clicked.connect(lambda *place: picked.append(place))
    left = Qt.MouseButton.LeftButton
    qtbot.mouseDClick(mosaic, left, pos=centre(mosaic, (1, 2, 3)))
    assert doubled == [1]
    assert set(picked) == {(1, 2, 3)}
    with qtbot.assertNotEmitted(mosaic.doubled):
        qtbot.mouseDClick(mosaic, left, pos=QPoint(5, 5))
