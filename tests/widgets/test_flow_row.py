"""Widgets in a row, which breaks where there is no room, centred in their lines."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz import theme
from cnnviz.widgets.flow_row import FlowRow


class Box(QWidget):
    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self.size_wanted = QSize(width, height)

    def sizeHint(self) -> QSize:
        return self.size_wanted


@pytest.fixture
def boxes() -> list[Box]:
    theme.apply(QApplication.instance(), "light", 100)
    return [Box(60, 20), Box(80, 40), Box(70, 30)]


@pytest.fixture
def row(boxes, qtbot) -> FlowRow:
    result = FlowRow(*boxes, gap=10)
    qtbot.addWidget(result)
    result.resize(160, 100)
    result.show()
    return result


def test_it_breaks_and_centres(row, boxes):
    assert [box.geometry() for box in boxes] == [
        QRect(0, 10, 60, 20),
        QRect(70, 0, 80, 40),
        QRect(0, 45, 70, 30),
    ]
    assert row.heightForWidth(160) == 75
    assert row.heightForWidth(230) == 40
    assert row.heightForWidth(50) == 20 + 5 + 40 + 5 + 30


def test_what_is_hidden_takes_no_room(row, boxes):
    boxes[1].hide()
    row.flow()
    assert boxes[2].geometry() == QRect(70, 0, 70, 30)
    assert row.sizeHint().height() == 30
    for box in boxes:
        box.hide()
    assert row.heightForWidth(160) == 0


def test_a_widget_that_asks_for_another_size_gets_it(row, boxes, qtbot):
    boxes[0].size_wanted = QSize(140, 20)
    boxes[0].updateGeometry()
    qtbot.waitUntil(lambda: boxes[1].geometry() == QRect(0, 25, 80, 40))
