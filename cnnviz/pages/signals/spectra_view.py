"""Spectra of signal, kernel and result: what a kernel keeps of each frequency."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import Span
from cnnviz.widgets.curve_plot import Curve, CurvePlot

if TYPE_CHECKING:
    from cnnviz.ops.signals import Spectrum
    from cnnviz.pages.signals.compute import Run

ACROSS = Span(0.0, 0.5)


class SpectraView(QWidget):
    """Three curves over one axis of frequencies."""

    pointed = Signal(str)
    """The three magnitudes at the frequency under the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self._frequency = math.nan
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        self.plots = [
            CurvePlot(name, "Point at a frequency to read it in all three")
            for name in (
                "Spectrum of the signal",
                "Spectrum of the kernel",
                "Spectrum of the result",
            )
        ]
        for plot in self.plots:
            plot.hovered.connect(self._point)
            column.addWidget(plot, 1)

    def show_run(self, run: Run) -> None:
        """Show the spectra of a run."""
        self._spectra = run.spectra
        parts = self._spectra.signal, self._spectra.kernel, self._spectra.result
        signal, kernel, result = map(_curve, parts)
        top = float(max(signal.values.max(), result.values.max()))
        same = _up(top)
        self.plots[0].set_curve(signal, ACROSS, same)
        self.plots[1].set_curve(kernel, ACROSS, _up(float(kernel.values.max())))
        self.plots[2].set_curve(result, ACROSS, same, behind=signal)
        for plot, title, caption in zip(
            self.plots,
            (
                "Signal |X|",
                "Kernel |W|, what each frequency is multiplied by",
                "Result |Y|, dotted: the signal",
            ),
            ("← low        frequency, cycles per sample        high →", "", ""),
            strict=True,
        ):
            plot.set_title(title, caption)

    def _point(self, frequency: float) -> None:
        self._frequency = frequency
        outside = math.isnan(frequency)
        for plot in self.plots:
            plot.set_line(None if outside else frequency)
        self.read_again()

    def read_again(self) -> None:
        """Tell the magnitudes at the frequency under the pointer, as they are now."""
        outside = math.isnan(self._frequency)
        self.pointed.emit("" if outside else self._describe(self._frequency))

    def _describe(self, frequency: float) -> str:
        parts = [f"{numbers.approx(frequency, 3)} cycles per sample"]
        for name in ("signal", "kernel", "result"):
            spectrum: Spectrum = getattr(self._spectra, name)
            index = int(np.abs(spectrum.frequencies - frequency).argmin())
            parts.append(f"{name} {numbers.approx(spectrum.magnitudes[index])}")
        return "   ".join(parts)


def _curve(spectrum: Spectrum) -> Curve:
    return Curve(spectrum.frequencies, spectrum.magnitudes)


def _up(top: float) -> Span:
    return Span(0.0, 1.1 * top if top else 1.0)
