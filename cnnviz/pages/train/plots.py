"""The curves of a training and of those it is compared with."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import count
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
from cnnviz.widgets.run_frame import Row
from cnnviz.widgets.run_legend import RunLegend
from cnnviz.widgets.run_plot import RunPlot, Series, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnnviz.nn.recipe import Recipe
    from cnnviz.pages.train.curves import Curves
    from cnnviz.pages.train.state import State

ROLES = {"training": "accent", "validation": "muted", "test": "highlight"}
PREFIXES = {"validation": "val", "test": "test"}
LONGEST = 17  # characters of a run's name
UP = {"accuracy": Span(0.0, 1.0)}


class Plots(QWidget):
    """Loss and accuracy side by side, over the names of their curves."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Curves of the training")
        self.setToolTip("Loss and accuracy; after a click here Space starts and pauses")
        self._loss = RunPlot(
            "Loss", "Loss of each batch, and of whole test sets", legend=False
        )
        self._accuracy = RunPlot(
            "Accuracy",
            "Share of right answers, of a batch or a test set",
            percent=True,
            legend=False,
        )
        self._names = RunLegend("Names of the curves", "What the colours above mean")
        px = theme.current().px
        row = QHBoxLayout()
        row.setSpacing(px(24))
        for plot in (self._loss, self._accuracy):
            row.addWidget(plot, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self._names)

    def set_names(self, recipe: Recipe, others: Sequence[Curves]) -> None:
        """Write the names of the curves below: those of a run, and of other runs."""
        own = [name for name in ROLES if name != "validation" or recipe.validation]
        rows = [Row(ROLES[name], name) for name in own]
        self._names.set_rows([*rows, *(Row(each.role, each.title) for each in others)])

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
            Batches of the whole training, 0 if that is not known.
        others : sequence of Curves
            To compare with.
        """
        most = horizon(curves.steps, steps)
        most = max([most, *(other.steps for other in others)])
        for plot, name in ((self._loss, "loss"), (self._accuracy, "accuracy")):
            series = [_series(curves, name, "training", ROLES["training"])]
            for title, prefix in PREFIXES.items():
                points = curves.epochs(f"{prefix}_{name}")
                if points:
                    series.append(_points(tuple(points), title))
            series += [
                _series(other, name, short(other.title), other.role) for other in others
            ]
            plot.set_series(series)
            plot.set_smoothing(state.smoothing)
            plot.set_ranges(Span(0.0, float(most)), UP.get(name))
            # Before the first batch there is nothing on the curves to point at.
            plot.set_line(float(state.moment) if state.moment else None)
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
        """Draw learning rate and gradient norm, of a training of so many batches."""
        rate = _series(curves, "learning_rate", "rate", "accent")
        self._rate.set_series([replace(rate, smooth=False)])
        self._norm.set_series([_series(curves, "gradient_norm", "norm", "accent")])
        self._norm.set_smoothing(self._state.smoothing)
        for plot in (self._rate, self._norm):
            plot.set_ranges(Span(0.0, float(horizon(curves.steps, steps))))

    def _smooth(self, value: int) -> None:
        self.edited.emit(replace(self._state, smoothing=value / 100), "smoothing")


def horizon(done: int, planned: int) -> int:
    """Return the batch at the right edge: a round one ahead, or the last of all.

    Over all batches to come, the curve of a long training would be a line straight up
    for minutes; a range that follows each batch would draw all anew each time.

    Parameters
    ----------
    done : int
        Batches so far.
    planned : int
        Batches of the whole training, 0 if that is not known.
    """
    edge = next(edge for edge in _round_ones() if edge >= done)
    return max(done, min(edge, planned)) if planned else edge


def _round_ones() -> Iterator[int]:
    for power in count(1):
        yield from (factor * 10**power for factor in (5, 10, 20))


def short(name: str) -> str:
    """Return a name that a legend has room for."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def _series(curves: Curves, field: str, name: str, role: str) -> Series:
    values = curves.column(field)
    return Series(name, np.arange(1, len(values) + 1, dtype=np.float64), values, role)


@lru_cache(16)  # prepared anew only where an epoch has ended
def _points(points: tuple[tuple[int, float], ...], name: str) -> Series:
    places = np.array([step for step, _ in points], np.float64)
    values = np.array([value for _, value in points], np.float32)
    return Series(name, places, values, ROLES[name], smooth=False)
