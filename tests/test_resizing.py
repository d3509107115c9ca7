"""A page comes to rest at every size, and looks the same whichever way led there.

What is higher where it is narrower, in an area that scrolls where it is too high, can
come to no rest, or to two: it is the sizes of the past at which that happened that are
swept here, and a few more.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from cnnviz import theme
from cnnviz.settings import Settings
from cnnviz.stack import PAGES
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from cnnviz.pages.base import Page

    Size = tuple[int, int]

MOST = 600
"""Events in which a page has come to rest: three times as many as any takes."""

SIZES = {
    *product((700, 1110, 1920), (600, 840, 1080)),
    *((800, 800), (1280, 800)),
    (1798, 960),  # Kernel Lab at 150 % came to no rest
    *((870, 720), (870, 1080), (1320, 1080)),  # nor did Inspect with a value pinned
    (1545, 780),  # at 150 % the overview of Inspect filled the stack
    *((920, 760), (970, 680)),  # Train had two layouts
    *((1320, 600), (1470, 600)),  # and so had Windows
    *((1329, 906), (1218, 1028)),  # and Lessons
}

PINNED: dict[str, dict[str, Any]] = {
    "signals": {"position": 3, "whole": True},
    "windows": {"step": 2},
    "kernel-lab": {"pin": (168, 259)},
    "inspect": {"layer": "conv1", "place": (1, 9, 12)},
}
MESSAGE = "A sentence that is long enough for two lines in a window of 700 pixels. " * 2


class Count(QObject):
    """Counts what a layout does, and puts an end to it where it would go on."""

    events = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type.LayoutRequest, QEvent.Type.Resize
        if event.type() not in kinds:
            return False
        self.events += 1
        return self.events > MOST


@pytest.fixture
def count(qapp: QApplication) -> Iterator[Count]:
    result = Count()
    qapp.installEventFilter(result)
    yield result
    qapp.removeEventFilter(result)


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> Iterator[Callable[[str], Window]]:
    made: list[Window] = []

    def make(key: str) -> Window:
        theme.apply(qapp, "light", 100)
        entries = [each for each in PAGES if each.id == key]
        window = Window(Settings(theme="light"), entries=entries)
        made.append(window)
        qtbot.addWidget(window)
        window.setUpdatesEnabled(False)  # it is not the painting that is tried
        window.restore_session()
        window.show()
        qtbot.waitUntil(window.page.settled, timeout=60_000)
        return window

    yield make
    for each in made:
        each.shut_down()
    theme.apply(qapp, "light", 100)


def rest(qapp: QApplication, count: Count) -> bool:
    """Handle all events there are; say whether they came to an end."""
    count.events, before = 0, -1
    while before < count.events <= MOST:
        before = count.events
        qapp.sendPostedEvents()
        qapp.processEvents()
    return count.events <= MOST


def places(window: Window) -> list[str]:
    """Return where all is, the window first; Qt lays its menu bar out alone."""
    parts = [window, *window.centralWidget().findChildren(QWidget)]
    return [
        f"{type(part.parent()).__name__}, {type(part).__name__}: "
        f"{part.geometry().getRect()}"
        for part in parts
        if part.isVisible()
    ]


def pin(page: Page) -> None:
    page.edit(replace(page.state, **PINNED.get(page.id, {})))
    page.show_message(MESSAGE)


def release(page: Page) -> None:
    page.undo()
    page.banner.hide()


@pytest.mark.parametrize("key", [each.id for each in PAGES])
def test_a_size_has_one_layout(qtbot, qapp, make, generated, count, key):
    window = make(key)
    page = window.page

    def sweep(what: str) -> None:
        qtbot.waitUntil(page.settled, timeout=60_000)
        assert rest(qapp, count), f"{key}, {what}"
        growing = sorted(SIZES)
        shrinking = sorted(SIZES, key=lambda size: size[::-1], reverse=True)
        found: dict[Size, list[str]] = {}
        for size in [growing[0], *growing, *shrinking]:
            window.resize(*size)
            assert rest(qapp, count), f"{key}, {what}, {size}"
            now = places(window)
            assert found.setdefault(size, now) == now, f"{key}, {what}, {size}"

    sweep("100 %")
    pin(page)
    sweep("100 %, pinned")
    theme.apply(qapp, "light", 150)
    sweep("150 %, pinned")
    release(page)
    sweep("150 %")
