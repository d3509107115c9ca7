"""A matrix whose numbers a person changes: type, turn the wheel, drag a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.widgets import numbers
from cnnviz.widgets.cell_field import CellField
from cnnviz.widgets.gestures import Gesture
from cnnviz.widgets.matrix import MatrixView

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from cnnviz.widgets.grid import Cell

DRAG_STEP = 8
"""Pixels of a vertical drag for one step."""
NOTCH = 120
"""What Qt counts for one notch of a wheel."""

_STILL_EDITING = (
    Qt.FocusReason.PopupFocusReason,
    Qt.FocusReason.ActiveWindowFocusReason,
    Qt.FocusReason.MenuBarFocusReason,
)

HELP = (
    "Type a number, turn the wheel, or drag up and down; Delete writes 0.\n"
    "Wheel and Page keys: Shift for ×10, Ctrl for ÷10. Dragging: Shift for fine."
)


@dataclass
class _Drag:
    cell: Cell
    start: float
    step: float
    gesture: str
    y: float
    steps: float = 0.0

    def move(self, y: float, fine: bool) -> float:
        """Take the pointer's height; return the value that it has reached."""
        pixels = theme.current().px(DRAG_STEP)
        whole = math.trunc((self.y - y) / pixels)
        self.y -= whole * pixels
        self.steps += whole / 10 if fine else whole
        return _stepped(self.start, self.steps, self.step)


