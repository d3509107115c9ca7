"""Fields for numbers: one, and a pair of rows and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHelpEvent, QValidator
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QToolTip,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import (
    Gesture,
    leave_space_to_page,
    leave_undo_to_page,
    wheel_needs_focus,
)

if TYPE_CHECKING:
    from cnnviz.ops.geometry import Pair


class NumberField(QDoubleSpinBox):
    """A number to type or step; shows a true minus, takes a decimal point or comma.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    low, high, step : float
        Range and step.
    value : float
        The first value.
    decimals : int
        Decimals that are kept.
    unit : str
        Written after the number.
    """

    changed = Signal(float, str)
    """The value a person set and the key of the gesture."""

    def __init__(
        self,
        name: str,
        tooltip: str,
        *,
        low: float,
        high: float,
        step: float = 1.0,
        value: float = 0.0,
        decimals: int = 6,
        unit: str = "",
    ) -> None:
        super().__init__()
        self._gesture = Gesture()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSingleStep(step)
        self.setSuffix(f" {unit}" if unit else "")
        self.setValue(value)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setKeyboardTracking(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        wheel_needs_focus(self)
        leave_undo_to_page(self)
        leave_space_to_page(self)
        self.valueChanged.connect(
            lambda number: self.changed.emit(number, self._gesture.key())
        )

    def set_value(self, value: float) -> None:
        """Show a value without a signal."""
        if value != self.value():
            with QSignalBlocker(self):
                self.setValue(value)

    def set_highest(self, value: float) -> None:
        """Set the end of the range without a signal: nobody chose what it leaves."""
        with QSignalBlocker(self):
            self.setMaximum(value)

    def event(self, event: QEvent) -> bool:
        """Tell the range below the tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            low, high = _ends(self)
            lines = filter(None, (self.toolTip(), f"From {low} to {high}"))
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        """Return one width for all short numbers."""
        return super().sizeHint().expandedTo(QSize(theme.current().px(84), 0))

    def textFromValue(self, value: float) -> str:
        """Write the value with a true minus and no trailing zeros."""
        return numbers.fixed(value, self.decimals()).replace(",", "")

    def valueFromText(self, text: str) -> float:
        """Read what was typed; what is no number leaves the value as it is."""
        number = self._number(text)
        return self.value() if number is None else number

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept a number in the range, and anything on the way to one."""
        number, state = self._number(text), QValidator.State
        inside = number is not None and self.minimum() <= number <= self.maximum()
        return state.Acceptable if inside else state.Intermediate, text, position

    def fixup(self, text: str) -> str:
        """Say why what was typed cannot be taken; the value stays."""
        _explain(self, text)
        return super().fixup(text)

    def _number(self, text: str) -> float | None:
        try:
            return numbers.parse(text.removesuffix(self.suffix()))
        except InputError:
            return None


class PairField(QWidget):
    """Rows × columns: two whole numbers and a link that keeps them equal.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    low, high : int
        Range of both.
    value : (int, int)
        The first value; the two start linked if they are equal.
    """

    changed = Signal(object)
    """The (rows, columns) a person set."""

    def __init__(
        self, name: str, tooltip: str, *, low: int, high: int, value: Pair = (1, 1)
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self._rows = _Spin(f"{name}, rows", tooltip, low, high)
        self._columns = _Spin(f"{name}, columns", tooltip, low, high)
        self._link = _LinkButton(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().px(4))
        times = QLabel("×")
        times.setProperty("role", "muted")
        for part in (self._rows, times, self._columns, self._link):
            row.addWidget(part)
        self.setFocusProxy(self._rows)
        self._rows.valueChanged.connect(lambda _: self._take(self._rows))
        self._columns.valueChanged.connect(lambda _: self._take(self._columns))
        self._link.toggled.connect(lambda _: self._take(self._rows))
        self._shown = value
        self.set_value(value)
        self._link.set_checked(value[0] == value[1])

    def value(self) -> Pair:
        """Return (rows, columns)."""
        return self._rows.value(), self._columns.value()

    def set_value(self, value: Pair) -> None:
        """Show a pair without a signal; an unequal one opens the link."""
        if value == self.value():
            return
        with QSignalBlocker(self._rows), QSignalBlocker(self._columns):
            self._rows.setValue(value[0])
            self._columns.setValue(value[1])
        self._shown = self.value()
        if value[0] != value[1]:
            self._link.set_checked(False)

    def set_range(self, low: int, high: int) -> None:
        """Set the range of both without a signal."""
        if (low, high) == (self._rows.minimum(), self._rows.maximum()):
            return
        with QSignalBlocker(self._rows), QSignalBlocker(self._columns):
            self._rows.setRange(low, high)
            self._columns.setRange(low, high)
        self._shown = self.value()

    def _take(self, edited: QSpinBox) -> None:
        if self._link.isChecked():
            other = self._columns if edited is self._rows else self._rows
            with QSignalBlocker(other):
                other.setValue(edited.value())
        if self.value() != self._shown:
            self._shown = self.value()
            self.changed.emit(self._shown)


class _LinkButton(QToolButton):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAccessibleName(f"{name}, keep rows and columns equal")
        self.setToolTip("Keep rows and columns equal")
        self.toggled.connect(lambda _: self._draw())
        self._draw()

    def set_checked(self, checked: bool) -> None:
        with QSignalBlocker(self):
            self.setChecked(checked)
        self._draw()

    def _draw(self) -> None:
        linked = self.isChecked()
        self.setIconSize(QSize(1, 1) * theme.current().px(18))
        self.setIcon(
            theme.icon("link", "accent") if linked else theme.icon("unlink", "muted")
        )

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw()
        super().changeEvent(event)


class _Spin(QSpinBox):
    def __init__(self, name: str, tooltip: str, low: int, high: int) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setRange(low, high)
        self.setKeyboardTracking(False)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        wheel_needs_focus(self)
        leave_undo_to_page(self)
        leave_space_to_page(self)

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        # Qt's own swallows the digits beyond the range, and nobody learns why.
        state, text, position = super().validate(text, position)
        invalid = state == QValidator.State.Invalid
        return (QValidator.State.Intermediate if invalid else state), text, position

    def fixup(self, text: str) -> str:
        _explain(self, text)
        return super().fixup(text)

    def sizeHint(self) -> QSize:
        # Two digits and the arrows; a pair and its label fit the narrow column.
        return QSize(theme.current().px(58), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


def _ends(field: NumberField | _Spin) -> tuple[str, str]:
    return numbers.text(field.minimum()), numbers.text(field.maximum())


def _explain(field: NumberField | _Spin, text: str) -> None:
    low, high = _ends(field)
    name = field.accessibleName()
    reason = f"{name}: “{text.strip()}” is not a number from {low} to {high}."

    def show() -> None:
        if field.isVisible():
            at = field.mapToGlobal(field.rect().bottomLeft())
            QToolTip.showText(at, reason, field)

    # After the key that ended the typing: where it moves the focus, Qt hides all tips.
    QTimer.singleShot(0, field, show)
