"""The histogram: a bar a bin, in the map's colours, and words for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent, QImage, QPixmap

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.ops.colour import Scale
from cnnviz.palette import LIGHT, grey_table, signed_table
from cnnviz.widgets import histogram as module
from cnnviz.widgets.histogram import Histogram

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

SIGNED = Scale(-8, 8, "signed")


@pytest.fixture
def histogram(qtbot: QtBot) -> Histogram:
    histogram = Histogram()
    qtbot.addWidget(histogram)
    histogram.resize(160, 64)
    return histogram


def show(histogram: Histogram, counts: list[int], scale: Scale = SIGNED) -> QImage:
    histogram.set_counts(
        np.array(counts), scale.low, scale.high, scale, signed_table(LIGHT)
    )
    pixmap = QPixmap(histogram.size())
    pixmap.fill(theme.color("background"))
    histogram.render(pixmap)
    return pixmap.toImage()


def height_of(image: QImage, x: int) -> int:
    """Return how high the bar is at a column, up to its outline."""
    background = theme.color("background")
    return sum(image.pixelColor(x, y) != background for y in range(image.height()))


def test_heights_are_logarithmic(histogram: Histogram) -> None:
    image = show(histogram, [10**6 - 1, 999, 0, 999, 10**6 - 1, 0, 0, 1])
    heights = [height_of(image, 10 + 20 * index) for index in range(8)]
    assert heights[0] == heights[4] == pytest.approx(63, abs=2)
    assert heights[1] == heights[3] == pytest.approx(32, abs=2)
    assert heights[2] == heights[5] <= 2
    assert 3 <= heights[7] <= 6


def test_bars_have_the_colours_of_the_map(histogram: Histogram) -> None:
    image = show(histogram, [9] * 16)
    table = signed_table(LIGHT)
    for index in range(16):
        level = 128 + round(127 * (index - 7.5) / 8)
        got = image.pixelColor(5 + 10 * index, 40)
        blue, green, red = table[level, 0].tolist()
        assert [got.red(), got.green(), got.blue()] == [red, green, blue]


def test_zero_has_a_line(histogram: Histogram) -> None:
    scale = Scale(-2, 6, "signed")
    image = show(histogram, [0] * 8, scale)
    assert height_of(image, 40) > 60
    assert height_of(image, 39) <= 2


def test_a_map_without_values_is_flat(histogram: Histogram) -> None:
    image = show(histogram, [0] * 8, Scale(1, 9, "grey"))
    assert {height_of(image, x) for x in range(160)} <= {1, 2}


def test_words(histogram: Histogram) -> None:
    show(histogram, [3, 12345, 1, 0])
    assert histogram.describe(0) == "−8 to −4: 3 values"
    assert histogram.describe(1) == "−4 to 0: 12,345 values"
    assert histogram.describe(2) == "0 to 4: 1 value"
    assert "logarithmic" in histogram.toolTip()
    assert histogram.accessibleDescription() == (
        "12,349 values, heights are logarithmic. Most frequent: −4 to 0: 12,345 values"
    )


def test_the_bin_under_the_pointer(histogram: Histogram) -> None:
    assert histogram.bin_at(5) is None
    show(histogram, [0] * 4)
    places = (-1, 0, 39, 40, 159, 160)
    assert [histogram.bin_at(x) for x in places] == [None, 0, 0, 1, 3, None]


def test_the_tool_tip_names_the_bin(
    histogram: Histogram, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    class Tip:
        @staticmethod
        def showText(_place: QPoint, text: str, _widget: object) -> None:
            shown.append(text)

    monkeypatch.setattr(module, "QToolTip", Tip)
    show(histogram, [1, 2, 3, 4])
    histogram.event(QHelpEvent(QEvent.Type.ToolTip, QPoint(90, 9), QPoint(90, 9)))
    assert shown == [f"0 to 4: 3 values\n{histogram.toolTip()}"]


def test_real_counts(histogram: Histogram) -> None:
    array = np.random.default_rng(0).normal(0, 3, (50, 60)).astype(np.float32)
    counts = colour.counts(array, 128, -8, 8)
    histogram.set_counts(counts, -8, 8, Scale(-8, 8, "grey"), grey_table())
    total = np.count_nonzero(np.abs(array) <= 8)
    assert histogram.accessibleDescription().startswith(f"{total} values")
