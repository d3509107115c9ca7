"""The network that is shipped reads digits that a hand draws, wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from digits_by_hand import STROKES, placed
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.pages.inspect.networks import shipped
from cnnviz.pages.inspect.page import create

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.page import InspectPage

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 30_000


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[InspectPage]:
    assert shipped("lecture").is_file(), "the trained weights are part of the program"
    theme.apply(QApplication.instance(), "light", 100)
    page = create()
    qtbot.addWidget(page)
    page.resize(1090, 740)
    page.show()
    qtbot.waitUntil(page.settled, timeout=PATIENCE)
    yield page
    page.shut_down()


def test_it_opens_on_a_seven(page: InspectPage) -> None:
    assert page._answer.seen.probabilities.argmax() == 7


def test_nine_of_ten_drawn_digits_are_read(page: InspectPage, qtbot: QtBot) -> None:
    pad = page._controls.pad.pad
    side, said = pad.sheet.width(), {}
    for digit in STROKES:
        pad.clear()
        for stroke in placed(digit):
            points = [QPoint(round(x * side), round(y * side)) for x, y in stroke]
            qtbot.mousePress(pad, LEFT, pos=points[0])
            for point in points[1:]:
                qtbot.mouseMove(pad, point)
            qtbot.mouseRelease(pad, LEFT, pos=points[-1])
        qtbot.waitUntil(page.settled, timeout=PATIENCE)
        said[digit] = int(page._answer.seen.probabilities.argmax())
    assert sum(digit == answer for digit, answer in said.items()) >= 9, said
