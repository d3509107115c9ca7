"""Several maps, each under its name and over its legend, painted by one widget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets.legend import draw_legend, legend_height
from cnnviz.widgets.thumb import Thumb, render_into

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

# In pixels at text size 100 %.
GAP, CAPTION, SPACE = 12, 22, 6


class MapGrid(QWidget):
    """Maps in as many rows and columns as show them largest; one is the current.

    A click or an arrow key chooses, a double click or Enter opens.
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip("Click chooses a map, double-click shows it alone")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._items: tuple[Thumb, ...] = ()
        self._pixmaps: dict[int, QPixmap] = {}
        self._current = 0

    def set_items(self, items: Sequence[Thumb], current: int) -> None:
        """Show maps, one of them as the current one, without a signal."""
        self._items, self._current = tuple(items), current
        self._pixmaps.clear()
        if items:
            place = f"{current + 1} of {len(items)}: {items[current].caption}"
            self.setAccessibleDescription(place)
        self.update()

    def columns(self) -> int:
        """Return how many columns show the maps largest."""
        count = max(1, len(self._items))
        return max(range(1, count + 1), key=lambda n: min(*self._room(n, count)))

    def item_rect(self, index: int) -> QRect:
        """Return the pixels of a map, without its name."""
        px = theme.current().px
        columns = self.columns()
        width, height = self._room(columns, len(self._items))
        row, column = divmod(index, columns)
        left = column * (width + px(GAP))
        top = row * (height + px(GAP + CAPTION) + self._below()) + px(CAPTION)
        return QRect(int(left), int(top), int(width), int(height))

    def _room(self, columns: int, count: int) -> tuple[float, float]:
        """Return the largest width and height of a map in so many columns."""
        px = theme.current().px
        rows = math.ceil(count / columns)
        width = (self.width() + px(GAP)) / columns - px(GAP)
        height = (self.height() + px(GAP)) / rows - px(GAP + CAPTION) - self._below()
        return max(1.0, width), max(1.0, height)

    def _below(self) -> int:
        """Return the pixels below a map that its legend takes."""
        legends = any(item.legend for item in self._items)
        return legend_height() + theme.current().px(SPACE) if legends else 0

    def _at(self, point: QPoint) -> int | None:
        above = theme.current().px(CAPTION)
        places = range(len(self._items))
        rects = (self.item_rect(place).adjusted(0, -above, 0, 0) for place in places)
        return next((n for n, rect in enumerate(rects) if rect.contains(point)), None)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._items) and index != self._current:
            self._current = index
            self.update()
            self.chosen.emit(index)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a square of 240 pixels at text size 100 %."""
        return QSize(theme.current().px(240), theme.current().px(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the maps under their names and over their legends."""
        with QPainter(self) as painter:
            for index in range(len(self._items)):
                self._paint_item(painter, index)

    def _paint_item(self, painter: QPainter, index: int) -> None:
        px, item, rect = theme.current().px, self._items[index], self.item_rect(index)
        current = index == self._current
        if index not in self._pixmaps:
            ratio = self.devicePixelRatioF()
            self._pixmaps[index] = render_into(item, rect.size(), ratio)
        picture = QRect(QPoint(), self._pixmaps[index].deviceIndependentSize().toSize())
        picture.moveTopLeft(rect.topLeft())
        painter.drawPixmap(picture.topLeft(), self._pixmaps[index])
        if current:
            width = px(3 if self.hasFocus() else 2)
            painter.setPen(QPen(theme.color("accent"), width))
            painter.drawRect(picture)
        if item.legend:
            top = picture.bottom() + px(SPACE)
            place = QRectF(picture.left(), top, picture.width(), legend_height())
            draw_legend(painter, place, *item.legend)
        painter.setFont(theme.font(12, bold=current))
        painter.setPen(theme.color("text" if current else "muted"))
        above = QRect(rect.left(), rect.top() - px(CAPTION), rect.width(), px(CAPTION))
        right = Qt.TextElideMode.ElideRight
        words = painter.fontMetrics().elidedText(item.caption, right, above.width())
        painter.drawText(above, Qt.AlignmentFlag.AlignVCenter, words)

    def event(self, event: QEvent) -> bool:
        """Tell what lies under the pointer."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos())
            text = self.toolTip() if place is None else self._items[place].tooltip
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        place = self._at(event.position().toPoint())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        place = self._at(event.position().toPoint())
        if place is not None:
            self.opened.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with the arrow keys, open with Enter."""
        key, columns = Qt.Key(event.key()), self.columns()
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
        }
        if key in moves:
            self._choose(self._current + moves[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self._current)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the maps in another size."""
        self._pixmaps.clear()
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the maps in the sizes of another theme."""
        self._pixmaps.clear()
        self.update()
        super().changeEvent(event)
