"""Bars that show numbers, and bars that a person draws."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.widgets.axes import Span, fit
from cnnviz.widgets.bar_editor import BarEditor
from cnnviz.widgets.bar_plot import BarPlot, Bars
from cnnviz.widgets.bar_window import BarWindow

X = np.array([3.0, 1, 4, 1, 5, 9, 2])
LEFT = Qt.MouseButton.LeftButton


def shown(qtbot, widget, values=X):
    theme.apply(QApplication.instance(), "light", 100)
    qtbot.addWidget(widget)
    widget.set_bars(Bars(values))
    widget.resize(760, 240)
    widget.show()
    return widget


def point(plot, index, value):
    return plot.axes.point(plot.bars.place(index), value).toPoint()


def color_at(plot, at):
    return plot.grab().toImage().pixelColor(at)


# ------------------------------------------------------------------ showing


def test_the_number_under_the_pointer_is_told(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip"))
    told, chosen = [], []
    plot.hovered.connect(told.append)
    plot.chosen.connect(chosen.append)
    qtbot.mouseMove(plot, point(plot, 4, 1))
    qtbot.mouseMove(plot, QPoint(5, 100))
    qtbot.mouseClick(plot, LEFT, pos=point(plot, 2, 1))
    assert told[:2] == [4, -1]
    assert chosen == [2]
    assert plot.describe(5) == "x₆ = 9"


def test_bars_are_as_high_as_their_numbers(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip"))
    for index, value in enumerate(X):
        inside = color_at(plot, point(plot, index, value - 0.4))
        above = color_at(plot, point(plot, index, value + 2.4))
        assert inside != above


def test_a_marked_bar_has_the_highlight_colour(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip"))
    plot.set_marked(frozenset({5}))
    assert color_at(plot, point(plot, 5, 4)) == theme.color("highlight")
    assert color_at(plot, point(plot, 4, 4)) != theme.color("highlight")


def test_bars_not_reached_are_not_there_yet(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip"))
    before = color_at(plot, point(plot, 5, 4))
    plot.set_bars(Bars(X), reached=5)
    assert color_at(plot, point(plot, 5, 4)) != before
    assert plot.reached == 5


def test_results_stand_at_places_of_their_own(qtbot):
    plot = shown(qtbot, BarPlot("Result", "tip"))
    plot.set_bars(Bars(np.ones(3), start=1.5, pitch=2), across=Span(-0.5, 6.5))
    assert plot.index_at(plot.axes.x(3.4)) == 1
    assert plot.index_at(plot.axes.x(0.2)) == -1


def test_a_long_signal_is_drawn_by_its_extremes(qtbot):
    values = np.zeros(8192)
    values[4000] = 1
    plot = shown(qtbot, BarPlot("Signal", "tip"), values)
    column = {
        color_at(plot, QPoint(round(plot.axes.x(4000)) + near, 60)).name()
        for near in (-1, 0, 1)
    }
    assert len(column) > 1 or color_at(plot, QPoint(100, 60)).name() not in column


def test_the_window_lies_on_its_taps_and_the_padding_is_hatched(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip", windowed=True))
    plot.set_bars(Bars(X), across=Span(-2.5, 8.5), up=fit(X))
    free = color_at(plot, point(plot, 3, 7))
    plot.set_window(BarWindow((2, 3, 4), (1.0, 0.0, -1.0), (2, 2), 7))
    assert color_at(plot, point(plot, 3, 7)) != free
    assert color_at(plot, point(plot, 0, 7)) == free
    region = (
        plot.grab()
        .toImage()
        .copy(round(plot.axes.x(-2)), round(plot.axes.y(8)), 30, 30)
    )
    names = {region.pixelColor(x, y).name() for x in range(30) for y in range(30)}
    assert len(names) > 1


def test_the_window_glides_and_arrives(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip", windowed=True))
    plot.set_window(BarWindow((0, 1), (1.0, 1.0), (0, 0), 7))
    plot.set_window(BarWindow((1, 2), (1.0, 1.0), (0, 0), 7), glide=True)
    assert plot._glide.offset != 0 or plot._glide.state() == plot._glide.State.Running
    qtbot.waitUntil(lambda: plot._glide.state() == plot._glide.State.Stopped)
    assert plot._glide.offset == 0
    plot.set_window(BarWindow((4, 5), (1.0, 1.0), (0, 0), 7))
    assert plot._glide.offset == 0


def test_a_hidden_plot_stands_still(qtbot):
    plot = shown(qtbot, BarPlot("Signal", "tip", windowed=True))
    plot.set_window(BarWindow((0, 1), (1.0, 1.0), (0, 0), 7))
    plot.set_window(BarWindow((1, 2), (1.0, 1.0), (0, 0), 7), glide=True)
    plot.hide()
    assert plot._glide.state() == plot._glide.State.Stopped


# ------------------------------------------------------------------ drawing


@pytest.fixture
def editor(qtbot):
    widget = shown(qtbot, BarEditor("Signal"))
    widget.told = []

    def take(values, gesture):
        widget.told.append((values, gesture))
        widget.set_bars(Bars(values))

    widget.edited.connect(take)
    return widget


def test_a_drag_draws_every_bar_on_its_way(editor, qtbot):
    start, end = point(editor, 1, 8), point(editor, 5, 4)
    qtbot.mousePress(editor, LEFT, pos=start)
    qtbot.mouseMove(editor, end)
    qtbot.mouseRelease(editor, LEFT, pos=end)
    assert editor.bars.values.tolist() == [3, 8, 7, 6, 5, 4, 2]
    assert len({gesture for _, gesture in editor.told}) == 1
    qtbot.mouseClick(editor, LEFT, pos=point(editor, 0, 1))
    assert editor.bars.values[0] == 1
    assert editor.told[-1][1] != editor.told[0][1]


def test_drawing_backwards_is_the_same(editor, qtbot):
    start, end = point(editor, 5, 4), point(editor, 1, 8)
    qtbot.mousePress(editor, LEFT, pos=start)
    qtbot.mouseMove(editor, end)
    qtbot.mouseRelease(editor, LEFT, pos=end)
    assert editor.bars.values.tolist() == [3, 8, 7, 6, 5, 4, 2]


def test_the_axes_stay_while_the_mouse_draws(editor, qtbot):
    before, released = editor.axes, []
    editor.released.connect(lambda: released.append(True))
    qtbot.mousePress(editor, LEFT, pos=point(editor, 5, 2))
    assert editor.axes == before
    qtbot.mouseRelease(editor, LEFT, pos=point(editor, 5, 2))
    assert released == [True]
    editor.set_bars(Bars(editor.bars.values))
    assert editor.axes != before


def test_a_press_beside_the_bars_draws_nothing(editor, qtbot):
    editor.set_bars(Bars(X), across=Span(-3.5, 9.5))
    qtbot.mouseClick(editor, LEFT, pos=point(editor, -2, 3))
    assert editor.told == []


def test_keys_choose_and_change(editor, qtbot):
    editor.setFocus()
    for key in ("Right", "Right", "Up", "Up", "Left", "Delete"):
        qtbot.keyClick(editor, getattr(Qt.Key, f"Key_{key}"))
    assert editor.bars.values.tolist() == [3, 0, 6, 1, 5, 9, 2]
    qtbot.keyClick(editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert editor.bars.values[1] == -0.1
    assert "x₂" in editor.accessibleDescription()


def test_fractions_change_by_fractions(editor):
    editor.set_bars(Bars(np.array([0.5, 0.25])))
    assert editor.step == 0.01
    editor.set_bars(Bars(X))
    assert editor.step == 1
