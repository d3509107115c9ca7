"""One number of a recipe: its name and unit, a field to type in, and a slider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.controls import labelled
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.gestures import Gesture, wheel_needs_focus

if TYPE_CHECKING:
    from cnnviz.ops.kernels import Parameter


class ParameterRow(QWidget):
    """A slider over the parameter's steps, and a field for the numbers between.

    Parameters
    ----------
    parameter : Parameter
        Title, unit, range, step and first value.
    in_a_line : bool
        Whether the slider is between title and field, and not under them.
    """

    changed = Signal(float, str)
    """The value a person set and the key of the gesture."""

    def __init__(self, parameter: Parameter, *, in_a_line: bool = False) -> None:
        super().__init__()
        self._parameter = parameter
        self._gesture = Gesture()
        self._drag = ""
        title = f"{parameter.title}, {parameter.unit}".removesuffix(", ")
        about = f"{title}: {parameter.low:g} to {parameter.high:g}"
        self._field = NumberField(
            title,
            about,
            low=parameter.low,
            high=parameter.high,
            step=parameter.step,
            decimals=0 if parameter.integer else 3,
        )
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(title)
        self._slider.setToolTip(about)
        span = parameter.high - parameter.low
        self._slider.setRange(0, round(span / parameter.step))
        wheel_needs_focus(self._slider)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(2))
        column.addWidget(line := labelled(title, self._field))
        row = line.layout()
        if in_a_line and isinstance(row, QHBoxLayout):
            row.insertWidget(1, self._slider, 1)
        else:
            column.addWidget(self._slider)
        self._field.changed.connect(self._take)
        self._slider.sliderPressed.connect(self._press)
        self._slider.valueChanged.connect(self._slide)
        self.set_value(parameter.default)
        # With less the style sheet's round handle would be cut.
        self._slider.setMinimumHeight(theme.current().px(20))

    def value(self) -> float:
        """Return the value, an ``int`` where the parameter is whole."""
        number = self._field.value()
        return int(number) if self._parameter.integer else number

    def set_value(self, value: float) -> None:
        """Show a value without a signal."""
        self._field.set_value(value)
        with QSignalBlocker(self._slider):
            steps = (value - self._parameter.low) / self._parameter.step
            self._slider.setValue(round(steps))

    def _press(self) -> None:
        self._drag = Gesture.fresh()

    def _slide(self, steps: int) -> None:
        value = self._parameter.low + steps * self._parameter.step
        dragged = self._slider.isSliderDown()
        self._take(value, self._drag if dragged else self._gesture.key())

    def _take(self, value: float, gesture: str) -> None:
        self.set_value(value)
        self.changed.emit(self.value(), gesture)