class MatrixEditor(MatrixView):
    """A :class:`MatrixView` that is edited with the mouse and from the keyboard.

    A click selects; typing replaces, Enter or F2 or a double click edits, Esc keeps the
    old number. Wheel, Page up, Page down and a vertical drag change by steps; Delete
    sets 0.
    """

    edited = Signal(int, int, float, str)
    """Row, column, the new value, and the key of the drag or burst it belongs to."""
    refused = Signal(str)
    """Why what was typed is dropped, where the field is left with it."""

    def __init__(self, name: str, tooltip: str = HELP, **options: Any) -> None:
        super().__init__(name, tooltip, **options)
        self._gesture = Gesture()
        self._drag: _Drag | None = None
        self._notches = 0.0
        self._field = CellField(self)
        self._field.installEventFilter(self)
        self.setCursor(Qt.CursorShape.SizeVerCursor)

    @property
    def step(self) -> float:
        """What one step adds: 1 among whole numbers, else a tenth of the largest."""
        largest = float(np.abs(self.values).max())
        if not largest or np.array_equal(self.values, np.rint(self.values)):
            return 1.0
        return float(10.0 ** (math.floor(math.log10(largest)) - 1))

    def _change(self, cell: Cell, value: float, gesture: str) -> None:
        if value != self.values[cell] and self.is_inside(cell):
            changed = self.values.copy()
            changed[cell] = value
            self._values = changed
            # Those who listen go first, so that a map follows the pointer at once.
            self.edited.emit(*cell, value, gesture)
            if self._values is changed:
                self._show_values()

    def _add(self, cell: Cell, steps: float, of: str) -> None:
        key = self._gesture.key(f"{of} {cell}")
        value = _stepped(_exact(self.values[cell]), steps, self.step)
        self._change(cell, value, key)

    # ---------------------------------------------------------------- typing

    def edit_cell(self, typed: str | None = None) -> None:
        """Open the current cell for typing, with its number or what was typed."""
        if not self.is_inside(self.current):
            return
        self._field.open(
            self.cell_rect(self.current), numbers.plain(self.values[self.current])
        )
        if typed is not None:
            self._field.setText(typed)

    def set_values(self, values: ArrayLike, *options: Any, **named: Any) -> None:
        """Show an array; see :meth:`MatrixView.set_values`."""
        if np.shape(values) != self.values.shape:
            self._field.leave()
        super().set_values(values, *options, **named)

    def _commit(self) -> bool:
        try:
            value = numbers.parse(self._field.text())
        except InputError as error:
            self._field.refuse(str(error))
            return False
        self._close()
        self._change(self.current, value, "")
        return True

    def _leave(self) -> None:
        """Take the number that was typed; drop anything else, and say so."""
        try:
            numbers.parse(self._field.text())
        except InputError as error:
            self._field.leave()
            self.refused.emit(str(error))
        else:
            self._commit()

    def _close(self) -> None:
        self._field.leave()
        self.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the field end its editing on Enter, Tab, Esc and loss of focus."""
        if isinstance(event, QFocusEvent) and event.lostFocus():
            if self._field.editing and event.reason() not in _STILL_EDITING:
                self._leave()
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._field_key(event)
        return super().eventFilter(watched, event)

    def _field_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._close()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._commit()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            if self._commit():
                self._advance(1 if key == Qt.Key.Key_Tab else -1)
        else:
            return False
        return True

    def _advance(self, step: int) -> None:
        rows, columns = self.values.shape
        place = (self.current[0] * columns + self.current[1] + step) % (rows * columns)
        self.set_current(divmod(place, columns))
        self.edit_cell()

    # ---------------------------------------------------------------- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type, step, clear; else move the cursor."""
        key, typed = event.key(), event.text()
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            sign = 1 if key == Qt.Key.Key_PageUp else -1
            self._add(self.current, sign * _factor(event.modifiers()), "keys")
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._change(self.current, 0.0, "")
        elif key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_cell()
        elif typed and typed in "0123456789+-−.,/" and not _is_command(event):
            self.edit_cell(typed)
        elif typed.isprintable() and typed.strip() and not _is_command(event):
            self.edit_cell(typed)
            self._judge()
        else:
            super().keyPressEvent(event)

    def _judge(self) -> None:
        """Say at once that a cell takes numbers; what was typed stays to be mended."""
        try:
            numbers.parse(self._field.text())
        except InputError as error:
            if self._field.editing:
                self._field.refuse(str(error))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step the cell under the pointer; without the focus scroll past instead."""
        cell = self.cell_at(event.position().toPoint())
        if not self.hasFocus() or cell is None:
            event.ignore()
            return
        # Shift and Alt turn the wheel sideways on some systems.
        turn = event.angleDelta()
        self._notches += (turn.y() or turn.x()) / NOTCH
        whole = math.trunc(self._notches)
        self._notches -= whole
        self.set_current(cell)
        if whole:
            self._add(cell, whole * _factor(event.modifiers()), "wheel")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a cell and get ready to drag it."""
        cell = self.cell_at(event.position().toPoint())
        if cell is None or event.button() != Qt.MouseButton.LeftButton:
            return
        self.set_current(cell)
        self._drag = _Drag(
            cell,
            _exact(self.values[cell]),
            self.step,
            Gesture.fresh(),
            event.position().y(),
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cell that was pressed, or tell the one under the pointer."""
        drag = self._drag
        if drag is None:
            super().mouseMoveEvent(event)
            return
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        value = drag.move(event.position().y(), fine)
        self._change(drag.cell, value, drag.gesture)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self._drag = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Edit the cell in place."""
        if self.cell_at(event.position().toPoint()) is not None:
            self.edit_cell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Close the field rather than leave it in the wrong place."""
        self._field.leave()
        super().resizeEvent(event)


def _exact(value: np.floating[Any]) -> float:
    # The number as it is written: float32 0.1 is 0.1, not 0.10000000149.
    return numbers.parse(numbers.plain(value))


def _stepped(value: float, steps: float, step: float) -> float:
    return round(value + steps * step, 12)


def _factor(modifiers: Qt.KeyboardModifier) -> float:
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return 10.0
    return 0.1 if modifiers & Qt.KeyboardModifier.ControlModifier else 1.0


def _is_command(event: QKeyEvent) -> bool:
    keys = Qt.KeyboardModifier
    return bool(event.modifiers() & (keys.ControlModifier | keys.MetaModifier))
