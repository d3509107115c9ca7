"""A sheet to write on: by mouse, finger or pen, and with the keyboard alone.

Keeps one grey picture, ink 255 on 0; what a network makes of it is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import (
    QElapsedTimer,
    QEvent,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QEventPoint,
    QPainter,
    QPen,
    QPointingDevice,
    QTouchEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.ink import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QFocusEvent,
        QHideEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QTabletEvent,
    )

SIDE = 280
"""Pixels of the sheet, ten for one of MNIST."""

PEN = 0.075
"""Width of the pen as a share of the sheet; MNIST's strokes are about that wide."""

FRAME = 16
"""Least milliseconds between two signals while a stroke is drawn."""

STEPS = 28
"""Steps of the keyboard from one edge of the sheet to the other."""

_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_TOUCH = (QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TouchEnd)


class DigitPad(QWidget):
    """A square to draw in; the pen's pressure makes a stroke wider.

    Arrow keys move a cursor, with Shift further; Space puts the pen down and lifts it;
    Backspace takes back a stroke and Delete clears.

    Parameters
    ----------
    name : str
        Accessible name.
    placeholder : str
        What to say while nothing is drawn.
    ground : str
        The colour around it, by its name in the palette.
    """

    drawn = Signal()
    """The drawing has changed, at most once a frame; from the user alone."""
    stroke_finished = Signal()
    """A stroke, or what takes one back, is complete; after the last ``drawn``."""

    def __init__(
        self, name: str, placeholder: str = "Draw a digit", ground: str = "surface"
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(
            "Draw with mouse, finger or pen. Arrow keys move, Space puts the pen down "
            "and lifts it, Backspace takes back a stroke, Delete clears."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setCursor(Qt.CursorShape.CrossCursor)
        # Else all that it lies in were painted anew under each bit of a stroke.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
        keep_keys(self, (*_ARROWS, *keys))
        self._placeholder, self._ground = placeholder, ground
        self._ink = Ink(SIDE)
        self._width, self._erasing = PEN, False
        self._cursor: QPointF | None = None
        self._finger = -1
        self._since = QElapsedTimer()  # the last signal
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._say)

    # ---------------------------------------------------------------- content

    def drawing(self) -> NDArray[np.uint8]:
        """Return the sheet, uint8 (280, 280), ink 255 on 0; a copy."""
        return self._ink.pixels()

    def set_drawing(self, drawing: NDArray[np.uint8]) -> None:
        """Put a grey picture (H, W) on the sheet, without a signal; can be undone.

        A smaller one is enlarged to hard squares.
        """
        size = (SIDE, SIDE)
        resized = cv2.resize(drawing, size, interpolation=cv2.INTER_NEAREST_EXACT)
        self._ink.replace(np.asarray(resized, np.uint8))
        self.update()

    def set_pen(self, width: float = PEN, *, erasing: bool = False) -> None:
        """Choose the pen's width as a share of the sheet, and whether it erases."""
        self._width, self._erasing = width, erasing

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return self._ink.empty

    def undo(self) -> None:
        """Take back the last stroke, clearing or picture, with signals."""
        self._lift()
        if self._ink.undo():
            self._tell()

    def clear(self) -> None:
        """Clear the sheet, with signals; can be undone."""
        self._lift()
        if not self._ink.empty:
            self._ink.replace(np.zeros((SIDE, SIDE), np.uint8))
            self._tell()

    # ---------------------------------------------------------------- strokes

    @property
    def sheet(self) -> QRectF:
        """Where the sheet is, in pixels of the widget."""
        side = max(1, min(self.width(), self.height()))
        return QRectF(0, 0, side, side)

    def _begin(
        self, at: QPointF, pressure: float = 1.0, *, erase: bool = False
    ) -> None:
        self._cursor = None
        self._put_down(self._on_sheet(at), pressure, erase)

    def _put_down(self, place: QPointF, pressure: float, erase: bool) -> None:
        width = self._width * SIDE * pressure
        if self.empty:
            self.update()  # the placeholder goes
        self._changed(self._ink.begin(place, width, erase=erase or self._erasing))

    def _go_on(self, at: QPointF, pressure: float = 1.0) -> None:
        if self._ink.drawing:
            width = self._width * SIDE * pressure
            self._changed(self._ink.go_on(self._on_sheet(at), width))

    def _lift(self) -> None:
        if self._ink.drawing:
            self._ink.end()
            self._tell()

    def _changed(self, part: QRectF) -> None:
        """Show a part of the sheet anew; tell of it now or a frame after the last."""
        zoom = self.sheet.width() / SIDE
        corner, size = part.topLeft() * zoom, part.size() * zoom
        self.update(QRectF(corner, size).toAlignedRect().adjusted(-1, -1, 1, 1))
        passed = self._since.elapsed() if self._since.isValid() else FRAME
        if passed >= FRAME:
            self._say()
        elif not self._timer.isActive():
            self._timer.start(FRAME - passed)

    def _say(self) -> None:
        self._timer.stop()
        self._since.start()
        self.drawn.emit()

    def _tell(self) -> None:
        self.update()
        self._say()
        self.stroke_finished.emit()

    def _on_sheet(self, at: QPointF) -> QPointF:
        sheet = self.sheet
        return (at - sheet.topLeft()) * (SIDE / sheet.width())

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a square of 240 pixels at text size 100 %."""
        return QSize(theme.current().px(240), theme.current().px(240))

    def minimumSizeHint(self) -> QSize:
        """Do with a square of 112 pixels."""
        return QSize(theme.current().px(112), theme.current().px(112))

    def heightForWidth(self, width: int) -> int:
        """Be a square."""
        return width

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet, the ink in the colour of text, and the cursor."""
        sheet = self.sheet.adjusted(1, 1, -1, -1)
        radius = theme.current().px(8)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(self.rect(), theme.color(self._ground))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(sheet, radius, radius)
            if self.empty and not self._ink.drawing:
                painter.setFont(theme.font())
                painter.setPen(theme.color("muted"))
                painter.drawText(sheet, Qt.AlignmentFlag.AlignCenter, self._placeholder)
            painter.drawImage(self.sheet, self._ink.coloured(theme.color("text")))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            focus = self.hasFocus()
            painter.setPen(QPen(theme.color("accent" if focus else "line"), 1 + focus))
            painter.drawRoundedRect(sheet, radius, radius)
            if self._cursor is not None and focus:
                self._paint_cursor(painter, self._cursor)

    def _paint_cursor(self, painter: QPainter, cursor: QPointF) -> None:
        zoom = self.sheet.width() / SIDE
        radius = max(3.0, self._width * self.sheet.width() / 2)
        fill = QColor(theme.color("highlight"))
        fill.setAlphaF(0.6 if self._ink.drawing else 0.0)
        painter.setBrush(fill)
        painter.setPen(QPen(theme.color("highlight"), theme.current().px(2)))
        painter.drawEllipse(cursor * zoom, radius, radius)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke; the right button erases."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._lift()
            erase = event.button() == Qt.MouseButton.RightButton
            self._begin(event.position(), erase=erase)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a stroke."""
        self._go_on(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a stroke."""
        self._lift()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with a pen, wider under pressure; its other end erases."""
        # A light touch is still half as wide as a firm one.
        pressure = 0.5 + 0.75 * event.pressure()
        if event.type() == QEvent.Type.TabletPress:
            self._lift()
            other = QPointingDevice.PointerType.Eraser
            self._begin(event.position(), pressure, erase=event.pointerType() == other)
        elif event.type() == QEvent.Type.TabletMove:
            self._go_on(event.position(), pressure)
        else:
            self._lift()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Draw with the finger that came first; a second one or a palm does nothing."""
        if not isinstance(event, QTouchEvent):
            return super().event(event)
        if event.type() in _TOUCH:
            if event.type() == QEvent.Type.TouchBegin:
                self._lift()
                self._finger = event.points()[0].id()
                self._begin(event.points()[0].position())
            for point in event.points():
                if point.id() == self._finger:
                    self._go_on(point.position())
                    if point.state() == QEventPoint.State.Released:
                        self._lift()
            if event.type() == QEvent.Type.TouchEnd:
                self._lift()
            event.accept()
            return True
        if event.type() == QEvent.Type.TouchCancel:
            self._lift()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor, put the pen down and lift it, take back and clear."""
        key = event.key()
        if key in _ARROWS:
            far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._move_cursor(*_ARROWS[key], SIDE / STEPS * (4 if far else 1))
        elif key == Qt.Key.Key_Space:
            if self._ink.drawing:
                self._lift()
            elif not event.isAutoRepeat():
                self._cursor = self._cursor or QPointF(SIDE / 2, SIDE / 2)
                self._put_down(self._cursor, 1.0, False)
        elif key == Qt.Key.Key_Backspace:
            self.undo()
        elif key == Qt.Key.Key_Delete:
            self.clear()
        else:
            super().keyPressEvent(event)

    def _move_cursor(self, across: int, down: int, step: float) -> None:
        here = self._cursor or QPointF(SIDE / 2, SIDE / 2)
        x = min(max(0.0, here.x() + across * step), SIDE)
        y = min(max(0.0, here.y() + down * step), SIDE)
        self._cursor = QPointF(x, y)
        if self._ink.drawing:
            self._changed(self._ink.go_on(self._cursor, self._width * SIDE))
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Lift the pen."""
        self._lift()
        self.update()
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Lift the pen, and let no signal come from what nobody sees."""
        self._lift()
        self._timer.stop()
        super().hideEvent(event)
