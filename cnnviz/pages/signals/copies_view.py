"""Delayed copies: the result as the sum of shifted and scaled copies of the signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.pages.signals.explain import equals, reading
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import Span, fit
from cnnviz.widgets.bar_plot import BarPlot, Bars, numbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.pages.signals.compute import Run
    from cnnviz.pages.signals.state import State

# In pixels at text size 100 %.
NAME, VALUE, BAR = 124, 112, 10


class CopiesView(QWidget):
    """A lane for each weight, and one for their sum.

    The values in the column of the present output stand at the right: they are the
    terms of its window.
    """

    jumped = Signal(int)
    """The output that a person chose."""

    def __init__(self) -> None:
        super().__init__()
        self.lanes: list[Lane] = []
        self.total = Lane(self)
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        self._below = QGridLayout()
        for grid in (self._grid, self._below):
            grid.setHorizontalSpacing(theme.current().px(8))
        self.total.place(self._below, 0)
        scroll.verticalScrollBar().rangeChanged.connect(self._align)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        rule = QFrame()
        rule.setProperty("role", "line")
        rule.setFixedHeight(theme.current().px(2))
        column.addWidget(scroll, 3)
        column.addWidget(rule)
        column.addLayout(self._below, 1)

    def show_run(self, state: State, run: Run) -> None:
        """Show the copies that add up to a result."""
        sliding, at = run.sliding, state.at
        count = len(sliding.weights)
        while len(self.lanes) < count:
            self.lanes.append(Lane(self))
            self.lanes[-1].place(self._grid, len(self.lanes) - 1)
        for lane in self.lanes[count:]:
            lane.set_visible(False)
        up = fit(sliding.products)
        reached = len(sliding.sums) if state.whole else at + 1
        for number in range(count):
            tap = state.order.index(number)
            sign = "" if number == 0 else "+ "
            lane = self.lanes[number]
            lane.set_visible(True)
            name = f"{sign}w{numbered(number + 1)} · x({reading(state, tap)})"
            weight = f"w{numbered(number + 1)} {equals(sliding.weights[tap])}"
            lane.show_values(name, weight, sliding.products[:, tap], at, up)
        self.total.show_values(
            "= y(t)",
            f"sum of {count} cop{'y' if count == 1 else 'ies'}",
            sliding.sums,
            at,
            fit(sliding.sums),
            reached,
        )

    def _align(self, _: int, last: int) -> None:
        """Keep the sum under its copies when these get a scroll bar."""
        bar = theme.current().px(BAR) if last else 0
        self._below.setContentsMargins(0, 0, bar, 0)


class Lane:
    """A name, a row of bars, and the value in the present column."""

    def __init__(self, view: CopiesView) -> None:
        self.plot = BarPlot("Copy", "Click to move the window there", compact=True)
        self.plot.chosen.connect(view.jumped)
        self.name, self.value = QLabel(), QLabel()
        self.value.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )

    def place(self, grid: QGridLayout, row: int) -> None:
        """Put the parts into a row."""
        for column, part in enumerate((self.name, self.plot, self.value)):
            grid.addWidget(part, row, column)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the row."""
        for part in (self.name, self.plot, self.value):
            part.setVisible(visible)

    def show_values(
        self,
        name: str,
        caption: str,
        values: NDArray[np.float64],
        at: int,
        up: Span,
        reached: int | None = None,
    ) -> None:
        """Show a row of numbers, that of the present output marked."""
        palette, px = theme.current().palette, theme.current().px
        self.name.setFixedWidth(px(NAME))
        self.value.setFixedWidth(px(VALUE))
        self.value.setFont(theme.font(16, bold=True))
        self.name.setText(
            f"<span style='font-weight:600'>{name}</span><br>"
            f"<span style='color:{palette.muted}'>{caption}</span>"
        )
        self.plot.setAccessibleName(f"{name}, {caption}")
        self.plot.set_bars(
            Bars(np.ascontiguousarray(values), symbol="y"), up=up, reached=reached
        )
        self.plot.set_marked(frozenset({at}))
        self.value.setText(
            f"<span style='color:{palette.highlight_text}'>"
            f"{numbers.approx(values[at], 3)}</span>"
        )
