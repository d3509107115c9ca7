"""The curves of a training and of those it is compared with."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import wheel_needs_focus
from cnnviz.widgets.run_plot import RunPlot, Series, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.pages.train.curves import Curves
    from cnnviz.pages.train.state import State

PLOTS_HEIGHT = 128  # in pixels at text size 100 %
ROLES = {"validation": "muted", "test": "highlight"}
PREFIXES = {"validation": "val", "test": "test"}
OTHERS = ("green", "violet", "error", "text")
LONGEST = 17  # characters of a run's name
UP = {"accuracy": Span(0.0, 1.0)}


class Plots(QWidget):
    """Loss and accuracy side by side."""

    def __init__(self) -> None:
        super().__init__()
        self._loss = RunPlot("Loss", "Loss of each batch, and of whole test sets")
        self._accuracy = RunPlot(
            "Accuracy", "Share of right answers, of a batch or a test set", percent=True
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().px(24))
        for plot in (self._loss, self._accuracy):
            row.addWidget(plot, 1)

    def show_curves(
        self, state: State, curves: Curves, steps: int, others: Sequence[Curves]
    ) -> None:
        """Draw the curves.

        Parameters
        ----------
        state : State
            Smoothing and the scale of the loss.
        curves : Curves
            Of the run on show.
        steps : int
            Batches from the left edge to the right one.
        others : sequence of Curves
            To compare with.
        """
        most = max([steps, 1, *(other.steps for other in others)])
        for plot, name in ((self._loss, "loss"), (self._accuracy, "accuracy")):
            series = [_series(curves, name, "training", "accent")]
            for title, prefix in PREFIXES.items():
                points = curves.epochs(f"{prefix}_{name}")
                if points:
                    series.append(_points(points, title))
            series += [
                _series(other, name, short(other.title), role)
                for other, role in zip(others, cycle(OTHERS))
            ]
            plot.set_series(series)
            plot.set_smoothing(state.smoothing)
            plot.set_ranges(Span(0.0, float(most)), UP.get(name))
            plot.set_line(None if state.moment is None else float(state.moment))
        self._loss.set_log(state.logarithmic)


class CurvesView(QWidget):
    """Learning rate and gradient norm, and how curves are drawn."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        px = theme.current().px
        self._rate = RunPlot("Learning rate", "Of each batch")
        self._norm = RunPlot(
            "Gradient norm", "Length of all gradients of a batch as one vector"
        )
        self._smoothing = QSlider(Qt.Orientation.Horizontal)
        self._smoothing.setRange(0, 99)
        self._smoothing.setAccessibleName("Smoothing")
        self._smoothing.setToolTip("Weight of the past in the smooth curves, 0 to 0.99")
        self._smoothing.setFixedWidth(px(160))
        self._smoothing.valueChanged.connect(self._smooth)
        wheel_needs_focus(self._smoothing)
        self._value = QLabel()
        self._logarithmic = QCheckBox("Logarithmic loss")
        self._logarithmic.setAccessibleName("Logarithmic loss")
        self._logarithmic.setToolTip("Equal factors of the loss take equal heights")
        self._logarithmic.clicked.connect(
            lambda on: self.edited.emit(replace(self._state, logarithmic=on), "")
        )
        bar = QHBoxLayout()
        bar.setSpacing(px(12))
        label = QLabel("Smoothing")
        label.setProperty("role", "muted")
        for widget in (label, self._smoothing, self._value, self._logarithmic):
            bar.addWidget(widget)
        bar.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(px(24))
        row.addWidget(self._rate, 1)
        row.addWidget(self._norm, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(bar)
        column.addLayout(row, 1)
        self.set_state(state)

    def set_state(self, state: State) -> None:
        """Show a state's way of drawing."""
        self._state = state
        with QSignalBlocker(self._smoothing):
            self._smoothing.setValue(round(state.smoothing * 100))
        self._value.setText(numbers.fixed(state.smoothing, 2))
        self._logarithmic.setChecked(state.logarithmic)

    def show_curves(self, curves: Curves, steps: int) -> None:
        """Draw learning rate and gradient norm over so many batches."""
        self._rate.set_series([_series(curves, "learning_rate", "rate", "accent")])
        self._norm.set_series([_series(curves, "gradient_norm", "norm", "accent")])
        self._norm.set_smoothing(self._state.smoothing)
        for plot in (self._rate, self._norm):
            plot.set_ranges(Span(0.0, float(max(1, steps))))

    def _smooth(self, value: int) -> None:
        self.edited.emit(replace(self._state, smoothing=value / 100), "smoothing")


def short(name: str) -> str:
    """Return a name that a legend has room for."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def _series(curves: Curves, field: str, name: str, role: str) -> Series:
    values = curves.column(field)
    return Series(name, np.arange(1, len(values) + 1, dtype=np.float64), values, role)


def _points(points: Sequence[tuple[int, float]], name: str) -> Series:
    places = np.array([step for step, _ in points], np.float64)
    values = np.array([value for _, value in points], np.float32)
    return Series(name, places, values, ROLES[name], smooth=False)
