"""What was made at one text size looks as if made at the one that is chosen now."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.rescaling import rescale
from cnnviz.settings import Settings
from cnnviz.stack import PAGES
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

MOST = 16_777_215  # Qt's, for no limit


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[str], Window]]:
    made: list[Window] = []

    def make(key: str) -> Window:
        chosen = Settings(theme="light", text_size=theme.current().text_size)
        window = Window(chosen, entries=[each for each in PAGES if each.id == key])
        made.append(window)
        qtbot.addWidget(window)
        window.restore_session()
        window.resize(1600, 1000)
        window.show()
        qtbot.waitUntil(window.page.settled)
        return window

    yield make
    for each in made:
        each.shut_down()
    theme.apply(qapp, "light", 100)


def places(window: Window) -> list[tuple[int, ...]]:
    """Return where all is; a part that was lent to another view comes in first."""
    parts = window.findChildren(QWidget)
    return sorted(each.geometry().getRect() for each in parts if each.isVisible())


@pytest.mark.parametrize("key", [each.id for each in PAGES])
def test_a_page_follows_the_text_size(qtbot, qapp, make, generated, key):
    theme.apply(qapp, "light", 100)
    old = make(key)
    for size in (150, 100):
        old.change(Settings(theme="light", text_size=size))
        qtbot.waitUntil(lambda size=size: theme.current().text_size == size)
        new = make(key)
        qtbot.waitUntil(lambda new=new: places(old) == places(new))
        new.hide()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    result = QWidget()
    qtbot.addWidget(result)
    column = QVBoxLayout(result)
    column.setContentsMargins(6, 1, 0, 8)
    column.setSpacing(4)
    row, grid = QHBoxLayout(), QGridLayout()
    column.addLayout(row)
    column.addLayout(grid)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(6)
    part = QWidget()
    part.setFixedWidth(68)
    part.setMinimumHeight(1)
    row.addWidget(part)
    return result


def lengths(window: QWidget) -> list[int]:
    column = window.layout()
    assert isinstance(column, QVBoxLayout)
    row, grid = window.findChild(QHBoxLayout), window.findChild(QGridLayout)
    part = window.findChild(QWidget)
    around = column.contentsMargins()
    return [
        *(around.left(), around.top(), around.right(), around.bottom()),
        *(column.spacing(), row.spacing()),
        *(grid.horizontalSpacing(), grid.verticalSpacing()),
        *(part.minimumWidth(), part.maximumWidth()),
        *(part.minimumHeight(), part.maximumHeight()),
    ]


def test_all_but_hairlines_and_limits_is_scaled(window):
    assert lengths(window) == [6, 1, 0, 8, 4, 4, 8, 6, 68, 68, 1, MOST]
    rescale([window], 100, 150)
    assert lengths(window) == [9, 1, 0, 12, 6, 6, 12, 9, 102, 102, 1, MOST]


def test_no_way_through_the_text_sizes_changes_anything(window):
    before = lengths(window)
    way = (100, 90, 80, 90, 110, 80, 100)
    for old, new in pairwise(way):
        rescale([window], old, new)
    assert lengths(window) == before


def test_what_a_widget_has_set_meanwhile_is_scaled_in_its_turn(window):
    rescale([window], 100, 150)
    part = window.findChild(QWidget)
    part.setFixedWidth(60)
    rescale([window], 150, 100)
    assert (part.minimumWidth(), part.maximumWidth()) == (40, 40)
