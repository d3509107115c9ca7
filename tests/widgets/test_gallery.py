"""Pictures as they are, in rows that scroll."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from cnnviz import theme
from cnnviz.widgets.gallery import Gallery

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

GREY = np.random.default_rng(0).integers(0, 256, (50, 1, 6, 6), np.uint8)
CAPTIONS = [f"7 → {n}" for n in range(50)]


@pytest.fixture
def gallery(qtbot: QtBot, qapp: QApplication) -> Gallery:
    theme.apply(qapp, "light", 100)
    widget = Gallery("Mistakes", "No mistakes")
    qtbot.addWidget(widget)
    widget.resize(360, 300)
    widget.set_pictures(GREY, CAPTIONS)
    widget.show()
    return widget


def test_pixels_stay_pixels(gallery: Gallery) -> None:
    image = gallery.viewport().grab().toImage()
    for index in range(8):
        rect = gallery.item_rect(index)
        for row, column in np.ndindex(6, 6):
            cell = rect.width() // 6
            x = rect.left() + column * cell + cell // 2
            y = rect.top() + row * cell + cell // 2
            value = int(GREY[index, 0, row, column])
            assert image.pixelColor(x, y) == QColor(value, value, value)


def test_the_picture_on_show_is_marked_and_in_sight_without_the_keys(
    gallery: Gallery,
) -> None:
    def framed() -> list[int]:
        image = gallery.viewport().grab().toImage()
        frame = theme.color("accent")
        rects = [gallery.item_rect(n) for n in range(50)]
        return [
            n
            for n, r in enumerate(rects)
            if image.rect().contains(r) and image.pixelColor(r.topLeft()) == frame
        ]

    gallery.clearFocus()
    assert framed() == []
    gallery.mark(40)
    assert framed() == [40]
    gallery.mark(None)
    assert framed() == []
    gallery.mark(3)
    gallery.set_pictures(GREY, CAPTIONS)
    assert framed() == [], "other pictures"


def test_colours(gallery: Gallery) -> None:
    pictures = np.zeros((1, 3, 4, 4), np.uint8)
    pictures[0, :, 1:, 1:] = np.array([10, 200, 60]).reshape(3, 1, 1)
    gallery.set_pictures(pictures, ["one"])
    image = gallery.viewport().grab().toImage()
    assert image.pixelColor(gallery.item_rect(0).center()) == QColor(10, 200, 60)


def test_click_and_keys_choose(gallery: Gallery, qtbot: QtBot) -> None:
    told: list[int] = []
    gallery.chosen.connect(told.append)
    key = Qt.Key
    qtbot.mouseClick(
        gallery.viewport(),
        Qt.MouseButton.LeftButton,
        pos=gallery.item_rect(5).center(),
    )
    for each in (key.Key_Left, key.Key_Down, key.Key_Return):
        qtbot.keyClick(gallery, each)
    qtbot.keyClick(gallery, key.Key_Home)
    qtbot.keyClick(gallery, key.Key_Up)
    qtbot.keyClick(gallery, key.Key_Enter)
    assert told == [5, 4 + gallery.columns(), 0]


def test_keys_scroll_and_what_is_in_sight_can_be_clicked(
    gallery: Gallery, qtbot: QtBot
) -> None:
    qtbot.keyClick(gallery, Qt.Key.Key_End)
    rect = gallery.item_rect(49)
    assert gallery.viewport().rect().contains(rect)
    with qtbot.waitSignal(gallery.chosen) as told:
        qtbot.mouseClick(
            gallery.viewport(), Qt.MouseButton.LeftButton, pos=rect.center()
        )
    assert told.args == [49]
    assert gallery.accessibleDescription() == "50 of 50: 7 → 49"
    image = gallery.viewport().grab().toImage()
    cell = rect.topLeft() + (rect.center() - rect.topLeft()) / 6
    value = int(GREY[49, 0, 0, 0])
    assert image.pixelColor(cell) == QColor(value, value, value)
    qtbot.keyClick(gallery, Qt.Key.Key_PageUp)
    assert gallery.accessibleDescription() != "50 of 50: 7 → 49"
    qtbot.keyClick(gallery, Qt.Key.Key_Home)
    assert gallery.verticalScrollBar().value() == 0


def test_another_width_has_other_columns(gallery: Gallery) -> None:
    before = gallery.columns()
    gallery.resize(700, 300)
    assert gallery.columns() > before
    gallery.resize(20, 300)
    assert gallery.columns() == 1


def test_what_is_marked_stays_in_sight_in_another_size(gallery: Gallery) -> None:
    def in_sight(index: int) -> bool:
        return bool(gallery.viewport().rect().contains(gallery.item_rect(index)))

    gallery.mark(23)
    assert in_sight(23)
    gallery.resize(270, 300)
    assert in_sight(23), "in fewer columns it is further down"
    gallery.resize(270, 130)
    assert in_sight(23)
    gallery.verticalScrollBar().setValue(0)
    gallery.resize(270, 150)
    assert not in_sight(23), "a person scrolled away from it"
    assert gallery._current == 23


def test_empty(gallery: Gallery, qtbot: QtBot) -> None:
    gallery.set_pictures(GREY[:0], [])
    with qtbot.assertNotEmitted(gallery.chosen):
        for each in (Qt.Key.Key_Return, Qt.Key.Key_Down, Qt.Key.Key_End):
            qtbot.keyClick(gallery, each)
    gallery.viewport().grab()
    assert gallery.accessibleDescription() == "empty"


@pytest.mark.parametrize("size", [(290, 330), (560, 560), (900, 560), (560, 1200)])
def test_a_few_side_by_side_take_the_room_that_there_is(
    qtbot: QtBot, gallery: Gallery, size: tuple[int, int]
) -> None:
    few = Gallery("Favourites", across=3)
    qtbot.addWidget(few)
    few.resize(*size)
    few.set_pictures(GREY[:9], CAPTIONS[:9])
    few.show()
    assert few.columns() == 3
    assert few.verticalScrollBar().maximum() == 0, "all are in sight"
    rects = [few.item_rect(n) for n in range(9)]
    whole = few.viewport().rect()
    assert all(whole.contains(rect) for rect in rects)
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)
    right, below = (
        whole.width() - rects[8].right(),
        whole.height() - rects[8].bottom() - theme.current().px(20),
    )
    assert min(right, below) < 12, "wider or higher, they would not fit"


def test_too_narrow_for_so_many_they_scroll(qtbot: QtBot, gallery: Gallery) -> None:
    few = Gallery("Favourites", across=3)
    qtbot.addWidget(few)
    few.resize(200, 200)
    few.set_pictures(GREY[:9], CAPTIONS[:9])
    few.show()
    assert few.columns() == 2
    assert few.item_rect(0).width() == gallery.item_rect(0).width()
    assert few.verticalScrollBar().maximum() > 0
