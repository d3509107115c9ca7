"""Bars that a person draws: with the mouse across them, or one by one with keys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)

from cnnviz import theme
from cnnviz.widgets.bar_plot import BarPlot, Bars
from cnnviz.widgets.gestures import Gesture

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from cnnviz.widgets.axes import Span

HELP = (
    "Draw with the mouse, Shift for fine steps.\n"
    "With keys: left and right choose a bar, up and down change it, Delete writes 0."
)


BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class BarEditor(BarPlot):
    """A :class:`BarPlot` whose bars are drawn.

    While the mouse draws, the axes stay as they are.
    """

    edited = Signal(object, str)
    """The new values, a float64 array, and the key of the drag or burst."""
    released = Signal()
    """The mouse has stopped drawing: the axes may change."""

    def __init__(self, name: str, tooltip: str = HELP, **options: bool) -> None:
        super().__init__(name, tooltip, **options)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._ringed = False
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._gesture = Gesture()
        self._drag = ""
        self._last: tuple[int, float] | None = None
        self.current = 0

    @property
    def step(self) -> float:
        """What one step adds: 1 among large whole numbers, else a round fraction."""
        values = self.bars.values
        largest = max(abs(self._up.low), abs(self._up.high))
        if largest >= 2 and np.array_equal(values, np.rint(values)):
            return 1.0
        return float(10.0 ** (math.floor(math.log10(largest)) - 1))

    def set_bars(
        self,
        bars: Bars,
        *,
        across: Span | None = None,
        up: Span | None = None,
        reached: int | None = None,
    ) -> None:
        """Show numbers; see :meth:`BarPlot.set_bars`."""
        if self._drag:
            up, across = self._up, self._across
        self.current = min(self.current, len(bars.values) - 1)
        super().set_bars(bars, across=across, up=up, reached=reached)
        self._describe_current()

    def _describe_current(self) -> None:
        self.setAccessibleDescription(self.describe(self.current))

    def _change(self, first: int, values: list[float], gesture: str) -> None:
        changed = self.bars.values.copy()
        changed[first : first + len(values)] = values
        if not np.array_equal(changed, self.bars.values):
            self.edited.emit(changed, gesture)

    def _snapped(self, value: float, *, fine: bool) -> float:
        step = self.step / 10 if fine else self.step
        return round(round(value / step) * step, 12) + 0.0

    # ---------------------------------------------------------------- mouse

    def _draw_to(self, point: QPointF, *, fine: bool) -> None:
        axes, last = self.axes, len(self.bars.values) - 1
        place = (axes.place(point.x()) - self.bars.start) / self.bars.pitch
        index = min(last, max(0, round(place)))
        value = self._snapped(axes.value(point.y()), fine=fine)
        start, before = self._last or (index, value)
        self._last, self.current = (index, value), index
        if start == index:
            before = value
        # A fast mouse leaves out bars; they come to lie on the line between.
        between = np.linspace(before, value, abs(index - start) + 1).tolist()
        values = [self._snapped(each, fine=fine) for each in between]
        forward = index >= start
        first = min(start, index)
        self._change(first, values if forward else values[::-1], self._drag)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw."""
        point = event.position()
        inside = self.axes.rect.contains(point) and self.index_at(point.x()) >= 0
        if inside and event.button() == Qt.MouseButton.LeftButton:
            self._drag, self._last = Gesture.fresh(), None
            self._draw_to(event.position(), fine=_is_fine(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw on."""
        if self._drag:
            self._draw_to(event.position(), fine=_is_fine(event))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stop drawing and let the axes fit the bars again."""
        if self._drag:
            self._drag = ""
            self.released.emit()

    # ---------------------------------------------------------------- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a bar or change it."""
        key, last = event.key(), len(self.bars.values) - 1
        self._ringed = True
        steps = {Qt.Key.Key_Up: 1.0, Qt.Key.Key_Down: -1.0}
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if key in moves:
            self.current = min(last, max(0, self.current + moves[Qt.Key(key)]))
            self._describe_current()
            self.update()
        elif key in steps:
            fine = 0.1 if _is_fine(event) else 1.0
            now = float(self.bars.values[self.current])
            value = round(now + steps[Qt.Key(key)] * fine * self.step, 12)
            self._change(
                self.current, [value], self._gesture.key(f"bar {self.current}")
            )
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._change(self.current, [0.0], "")
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the cursor, if a key brought them here."""
        self._ringed = event.reason() in BY_KEY
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the cursor."""
        self._ringed = False
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, and the cursor while the keys go here."""
        super().paintEvent(event)
        if not self._ringed:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.color("accent"), 2))
            axes = self.axes
            half = max(3.0, axes.pitch * self.bars.pitch / 2 - 1)
            x, rect = axes.x(self.bars.place(self.current)), axes.rect
            box = QRectF(x - half, rect.top(), 2 * half, rect.height())
            painter.drawRoundedRect(box, 4, 4)


def _is_fine(event: QMouseEvent | QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
