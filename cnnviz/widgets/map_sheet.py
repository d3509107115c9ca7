"""The maps of one layer to scroll through and to zoom into, however many they are.

Only the rows of maps that are in sight are coloured, so that hundreds of maps scroll as
fast as a few.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QToolTip

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.legend import draw_line_legend
from cnnviz.widgets.mosaic_image import Scaled, Scaling, blank, compose, scaled
from cnnviz.widgets.overlay import CONTRAST, fill_around
from cnnviz.widgets.plot_frame import HEAD, draw_head
from cnnviz.widgets.raster import to_image
from cnnviz.widgets.tiling import tile

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QWheelEvent,
    )

    from cnnviz.widgets.tiling import Place, Tiling

# In pixels at text size 100 %.
LARGEST_CELL, LEGEND, FRAME = 40, 26, 2
STEP = 1.25
"""How much one notch of the wheel, or + and −, zoom."""

_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_IN = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)


class MapSheet(QAbstractScrollArea):
    """Maps in rows that fill the width, over a legend that stays.

    Ctrl and the wheel zoom, + and − too; arrow keys move from cell to cell, with Shift
    from map to map; Enter clicks.

    Parameters
    ----------
    name : str
        Accessible name.
    """

    hovered = Signal(int, int, int)
    """Map, row and column under the pointer or the cursor, each from 0."""
    clicked = Signal(int, int, int)
    left = Signal()
    zoomed_out = Signal()
    """A person zooms out where all maps are in sight already."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(
            "Click or Enter picks a value; arrow keys move, Ctrl and the wheel zoom"
        )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.viewport().setAutoFillBackground(False)
        self.viewport().setMouseTracking(True)
        keep_keys(self, (*_ARROWS, *_IN, Qt.Key.Key_Minus))
        self._title, self._caption, self._note = name, "", ""
        self._maps: NDArray[np.float32] | None = None
        self._scaled: Scaled | None = None
        self._zoom = 1.0
        self._pointed: Place | None = None

    # ---------------------------------------------------------------- content

    def set_title(self, title: str, caption: str, note: str = "") -> None:
        """Write a title, a caption such as the shape, and a note beside the legend."""
        self._title, self._caption, self._note = title, caption, note
        self.setAccessibleDescription(f"{title}, {caption}")
        self.viewport().update()

    def set_maps(
        self, maps: NDArray[np.float32], *, scale: Scaling, signed: bool
    ) -> None:
        """Show maps, float32 (N, H, W) or (n,), without a signal; they are kept."""
        planes = maps.reshape(-1, 1, 1) if maps.ndim == 1 else maps
        if self._maps is None or planes.shape != self._maps.shape:
            self._pointed, self._zoom = None, 1.0
        self._maps = np.ascontiguousarray(planes, np.float32)
        self._scaled = scaled(self._maps, scale, signed)
        self._fit()

    @property
    def zoom(self) -> float:
        """How much larger than all of them in sight; at least 1."""
        return self._zoom

    def set_zoom(self, zoom: float, around: float = 0.5) -> None:
        """Zoom in or out; what is at this share of the height stays there."""
        zoom = min(max(1.0, zoom), self._most())
        if zoom == self._zoom:
            return
        bar, height = self.verticalScrollBar(), self._room()[0]
        length = max(1, self._tiling().size[0])
        at = (bar.value() + around * height) / length
        self._zoom = zoom
        self._fit()
        bar.setValue(round(at * self._tiling().size[0] - around * height))

    def cell_rect(self, place: Place) -> QRectF:
        """Return the pixels of a cell in the viewport."""
        ratio = self.devicePixelRatioF()
        left, top, width, height = self._tiling().cell_box(place)
        top += self._top()
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    def describe(self, place: Place) -> str:
        """Return the value of a cell in full."""
        assert self._maps is not None
        return numbers.plain(self._maps[place])

    # ---------------------------------------------------------------- inside

    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _room(self) -> tuple[int, int]:
        """Return rows and columns of device pixels for maps."""
        px, size = theme.current().px, self.viewport().size()
        height = size.height() - px(HEAD) - px(LEGEND)
        ratio = self._ratio()
        return max(1, round(height * ratio)), max(1, round(size.width() * ratio))

    def _fitting(self) -> Tiling:
        assert self._maps is not None
        count, rows, columns = self._maps.shape
        unit = theme.current().text_size / 100 * self._ratio()
        most = round(theme.current().px(LARGEST_CELL) * self._ratio())
        return tile((count, rows, columns), self._room(), unit, most)

    def _most(self) -> float:
        """Return the zoom at which one map fills the room."""
        if self._maps is None:
            return 1.0
        base, (height, width) = self._fitting(), self._room()
        return max(1.0, min(height / base.height, width / base.width))

    def _tiling(self) -> Tiling:
        """Return where the maps lie, from the top of the first row."""
        base = self._fitting()
        if self._zoom <= 1.0:
            return base
        width, height = (
            max(1, int(side * self._zoom)) for side in (base.width, base.height)
        )
        columns = max(1, (self._room()[1] + base.gap) // (width + base.gap))
        columns = min(columns, base.count)
        return replace(base, columns=columns, height=height, width=width)

    def _top(self) -> int:
        """Return the device pixel at which the first row of maps begins."""
        head = round(theme.current().px(HEAD) * self._ratio())
        return head - round(self.verticalScrollBar().value() * self._ratio())

    def _fit(self) -> None:
        if self._maps is None:
            return
        length = self._tiling().size[0] / self._ratio()
        room = self._room()[0] / self._ratio()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(length - room)))
        bar.setPageStep(round(room))
        bar.setSingleStep(max(8, round(self._tiling().height / self._ratio() / 4)))
        self.viewport().update()

    def _cell_at(self, point: QPointF) -> Place | None:
        px, height = theme.current().px, self.viewport().height()
        if self._maps is None or not px(HEAD) <= point.y() < height - px(LEGEND):
            return None
        ratio = self._ratio()
        return self._tiling().at(point.x() * ratio, point.y() * ratio - self._top())

    def _point_at(self, place: Place | None) -> None:
        if place == self._pointed:
            return
        self._pointed = place
        self.viewport().update()
        if place is None:
            self.left.emit()
        else:
            self.hovered.emit(*place)

    def _zoom_by(self, factor: float, around: float = 0.5) -> None:
        if factor < 1 and self._zoom <= 1:
            self.zoomed_out.emit()
        else:
            self.set_zoom(self._zoom * factor, around)

    def _show(self, place: Place) -> None:
        """Scroll a cell into sight."""
        rect, px = self.cell_rect(place), theme.current().px
        bar, bottom = self.verticalScrollBar(), self.viewport().height() - px(LEGEND)
        if rect.top() < px(HEAD):
            bar.setValue(bar.value() + round(rect.top()) - px(HEAD) - 2)
        elif rect.bottom() > bottom:
            bar.setValue(bar.value() + round(rect.bottom()) - bottom + 2)

    # ---------------------------------------------------------------- painting

    def _in_sight(self, tiling: Tiling) -> tuple[int, int]:
        """Return the first and the last row of maps that can be seen."""
        each = tiling.height + tiling.gap
        head = round(theme.current().px(HEAD) * self._ratio())
        hidden = head - self._top()
        first = max(0, hidden // each)
        last = min(tiling.rows - 1, (hidden + self._room()[0]) // each)
        return first, last

    def _paint_maps(self, painter: QPainter, found: Scaled) -> None:
        device, tiling, look = (
            painter.deviceTransform(),
            self._tiling(),
            theme.current(),
        )
        first, last = self._in_sight(tiling)
        part = slice(first * tiling.columns, (last + 1) * tiling.columns)
        maps = found.maps[part]
        if not len(maps):
            return
        some = replace(tiling, count=len(maps))
        pixels = blank(some, "background")
        compose(replace(found, maps=maps), some, pixels)
        down = self._top() + first * (tiling.height + tiling.gap)
        px = look.px
        painter.save()
        painter.setClipRect(
            0, px(HEAD), self.width(), self.viewport().height() - px(HEAD) - px(LEGEND)
        )
        painter.setWorldTransform(device.inverted()[0])
        corner = QPoint(round(device.dx()), round(device.dy()) + down)
        height, width = some.size
        painter.drawImage(corner, to_image(pixels), QRect(0, 0, width, height))
        if self._pointed is not None and self.hasFocus():
            self._paint_cursor(painter, tiling, self._pointed, round(device.dy()))
        painter.restore()

    def _paint_cursor(
        self, painter: QPainter, tiling: Tiling, place: Place, dy: int
    ) -> None:
        width = max(1, round(theme.current().px(FRAME) * self._ratio()))
        corner = QPoint(0, self._top() + dy)
        rect = QRect(*tiling.cell_box(place)).translated(corner)
        fill_around(painter, rect, width + 1, CONTRAST)
        fill_around(painter, rect, width, theme.color("accent"))

    def _paint_legend(self, painter: QPainter, found: Scaled) -> None:
        px, size = theme.current().px, self.viewport().size()
        rect = QRectF(0, size.height() - px(LEGEND), size.width(), px(LEGEND))
        low, high = np.float32(found.scale.low), np.float32(found.scale.high)
        ends = numbers.approx(low, 2), numbers.approx(high, 2)
        note = "one scale"
        if found.own:
            signed = found.scale.kind == "signed"
            ends, note = ("−max" if signed else "0", "max"), "each map its own scale"
        if found.outside:
            note = f"{found.outside:,} outside"
        words = " · ".join(filter(None, (self._note, note)))
        draw_line_legend(painter, rect, found.scale, found.table, ends, words)

    # ---------------------------------------------------------------- Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the maps in sight and the legend."""
        with QPainter(self.viewport()) as painter:
            head = QRectF(0, 0, self.viewport().width(), theme.current().px(HEAD))
            if self._scaled is not None:
                self._paint_maps(painter, self._scaled)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_head(painter, head, self._title, self._caption)
            if self._scaled is not None:
                self._paint_legend(painter, self._scaled)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the value under the pointer in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._cell_at(QPointF(event.pos()))
            first = [self.describe(place)] if place else []
            text = "\n".join([*first, self.toolTip()])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().viewportEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the cell under the pointer."""
        self._point_at(self._cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the cell under the pointer."""
        place = self._cell_at(event.position())
        if place is not None and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(*place)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing, unless the pointer still does."""
        if not self.underMouse():
            self._point_at(None)
        super().focusOutEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, or with Ctrl zoom about the pointer."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            share = event.position().y() / max(1, self.viewport().height())
            self._zoom_by(STEP ** (event.angleDelta().y() / 120), share)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move from cell to cell or from map to map, click, and zoom."""
        key = event.key()
        if self._maps is None:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            down, across = _ARROWS[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                down, across = down * self._maps.shape[1], across * self._maps.shape[2]
            here = self._pointed or (0, 0, 0)
            self._point_at(self._tiling().moved(here, down, across))
            self._show(self._pointed or here)
        elif key in _IN:
            self._zoom_by(STEP)
        elif key == Qt.Key.Key_Minus:
            self._zoom_by(1 / STEP)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(*(self._pointed or (0, 0, 0)))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the scroll bar reach all rows."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._fit()
        super().changeEvent(event)
