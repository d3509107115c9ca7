"""One array on the screen: see it at any zoom, point at a cell, pin it.

Knows an array, its colours and its place in the picture plane, and no page. All work is
done while painting.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QPainter, QPen, QTransform

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.widgets.overlay import Overlay, Window, fill_around
from cnnviz.widgets.plane_view import PlaneView
from cnnviz.widgets.raster import Raster, render, to_image
from cnnviz.widgets.viewport import Viewport, cells_to_plane

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

    from cnnviz.ops.colour import Scale

__all__ = ["ImageView", "Viewport", "Window"]

Cell = tuple[int, int]

TOOL_TIP = (
    "Wheel, + and − zoom; drag pans; double-click or 0 shows all. "
    "Click or Enter pins a value, Esc releases it; arrow keys move."
)
ARROWS: dict[int, Cell] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
PINS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class ImageView(PlaneView):
    """Shows one float32 array, a plane or a colour picture.

    Signals come from the user alone: ``hovered`` and ``clicked`` with the row and
    column of a cell of the array, ``left`` when no cell is pointed at any more, and
    ``escaped``.

    Parameters
    ----------
    placeholder : str
        What to say while there is no array.
    """

    hovered = Signal(int, int)
    left = Signal()
    clicked = Signal(int, int)
    escaped = Signal()

    def __init__(self, placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placeholder = placeholder
        self._array: NDArray[np.float32] | None = None
        self._colours: tuple[Scale, NDArray[np.uint8]] | None = None
        self._to_plane = QTransform()
        self._window: Window | None = None
        self._cell: tuple[Cell, bool] | None = None
        self._pointed: Cell | None = None
        self._drawn: Raster | None = None
        self._place: tuple[object, tuple[QTransform, QRect, float]] | None = None
        self.setToolTip(TOOL_TIP)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # ---------------------------------------------------------------- content

    def set_image(
        self,
        array: NDArray[np.float32],
        scale: Scale,
        table: NDArray[np.uint8],
        *,
        origin: tuple[float, float] = (0.0, 0.0),
        step: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        """Show an array; it is kept, not copied, and drawn at the next paint.

        Parameters
        ----------
        array : float32 array, (H, W) or (H, W, 3)
            The values.
        scale : Scale
            Which values the ends of the colours mean.
        table : uint8 array, (256, 1, 3)
            Blue, green, red; not used for a colour picture.
        origin : (row, column)
            Where in the picture plane the array begins.
        step : (rows, columns)
            How much of the picture plane one cell covers.
        """
        to_plane = cells_to_plane(origin, step)
        if array is self._array and self._colours is not None:
            old_scale, old_table = self._colours
            same = scale == old_scale and table is old_table
            if same and to_plane == self._to_plane:
                return
        self._array, self._colours = array, (scale, table)
        self._to_plane = to_plane
        self._drawn = None
        self.update()

    def clear(self, placeholder: str) -> None:
        """Show a sentence instead of an array."""
        self._array = self._colours = self._drawn = None
        self._placeholder = placeholder
        self.update()

    def set_window(self, window: Window | None) -> None:
        """Mark the cells that one output value is computed from."""
        self._window = window
        self.update()

    def set_cell(self, cell: Cell | None, pinned: bool = False) -> None:
        """Frame one cell, (row, column)."""
        marked = (cell, pinned) if cell is not None else None
        if marked != self._cell:
            self._cell = marked
            self.update()

    def value_at(self, row: int, column: int) -> tuple[np.float32, ...]:
        """Return the one or three values of a cell."""
        assert self._array is not None
        return tuple(self._array[row, column].ravel())

    def grab_image(self) -> QImage:
        """Return the whole array in its colours, one pixel a cell."""
        assert self._array is not None
        assert self._colours is not None
        return to_image(colour.to_bgrx(self._array, *self._colours)).copy()

    def cells_to_pane(self) -> QTransform:
        """Return the map from cells (x is the column) to this widget's pixels."""
        return self._to_plane * self.view().transform

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the row and column of the cell at a point of this widget."""
        if self._array is None:
            return None
        place = self.cells_to_pane().inverted()[0].map(point)
        row, column = math.floor(place.y()), math.floor(place.x())
        rows, columns = self._array.shape[:2]
        return (row, column) if 0 <= row < rows and 0 <= column < columns else None

    def content(self) -> QRectF:
        """Return the part of the picture plane that the array covers."""
        rows, columns = (1, 1) if self._array is None else self._array.shape[:2]
        return self._to_plane.mapRect(QRectF(0, 0, columns, rows))

    def click(self, point: QPointF) -> None:
        """Pin the cell at a point of this widget."""
        cell = self.cell_at(point)
        if cell is not None:
            self.clicked.emit(*cell)

    # ---------------------------------------------------------------- pointing

    def _point_at(self, cell: Cell | None) -> None:
        if cell == self._pointed:
            return
        self._pointed = cell
        self.update()
        if cell is None:
            self.left.emit()
        else:
            self.hovered.emit(*cell)

    def _current(self) -> Cell:
        """Return the cell that the keyboard starts from."""
        if self._pointed is not None:
            return self._within(*self._pointed)
        if self._cell is not None:
            return self._within(*self._cell[0])
        return self.cell_at(self.view().area.center()) or (0, 0)

    def _within(self, row: int, column: int) -> Cell:
        assert self._array is not None
        rows, columns = self._array.shape[:2]
        return min(max(0, row), rows - 1), min(max(0, column), columns - 1)

    def _step(self, rows: int, columns: int) -> None:
        """Point at a cell near by, and pan where it is out of sight."""
        row, column = self._current()
        row, column = self._within(row + rows, column + columns)
        self._point_at((row, column))
        view, cell = self.view(), QRectF(column, row, 1, 1)
        if not view.area.contains(self.cells_to_pane().mapRect(cell)):
            centre = self._to_plane.mapRect(cell).center()
            self.move_to(view.centred(centre, view.wanted.zoom))

    # ---------------------------------------------------------------- painting

    def _paint_array(self, painter: QPainter) -> None:
        """Draw the array and its marks in device pixels, so that nothing is blurred."""
        assert self._array is not None
        assert self._colours is not None
        device = painter.deviceTransform()
        painter.setWorldTransform(device.inverted()[0])
        cells, bounds, ratio = self._placed(device)
        if self._drawn is None:
            self._drawn = render(self._array, *self._colours, cells, bounds, ratio)
        _paint_raster(painter, self._drawn, bounds)
        overlay = Overlay(painter, cells, self._array.shape[:2], bounds, ratio)
        overlay.edge()
        self._paint_marks(overlay)
        painter.resetTransform()

    def _placed(self, device: QTransform) -> tuple[QTransform, QRect, float]:
        """Return cells to device pixels, those on show, and how many a logical one.

        They are worked out when anything that they depend on has changed; what was
        drawn is dropped then.
        """
        assert self._array is not None
        where = self.size(), self._viewport, self._world, self._to_plane
        key = (*where, self._array.shape, device, theme.current())
        if self._place is None or self._place[0] != key:
            bounds = device.mapRect(QRectF(self.rect())).toAlignedRect()
            cells = self.cells_to_pane() * device
            self._place = key, (cells, bounds, device.m11())
            self._drawn = None
        return self._place[1]

    def _padding_fills(self, window: Window) -> list[list[list[int]]] | None:
        """Return red, green and blue of what each tap reads, if that is known."""
        assert self._array is not None
        assert self._colours is not None
        if window.values is None or self._array.ndim != 2:
            return None
        fills = colour.to_bgrx(window.values, *self._colours)[..., 2::-1]
        return cast("list[list[list[int]]]", fills.tolist())

    def _paint_marks(self, overlay: Overlay) -> None:
        if self._window is not None:
            overlay.window(self._window, self._padding_fills(self._window))
        if self._cell is not None:
            cell, pinned = self._cell
            if self._within(*cell) == cell:
                overlay.cell(*cell, "highlight", strong=pinned)
        framed = self._cell is not None and self._cell[0] == self._pointed
        if self.hasFocus() and self._pointed is not None and not framed:
            overlay.cell(*self._pointed, "accent", strong=False)

    def _paint_ring(self, painter: QPainter) -> None:
        width, radius = theme.current().px(2), theme.current().px(6)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("accent"), width))
        half = width / 2
        ring = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(ring, radius, radius)

    # ---------------------------------------------------------------- Qt

    def event(self, event: QEvent) -> bool:
        """Keep the tool tip from covering the picture that is being read."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if self._pointed is not None:
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the array, or the sentence in its place."""
        with QPainter(self) as painter:
            if self._array is not None:
                self._paint_array(painter)
            else:
                painter.fillRect(self.rect(), theme.color("background"))
                painter.setFont(theme.font())
                painter.setPen(theme.color("muted"))
                words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.view().area, words, self._placeholder)
            if self.hasFocus():
                self._paint_ring(painter)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the cell under the pointer, unless it drags."""
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._point_at(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing, unless the pointer still does."""
        if not self.underMouse():
            self._point_at(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, pin and release by the keyboard."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif self._array is not None and key in ARROWS:
            self._step(*ARROWS[key])
        elif self._array is not None and key in PINS:
            self.clicked.emit(*self._current())
        else:
            super().keyPressEvent(event)


def _paint_raster(painter: QPainter, raster: Raster | None, bounds: QRect) -> None:
    """Draw a raster, and the background about it alone: no pixel is drawn twice."""
    background = theme.color("background")
    if raster is None:
        painter.fillRect(bounds, background)
        return
    corner = QPoint(raster.left, raster.top)
    far = max(bounds.width(), bounds.height())
    fill_around(painter, QRect(corner, raster.image.size()), far, background)
    painter.drawImage(corner, raster.image)
