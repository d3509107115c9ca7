"""Step by step: the kernel over the signal, the terms of its window, the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.pages.signals import show
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import fit
from cnnviz.widgets.bar_editor import BarEditor
from cnnviz.widgets.bar_plot import BarPlot
from cnnviz.widgets.terms_columns import TermsColumns

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.pages.signals.compute import Run
    from cnnviz.pages.signals.state import State

ROW_SHARE = 0.068
"""The height of a row of terms, as a share of the view's."""


TIGHT, LEAST = 380, 264
"""In pixels at text size 100 %: below the one height the plots need what words take,
and with the other these are all left out."""


class StepsView(QWidget):
    """Three linked views of one window."""

    drawn = Signal(object, str)
    """New values of the signal, and the key of the drag."""
    jumped = Signal(int)
    """The window that a person chose."""
    pointed = Signal(str)
    """What is under the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self.signal = BarEditor("Signal", windowed=True)
        self.signal.edited.connect(self.drawn)
        self.signal.released.connect(self._fit_again)
        self.signal.hovered.connect(self._point_at_sample)
        self.terms = TermsColumns()
        self.terms.tap_hovered.connect(self._point_at_term)
        self.result = BarPlot("Result", "Click a value to move the window there")
        self.result.chosen.connect(self.jumped)
        self.result.hovered.connect(self._point_at_result)
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self.signal, 5)
        column.addWidget(self.terms)
        column.addWidget(self.result, 4)
        column.addWidget(self._reason, 4)

    def show_run(self, state: State, run: Run | None, *, glide: bool = False) -> None:
        """Show a state and what it led to, or why its window does not fit."""
        self._shown = state, run
        span = show.across(state)
        bars = show.signal_bars(state)
        self.signal.set_bars(bars, across=span, up=fit(bars.values))
        self.signal.set_title("Signal x", _count(len(state.signal), "sample"))
        for part in (self.terms, self.result):
            part.setVisible(run is not None)
        self._reason.setVisible(run is None)
        if run is None:
            self._reason.setText(state.reason or "")
            self.signal.set_window(None)
            self.signal.set_marked(frozenset())
            return
        at = state.at
        self.signal.set_window(show.window(run, at), glide=glide)
        self.signal.set_marked(show.samples(run, at))
        self.terms.show_terms(show.terms(run, at))
        result = show.result_bars(run)
        reached = len(result.values) if state.whole else at + 1
        up = fit(result.values)
        self.result.set_bars(result, across=span, up=up, reached=reached)
        self.result.set_marked(frozenset({at}))
        self.result.set_title("Result y", _count(len(result.values), "value"))

    def minimumSizeHint(self) -> QSize:
        """Return what is enough with few words, whatever there are now."""
        hint = super().minimumSizeHint()
        return QSize(hint.width(), min(hint.height(), theme.current().px(LEAST)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write the terms larger where there is room, and less where there is none."""
        super().resizeEvent(event)
        tight = self.height() < theme.current().px(TIGHT)
        self.terms.set_tight(tight)
        self.signal.set_footed(not tight)  # the result has the same places below it
        self.terms.set_row_height(round(ROW_SHARE * self.height()))

    def _fit_again(self) -> None:
        self.show_run(*self._shown)

    # ---------------------------------------------------------------- pointing

    def _point_at_sample(self, index: int) -> None:
        state, run = self._shown
        if run is not None:
            taps = run.sliding.taps[state.at].tolist()
            self.terms.mark(taps.index(index) if index in taps else -1)
        self.read_again()

    def _point_at_term(self, tap: int) -> None:
        state, run = self._shown
        if run is not None:
            samples = show.samples(run, state.at)
            if tap >= 0:
                samples &= {int(run.sliding.taps[state.at, tap])}
            self.signal.set_marked(samples)

    def _point_at_result(self, _: int) -> None:
        self.read_again()

    def read_again(self) -> None:
        """Tell the number under the pointer, as it is now."""
        plots = (plot for plot in (self.signal, self.result) if plot.isVisible())
        found = (plot.describe(plot.pointed) for plot in plots if plot.pointed >= 0)
        self.pointed.emit(next(found, ""))


def _count(number: int, unit: str) -> str:
    return f"{numbers.text(number)} {unit}{'' if number == 1 else 's'}"
