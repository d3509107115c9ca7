"""The legend: right colours at the right places, numbers that never touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPixmap
from shiboken6 import delete

from cnnviz import theme
from cnnviz.ops.colour import Scale
from cnnviz.palette import grey_table, sequential_table, signed_table
from cnnviz.widgets.legend import (
    GAP,
    LEAST_LINE,
    Legend,
    draw_line_legend,
    fitting_ends,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

SIGNED = Scale(-500, 500, "signed")


@pytest.fixture
def legend(qtbot: QtBot) -> Legend:
    legend = Legend()
    qtbot.addWidget(legend)
    legend.resize(400, legend.sizeHint().height())
    return legend


@pytest.fixture(params=["light", "dark"])
def each_theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, request.param, 100)
    yield
    theme.apply(qapp, "light", 100)


def shot(legend: Legend) -> QImage:
    pixmap = QPixmap(legend.size())
    pixmap.fill(theme.color("background"))
    legend.render(pixmap)
    return pixmap.toImage()


def table(scale: Scale) -> np.ndarray:
    if scale.kind == "signed":
        return signed_table(theme.current().palette)
    return sequential_table() if scale.kind == "sequential" else grey_table()


def texts(legend: Legend) -> list[str]:
    return [text for _, text in legend.layout_for(legend.width()).numbered]


@pytest.mark.parametrize(
    ("scale", "numbers"),
    [
        (SIGNED, ["−500", "500", "0"]),
        (Scale(0, 948, "sequential"), ["0", "948"]),
        (Scale(0, 255, "grey"), ["0", "255"]),
        (Scale(-0.1, 0.1, "signed"), ["−0.1", "0.1", "0"]),
        (Scale(0, float(np.float32(1 / 3)), "sequential"), ["0", "≈0.3333"]),
    ],
)
def test_numbers(legend: Legend, scale: Scale, numbers: list[str]) -> None:
    legend.set_scale(scale, table(scale))
    assert texts(legend) == numbers
    assert f"from {numbers[0]} to {numbers[1]}" in legend.accessibleName()


def test_colours_of_the_bar(legend: Legend, each_theme: None) -> None:
    palette = theme.current().palette
    legend.set_scale(SIGNED, table(SIGNED))
    image = shot(legend)
    for x, code in (
        (5, palette.negative),
        (200, palette.zero),
        (394, palette.positive),
    ):
        got, wanted = image.pixelColor(x, 5), QColor(code)
        for channel in (QColor.red, QColor.green, QColor.blue):
            assert abs(channel(got) - channel(wanted)) <= 6


def test_zero_stands_under_its_tick(legend: Legend) -> None:
    scale = Scale(-100, 300, "colour")
    legend.set_scale(scale, table(scale))
    layout = legend.layout_for(400)
    assert layout.numbered[2][1] == "0"
    assert layout.numbered[2][0].center().x() == pytest.approx(100)
    below = QColor(shot(legend).pixelColor(100, round(layout.bar.bottom()) + 1))
    assert below != theme.color("background")


def test_zero_gives_way_to_the_ends(legend: Legend) -> None:
    scale = Scale(-1, 1000, "colour")
    legend.set_scale(scale, table(scale))
    assert texts(legend) == ["−1", "1000"]


def test_a_short_note_leaves_the_bar_its_length(legend: Legend) -> None:
    legend.set_scale(SIGNED, table(SIGNED), "12 values lie outside")
    assert legend.layout_for(400).bar.width() == 400
    assert "12 values lie outside" in legend.toolTip()
    assert "12 values lie outside" in legend.accessibleName()


def test_a_long_note_shortens_the_bar(legend: Legend) -> None:
    legend.set_scale(SIGNED, table(SIGNED), "1,234,567 values lie outside this scale")
    layout = legend.layout_for(400)
    assert layout.bar.width() < 400
    assert layout.bar.right() < layout.note.left()
    assert layout.note.right() <= 400.5


lows = st.floats(-1e7, 0, width=32)
highs = st.floats(0.125, 1e7, width=32)
notes = st.sampled_from(["", "9 values lie outside"])


@given(
    lows, highs, st.integers(240, 1200), st.sampled_from(["", "9 values lie outside"])
)
def test_nothing_touches(
    qapp: QApplication, low: float, high: float, width: int, note: str
) -> None:
    legend = Legend()
    scale = Scale(low, high, "colour")
    legend.set_scale(scale, table(scale), note)
    layout = legend.layout_for(width)
    delete(legend)
    places = [place for place, _ in layout.numbered] + [layout.note] * bool(note)
    for index, one in enumerate(places):
        assert one.left() >= -0.01
        assert one.right() <= width + 0.01
        assert not any(one.intersects(other) for other in places[:index])
        assert not one.intersects(QRectF(layout.bar).adjusted(0, 1, 0, -1))


def test_everything_lies_within_the_height(legend: Legend) -> None:
    legend.set_scale(SIGNED, table(SIGNED), "a note")
    layout = legend.layout_for(400)
    assert all(p.bottom() <= legend.height() for p, _ in layout.numbered)


def test_the_size_follows_the_text(legend: Legend, qapp: QApplication) -> None:
    before = legend.sizeHint()
    theme.apply(qapp, "light", 200)
    after = legend.sizeHint()
    theme.apply(qapp, "light", 100)
    assert after.height() >= 1.8 * before.height()
    assert legend.minimumSizeHint().width() <= before.width()


def test_without_a_scale_it_is_empty(legend: Legend) -> None:
    blank = QPixmap(legend.size())
    blank.fill(theme.color("background"))
    assert shot(legend) == blank.toImage()
    assert legend.sizeHint() != QSize()


def test_a_line_gives_up_digits_before_it_clips_a_number(qapp: QApplication) -> None:
    scale = Scale(-162_547.2, 162_547.2, "signed")
    ends = ("≈−162,547", "≈162,547")
    metrics = QFontMetricsF(theme.font(12))
    for width in range(115, 200):
        images = [QImage(width + 40, 26, QImage.Format.Format_RGB32) for _ in range(2)]
        shown = fitting_ends(scale, ends, width - GAP - LEAST_LINE, metrics)
        assert sum(map(metrics.horizontalAdvance, shown)) <= width - GAP - LEAST_LINE
        for image, words in zip(images, (ends, shown), strict=True):
            image.fill(theme.color("background"))
            with QPainter(image) as painter:
                place = QRectF(0, 0, width, 26)
                draw_line_legend(painter, place, scale, table(scale), words, "")
        assert images[0] == images[1]


def test_only_numbers_that_need_it_are_shortened(qapp: QApplication) -> None:
    metrics = QFontMetricsF(theme.font(12))
    signed = Scale(-162_547.2, 162_547.2, "signed")
    ends = ("≈−162,547", "≈162,547")
    assert fitting_ends(signed, ends, 200, metrics) == ends
    wanted = ("≈−1.6·10⁵", "≈1.6·10⁵")
    assert fitting_ends(signed, ends, 115, metrics) == wanted
    assert fitting_ends(signed, ends, 60, metrics) == ("≈−2·10⁵", "≈2·10⁵")
    named = ("−max", "max")
    assert fitting_ends(signed, named, 20, metrics) == named
    positive = Scale(0, 162_547.2, "sequential")
    assert fitting_ends(positive, ("0", ends[1]), 50, metrics)[0] == "0"
    small = Scale(-0.5, 0.5, "signed")
    assert fitting_ends(small, ("−0.5", "0.5"), 20, metrics) == ("−0.5", "0.5")
