"""Curves of a training: no peak is lost, ranges hold, and the read-out is right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

from cnnviz import theme
from cnnviz.ops.smoothing import exponential
from cnnviz.widgets.axes import Axes
from cnnviz.widgets.probability_bars import percentage
from cnnviz.widgets.run_curves import fitting, polygon, prepare, thinned
from cnnviz.widgets.run_frame import MOST_LEVELS, value_text
from cnnviz.widgets.run_plot import RunPlot, Series, Span

if TYPE_CHECKING:
    from PySide6.QtGui import QColor
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

RANDOM = np.random.default_rng(0)
AXES = Axes(QRectF(10, 20, 100, 50), Span(0, 1000), Span(0, 1))


def series(values: list[float] | np.ndarray, **how: object) -> Series:
    y = np.asarray(values, np.float32)
    return Series("training", np.arange(1.0, len(y) + 1), y, **how)  # type: ignore[arg-type]


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> RunPlot:
    theme.apply(qapp, "light", 100)
    widget = RunPlot("Loss", "tip")
    qtbot.addWidget(widget)
    widget.resize(452, 200)
    widget.show()
    return widget


def colors_near(plot: RunPlot, point: QPointF, reach: int = 2) -> list[QColor]:
    image, at = plot.grab().toImage(), point.toPoint()
    steps = range(-reach, reach + 1)
    return [image.pixelColor(at + QPoint(x, y)) for x in steps for y in steps]


# ------------------------------------------------------------------ thinning


@given(st.integers(201, 5000), st.integers(0, 100))
@settings(deadline=None, max_examples=20)
def test_a_long_curve_has_two_points_a_column_and_keeps_its_ends(
    count: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    x, y = np.sort(random.uniform(0, 999.9, count)), random.random(count)
    points = thinned(x, y, AXES, "extremes")
    assert len(points) <= 200
    assert points[:, 1].min() == pytest.approx(AXES.y(float(y.max())))
    assert points[:, 1].max() == pytest.approx(AXES.y(float(y.min())))
    columns = np.floor([AXES.x(each) for each in x]) + 0.5
    for column in np.unique(points[:, 0]):
        inside = columns == column
        low, high = points[points[:, 0] == column, 1]
        assert low == pytest.approx(AXES.y(float(y[inside].max())))
        assert high == pytest.approx(AXES.y(float(y[inside].min())))


def test_means_of_columns() -> None:
    x, y = np.linspace(0, 999.9, 1000), RANDOM.random(1000)
    points = thinned(x, y, AXES, "means")
    assert points[:, 0].tolist() == [10.5 + n for n in range(100)]
    wanted = [AXES.y(float(part.mean())) for part in y.reshape(100, 10)]
    assert points[:, 1] == pytest.approx(wanted)


def test_a_short_curve_keeps_every_point() -> None:
    points = thinned(np.array([0.0, 500]), np.array([0.0, 0.5]), AXES, "extremes")
    assert points.tolist() == [[10, 70], [60, 45]]


def test_a_polygon_has_the_points() -> None:
    points = RANDOM.random((17, 2))
    line = polygon(points)
    assert [(p.x(), p.y()) for p in line.toList()] == [tuple(p) for p in points]
    assert polygon(np.zeros((0, 2))).isEmpty()


def test_what_is_not_finite_is_left_out() -> None:
    points = prepare(series([1, math.nan, 3, math.inf]), 0.5)
    assert points.x.tolist() == [1, 3]
    assert points.smooth == pytest.approx(exponential([1, 3], 0.5))


# ------------------------------------------------------------------ ranges


@pytest.mark.parametrize(
    ("low", "high", "log", "span"),
    [
        (0.03, 2.4, False, Span(0, 3)),
        (0.2, 0.9, False, Span(0, 1)),
        (-0.3, 1.0, False, Span(-0.5, 1)),
        (0, 0, False, Span(0, 1)),
        (-1.4, 0.3, True, Span(-2, 1)),
        (-2, -2, True, Span(-2, -1)),
    ],
)
def test_round_ends(low: float, high: float, log: bool, span: Span) -> None:
    assert fitting(low, high, log=log) == span


def test_a_range_grows_and_does_not_shrink_but_for_another_run(plot: RunPlot) -> None:
    plot.set_series([series([0.5, 0.6])])
    assert plot.axes.up == Span(0, 0.8)
    plot.set_series([series([0.5, 0.6, 3.9])])
    assert plot.axes.up == Span(0, 4)
    plot.set_series([series([0.5, 0.6, 0.7, 0.1])])
    assert plot.axes.up == Span(0, 4)
    plot.set_series([series([0.5])])
    assert plot.axes.up == Span(0, 0.6)


def test_a_fixed_range_stays(plot: RunPlot) -> None:
    plot.set_ranges(Span(0, 4690), Span(0.8, 1))
    plot.set_series([series([0.1, 5])])
    assert (plot.axes.across, plot.axes.up) == (Span(0, 4690), Span(0.8, 1))


def test_logarithms(plot: RunPlot) -> None:
    plot.set_series([series([10, 1, 0.1, 0, -3])])
    plot.set_log(True)
    assert plot.axes.up == Span(-1, 1)
    accent = theme.color("accent")
    assert accent in colors_near(plot, plot.axes.point(2, 0))


# ------------------------------------------------------------------ what is seen


def test_the_curve_is_where_its_values_are(plot: RunPlot) -> None:
    plot.set_series([series(np.linspace(0, 1, 5000))])
    for place in (500, 2500, 4500):
        near = colors_near(plot, plot.axes.point(place, place / 5000))
        assert theme.color("accent") in near
        off = colors_near(plot, plot.axes.point(place, place / 5000 * 0.4))
        assert theme.color("accent") not in off


def test_one_deviating_point_of_many_is_seen(plot: RunPlot) -> None:
    values = np.zeros(10_000)
    values[5000] = 1
    plot.set_series([series(values)])
    assert theme.color("accent") in colors_near(plot, plot.axes.point(5001, 0.5))


def test_the_raw_line_stays_faint_behind_the_smooth_one(plot: RunPlot) -> None:
    values = np.tile([0.0, 1.0], 2000)
    plot.set_series([series(values)])
    plot.set_smoothing(0.99)
    axes, accent = plot.axes, theme.color("accent")
    ink = accent.red() + 20
    assert min(c.red() for c in colors_near(plot, axes.point(3000, 0.5))) < ink
    behind = {c.red() for c in colors_near(plot, axes.point(3000, 0.8))}
    assert ink < min(behind) and max(behind) < theme.color("background").red()


def test_a_single_point_is_a_dot(plot: RunPlot) -> None:
    plot.set_ranges(Span(0, 10), Span(0, 1))
    plot.set_series([series([0.5], role="green", smooth=False)])
    assert theme.color("green") in colors_near(plot, plot.axes.point(1, 0.5))


def test_the_value_is_the_last_smooth_one(plot: RunPlot) -> None:
    plot.set_series([series([4, 1, 3])])
    assert plot.value() == "3"
    plot.set_smoothing(0.5)
    assert plot.value() == "≈2.57"
    plot.set_series([])
    assert plot.value() == ""
    plot.grab()


def test_percent(qtbot: QtBot) -> None:
    plot = RunPlot("Accuracy", "tip", percent=True)
    qtbot.addWidget(plot)
    plot.set_series([series([0.98364])])
    assert plot.value() == "≈98.36 %"
    plot.set_series([series([1])])
    assert plot.value() == "100 %"


# ------------------------------------------------------------------ read-out


def test_the_pointer_reads_the_nearest_point(plot: RunPlot, qtbot: QtBot) -> None:
    plot.set_series([series([1, 2, 3, 4, 5])])
    told: list[float] = []
    plot.hovered.connect(told.append)
    before = plot.grab().toImage()
    qtbot.mouseMove(plot, plot.axes.point(2.8, 1).toPoint())
    assert plot.grab().toImage() != before
    qtbot.mouseMove(plot, plot.axes.point(4.1, 1).toPoint())
    qtbot.mouseMove(plot, QPoint(plot.width() - 2, 50))
    assert told[:2] == [3, 4] and math.isnan(told[2])
    assert plot.grab().toImage() == before


def test_a_smoothed_value_is_called_so_and_the_batch_alone_is_told_too(
    plot: RunPlot,
) -> None:
    plot.set_series([series([4, 1, 3])])
    assert [row[1:] for row in plot._rows_at(3)] == [("training", "3")]
    plot.set_smoothing(0.5)
    smooth, alone = plot._rows_at(3)
    assert smooth[1:] == ("training, smoothed", "≈2.57")
    assert alone[1:] == ("batch alone", "3")


def test_a_low_plot_has_room_for_both(plot: RunPlot) -> None:
    """As low as it is in a window of 1280 × 800; else half of it would be told."""
    plot.resize(452, 104)
    plot.set_series([series([4, 1, 3])])
    plot.set_smoothing(0.5)
    plot.set_line(2)
    two = plot.grab().toImage()
    plot._rows_at = lambda place: RunPlot._rows_at(plot, place)[:1]  # type: ignore[method-assign]
    assert plot.grab().toImage() != two


def test_keys_move_the_line(plot: RunPlot, qtbot: QtBot) -> None:
    plot.set_series([series([1, 2, 3, 4, 5])])
    told: list[float] = []
    plot.hovered.connect(told.append)
    key = Qt.Key
    for each in (key.Key_End, key.Key_Left, key.Key_Left, key.Key_Home, key.Key_Right):
        qtbot.keyClick(plot, each)
    assert told == [5, 4, 3, 1, 2]
    qtbot.keyClick(plot, key.Key_Escape)
    assert math.isnan(told[-1])


def test_the_setter_of_the_line_is_silent(plot: RunPlot, qtbot: QtBot) -> None:
    plot.set_series([series([1, 2, 3])])
    before = plot.grab().toImage()
    with qtbot.assertNotEmitted(plot.hovered):
        plot.set_line(2)
    assert plot.grab().toImage() != before
    plot.set_line(None)
    assert plot.grab().toImage() == before


def test_many_runs_in_a_small_dark_plot(qapp: QApplication, plot: RunPlot) -> None:
    runs = [series(RANDOM.random(300), role=role) for role in ("accent", "green")] * 4
    plot.set_series(runs)
    plot.set_line(150)
    plot.resize(plot.minimumSizeHint())
    theme.apply(qapp, "dark", 200)
    plot.grab()
    theme.apply(qapp, "light", 100)


def test_kept_levels_and_places_are_those_of_a_new_plot(
    qapp: QApplication, plot: RunPlot, qtbot: QtBot
) -> None:
    def change(widget: RunPlot, number: int) -> None:
        widget.set_series([series([0.5, 3.0 * number])])
        widget.set_ranges(Span(0.0, 10.0**number))
        widget.set_log(number == 3)
        widget.resize(400 + 10 * number, 200)

    for number, name in ((1, "light"), (2, "light"), (2, "dark"), (3, "dark")):
        theme.apply(qapp, name, 100)
        change(plot, number)
        other = RunPlot("Loss", "tip")
        qtbot.addWidget(other)
        change(other, number)
        plot.clearFocus()  # which has a frame
        assert plot.grab().toImage() == other.grab().toImage()


@pytest.mark.parametrize("height", [120, 800])
def test_levels_are_few_however_high_the_plot_is(plot: RunPlot, height: int) -> None:
    plot.set_series([series([0.001, 0.0012])])
    plot.resize(452, height)
    plot.clearFocus()  # which has a frame
    image, line = plot.grab().toImage(), theme.color("line")
    column = round(plot.axes.rect.center().x())
    levels = sum(image.pixelColor(column, y) == line for y in range(height))
    assert 2 <= levels <= MOST_LEVELS + 1


@pytest.mark.parametrize("share", [0.0, 5.199e-9, 0.00123, 0.25, 0.9836, 1 - 1e-8, 1.0])
def test_percentages_are_written_as_beside_bars(share: float) -> None:
    assert value_text(share, percent=True) == percentage(share)


def test_a_read_out_in_a_narrow_plot_leaves_one_side_of_its_line(plot: RunPlot) -> None:
    for width in (230, 260, 300):
        plot.resize(width, 160)
        plot.set_series([series(np.linspace(3, 0.1, 100))])
        plot.set_smoothing(0.9)
        for place in (20, 50, 80):
            plot.set_line(None)
            before = plot.grab().toImage()
            plot.set_line(place)
            after, axes = plot.grab().toImage(), plot.axes
            line = round(axes.x(place))
            ends = (0, line - 2), (line + 3, round(axes.rect.right()))
            same = [
                all(
                    before.pixel(x, y) == after.pixel(x, y)
                    for x in range(*end)
                    for y in range(24, 130)
                )
                for end in ends
            ]
            assert any(same), (width, place)
            assert not all(same)
