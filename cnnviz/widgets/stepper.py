"""A transport bar: play, pause and step through a count of places.

It knows where it is and how many steps there are, and asks by a signal to be moved;
what a step is it does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QWidget

from cnnviz import theme
from cnnviz.widgets.controls import Choice
from cnnviz.widgets.gestures import wheel_needs_focus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QHideEvent, QResizeEvent

# Below this width, in pixels at text size 100 %, the buttons show icons alone.
ROOMY = 700

LEAST = 300  # pixels of its width, at any text size


class Stepper(QWidget):
    """First, back, play, step, last, a slider, the speed and the place in words.

    Parameters
    ----------
    unit : str
        What one place is called, such as ``"window"``.
    speeds : sequence of float
        The speeds to choose from, in steps a second.
    """

    moved = Signal(int)
    """The place, from 0, that a person or the running clock asks for."""

    speed_chosen = Signal(float)

    playing_changed = Signal(bool)

    def __init__(self, unit: str, speeds: Sequence[float]) -> None:
        super().__init__()
        self.setAccessibleName(f"Step through every {unit}")
        self._unit = unit
        self._count = self._current = 0
        self._clock = QTimer(self)
        self._clock.timeout.connect(self._tick)
        self._first = _button("First", f"Go to the first {unit} (Home)", self._to_first)
        self._back = _button("Back", f"Go one {unit} back (Left arrow)", self._to_back)
        self._play = _button("Play", "Play or pause (Space)", self.toggle)
        self._play.setProperty("role", "primary")
        self._next = _button("Step", f"Go one {unit} on (Right arrow)", self._to_next)
        self._last = _button("Last", f"Go to the last {unit} (End)", self._to_last)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(f"Which {unit}")
        self._slider.setToolTip(f"Drag to any {unit}")
        self._slider.setMinimumHeight(theme.current().px(24))
        wheel_needs_focus(self._slider)
        self._slider.valueChanged.connect(self._scrub)
        self._label = QLabel()
        self._label.setProperty("role", "muted")
        options = [(str(s), f"{s:g} ×", f"{s:g} steps a second") for s in speeds]
        self._speed = Choice([("", options)], "Speed", "Steps a second while playing")
        self._speed.setMinimumContentsLength(3)
        self._speed.chosen.connect(lambda key: self.speed_chosen.emit(float(key)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().px(8))
        for button in self._buttons():
            button.installEventFilter(self)
            row.addWidget(button)
        row.addWidget(self._slider, 1)
        row.addWidget(self._label)
        row.addWidget(self._speed)
        self._draw()

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self._first, self._back, self._play, self._next, self._last

    # ---------------------------------------------------------------- what it shows

    def set_place(self, current: int, count: int) -> None:
        """Show a place among ``count``, without a signal; 0 of them disable it."""
        self._current, self._count = current, count
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, max(0, count - 1))
            self._slider.setValue(current)
        self._write_place()
        self.setEnabled(count > 0)
        if not count:
            self.pause()

    def set_speed(self, speed: float) -> None:
        """Take a speed in steps a second, without a signal."""
        self._speed.set_current(str(speed))
        self._clock.setInterval(round(1000 / speed))

    @property
    def playing(self) -> bool:
        """Whether the clock runs."""
        return self._clock.isActive()

    def text(self) -> str:
        """Return the place in words, ``"window 1 of 4"``."""
        place = f"{self._unit} {self._current + 1} of {self._count}"
        return place if self._count else ""

    def _write_place(self) -> None:
        short = f"{self._current + 1} / {self._count}" if self._count else ""
        self._label.setText(self.text() if self._roomy else short)
        self._label.setAccessibleName(self.text())

    @property
    def _roomy(self) -> bool:
        return self.width() >= theme.current().px(ROOMY)

    # ---------------------------------------------------------------- acting

    def toggle(self) -> None:
        """Play, from the start if this is the end, or pause."""
        if self.playing:
            self.pause()
        elif self._count > 1:
            self._clock.start()
            if self._current >= self._count - 1:
                self.moved.emit(0)
            self._note_playing()

    def pause(self) -> None:
        """Stop the clock."""
        if self.playing:
            self._clock.stop()
            self._note_playing()

    def go(self, place: int) -> None:
        """Pause, and ask for a place, the nearest that there is."""
        self.pause()
        place = max(0, min(place, self._count - 1))
        if place != self._current:
            self.moved.emit(place)

    def press(self, key: int) -> bool:
        """Do what a key stands for; say whether it stands for anything."""
        actions = {
            Qt.Key.Key_Space: self.toggle,
            Qt.Key.Key_Left: self._to_back,
            Qt.Key.Key_Right: self._to_next,
            Qt.Key.Key_Home: self._to_first,
            Qt.Key.Key_End: self._to_last,
        }
        action = actions.get(Qt.Key(key))
        if action is not None and self.isEnabled():
            action()
        return action is not None

    def _to_first(self) -> None:
        self.go(0)

    def _to_back(self) -> None:
        self.go(self._current - 1)

    def _to_next(self) -> None:
        self.go(self._current + 1)

    def _to_last(self) -> None:
        self.go(self._count - 1)

    def _scrub(self, place: int) -> None:
        self.pause()
        self.moved.emit(place)

    def _tick(self) -> None:
        if self._current + 1 >= self._count:
            self.pause()
        else:
            self.moved.emit(self._current + 1)

    def _note_playing(self) -> None:
        self._draw()
        self.playing_changed.emit(self.playing)

    def _draw(self) -> None:
        px = theme.current().px
        names = ("first", "back", "pause" if self.playing else "play", "next", "last")
        wide = self._roomy
        self._play.setText(("Pause" if self.playing else "Play") if wide else "")
        for button, name in zip(self._buttons(), names, strict=True):
            role = "on_accent" if button is self._play else "text"
            button.setIcon(theme.icon(f"step-{name}", role))
            button.setIconSize(QSize(1, 1) * px(18))
            if button is not self._play:
                lettered = wide and name in ("back", "next")
                button.setText(button.accessibleName() if lettered else "")

    # ---------------------------------------------------------------- Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Step with the keys that would else move the focus from button to button."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() != Qt.Key.Key_Space and self.press(event.key()):
                return True
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        """Ask for less than the words need: they give way before the window grows."""
        return QSize(LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words out where there is no room."""
        super().resizeEvent(event)
        self._draw()
        self._write_place()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop while nobody sees it."""
        self.pause()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._draw()
        super().changeEvent(event)


def _button(title: str, tooltip: str, clicked: Callable[[], None]) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tooltip)
    # A click leaves the keys where they are: Space goes on playing.
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda _: clicked())
    return button
