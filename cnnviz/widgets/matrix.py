"""A matrix as a grid of coloured cells with its numbers in them.

Shows an array and says what the pointer or the cursor is on; what the numbers mean it
does not know. :class:`cnnviz.widgets.matrix_editor.MatrixEditor` changes them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.cells import (
    Coloring,
    colors,
    draw_blank,
    draw_cell,
    draw_frame,
    draw_number,
)
from cnnviz.widgets.grid import Cell, Grid, Lettering, Values, letter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

NOWHERE: Cell = (-1, -1)

_ARROWS = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Home: (0, -1000),
    Qt.Key.Key_End: (0, 1000),
}

_BY_KEY = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class MatrixView(QWidget):
    """A grid of numbers, coloured by value; too small to read, it shows colours only.

    Parameters
    ----------
    name, tooltip : str
        Accessible name, and what the tooltip says under the number of a cell.
    coloring : {"signed", "sequential", "grey"}
        Diverging with zero in the neutral colour; cividis or black to white from 0.
    max_cell : int
        Largest height of a cell in pixels at text size 100 %.
    aspect : float
        Largest ratio of a cell's width to its height.
    """

    hovered = Signal(int, int)
    """Row and column under the pointer or the cursor; −1, −1 for none."""
    rounding_changed = Signal(bool)
    """Whether numbers on show are now rounded, for a caption to say so with ≈."""

    def __init__(
        self,
        name: str,
        tooltip: str = "",
        *,
        coloring: Coloring = "signed",
        max_cell: int = 48,
        aspect: float = 1.0,
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._coloring = coloring
        self._max_cell = max_cell
        self._aspect = aspect
        self._values: Values = np.zeros((1, 1))
        self._inside: NDArray[np.bool_] | None = None
        self._limit: float | None = None
        self._origin: Cell = (0, 0)
        self._marked: frozenset[Cell] = frozenset()
        self._blank: NDArray[np.bool_] | None = None
        self._current: Cell = (0, 0)
        self._hovered: Cell = NOWHERE
        self._lettering: Lettering | None = None
        self._shown: tuple[Any, ...] = (None,) * 4  # what it was lettered for
        self._describe()

    # ---------------------------------------------------------------- what it shows

    def set_values(
        self,
        values: ArrayLike,
        limit: float | None = None,
        mask: NDArray[np.bool_] | None = None,
        origin: Cell = (0, 0),
    ) -> None:
        """Show an array, without a signal.

        Parameters
        ----------
        values : float array (rows, columns)
            Kept in its own precision; whole numbers become float64.
        limit : float, optional
            The value that takes the end of the colour scale, by default the largest
            absolute value.
        mask : bool array (rows, columns), optional
            False where a cell is hatched: padding, outside the picture.
        origin : (row, column)
            The cell that is called row 0, column 0: the first one inside the padding.
        """
        array = np.array(values)
        if array.dtype.kind != "f":
            array = array.astype(np.float64)
        resized = array.shape != self._values.shape
        self._values, self._limit, self._inside = array, limit, mask
        self._origin = origin
        if resized:
            self._marked, self._blank = frozenset(), None
            self.updateGeometry()
        if not all(map(np.array_equal, self._shown, self._to_show())):
            self._show_values()

    @property
    def values(self) -> Values:
        """The array on show (rows, columns)."""
        return self._values

    @property
    def current(self) -> Cell:
        """The cell of the keyboard cursor."""
        return self._current

    @property
    def rounded(self) -> bool:
        """Whether a number on show is not exact at the present size."""
        return self._lettering is not None and self._lettering.rounded

    @property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """The numbers as they are written, empty where the cells are too small."""
        return self._lettering.texts if self._lettering else ()

    def set_marked(self, cells: Iterable[Cell]) -> None:
        """Frame cells in the highlight colour, without a signal."""
        marked = frozenset(cells)
        if marked != self._marked:
            self._marked = marked
            self.update()

    def set_coloring(self, coloring: Coloring) -> None:
        """Colour the cells in another way, without a signal."""
        self._coloring = coloring
        self.update()

    def set_blank(self, cells: NDArray[np.bool_] | None) -> None:
        """Leave cells empty whose numbers are not to be seen yet, without a signal.

        `cells` is a bool array (rows, columns), True where a number is left out; None
        shows all. Other rows or columns show all numbers again.
        """
        empty = np.zeros(self._values.shape, np.bool_)
        old, self._blank = self._blank, cells
        changed = (empty if old is None else old) ^ (empty if cells is None else cells)
        for row, column in np.argwhere(changed):
            self.update(self.cell_rect((int(row), int(column))))
        self._describe()

    def set_current(self, cell: Cell) -> None:
        """Put the keyboard cursor on a cell, without a signal."""
        rows, columns = self._values.shape
        self._current = (
            max(0, min(cell[0], rows - 1)),
            max(0, min(cell[1], columns - 1)),
        )
        self._describe()
        self.update()

    def cell_rect(self, cell: Cell) -> QRect:
        """Return the pixels of a cell."""
        return self._grid().rect(cell)

    def cell_at(self, position: QPoint) -> Cell | None:
        """Return the cell at a point of the widget."""
        return self._grid().at(position.x(), position.y())

    def describe(self, cell: Cell) -> str:
        """Return a cell in words, its number in full."""
        row, column = cell[0] - self._origin[0], cell[1] - self._origin[1]
        words = f"row {row}, column {column}".replace("-", numbers.MINUS)
        if self._blank is not None and self._blank[cell]:
            return f"{words}: not shown yet"
        words = f"{words}: {numbers.plain(self._values[cell])}"
        return words if self.is_inside(cell) else f"{words} (padding)"

    def is_inside(self, cell: Cell) -> bool:
        """Whether a cell is one of the picture, and no padding."""
        return self._inside is None or bool(self._inside[cell])

    # ---------------------------------------------------------------- inside

    def _grid(self, width: int | None = None, height: int | None = None) -> Grid:
        rows, columns = self._values.shape
        if width is None:
            width, height = self.width(), self.height()
        max_cell, scale = theme.current().px(self._max_cell), theme.current().text_size
        return _grid(rows, columns, width, height, max_cell, self._aspect, scale)

    def _to_show(self) -> tuple[Any, ...]:
        return self._values, self._limit, self._inside, self._origin

    def _show_values(self) -> None:
        self._shown = self._to_show()
        self.set_current(self._current)
        self._letter()

    def _letter(self) -> None:
        before = self.rounded
        self._lettering = letter(self._values, *self._grid().cell)
        if self.rounded != before:
            self.rounding_changed.emit(self.rounded)
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self.describe(self._current))

    def _hover(self, cell: Cell) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.hovered.emit(*cell)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Return the size at which every cell is as large as it may be."""
        px, columns = theme.current().px, self._values.shape[1]
        cell = px(self._max_cell)
        width = round(columns * cell * self._aspect) + (columns - 1) * px(3)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return a size at which the colours can still be told apart."""
        rows, columns = self._values.shape
        return QSize(columns * 4, rows * 4)

    def heightForWidth(self, width: int) -> int:
        """Return the height that the cells take in a width."""
        return self._grid(width).size()[1]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the numbers to the cells."""
        super().resizeEvent(event)
        self._letter()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every cell, then the frames over them."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw_cells(painter, event.region())
            grid = self._grid()
            for cell in self._marked:
                draw_frame(painter, grid.rect(cell), theme.color("highlight"))
            if self.hasFocus():
                draw_frame(painter, grid.rect(self._current), theme.color("accent"))

    def draw_cells(
        self, painter: QPainter, region: QRegion | None = None, turned: float = 0.0
    ) -> None:
        """Draw the cells with their numbers.

        Parameters
        ----------
        painter : QPainter
        region : QRegion, optional
            Cells outside are left out.
        turned : float
            Degrees by which the painter is turned; the numbers stay upright.
        """
        grid, lettering = self._grid(), self._lettering
        if lettering:
            painter.setFont(lettering.font)
        fills = colors(self._values, self._limit, self._coloring)
        everywhere = QRegion(self.rect()) if region is None else region
        for cell in grid.within(everywhere.boundingRect()):
            rect, fill = grid.rect(cell), fills[cell[0] * grid.columns + cell[1]]
            if not everywhere.intersects(rect):
                continue
            if self._blank is not None and self._blank[cell]:
                draw_blank(painter, rect)
                continue
            hatched, edged = not self.is_inside(cell), lettering is not None
            draw_cell(painter, rect, fill, hatched=hatched, edged=edged)
            if lettering:
                painter.setPen(theme.text_on(fill))
                text = lettering.texts[cell[0]][cell[1]]
                draw_number(painter, rect, text, turned)

    def event(self, event: QEvent) -> bool:
        """Tell the number of the cell under the pointer in full."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos())
            number = [self.describe(cell)] if cell else []
            lines = [*number, *filter(None, [self.toolTip()])]
            QToolTip.showText(event.globalPos(), "\n".join(lines), self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the cell under the pointer."""
        self._hover(self.cell_at(event.position().toPoint()) or NOWHERE)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer has left."""
        self._hover(NOWHERE)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the cursor stand for the pointer, where a key brought it here."""
        super().focusInEvent(event)
        if event.reason() in _BY_KEY:
            self._hover(self._current)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the cursor away."""
        super().focusOutEvent(event)
        self._hover(NOWHERE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cursor with the arrow keys, Home and End."""
        step = _ARROWS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        self.set_current((self._current[0] + step[0], self._current[1] + step[1]))
        self._hover(self._current)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self._letter()
        super().changeEvent(event)


@lru_cache(maxsize=64)
def _grid(
    rows: int,
    columns: int,
    width: int,
    height: int | None,
    max_cell: int,
    aspect: float,
    scale: int,
) -> Grid:
    """Return the grid of a size at a text size; the frames of a window ask often."""
    return Grid(rows, columns, width, height, max_cell, aspect)
