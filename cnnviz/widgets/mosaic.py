"""All maps of a layer, or its filters, at once: one picture in one plain widget.

The picture is made while painting, so that maps that are overtaken by newer ones before
the next frame cost nothing. The words around it are those of
:mod:`cnnviz.widgets.mosaic_words`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import keeps
from cnnviz.widgets.mosaic_image import Scaled, Scaling, blank, compose, scaled
from cnnviz.widgets.mosaic_marks import Block, draw_blocks, draw_mark
from cnnviz.widgets.mosaic_words import LEGEND, Frame, Titles
from cnnviz.widgets.plot_frame import HEAD, draw_head
from cnnviz.widgets.raster import to_image
from cnnviz.widgets.tiling import Place, Tiling, tile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QPixmap,
    )

# In pixels at text size 100 %.
LARGEST_CELL = 72
FRAME = 2

_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}


_TAB, _BACKTAB = Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason


class Mosaic(QWidget):
    """Maps in rows and columns under a title, over a legend.

    Signals come from the user alone. Arrow keys move from cell to cell, with Shift from
    map to map; Enter clicks, and with Shift opens.

    Parameters
    ----------
    name : str
        Accessible name, and the title until :meth:`set_title`.
    placeholder : str
        What to say while there are no maps.
    ground : str
        The colour around it, by its name in the palette.
    legend : bool
        Whether there is one below the maps.
    """

    hovered = Signal(int, int, int)
    """Map, row and column under the pointer or the cursor, each from 0."""
    clicked = Signal(int, int, int)
    left = Signal()
    """No cell is pointed at any more."""
    doubled = Signal()
    """The maps were clicked twice; the first click has picked a cell before."""
    opened = Signal()
    """The title was clicked, or Shift and Enter pressed: all of this is of interest."""

    def __init__(
        self,
        name: str,
        placeholder: str = "",
        *,
        ground: str = "background",
        legend: bool = True,
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip("Click or Enter picks a value; arrow keys move")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._titles = Titles(name)
        self._placeholder, self._ground, self._has_legend = placeholder, ground, legend
        self._frame = Frame(self, ground, legend=legend)
        self._maps: NDArray[np.float32] | None = None
        self._scaling: Scaling = "layer"
        self._signed: bool | None = None
        self._drawn: Scaled | None = None  # which is in the picture
        self._laid_out: object = None  # what the gaps in the picture are for
        self._image = QImage()
        self._pixels = np.empty((0, 0, 4), np.uint8)  # its memory
        self._framed: tuple[QPixmap, QRect] | None = None
        self._pointed: Place | None = None
        self._highlight: Place | int | None = None
        self._blocks: tuple[Block, ...] = ()

    # ---------------------------------------------------------------- content

    def set_maps(
        self,
        maps: NDArray[np.float32],
        *,
        scale: Scaling = "layer",
        signed: bool | None = None,
    ) -> None:
        """Show maps, without a signal; they are kept, not copied.

        Parameters
        ----------
        maps : float32 (N, H, W) or (N,)
            The maps of a layer, the slices of its filters, or the outputs of a dense
            layer, each of which is one cell. None of the sizes is 0.
        scale : Scale, "map" or "layer"
            Which values the ends of the colours mean: given ones, each map's own
            greatest absolute value, or that of all.
        signed : bool, optional
            Whether the colours diverge from 0, where no scale is given; by default
            they do if any value is negative.
        """
        planes = maps.reshape(-1, 1, 1) if maps.ndim == 1 else maps
        if self._maps is None or planes.shape != self._maps.shape:
            self._pointed = self._highlight = None
            self._blocks = ()
            self._framed = None
        self._maps = np.ascontiguousarray(planes, np.float32)
        self._scaling, self._signed = scale, signed
        self._drawn = None
        # Most often all that changes lies within the frame.
        self.update(self._framed[1] if self._framed else self.rect())

    def clear(self, placeholder: str) -> None:
        """Show a sentence instead of maps."""
        self._maps = self._drawn = self._framed = None
        self._pointed = self._highlight = None
        self._blocks = ()
        self._placeholder = placeholder
        self.update()

    def set_title(self, title: str, caption: str, note: str = "") -> None:
        """Write a title, a caption such as the shape, and a note beside the legend."""
        titles = Titles(title, caption, note)
        if titles != self._titles:
            self._titles = titles
            self.setAccessibleDescription(f"{title}, {caption}")
            self.update()

    def set_highlight(self, place: Place | int | None) -> None:
        """Frame a map, or a map and one of its cells, in the highlight colour."""
        if place != self._highlight:
            self._highlight = place
            self.update()

    def set_blocks(self, blocks: Sequence[Block]) -> None:
        """Frame windows in maps in the highlight colour; what is outside is cut off."""
        if tuple(blocks) != self._blocks:
            self._blocks = tuple(blocks)
            self.update()

    @property
    def pointed(self) -> Place | None:
        """The cell under the pointer or the cursor."""
        return self._pointed

    def describe(self, place: Place) -> str:
        """Return a cell in words, its value in full."""
        assert self._maps is not None
        value = numbers.plain(self._maps[place])
        if self._maps.shape[1:] == (1, 1):
            return f"unit {place[0]}: {value}"
        return f"map {place[0]}, row {place[1]}, column {place[2]}: {value}"

    def cell_rect(self, place: Place) -> QRectF:
        """Return the pixels of a cell."""
        ratio = self.devicePixelRatioF()
        left, top, width, height = self._tiling(ratio).cell_box(place)
        top += self._top(ratio)
        return QRectF(left / ratio, top / ratio, width / ratio, height / ratio)

    def cell_at(self, point: QPointF) -> Place | None:
        """Return the cell at a point of the widget."""
        if self._maps is None:
            return None
        ratio = self.devicePixelRatioF()
        x, y = point.x() * ratio, point.y() * ratio - self._top(ratio)
        return self._tiling(ratio).at(x, y)

    # ---------------------------------------------------------------- inside

    def _tiling(self, ratio: float) -> Tiling:
        assert self._maps is not None
        px = theme.current().px
        below = px(LEGEND) if self._has_legend else 0
        height = int((self.height() - below) * ratio) - self._top(ratio)
        room = max(1, height), max(1, int(self.width() * ratio))
        count, rows, columns = self._maps.shape
        most = round(px(LARGEST_CELL) * ratio)
        unit = theme.current().text_size / 100 * ratio
        return tile((count, rows, columns), room, unit, most)

    def _top(self, ratio: float) -> int:
        return round(theme.current().px(HEAD) * ratio)

    def _point_at(self, place: Place | None) -> None:
        if place == self._pointed:
            return
        self._pointed = place
        self.update()
        if place is None:
            self.left.emit()
        else:
            self.hovered.emit(*place)

    # ---------------------------------------------------------------- painting

    def _paint_maps(self, painter: QPainter, bounds: QRect) -> None:
        """Draw maps and marks in device pixels, so that nothing is blurred."""
        device = painter.deviceTransform()
        ratio = device.m11()
        tiling = self._tiling(ratio)
        found = self._found(tiling)
        frame = self._frame.pixmap(
            self._titles, found, self._scaling, tiling.size, ratio
        )
        height, width = tiling.size
        top = self._top(ratio)
        inside = QRectF(0, top / ratio, width / ratio, height / ratio).toAlignedRect()
        same, self._framed = self._framed == (frame, inside), (frame, inside)
        if not same and bounds != self.rect():
            self.update()  # its words are others now
        if not same or not inside.contains(bounds):
            painter.drawPixmap(0, 0, frame)
        painter.setWorldTransform(device.inverted()[0])
        corner = QPoint(round(device.dx()), round(device.dy()) + top)
        part = QRect(0, 0, width, height)
        painter.drawImage(corner, self._image, part)
        width = round(theme.current().px(FRAME) * ratio)
        draw_blocks(painter, tiling, corner, self._blocks, max(1, width // 2))
        draw_mark(painter, tiling, corner, self._highlight, "highlight", width)
        if self.hasFocus():
            draw_mark(painter, tiling, corner, self._pointed, "accent", width)

    def _found(self, tiling: Tiling) -> Scaled:
        """Return the maps with their scale; draw them if that is still to be done."""
        assert self._maps is not None
        laid_out = tiling, theme.current().palette
        if self._laid_out != laid_out:
            self._pixels = blank(tiling, self._ground)
            self._image = to_image(self._pixels)
            self._laid_out, self._drawn = laid_out, None
        if self._drawn is None:
            self._drawn = scaled(self._maps, self._scaling, self._signed)
            compose(self._drawn, tiling, self._pixels)
        return self._drawn

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a square of 240 pixels at text size 100 %."""
        return QSize(theme.current().px(240), theme.current().px(240))

    def minimumSizeHint(self) -> QSize:
        """Do with a square of 96 pixels at text size 100 %."""
        return QSize(theme.current().px(96), theme.current().px(96))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the title, the maps and the legend, or the sentence in their place."""
        with QPainter(self) as painter:
            if self._maps is not None:
                self._paint_maps(painter, event.rect())
                return
            px = theme.current().px
            painter.fillRect(self.rect(), theme.color(self._ground))
            head = QRectF(0, 0, self.width(), px(HEAD))
            draw_head(painter, head, self._titles.title, "")
            painter.setFont(theme.font())
            painter.setPen(theme.color("muted"))
            rest = self.rect().adjusted(0, px(HEAD), 0, 0)
            painter.drawText(rest, Qt.TextFlag.TextWordWrap, self._placeholder)

    def event(self, event: QEvent) -> bool:
        """Tell the value under the pointer in full, and keep the arrow keys."""
        if keeps(event, _ARROWS):
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.cell_at(QPointF(event.pos()))
            first = [self.describe(place)] if place else []
            text = "\n".join([*first, self.toolTip()])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the cell under the pointer."""
        self._point_at(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the cell under the pointer."""
        place = self.cell_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if place is not None:
            self.clicked.emit(*place)
        elif event.position().y() < theme.current().px(HEAD):
            self.opened.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Tell of it, but for the title, of which the first click has told."""
        if event.position().y() >= theme.current().px(HEAD):
            self.mousePressEvent(event)
            if event.button() == Qt.MouseButton.LeftButton:
                self.doubled.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._point_at(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the cursor stand for the pointer, where a key brought it here."""
        super().focusInEvent(event)
        by_key = event.reason() in (_TAB, _BACKTAB)
        if by_key and self._maps is not None and self._pointed is None:
            self._point_at(self._start())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing, unless the pointer still does."""
        if not self.underMouse():
            self._point_at(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move from cell to cell or from map to map, and click."""
        key = event.key()
        if self._maps is None:
            super().keyPressEvent(event)
        elif key in _ARROWS:
            down, across = _ARROWS[key]
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                down, across = down * self._maps.shape[1], across * self._maps.shape[2]
            here = self._pointed or self._start()
            tiling = self._tiling(self.devicePixelRatioF())
            self._point_at(tiling.moved(here, down, across))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self.opened.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit(*(self._pointed or self._start()))
        else:
            super().keyPressEvent(event)

    def _start(self) -> Place:
        """Return the cell that the keyboard starts from."""
        if isinstance(self._highlight, int):
            return self._highlight, 0, 0
        return self._highlight or (0, 0, 0)
