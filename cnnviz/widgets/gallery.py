"""Many small pictures with their captions, in rows, to scroll through and to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip

from cnnviz import theme
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.raster import to_image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )

# In pixels at text size 100 %.
SIDE, GAP, CAPTION = 72, 12, 20
MARGIN = 4


class Gallery(QAbstractScrollArea):
    """Pictures in as many columns as have room, painted as far as they are in sight.

    A click or Enter chooses; arrow keys, Home, End and the page keys move.

    Parameters
    ----------
    name : str
        Accessible name.
    placeholder : str
        What to say while there are no pictures.
    across : int
        So many pictures side by side, as large as all of them have room; 0 for small
        ones, as many as have room.
    """

    chosen = Signal(int)

    def __init__(self, name: str, placeholder: str = "", *, across: int = 0) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip("Click or Enter opens a picture; arrow keys move")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setAutoFillBackground(False)
        keep_keys(self, _STEPS)
        self._placeholder, self._across = placeholder, across
        self._pictures: NDArray[np.uint8] = np.zeros((0, 1, 1, 1), np.uint8)
        self._captions: tuple[str, ...] = ()
        self._current = self._columns = 0
        self._marked: int | None = None

    def set_placeholder(self, text: str) -> None:
        """Say something else while there are no pictures."""
        self._placeholder = text
        self.viewport().update()

    def set_pictures(
        self, pictures: NDArray[np.uint8], captions: Sequence[str]
    ) -> None:
        """Show pictures, without a signal; they are kept, not copied.

        Parameters
        ----------
        pictures : uint8 (N, C, H, W)
            C is 1 for grey, or 3 for red, green and blue.
        captions : sequence of str, (N,)
            Such as ``"7 → 1, ≈98 %"``.
        """
        self._pictures, self._captions = pictures, tuple(captions)
        self._current, self._marked = 0, None
        self._describe()
        self._fit()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    def mark(self, index: int | None) -> None:
        """Mark the picture that is on show elsewhere and bring it in sight, or none."""
        if index != self._marked:
            self._marked = index
            if index is not None:
                self._move_to(index)
            self.viewport().update()

    def item_rect(self, index: int) -> QRect:
        """Return the pixels of a picture in the viewport, without its caption."""
        px, side = theme.current().px, self.side()
        row, column = divmod(index, self.columns())
        left = px(MARGIN) + column * (side + px(GAP))
        top = px(MARGIN) + row * self._step() - self.verticalScrollBar().value()
        return QRect(left, top, side, side)

    def side(self) -> int:
        """Return how wide and high a picture is."""
        px = theme.current().px
        if not self._across:
            return px(SIDE)
        rows = max(1, -(-len(self._captions) // self._across))
        width, height = (
            length - 2 * px(MARGIN) + px(GAP)
            for length in (self.viewport().width(), self.viewport().height())
        )
        largest = min(width // self._across, height // rows - px(CAPTION)) - px(GAP)
        return max(px(SIDE), largest)

    def columns(self) -> int:
        """Return how many pictures stand side by side."""
        px = theme.current().px
        room = self.viewport().width() - 2 * px(MARGIN) + px(GAP)
        columns = max(1, room // (self.side() + px(GAP)))
        return min(columns, self._across) if self._across else columns

    # ---------------------------------------------------------------- inside

    def _fit(self) -> None:
        """Let the scroll bar reach all rows."""
        px = theme.current().px
        self._columns = self.columns()
        rows = -(-len(self._captions) // self._columns)
        length = rows * self._step() + 2 * px(MARGIN) - px(GAP)
        bar, height = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, length - height))
        bar.setPageStep(height)
        bar.setSingleStep(self._step() // 2)

    def _step(self) -> int:
        """Return the pixels from one row to the next."""
        return self.side() + theme.current().px(CAPTION + GAP)

    def _in_sight(self) -> range:
        step = self._step()
        first = self.verticalScrollBar().value() // step
        last = first + self.viewport().height() // step + 2
        columns = self.columns()
        return range(first * columns, min(last * columns, len(self._captions)))

    def _at(self, position: QPoint) -> int | None:
        below = theme.current().px(CAPTION)
        for index in self._in_sight():
            if self.item_rect(index).adjusted(0, 0, 0, below).contains(position):
                return index
        return None

    def _move_to(self, index: int) -> None:
        self._current = max(0, min(index, len(self._captions) - 1))
        self._scroll_to(self._current)
        self._describe()
        self.viewport().update()

    def _scroll_to(self, index: int) -> None:
        px, bar = theme.current().px, self.verticalScrollBar()
        rect = self.item_rect(index)
        over = rect.bottom() + px(CAPTION + MARGIN) - self.viewport().height()
        if over > 0:
            bar.setValue(bar.value() + over)
        elif rect.top() < px(MARGIN):
            bar.setValue(bar.value() + rect.top() - px(MARGIN))

    def _describe(self) -> None:
        count = len(self._captions)
        place = f"{self._current + 1} of {count}" if count else "empty"
        words = f"{place}: {self._captions[self._current]}" if count else place
        self.setAccessibleDescription(words)

    # ---------------------------------------------------------------- painting

    def _paint_item(self, painter: QPainter, index: int) -> None:
        px, rect = theme.current().px, self.item_rect(index)
        pixels = _bgrx(self._pictures[index])
        painter.drawImage(rect, to_image(pixels))
        current = index == self._current and self.hasFocus()
        current |= index == self._marked
        painter.setPen(
            QPen(theme.color("accent" if current else "line"), px(3 if current else 1))
        )
        painter.drawRect(rect)
        painter.setPen(theme.color("text" if current else "muted"))
        below = QRect(rect.left(), rect.bottom() + 1, rect.width(), px(CAPTION))
        below.adjust(-px(GAP // 2 - 1), 0, px(GAP // 2 - 1), 0)
        right = Qt.TextElideMode.ElideRight
        words = painter.fontMetrics().elidedText(
            self._captions[index], right, below.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for two rows of four."""
        px = theme.current().px
        return QSize(4 * px(SIDE + GAP), 2 * px(SIDE + CAPTION + GAP))

    def minimumSizeHint(self) -> QSize:
        """Do with one picture."""
        px = theme.current().px
        return QSize(px(SIDE + GAP + 16), px(SIDE + CAPTION + GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is in sight, or the sentence in its place."""
        with QPainter(self.viewport()) as painter:
            if not self._captions:
                painter.setFont(theme.font())
                painter.setPen(theme.color("muted"))
                words = Qt.TextFlag.TextWordWrap
                painter.drawText(self.viewport().rect(), words, self._placeholder)
                return
            painter.setFont(theme.font(12))
            for index in self._in_sight():
                self._paint_item(painter, index)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the whole caption under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._at(event.pos())
            first = [] if index is None else [self._captions[index]]
            text = "\n".join([*first, self.toolTip()])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        index = self._at(event.position().toPoint())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._move_to(index)
            self.chosen.emit(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take what belongs to a press that was taken."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the keys, choose with Enter."""
        key, columns = event.key(), self.columns()
        page = columns * max(1, len(self._in_sight()) // columns - 2)
        last = len(self._captions) - 1
        if key in _STEPS and self._captions:
            down, across = _STEPS[key]
            wanted = self._current + down * columns + across
            self._move_to(wanted if 0 <= wanted <= last else self._current)
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and self._captions:
            self._move_to(
                self._current + (page if key == Qt.Key.Key_PageDown else -page)
            )
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self._captions:
            self._move_to(0 if key == Qt.Key.Key_Home else last)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._captions:
            self.chosen.emit(self._current)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.viewport().update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are elsewhere."""
        self.viewport().update()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the pictures into other columns; what is marked stays in sight."""
        index, stays = self._marked, False
        if index is not None:
            rect = self.item_rect(index)
            seen = 0 <= rect.top() and rect.bottom() <= event.oldSize().height()
            stays = seen or self._columns != self.columns()
        self._fit()
        if index is not None and stays:
            self._scroll_to(index)
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._fit()
            self.updateGeometry()
            self.viewport().update()
        super().changeEvent(event)


_STEPS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


def _bgrx(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture (C, H, W) as ``QImage.Format_RGB32`` wants it, (H, W, 4)."""
    if picture.shape[0] == 1:
        plane = np.ascontiguousarray(picture[0])
        return np.asarray(cv2.cvtColor(plane, cv2.COLOR_GRAY2BGRA), np.uint8)
    rows = np.ascontiguousarray(picture.transpose(1, 2, 0))
    return np.asarray(cv2.cvtColor(rows, cv2.COLOR_RGB2BGRA), np.uint8)
