"""A curve, and the place under the pointer."""

import math

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.widgets.axes import Span
from cnnviz.widgets.curve_plot import Curve, CurvePlot


def shown(qtbot, values):
    theme.apply(QApplication.instance(), "light", 100)
    plot = CurvePlot("Spectrum", "tip")
    qtbot.addWidget(plot)
    curve = Curve(np.linspace(0, 0.5, len(values)), values)
    plot.set_curve(curve, Span(0, 0.5), Span(0, 1.1))
    plot.resize(600, 200)
    plot.show()
    return plot


def test_the_area_under_the_curve_is_filled(qtbot):
    plot = shown(qtbot, np.array([1.0, 1, 0, 0]))
    image, axes = plot.grab().toImage(), plot.axes
    under = image.pixelColor(axes.point(0.1, 0.53).toPoint())
    free = image.pixelColor(axes.point(0.45, 0.53).toPoint())
    assert under != free


def test_a_long_curve_keeps_its_peak(qtbot):
    values = np.zeros(8193)
    values[4096] = 1
    plot = shown(qtbot, values)
    image, axes = plot.grab().toImage(), plot.axes
    x, y = round(axes.x(0.25)), round(axes.y(0.73))
    colors = {image.pixelColor(x + near, y).name() for near in range(-3, 4)}
    assert len(colors) > 1


def test_the_pointer_reads_a_place(qtbot):
    plot = shown(qtbot, np.ones(9))
    told = []
    plot.hovered.connect(told.append)
    qtbot.mouseMove(plot, plot.axes.point(0.3, 0.5).toPoint())
    qtbot.mouseMove(plot, QPoint(2, 100))
    assert abs(told[0] - 0.3) < 0.002 and math.isnan(told[-1])
    before = plot.grab().toImage()
    plot.set_line(0.3)
    assert plot.grab().toImage() != before
