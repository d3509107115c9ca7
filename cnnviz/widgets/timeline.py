"""The moments of a training that can be gone back to, and the one that is on show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.plot_frame import HEAD, draw_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

LIVE = -1
"""The end of the line, where the training is now."""

# In pixels at text size 100 %.
HANDLE, TRACK, TICK = 8, 4, 10
LINE = 24

BEND = 1 / 3
"""The power of a step that is its place.

Snapshots lie at 0, 1, 2, 5, 10, … and then at each epoch's end: a cube root keeps the
early ones as far apart as the late ones, where a square root crowds the former and a
logarithm the latter.
"""


class Timeline(QWidget):
    """Snapshots as ticks on a line, and a handle at one of them or at the live end.

    Click and drag choose, as do the arrow keys, Home and End after a click or Tab.

    Parameters
    ----------
    name, tooltip : str
        Title and accessible name, and tooltip.
    """

    chosen = Signal(int)
    """The index of a snapshot, :data:`LIVE` for the end; from the user alone."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        keep_keys(self, (Qt.Key.Key_Left, Qt.Key.Key_Right))
        self._title, self._caption = name, ""
        self._steps: tuple[int, ...] = ()
        self._now = 0
        self._chosen = LIVE
        self._hovered: int | None = None

    def set_steps(self, steps: Sequence[int], now: int, chosen: int = LIVE) -> None:
        """Show snapshots, without a signal.

        Parameters
        ----------
        steps : sequence of int
            How many batches were done at each, ascending.
        now : int
            How many are done now, at least as many.
        chosen : int
            The index of the one on show, or :data:`LIVE`.
        """
        self._steps, self._now, self._chosen = tuple(steps), now, chosen
        self._describe()
        self.update()

    def set_caption(self, caption: str) -> None:
        """Write a caption on the right."""
        if caption != self._caption:
            self._caption = caption
            self.update()

    @property
    def current(self) -> int:
        """The index of the snapshot on show, or :data:`LIVE`."""
        return self._chosen

    def describe(self, index: int) -> str:
        """Return a moment in words."""
        if index == LIVE:
            return f"now, after {numbers.counted(self._now)} batches"
        place = f"snapshot {index + 1} of {len(self._steps)}"
        return f"{place}, after {numbers.counted(self._steps[index])} batches"

    # ---------------------------------------------------------------- places

    def place(self, index: int) -> float:
        """Return the pixel of a snapshot, or of the live end."""
        (place,) = self._pixels([self._now if index == LIVE else self._steps[index]])
        return place

    def _pixels(self, steps: Sequence[int]) -> list[float]:
        """Return the pixels of steps; before the first batch all are at the end."""
        left, right = self._ends()
        if not self._now:
            return [right] * len(steps)
        return [left + (step / self._now) ** BEND * (right - left) for step in steps]

    def _ends(self) -> tuple[float, float]:
        inset = theme.current().px(HANDLE + 2)
        return inset, max(inset + 1, self.width() - inset)

    def _places(self) -> list[int]:
        """Return what can be chosen, from left to right."""
        places = list(range(len(self._steps)))
        # The last snapshot may be of this very moment.
        if places and self._steps[-1] == self._now:
            places.pop()
        return [*places, LIVE]

    def _at(self, x: float) -> int:
        return min(self._places(), key=lambda index: abs(self.place(index) - x))

    def _choose(self, index: int) -> None:
        if index != self._chosen:
            self._chosen = index
            self._describe()
            self.update()
            self.chosen.emit(index)

    def _describe(self) -> None:
        self.setAccessibleDescription(self.describe(self._chosen))

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for 320 pixels across at text size 100 %."""
        return QSize(theme.current().px(320), theme.current().px(HEAD + LINE))

    def minimumSizeHint(self) -> QSize:
        """Do with 160 pixels across."""
        return QSize(theme.current().px(160), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the line with its ticks, and the handle."""
        px = theme.current().px
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            head = QRectF(0, 0, self.width(), px(HEAD))
            draw_head(painter, head, self._title, self._caption)
            y = px(HEAD) + px(LINE) / 2
            self._paint_track(painter, y)
            centre, radius = QPointF(self.place(self._chosen), y), px(HANDLE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(centre, radius, radius)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("text"), 2))
                painter.drawEllipse(centre, radius, radius)

    def _paint_track(self, painter: QPainter, y: float) -> None:
        px, (left, right) = theme.current().px, self._ends()
        painter.setPen(Qt.PenStyle.NoPen)
        handle, half = self.place(self._chosen), px(TRACK) / 2
        for role, end in (("line", right), ("accent", handle)):
            painter.setBrush(theme.color(role))
            rect = QRectF(left - half, y - half, end - left + 2 * half, 2 * half)
            painter.drawRoundedRect(rect, half, half)
        marks, tick = self._pixels(self._steps), px(TICK) / 2
        painter.setPen(QPen(theme.color("muted"), px(2)))
        painter.drawLines([QLineF(x, y - tick, x, y + tick) for x in marks])
        if self._hovered is not None and self._hovered != self._chosen:
            x, tick = self.place(self._hovered), 1.5 * tick
            painter.setPen(QPen(theme.color("accent"), px(3)))
            painter.drawLine(QLineF(x, y - tick, x, y + tick))

    def event(self, event: QEvent) -> bool:
        """Tell the moment under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            words = self.describe(self._at(event.pos().x()))
            text = f"{words[0].upper()}{words[1:]}\n{self.toolTip()}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the moment nearest to the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the handle along, or show what a click would choose."""
        index = self._at(event.position().x())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(index)
        if index != self._hovered:
            self._hovered = index
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show nothing that a click would choose."""
        self._hovered = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the one before or after, the first or the live end.

        There the right arrow is left to what is around.
        """
        places = self._places()
        known = self._chosen in places
        here = places.index(self._chosen) if known else len(places) - 1
        moves = {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Down: here - 1,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Up: here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(places) - 1,
        }
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Right and here == len(places) - 1:
            event.ignore()  # on a page it makes the next moment
        elif key in moves:
            self._choose(places[max(0, min(moves[key], len(places) - 1))])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.update()
        super().focusInEvent(event)
