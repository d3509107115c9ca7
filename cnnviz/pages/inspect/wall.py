"""Mosaics side by side, linked: what is pointed at, its window, and what it feeds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from cnnviz import theme
from cnnviz.pages.inspect import sight
from cnnviz.pages.inspect.arranging import Room, best_columns, least_height
from cnnviz.pages.inspect.tiles import FILTERS, FIRST
from cnnviz.widgets.mosaic import LARGEST_CELL, Mosaic
from cnnviz.widgets.mosaic_words import LEGEND
from cnnviz.widgets.plot_frame import HEAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from PySide6.QtGui import QPaintEvent, QResizeEvent, QWheelEvent

    from cnnviz.nn.arithmetic import Place
    from cnnviz.nn.fields import Cells
    from cnnviz.pages.inspect.stages import Seen
    from cnnviz.pages.inspect.tiles import Tile
    from cnnviz.widgets.mosaic_marks import Block

MOST_BLOCKS, MOST_EDGES = 128, 12
# In pixels at text size 100 %.
GAP, NARROWEST = 16, 96

SAME_PLACE = {"relu", "tanh", "sigmoid", "scaled-tanh", "dropout", "batch-norm"}
"""Layers of which each value reads the one at its own place."""


class Wall(QWidget):
    """Tiles from left to right, those of a second picture under the first's."""

    hovered = Signal(int, object)
    """The number of a tile and the place in its layer, a tuple."""
    clicked = Signal(int, object)
    left = Signal()
    opened = Signal(int)
    zoomed_out = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tiles: list[Tile] = []
        self.mosaics: list[Mosaic] = []
        self._in_a_row = False
        self._least = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._edges = _Edges(self)

    # ---------------------------------------------------------------- content

    def set_tiles(self, tiles: Sequence[Tile], *, in_a_row: bool = False) -> None:
        """Show tiles in the place of those that are there.

        Each picture's are in one row, or in as many as show them largest.
        """
        kinds = [tile.same_kind for tile in tiles]
        renewed = kinds != [tile.same_kind for tile in self.tiles]
        renewed |= in_a_row != self._in_a_row
        self.tiles, self._in_a_row = list(tiles), in_a_row
        if renewed:
            self._make_mosaics()
        for tile, mosaic in zip(tiles, self.mosaics, strict=True):
            mosaic.set_title(tile.title, tile.caption, tile.note)
            mosaic.set_maps(tile.maps, scale=tile.scale, signed=tile.signed)
        if renewed:
            self._arrange()

    def clear(self, sentence: str) -> None:
        """Say why there are no maps, in the first of the tiles that are there."""
        for number, mosaic in enumerate(self.mosaics):
            mosaic.clear("" if number else sentence)
        self._edges.set_lines(())

    def pin(self, layer: str, place: Place) -> None:
        """Frame the map or the value of a state, wherever it is on show.

        The keys go on there, if they are at one of the mosaics.
        """
        focused = bool(place) and any(mosaic.hasFocus() for mosaic in self.mosaics)
        for tile, mosaic in zip(self.tiles, self.mosaics, strict=True):
            at = tile.indices(place[:1]) if tile.layer == layer and place else []
            if at and tile.which == FIRST and focused:
                mosaic.setFocus()
            if not at or tile.which == FILTERS or tile.maps.ndim < len(place):
                mosaic.set_highlight(None)
            elif len(place) == 3:
                mosaic.set_highlight((at[0], place[1], place[2]))
            elif tile.maps.ndim == 1:
                mosaic.set_highlight((at[0], 0, 0))
            else:
                mosaic.set_highlight(at[0] if len(tile.maps) > 1 else None)

    def link(self, seen: Seen, tile: Tile, place: Place, *, edges: bool) -> None:
        """Frame what a value is made of and what it feeds, with lines to both."""
        self.unlink()
        if tile.which == FILTERS or tile not in self.tiles:
            return
        lines: list[tuple[QPointF, QPointF]] = []
        source = self._middle(self.tiles.index(tile), tile, place)
        for cells in (self._down(seen, tile, place), self._up(seen, tile, place)):
            number = self._number(cells.name, tile.which) if cells else None
            if cells is None or number is None:
                continue
            blocks = _blocks(cells, self.tiles[number])
            self.mosaics[number].set_blocks(blocks)
            if source is not None:
                lines += [
                    (source, end) for end in self._ends(number, blocks[:MOST_EDGES])
                ]
        field = sight.field(seen, tile.layer, place)
        number = self._number("input", tile.which)
        if field is not None and number is not None and tile.layer != "input":
            rows, columns = field.seen_rows, field.seen_columns
            block = (0, rows[0], columns[0], rows[1], columns[1])
            self.mosaics[number].set_blocks([block])
        self._edges.set_lines(lines if edges else ())

    def unlink(self) -> None:
        """Frame nothing."""
        for mosaic in self.mosaics:
            mosaic.set_blocks(())
        self._edges.set_lines(())

    # ---------------------------------------------------------------- inside

    def _number(self, layer: str, which: str) -> int | None:
        pairs = enumerate(self.tiles)
        found = (n for n, t in pairs if (t.layer, t.which) == (layer, which))
        return next(found, None)

    def _down(self, seen: Seen, tile: Tile, place: Place) -> Cells | None:
        """Find what a value is made of, in the nearest layer below that is on show."""
        cells = sight.below(seen, tile.layer, place)
        while cells is not None and self._number(cells.name, tile.which) is None:
            stage, below = seen.stage(cells.name), seen.around(cells.name)[0]
            if stage is None or below is None or stage.kind not in SAME_PLACE:
                return None
            cells = replace(cells, name=below.name)
        return cells

    def _up(self, seen: Seen, tile: Tile, place: Place) -> Cells | None:
        """Find what a value feeds, in the nearest layer above that is on show."""
        cells = sight.above(seen, tile.layer, place)
        while cells is not None and self._number(cells.name, tile.which) is None:
            stage = seen.stage(cells.name)
            if stage is None or stage.kind not in SAME_PLACE:
                return None
            cells = sight.above(seen, cells.name, place)
        return cells

    def _middle(self, number: int, tile: Tile, place: Place) -> QPointF | None:
        at = tile.indices(place[:1])
        if not at:
            return None
        row, column = place[1:] if len(place) == 3 else (0, 0)
        rect = self.mosaics[number].cell_rect((at[0], row, column))
        return rect.center() + QPointF(self.mosaics[number].pos())

    def _ends(self, number: int, blocks: Iterable[Block]) -> list[QPointF]:
        mosaic, ends = self.mosaics[number], []
        _, height, width = _planes(self.tiles[number])
        for index, top, left, bottom, right in blocks:
            first = (index, max(0, top), max(0, left))
            last = (index, min(bottom, height - 1), min(right, width - 1))
            box: QRectF = mosaic.cell_rect(first).united(mosaic.cell_rect(last))
            ends.append(box.center() + QPointF(mosaic.pos()))
        return ends

    def _make_mosaics(self) -> None:
        while len(self.mosaics) > len(self.tiles):
            mosaic = self.mosaics.pop()
            # Else it went to whatever comes next in the window, and Esc with it.
            if mosaic.hasFocus() and self.mosaics:
                self.mosaics[0].setFocus()
            self._grid.removeWidget(mosaic)
            mosaic.hide()
            mosaic.deleteLater()
        while len(self.mosaics) < len(self.tiles):
            self.mosaics.append(self._make_mosaic(len(self.mosaics)))
        for tile, mosaic in zip(self.tiles, self.mosaics, strict=True):
            mosaic.setAccessibleName(tile.title)
            mosaic.set_highlight(None)
        self.unlink()
        self._edges.raise_()

    def _make_mosaic(self, number: int) -> Mosaic:
        mosaic = Mosaic("Maps")
        mosaic.setToolTip(
            "Click a value for the sum behind it, the title for the whole layer"
        )
        mosaic.hovered.connect(
            lambda *cell: self.hovered.emit(number, self.tiles[number].place_of(*cell))
        )
        mosaic.clicked.connect(
            lambda *cell: self.clicked.emit(number, self.tiles[number].place_of(*cell))
        )
        mosaic.left.connect(self.left)
        mosaic.opened.connect(lambda: self.opened.emit(number))
        return mosaic

    def _arrange(self) -> None:
        if not self.mosaics:
            return
        each, pictures = self._counts()
        columns = each
        if not self._in_a_row:
            shapes = [_planes(tile) for tile in self.tiles[:each]]
            columns = best_columns(shapes, pictures, self._room(), self.height())
        rows = pictures * -(-each // columns)
        self._grid.setSpacing(theme.current().px(GAP))
        for number, mosaic in enumerate(self.mosaics):
            picture, at = divmod(number, each)
            row, column = divmod(at, columns)
            self._grid.addWidget(mosaic, row * pictures + picture, column)
        for n in range(self._grid.columnCount()):
            self._grid.setColumnStretch(n, 1 if n < columns else 0)
        for n in range(self._grid.rowCount()):
            self._grid.setRowStretch(n, 1 if n < rows else 0)
        self._edges.raise_()
        if self.least() != self._least:
            self._least = self.least()
            self.updateGeometry()

    def _counts(self) -> tuple[int, int]:
        """Return how many tiles each picture has, and how many pictures there are."""
        pictures = len({t.which for t in self.tiles if t.which != FILTERS}) or 1
        return -(-len(self.mosaics) // pictures), pictures

    def _room(self) -> Room:
        px = theme.current().px
        words, unit = px(HEAD + LEGEND), theme.current().text_size / 100
        least, most = px(NARROWEST), px(LARGEST_CELL)
        return Room(self.width(), words, px(GAP), least, unit, most)

    def least(self) -> int:
        """Return the height in which the maps of an overview can be read."""
        if self._in_a_row or not self.mosaics:
            return 0
        return least_height(*self._counts(), self._room())

    # ---------------------------------------------------------------- Qt

    def minimumSizeHint(self) -> QSize:
        """Ask for maps that can be read."""
        return QSize(0, self._least)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom into the layer under the pointer, with Ctrl; without, scroll."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.angleDelta().y() > 0:
            for number, mosaic in enumerate(self.mosaics):
                if mosaic.geometry().contains(event.position().toPoint()):
                    self.opened.emit(number)
                    return
        elif event.angleDelta().y() < 0:
            self.zoomed_out.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use as many columns as show the maps largest."""
        super().resizeEvent(event)
        self._edges.setGeometry(self.rect())
        self._arrange()


class _Edges(QWidget):
    """Lines over the mosaics, through which the pointer goes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._lines: tuple[tuple[QPointF, QPointF], ...] = ()
        self.hide()

    def set_lines(self, lines: Iterable[tuple[QPointF, QPointF]]) -> None:
        found = tuple(lines)
        if found != self._lines:
            self._lines = found
            self.setVisible(bool(found))  # or each map would be painted under it
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colour = theme.color("highlight")
        colour.setAlphaF(0.75)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour, theme.current().px(1)))
            for start, end in self._lines:
                path = QPainterPath(start)
                bend = QPointF((end.x() - start.x()) / 2, 0)
                path.cubicTo(start + bend, end - bend, end)
                painter.drawPath(path)


def _planes(tile: Tile) -> tuple[int, int, int]:
    shape = tile.maps.shape
    return (shape[0], 1, 1) if len(shape) == 1 else (shape[0], shape[1], shape[2])


def _blocks(cells: Cells, tile: Tile) -> list[Block]:
    """Return the frames of cells in a tile; none where they are nearly all of it."""
    numbers = tile.indices(cells.maps)
    rows, columns = (ends or (0,) for ends in (cells.rows, cells.columns))
    if len(numbers) > MOST_BLOCKS:
        return []
    block = (min(rows), min(columns), max(rows), max(columns))
    return [(number, *block) for number in numbers]
