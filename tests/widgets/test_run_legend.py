"""The names of curves in one line: whole where there is room, cut fairly elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QColor

from cnnviz import theme
from cnnviz.widgets.run_frame import Row
from cnnviz.widgets.run_legend import RunLegend

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

ROWS = (Row("accent", "training"), Row("highlight", "test"), Row("green", "x" * 60))


@pytest.fixture
def legend(qtbot: QtBot, qapp: QApplication) -> RunLegend:
    theme.apply(qapp, "light", 100)
    widget = RunLegend("Curves", "What the colours mean")
    qtbot.addWidget(widget)
    widget.set_rows(ROWS)
    return widget


def columns(legend: RunLegend, role: str) -> list[int]:
    """Return the columns of pixels that hold a colour of the palette."""
    image = legend.grab().toImage()
    want, middle = theme.color(role), image.height() // 2
    found = [QColor(image.pixel(x, middle)) == want for x in range(image.width())]
    return np.flatnonzero(found).tolist()


def test_it_asks_for_room_for_all_names(legend: RunLegend) -> None:
    legend.resize(legend.sizeHint())
    assert legend.names() == [row.name for row in ROWS]


def test_a_long_name_is_cut_before_short_ones(legend: RunLegend) -> None:
    legend.resize(300, 20)
    *whole, last = legend.names()
    assert whole == ["training", "test"]
    assert last.endswith("…") and len(last) > 5


def test_all_swatches_are_in_sight(legend: RunLegend) -> None:
    legend.resize(300, 20)
    legend.show()
    seen = [columns(legend, row.role) for row in ROWS]
    assert all(len(found) >= 14 for found in seen)
    assert seen[0][0] < seen[1][0] < seen[2][0] < 300 - 14


def test_no_names(legend: RunLegend) -> None:
    legend.set_rows(())
    assert legend.sizeHint().width() == 0
    assert legend.names() == []
