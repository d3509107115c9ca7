"""Which class a network takes for which: true ones down, predicted ones across."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.cells import draw_cell, draw_frame
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.grid import Cell, Grid
from cnnviz.widgets.plot_frame import HEAD, draw_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

NOWHERE: Cell = (-1, -1)

# In pixels at text size 100 %.
LARGEST_CELL, SMALLEST_CELL = 48, 6
LABEL, GAP = 18, 8
LONGEST_NAME = 90

FAINTEST = 0.12
"""How much of the highlight a cell with a mistake has at least."""

STRONGEST = 0.55
"""How much of the accent a class has that is always right."""

_ARROWS: dict[int, Cell] = {
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
}
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class ConfusionMatrix(QWidget):
    """Counts of pictures by their true and their predicted class.

    The diagonal, which is right, is drawn apart in the accent colour; mistakes take the
    whole range of the highlight colour, so that few of them are seen beside many
    successes. The share that is right of each class stands at the right edge. Click or
    Enter chooses a cell; arrow keys move.

    Parameters
    ----------
    name, tooltip : str
        Title and accessible name, and tooltip.
    """

    hovered = Signal(int, int)
    """True and predicted class under the pointer or the cursor; −1, −1 for none."""
    chosen = Signal(int, int)

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keep_keys(self, _ARROWS)
        self._title = name
        self._counts: NDArray[np.int64] = np.zeros((10, 10), np.int64)
        self._names: tuple[str, ...] = tuple("0123456789")
        self._current: Cell = (0, 0)
        self._hovered: Cell = NOWHERE
        self._marked: Cell | None = None
        self._drawn: tuple[object, QPixmap] | None = None

    # ---------------------------------------------------------------- content

    def set_counts(self, counts: NDArray[np.int64], names: Sequence[str]) -> None:
        """Show counts, without a signal.

        Parameters
        ----------
        counts : int64 (K, K)
            Rows are true classes, columns predicted ones.
        names : sequence of str, (K,)
        """
        if len(counts) != len(self._counts):
            self._current, self._hovered, self._marked = (0, 0), NOWHERE, None
            self.updateGeometry()
        self._counts, self._names, self._drawn = counts, tuple(names), None
        self.setAccessibleDescription(self.summary())
        self.update()

    def set_marked(self, cell: Cell | None) -> None:
        """Frame a cell in the highlight colour, without a signal."""
        self._marked = cell
        self.update()

    def summary(self) -> str:
        """Return how many are right."""
        right, total = int(np.trace(self._counts)), int(self._counts.sum())
        if not total:
            return ""
        return f"{_share(right, total)} right, {total - right:,} of {total:,} wrong"

    def describe(self, cell: Cell) -> str:
        """Return a cell in words."""
        true, predicted = (self._names[index] for index in cell)
        count, total = int(self._counts[cell]), int(self._counts[cell[0]].sum())
        share = f", {_share(count, total)} of {total:,}" if total else ""
        words = "rightly" if cell[0] == cell[1] else "wrongly"
        return f"{true} taken {words} for {predicted}: {count:,}{share}"

    # ---------------------------------------------------------------- places

    def _grid(self) -> tuple[Grid, QPoint]:
        """Return the cells, and their upper left corner."""
        px, count = theme.current().px, len(self._counts)
        ruler = QFontMetricsF(theme.font(12))
        widest = max(map(ruler.horizontalAdvance, self._names))
        left = round(min(widest, px(LONGEST_NAME)) + px(GAP))
        right = round(ruler.horizontalAdvance("≈00.00 %") + px(GAP))
        top = px(HEAD + LABEL)
        width, height = self.width() - left - right, self.height() - top
        room = max(count, width), max(count, height)
        grid = Grid(count, count, *room, px(LARGEST_CELL), 1.3)
        return grid, QPoint(left, top)

    def cell_rect(self, cell: Cell) -> QRect:
        """Return the pixels of a cell."""
        grid, corner = self._grid()
        return grid.rect(cell).translated(corner)

    def cell_at(self, position: QPoint) -> Cell | None:
        """Return the cell at a point of the widget."""
        grid, corner = self._grid()
        place = position - corner
        return grid.at(place.x(), place.y())

    def _hover(self, cell: Cell) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.update()
            self.hovered.emit(*cell)

    # ---------------------------------------------------------------- painting

    def _cells(self, grid: Grid) -> QPixmap:
        """Return the cells alone; they are drawn once, not with every hover."""
        ratio, look = self.devicePixelRatioF(), theme.current()
        key = (grid, ratio, look)
        if self._drawn is None or self._drawn[0] != key:
            width, height = grid.size()
            pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(Qt.GlobalColor.transparent)
            with QPainter(pixmap) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint_cells(painter, grid)
            self._drawn = key, pixmap
        return self._drawn[1]

    def _paint_cells(self, painter: QPainter, grid: Grid) -> None:
        painter.setFont(theme.font(12))
        ruler, counts = QFontMetricsF(painter.font()), self._counts.ravel().tolist()
        cells = list(np.ndindex(*self._counts.shape))
        if ruler.height() > grid.cell[1] + 2:
            counts = [0] * len(counts)  # no number has room
        right = max(self._counts.diagonal().tolist(), default=0)
        for cell, count, fill in zip(cells, counts, _fills(self._counts), strict=True):
            rect = grid.rect(cell)
            draw_cell(painter, rect, fill, hatched=False, edged=True)
            # All of the diagonal is numbered, or none of it.
            widest = numbers.text(right if cell[0] == cell[1] else count)
            if count and ruler.horizontalAdvance(widest) <= grid.cell[0]:
                painter.setPen(theme.text_on(fill))
                painter.drawText(rect, _CENTRE, numbers.text(count))

    def _paint_labels(self, painter: QPainter, grid: Grid, corner: QPoint) -> None:
        px, gap = theme.current().px, theme.current().px(GAP)
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("muted"))
        ruler = painter.fontMetrics()
        after = corner.x() + grid.size()[0] + gap
        line = QRect(after, px(HEAD), self.width(), px(LABEL))
        painter.drawText(line, _LEFT, "right")
        for index, name in enumerate(self._names):
            rect = grid.rect((index, index)).translated(corner)
            if rect.height() < ruler.height() - 3:
                continue  # too many classes to name
            at = index in (self._hovered[0], self._marked[0] if self._marked else -1)
            painter.setPen(theme.color("text" if at else "muted"))
            line = QRect(0, rect.top(), corner.x() - gap, rect.height())
            right = Qt.TextElideMode.ElideRight
            painter.drawText(
                line, _RIGHT, ruler.elidedText(name, right, line.width() + 1)
            )
            total = int(self._counts[index].sum())
            if total:
                share = _share(int(self._counts[index, index]), total)
                line = QRect(after, rect.top(), self.width(), rect.height())
                painter.drawText(line, _LEFT, share)
            at = index in (self._hovered[1], self._marked[1] if self._marked else -1)
            painter.setPen(theme.color("text" if at else "muted"))
            above = QRect(rect.left(), px(HEAD), rect.width(), px(LABEL))
            words = ruler.elidedText(name, right, above.width() + 2)
            painter.drawText(above, _CENTRE, words)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for cells that hold their numbers."""
        px, count = theme.current().px, len(self._counts)
        return QSize(px(32) * count + px(100), px(26) * count + px(HEAD + LABEL))

    def minimumSizeHint(self) -> QSize:
        """Do with cells whose colours can be told apart."""
        px, count = theme.current().px, len(self._counts)
        side = px(SMALLEST_CELL) * count
        return QSize(side + px(110), side + px(HEAD + LABEL))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, names, cells and the shares that are right."""
        grid, corner = self._grid()
        px = theme.current().px
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            right = max(corner.x() + grid.size()[0] + px(80), px(300))
            head = QRectF(0, 0, min(self.width(), right), px(HEAD))
            draw_head(painter, head, self._title, "true ↓ predicted →")
            self._paint_labels(painter, grid, corner)
            painter.drawPixmap(corner, self._cells(grid))
            if self._marked is not None:
                rect = grid.rect(self._marked).translated(corner)
                draw_frame(painter, rect, theme.color("highlight"))
            if self.hasFocus() or self._hovered != NOWHERE:
                here = self._current if self._hovered == NOWHERE else self._hovered
                rect = grid.rect(here).translated(corner)
                draw_frame(painter, rect, theme.color("accent"))

    def event(self, event: QEvent) -> bool:
        """Tell the cell under the pointer in words."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            cell = self.cell_at(event.pos())
            first = [self.describe(cell)] if cell else []
            text = "\n".join([*first, self.toolTip()])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the cell under the pointer."""
        self._hover(self.cell_at(event.position().toPoint()) or NOWHERE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell under the pointer."""
        cell = self.cell_at(event.position().toPoint())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = cell
            self.chosen.emit(*cell)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer has left."""
        self._hover(NOWHERE)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the cursor away, unless the pointer is there."""
        if not self.underMouse():
            self._hover(NOWHERE)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys, choose with Enter."""
        key, last = event.key(), len(self._counts) - 1
        if key in _ARROWS:
            down, across = _ARROWS[key]
            row, column = self._current[0] + down, self._current[1] + across
            self._current = min(max(0, row), last), min(max(0, column), last)
            self._hover(self._current)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit(*self._current)
        else:
            super().keyPressEvent(event)


def _share(count: int, total: int) -> str:
    percent = 100 * count / total
    shown = numbers.fixed(percent, 2)
    mark = numbers.ROUNDED if numbers.is_rounded(percent, shown) else ""
    return f"{mark}{shown} %"


def _fills(counts: NDArray[np.int64]) -> list[QColor]:
    """Return the colour of every cell, row after row."""
    totals = counts.sum(axis=1, keepdims=True)
    wrong = counts - np.diag(np.diag(counts))
    # One mistake is to be seen beside a hundred.
    shares = (counts > 0) * (FAINTEST + (1 - FAINTEST) * wrong / max(1, wrong.max()))
    right = STRONGEST * np.diag(counts / np.maximum(1, totals))
    highlight, accent = np.zeros((2, *counts.shape, 1))
    highlight[..., 0] = shares - np.diag(np.diag(shares))
    accent[..., 0] = np.diag(right)
    low, mistake, success = (
        np.array([color.red(), color.green(), color.blue()])
        for color in map(theme.color, ("surface", "highlight", "accent"))
    )
    mixed = low + highlight * (mistake - low) + accent * (success - low)
    return [
        QColor(*parts) for parts in mixed.round().astype(int).reshape(-1, 3).tolist()
    ]
