"""Small controls above a view: a button, a slider with its value, and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.gestures import Gesture, wheel_needs_focus

if TYPE_CHECKING:
    from collections.abc import Callable


def button(text: str, tooltip: str, do: Callable[[], None]) -> QPushButton:
    """Return a button that says what it does."""
    result = QPushButton(text)
    result.setAccessibleName(text)
    result.setToolTip(tooltip)
    result.clicked.connect(lambda: do())
    return result


class Slide(QWidget):
    """A slider over a range of floats, with its value in words beside it.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    width : int
        Of the slider, in pixels at text size 100 %.
    """

    changed = Signal(float, str)
    """The value a person set and the key of the gesture."""

    def __init__(self, name: str, tooltip: str, width: int = 200) -> None:
        super().__init__()
        px = theme.current().px
        self._low, self._decimals = 0.0, 2
        self._gesture, self._drag = Gesture(), ""
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(name)
        self._slider.setToolTip(tooltip)
        self._slider.setMinimumSize(px(width), px(24))
        wheel_needs_focus(self._slider)
        self._words = QLabel()
        self._words.setMinimumWidth(px(44))
        self._words.setProperty("role", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(self._slider, 1)
        row.addWidget(self._words)
        self._slider.sliderPressed.connect(self._press)
        self._slider.valueChanged.connect(self._slide)
        self.setFocusProxy(self._slider)

    def set_range(self, low: float, high: float, decimals: int) -> None:
        """Set the ends and the decimals of a step, without a signal."""
        self._low, self._decimals = low, decimals
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, round((high - low) * 10**decimals))

    def set_value(self, value: float) -> None:
        """Show a value without a signal."""
        with QSignalBlocker(self._slider):
            steps = (value - self._low) * 10**self._decimals
            self._slider.setValue(round(steps))
        self._words.setText(f"{value:.{self._decimals}f}")

    def _press(self) -> None:
        self._drag = Gesture.fresh()

    def _slide(self, steps: int) -> None:
        value = round(self._low + steps / 10**self._decimals, self._decimals)
        key = self._drag if self._slider.isSliderDown() else self._gesture.key()
        self._words.setText(f"{value:.{self._decimals}f}")
        self.changed.emit(value, key)


class Progress(QWidget):
    """A thin bar with words, and a button that stops; hidden while there is nothing."""

    cancelled = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        px = theme.current().px
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(name)
        self._bar.setMinimumWidth(px(32))
        self._bar.setMaximumWidth(px(96))
        self._words = QLabel()
        self._words.setProperty("role", "muted")
        self._stop = QPushButton("Cancel")
        self._stop.setProperty("role", "link")
        # It goes once it is clicked, and would hand the keys on to who comes next.
        self._stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._stop.setAccessibleName(f"Cancel: {name}")
        self._stop.setToolTip("Stop here and keep what is there")
        self._stop.clicked.connect(lambda: self.cancelled.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        for widget in (self._bar, self._words, self._stop):
            row.addWidget(widget)
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        policy.setHorizontalPolicy(QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.hide()

    def show_progress(self, done: int, total: int, words: str = "") -> None:
        """Show how much is done; all of it hides the bar."""
        self._bar.setRange(0, max(1, total))
        self._bar.setValue(done)
        self._words.setText(words or f"{done:,} of {total:,}")
        self.setVisible(done < total)
