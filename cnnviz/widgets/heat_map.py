"""A heat over a picture: exact colours, the picture's outline, and a legend below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.ops.colour import Scale
from cnnviz.palette import grey_table, sequential_table, signed_table
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.legend import draw_line_legend
from cnnviz.widgets.overlay import CONTRAST, fill_around
from cnnviz.widgets.plot_frame import HEAD, draw_head
from cnnviz.widgets.raster import to_image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    Floats = NDArray[np.float32]
    Cell = tuple[int, int]

# In pixels at text size 100 %.
LEGEND = 24
FRAME = 2
STRIP = 40  # the least height of a single row

EVEN = 4
"""Device pixels from which on all cells are equally large; smaller ones fill the room.
"""

MOST_EDGES = 6
"""Sides of an outline for each row and column; with more it would cover the heat."""

_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


class HeatMap(QWidget):
    """One plane of numbers in colours, a square a number, under a title.

    A single row is drawn as a strip that is high enough to be seen.

    The outline of a picture may be drawn over it, so that the colours stay those of the
    legend. The pointer or the arrow keys point at a cell.

    Parameters
    ----------
    name, tooltip : str
        Title and accessible name, and tooltip.
    legend : bool
        Whether room is kept for one below.
    """

    hovered = Signal(object)
    """(row, column) under the pointer or the cursor, or None."""

    def __init__(self, name: str, tooltip: str, *, legend: bool = True) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keep_keys(self, _ARROWS)
        self._title, self._caption, self._note = name, "", ""
        self._has_legend = legend
        self._values: Floats | None = None
        self._scale = Scale(0.0, 1.0, "sequential")
        self._grey = False
        self._pixels: NDArray[np.uint8] | None = None
        self._edges: Floats = np.zeros((0, 4), np.float32)
        self._marked: Cell | None = None

    # ---------------------------------------------------------------- content

    def set_heat(
        self,
        heat: Floats | None,
        outline: Floats | None = None,
        *,
        signed: bool = False,
        limit: float = 0.0,
        note: str = "",
    ) -> None:
        """Show a heat, or an empty frame; without a signal.

        Parameters
        ----------
        heat : float32 (H, W), or None
        outline : float32 (C, H, W), optional
            A picture whose outline is drawn over the heat, unless it is too busy.
        signed : bool
            Whether the colours diverge from 0; else they rise from 0, and what is below
            is counted in the legend.
        limit : float
            What the ends of the colours mean; 0 for the greatest magnitude.
        note : str
            A few words in the legend, beside its greatest value.
        """
        self._values, self._grey, self._note = heat, False, note
        self._edges = edges(outline)
        if outline is not None and len(self._edges) > MOST_EDGES * sum(
            outline.shape[1:]
        ):
            self._edges = edges(None)
        if heat is not None:
            low, high = colour.value_range(heat)
            limit = limit or colour.natural_scale(low, high).high
            self._scale = (
                Scale(-limit, limit, "signed")
                if signed
                else Scale(0.0, limit, "sequential")
            )
            below = 0 if signed else int(np.count_nonzero(heat < 0))
            self._note = f"{below:,} below 0" if below else note
        self._pixels = None
        self.update()

    def set_picture(self, picture: Floats | None) -> None:
        """Show a picture as it is, float32 (C, H, W), 0 to 1; without a signal."""
        self._values, self._grey, self._note = None, True, ""
        if picture is not None:
            planes = np.moveaxis(picture, 0, -1)
            colours = planes.shape[-1] == 3
            self._values = np.ascontiguousarray(planes if colours else planes[..., 0])
        self._scale = Scale(0.0, 1.0, "sequential")
        self._edges, self._pixels = edges(None), None
        self.update()

    def set_title(self, title: str, caption: str = "") -> None:
        """Write a title on the left and a caption on the right."""
        if (title, caption) != (self._title, self._caption):
            self._title, self._caption = title, caption
            self.setAccessibleDescription(f"{title}, {caption}")
            self.update()

    def set_caption(self, caption: str) -> None:
        """Write another caption on the right."""
        self.set_title(self._title, caption)

    def set_mark(self, cell: Cell | None) -> None:
        """Frame a cell in the highlight colour, or none; without a signal."""
        if cell != self._marked:
            self._marked = cell
            self.update()

    def describe(self, cell: Cell) -> str:
        """Return a cell in words, its value in full; empty if there is none."""
        values, (row, column) = self._values, cell
        if values is None or row >= values.shape[0] or column >= values.shape[1]:
            return ""
        found = np.atleast_1d(values[cell])
        words = ", ".join(numbers.plain(value) for value in found)
        return f"{self._title}, row {row}, column {column}: {words}"

    # ---------------------------------------------------------------- places

    def cell_rect(self, cell: Cell) -> QRectF:
        """Return the pixels of a cell."""
        ratio = self.devicePixelRatioF()
        area, across, down = self._area(ratio)
        left, top = area.left() + cell[1] * across, area.top() + cell[0] * down
        return QRectF(left / ratio, top / ratio, across / ratio, down / ratio)

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the (row, column) at a point of the widget."""
        if self._values is None:
            return None
        ratio = self.devicePixelRatioF()
        area, across, down = self._area(ratio)
        row = int((point.y() * ratio - area.top()) // down)
        column = int((point.x() * ratio - area.left()) // across)
        height, width = self._values.shape[:2]
        return (row, column) if 0 <= row < height and 0 <= column < width else None

    def _area(self, ratio: float) -> tuple[QRect, float, float]:
        """Return the device pixels of the heat, and a cell's width and height."""
        px = theme.current().px
        top = round(px(HEAD) * ratio)
        below = px(LEGEND) if self._has_legend else 0
        room = max(1, int((self.height() - below) * ratio) - top)
        width = max(1, int(self.width() * ratio))
        shape = (28, 28) if self._values is None else self._values.shape[:2]
        side = min(room / shape[0], width / shape[1])
        side = float(int(side)) if side >= EVEN else side
        least = min(room, round(px(STRIP) * ratio)) if shape[0] == 1 else 0
        down = max(side, least)
        size = round(shape[1] * side), round(shape[0] * down)
        return QRect(0, top, *size), side, down

    # ---------------------------------------------------------------- painting

    def _table(self) -> NDArray[np.uint8]:
        if self._grey:
            return grey_table()
        if self._scale.kind == "signed":
            return signed_table(theme.current().palette)
        return sequential_table()

    def _paint_heat(self, painter: QPainter) -> None:
        assert self._values is not None
        device = painter.deviceTransform()
        ratio = device.m11()
        if self._pixels is None:
            table = self._table()
            self._pixels = colour.to_bgrx(self._values, self._scale, table)
        area, across, down = self._area(ratio)
        corner = QPointF(device.dx(), device.dy()).toPoint()
        painter.setWorldTransform(device.inverted()[0])
        area.translate(corner)
        smooth = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(smooth, across < 1)
        painter.drawImage(area, to_image(self._pixels))
        line = max(1, round(ratio))
        inner = area.adjusted(line, line, -line, -line)
        fill_around(painter, inner, line, theme.color("line"))
        if len(self._edges):
            light = self._scale.kind != "signed"
            ink = QColor("#FFFFFF") if light else theme.color("text")
            ink.setAlphaF(0.6)
            painter.setPen(QPen(ink, max(1.0, ratio)))
            lines = self._edges * np.array([across, down] * 2)
            lines += np.array([area.left(), area.top()] * 2)
            painter.drawLines([QLineF(*line) for line in lines.tolist()])
        if self._marked is not None:
            width = round(theme.current().px(FRAME))
            self._paint_mark(painter, area, (across, down), width)
        painter.resetTransform()

    def _paint_mark(
        self, painter: QPainter, area: QRect, cell: tuple[float, float], width: int
    ) -> None:
        assert self._values is not None and self._marked is not None
        row, column = self._marked
        if row >= self._values.shape[0] or column >= self._values.shape[1]:
            return
        across, down = cell
        framed = QRectF(column * across, row * down, across, down).toRect()
        framed.translate(area.topLeft())
        fill_around(painter, framed, width + 1, CONTRAST)
        fill_around(painter, framed, width, theme.color("highlight"))

    def _paint_legend(self, painter: QPainter) -> None:
        area, _, _ = self._area(1.0)
        rect = QRectF(0, area.bottom() + 1, self.width(), theme.current().px(LEGEND))
        ends = [np.float32(n) for n in (self._scale.low, self._scale.high)]
        low, high = (numbers.approx(end, 2) for end in ends)
        table = self._table()
        draw_line_legend(painter, rect, self._scale, table, (low, high), self._note)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a square of 200 pixels at text size 100 %, and what is around it."""
        px = theme.current().px
        below = LEGEND if self._has_legend else 0
        return QSize(px(200), px(200 + HEAD + below))

    def minimumSizeHint(self) -> QSize:
        """Do with a square of 96 pixels."""
        px = theme.current().px
        below = LEGEND if self._has_legend else 0
        return QSize(px(96), px(96 + HEAD + below))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, heat, outline, mark and legend."""
        px = theme.current().px
        with QPainter(self) as painter:
            head = QRectF(0, 0, self.width(), px(HEAD))
            if self._values is None:
                area, _, _ = self._area(1.0)
                painter.setPen(theme.color("line"))  # a frame: a slab would be a value
                painter.drawRect(area.adjusted(0, 0, -1, -1))
            else:
                self._paint_heat(painter)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                if self._has_legend and not self._grey:
                    self._paint_legend(painter)
            draw_head(painter, head, self._title, self._caption)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the cell under the pointer."""
        self.hovered.emit(self.cell_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.hovered.emit(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing, unless the pointer still does."""
        if not self.underMouse():
            self.hovered.emit(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move from cell to cell."""
        way = _ARROWS.get(event.key())
        if way is None or self._values is None:
            super().keyPressEvent(event)
            return
        here = self._marked or (-way[0], -way[1])
        sizes = self._values.shape[:2]
        row, column = (
            min(max(0, n + step), size - 1)
            for n, step, size in zip(here, way, sizes, strict=True)
        )
        self.hovered.emit((row, column))

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._pixels = None
        super().changeEvent(event)


def edges(picture: Floats | None) -> Floats:
    """Return the sides between pixels above and below half of a picture's range.

    Parameters
    ----------
    picture : float32 (C, H, W), or None
        The mean over its channels counts.

    Returns
    -------
    float32 (n, 4)
        Lines x₁, y₁, x₂, y₂ in pixels; none for an even picture.
    """
    if picture is None:
        return np.zeros((0, 4), np.float32)
    grey = picture.mean(axis=0)
    inside = grey > (grey.min() + grey.max()) / 2
    rows, columns = np.nonzero(inside[:, 1:] != inside[:, :-1])
    upright = np.stack([columns + 1, rows, columns + 1, rows + 1], axis=1)
    rows, columns = np.nonzero(inside[1:] != inside[:-1])
    level = np.stack([columns, rows + 1, columns + 1, rows + 1], axis=1)
    return np.concatenate([upright, level]).astype(np.float32)
