"""A column of small pictures to choose from, with a place to add another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets.thumb import (
    CAPTION,
    draw_cross,
    draw_more,
    draw_plus,
    draw_thumb,
    render_into,
)
from cnnviz.widgets.thumb import Thumb as Thumb

if TYPE_CHECKING:
    from collections.abc import Sequence

# In pixels at text size 100 %.
SIDE, GAP, CLOSE, EDGE = 60, 6, 18, 28
NONE = -1


class MapStrip(QWidget):
    """Small pictures in a column, the current one framed; scrolls if they don't fit.

    An arrow at an end says that there are more, and a click on it shows the next one.
    Click or arrow keys choose, the cross on a picture or Delete removes it, and the
    plus at the end (or Insert) adds one, where these are switched on.

    Parameters
    ----------
    name : str
        Accessible name of the column.
    add : str
        What the plus does, such as ``"add a kernel"``.
    """

    chosen = Signal(int)
    added = Signal()
    removed = Signal(int)

    def __init__(self, name: str, add: str = "add one") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._name, self._add = name, add
        self._items: tuple[Thumb, ...] = ()
        self._pixmaps: dict[int, QPixmap] = {}
        self._current = 0
        self._hovered = NONE
        self._offset = 0
        self._removable = self._extendable = False
        self.setToolTip(name)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)

    def set_items(self, items: Sequence[Thumb], current: int) -> None:
        """Show pictures, one of them as the current one, without a signal."""
        self._items = tuple(items)
        self._pixmaps.clear()
        self._current = current
        self._show_current()

    def set_current(self, index: int) -> None:
        """Frame another picture, without a signal."""
        self._current = index
        self._show_current()

    def set_removable(self, removable: bool) -> None:
        """Set whether pictures can be removed."""
        self._removable = removable
        self.update()

    def set_extendable(self, extendable: bool) -> None:
        """Set whether there is a plus at the end."""
        self._extendable = extendable
        self.update()

    def item_rect(self, index: int) -> QRect:
        """Return the pixels of a picture; one past the last is the plus."""
        px = theme.current().px
        top = px(2) + index * (px(SIDE) + px(CAPTION) + px(GAP)) - self._offset
        return QRect((self.width() - px(SIDE)) // 2, top, px(SIDE), px(SIDE))

    def close_rect(self, index: int) -> QRect:
        """Return the pixels of the cross on a picture: where no arrow covers it."""
        rect, side = self.item_rect(index), theme.current().px(CLOSE)
        arrow = self.more_rects().get(-1, QRect())
        top = max(rect.top(), min(arrow.bottom(), rect.bottom() - side - 5))
        return QRect(rect.right() - side - 2, top + 3, side, side)

    # ---------------------------------------------------------------- inside

    def _length(self) -> int:
        px, last = theme.current().px, len(self._items) - 1 + self._extendable
        return self.item_rect(last).bottom() + self._offset + px(CAPTION) + px(4)

    def _scroll_to(self, offset: int) -> None:
        self._offset = max(0, min(offset, self._length() - self.height()))
        self.update()

    def more_rects(self) -> dict[int, QRect]:
        """Return the pixels of the arrows on show: −1 points up, 1 down."""
        edge = QRect(0, 0, self.width(), theme.current().px(EDGE))
        arrows = {-1: edge} if self._offset > 0 else {}
        if self._length() - self._offset > self.height():
            arrows[1] = edge.translated(0, self.height() - edge.height())
        return arrows

    def _scroll_on(self, position: QPoint) -> bool:
        """Show the next picture if an arrow is there; tell whether one was."""
        step = theme.current().px(SIDE + CAPTION + GAP)
        for way, rect in self.more_rects().items():
            if rect.contains(position):
                self._scroll_to(self._offset + way * step)
                return True
        return False

    def _show_current(self) -> None:
        rect = self.item_rect(self._current).translated(0, self._offset)
        middle = (self.height() - rect.height()) // 2  # where there is no room for more
        below = min(theme.current().px(CAPTION + EDGE), max(0, middle))
        self._scroll_to(
            max(
                min(self._offset, rect.top() - below),
                rect.bottom() + below - self.height(),
            )
        )
        if self._items:
            place = f"{self._current + 1} of {len(self._items)}"
            caption = self._items[self._current].caption
            self.setAccessibleDescription(f"{place}: {caption}")

    def _at(self, position: QPoint) -> int:
        if any(rect.contains(position) for rect in self.more_rects().values()):
            return NONE
        places = range(len(self._items) + self._extendable)
        hit = (place for place in places if self.item_rect(place).contains(position))
        return next(hit, NONE)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._items) and index != self._current:
            self.set_current(index)
            self.chosen.emit(index)

    def _pixmap(self, index: int) -> QPixmap:
        if index not in self._pixmaps:
            side, ratio = theme.current().px(SIDE), self.devicePixelRatioF()
            room = QSize(side, side)
            self._pixmaps[index] = render_into(self._items[index], room, ratio)
        return self._pixmaps[index]

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Return the width of one picture with its frame and the height of all."""
        return QSize(theme.current().px(SIDE + 14), self._length())

    def minimumSizeHint(self) -> QSize:
        """Return the size of one picture with its caption."""
        px = theme.current().px
        return QSize(px(SIDE + 14), px(SIDE + CAPTION))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, then the frame, the cross and the plus."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index, item in enumerate(self._items):
                current = (index == self._current) * (1 + self.hasFocus())
                rect, pixmap = self.item_rect(index), self._pixmap(index)
                draw_thumb(painter, rect, pixmap, item.caption, current)
            if self._extendable:
                end = len(self._items)
                draw_plus(painter, self.item_rect(end), hot=self._hovered == end)
            if self._removable and 0 <= self._hovered < len(self._items):
                draw_cross(painter, self.close_rect(self._hovered))
            for way, rect in self.more_rects().items():
                draw_more(painter, rect, down=way > 0)

    def event(self, event: QEvent) -> bool:
        """Tell what lies under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos())
            text = self._name
            if 0 <= place < len(self._items):
                text = self._items[place].tooltip
            elif place != NONE:
                text = self._add.capitalize()
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the cross on the picture under the pointer."""
        self._hovered = self._at(event.position().toPoint())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the cross."""
        self._hovered = NONE
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose, remove or add."""
        position = event.position().toPoint()
        place = self._at(position)
        if event.button() != Qt.MouseButton.LeftButton or self._scroll_on(position):
            return
        if place == NONE:
            return
        if place == len(self._items):
            self.added.emit()
        elif self._removable and self.close_rect(place).contains(position):
            self.removed.emit(place)
        else:
            self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with the arrow keys; Delete removes, Insert or + adds."""
        key = Qt.Key(event.key())
        moves = {
            Qt.Key.Key_Up: self._current - 1,
            Qt.Key.Key_Down: self._current + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self._items) - 1,
        }
        if key in moves:
            self._choose(moves[key])
        elif key == Qt.Key.Key_Delete and self._removable:
            self.removed.emit(self._current)
        elif key in (Qt.Key.Key_Insert, Qt.Key.Key_Plus) and self._extendable:
            self.added.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll what does not fit; let the wheel pass if all does."""
        if self._length() <= self.height():
            event.ignore()
            return
        turn = event.angleDelta()
        self._scroll_to(self._offset - (turn.y() or turn.x()) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current one in sight."""
        self._show_current()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the sizes of another theme."""
        if event.type() == QEvent.Type.FontChange:
            self._pixmaps.clear()
            self.updateGeometry()
        super().changeEvent(event)
