"""The board: input, kernels and result as large matrices, with the window over them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QWidget

from cnnviz import theme
from cnnviz.pages.windows import show
from cnnviz.pages.windows.arrange import Layout
from cnnviz.pages.windows.fitting import (
    APART,
    CAPTION,
    EDGE,
    GAP,
    LARGEST,
    fit,
    wanted_height,
)
from cnnviz.pages.windows.glide import Glide, Turn
from cnnviz.pages.windows.marks import marks
from cnnviz.pages.windows.show import (
    INPUT,
    KERNEL,
    LYING,
    RESULT,
    SCATTER,
    SOURCE,
    Shown,
)
from cnnviz.widgets import numbers
from cnnviz.widgets.matrix import NOWHERE, MatrixView
from cnnviz.widgets.matrix_editor import HELP, MatrixEditor

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from cnnviz.ops.geometry import Pair
    from cnnviz.pages.windows.arrange import Place
    from cnnviz.pages.windows.marks import Mark
    from cnnviz.pages.windows.state import State

TOOLTIPS = {
    INPUT: "The values that the window slides over; hatched is padding.",
    SOURCE: "The input with zeros between and around its values",
    KERNEL: "The weights as they are given.",
    LYING: "The kernel turned by half a turn, as it lies on the window",
    RESULT: "Point at a value to go to its window; the arrow keys go on from there",
    SCATTER: "Every input so far has added its value × kernel here",
}

Key = tuple[str, int]


class Board(QWidget):
    """All matrices of a state, as large as they fit; knows no page.

    Cells in the signals are those of the input itself, without its padding.
    """

    input_edited = Signal(int, int, int, float, str)
    """Channel, row, column, value, gesture."""
    kernel_edited = Signal(int, int, int, float, str)
    """Channel, row, column, value, gesture."""
    result_hovered = Signal(int, int, int)
    """Filter, row, column; −1 for row and column: none."""
    single_changed = Signal(bool)
    """Whether one channel alone has room now."""
    refused = Signal(str)
    """Why what was typed is no number."""
    pointed = Signal(str)
    """The cell under the pointer in words, empty for none."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Picture, kernel and result")
        self.setToolTip("Space plays, the arrow keys step, Home and End go to the ends")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._state: State | None = None
        self._matrices: dict[Key, MatrixView] = {}
        self._titles: dict[Key, str] = {}
        self._captions: dict[Key, str] = {}
        self._filled: dict[Key, object] = {}
        self._layout = Layout(1, ())
        self._whole = False  # whether all matrices show the state
        self._anew = QTimer(self, singleShot=True)
        self._anew.timeout.connect(self._again)
        self._fitted: object = None
        self._laid_out: object = None
        self._room = Shown()
        self._under: tuple[Key, Pair] | None = None
        self._read: tuple[Key, Pair] | None = None
        self._reason = QLabel(self)
        self._reason.setWordWrap(True)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._glide = Glide(self)
        self._glide.turned.connect(self._show_lying)

    # ---------------------------------------------------------------- what it shows

    def show_state(self, state: State, glide: int = 0) -> None:
        """Show a state; in ``glide`` milliseconds the window eases to its place."""
        self._state, self._whole = state, False
        if self._laid_out != self._arrangement():
            self._lay_out()
        self._fill()
        self._whole = True
        self._frame(glide)

    def _arrangement(self) -> object:
        """Return what the places of the matrices depend on."""
        state = self._state
        assert state is not None
        if self._room == Shown() or state.reason:
            return state.setting, self.size()
        return (
            state.setting,
            self.size(),
            state.channel,
            state.work.place(state.step)[0],
        )

    @property
    def single(self) -> bool:
        """Whether one channel alone is shown, for want of room."""
        return self._room.one_channel

    @property
    def moving(self) -> bool:
        """Whether something glides or turns."""
        return self._glide.moving

    def wanted_height(self) -> int:
        """Return the height at which the rows can be read."""
        return 0 if self._state is None else wanted_height(self._state)

    def finish(self) -> None:
        """Be at the end of every movement."""
        self._glide.finish()

    def matrix(self, key: str, index: int = 0) -> MatrixView:
        """Return a matrix on show; ``index`` is its channel or filter."""
        return self._matrices[key, index]

    def frames(self) -> dict[str, QRect]:
        """Return the frames over the board, by what they frame."""
        return self._glide.rects()

    def turn_kernel(self) -> None:
        """Show the flip happen: the kernels as given turn into those that lie."""
        for place in self._layout.places:
            if place.key == LYING:
                given = self._matrices[KERNEL, self._number(place)]
                lying = self._matrices[LYING, self._number(place)]
                lying.hide()
                turn = Turn(given, given.geometry(), lying.geometry())
                self._glide.turn(turn)
                break

    def _show_lying(self) -> None:
        for place in self._layout.places:
            if place.key == LYING:
                self._matrices[LYING, self._number(place)].show()

    # ---------------------------------------------------------------- laying out

    def _number(self, place: Place) -> int:
        """Return the channel or the filter of a place."""
        state = self._state
        assert state is not None
        result = place.key == RESULT
        by_filter = result and not state.setting.pooling
        if place.key == SCATTER or state.reason:
            return place.index
        if self._room.one_filter and by_filter:
            return state.work.place(state.step)[0]
        if self._room.one_channel and not by_filter:
            return min(state.channel, state.setting.channels - 1)
        return place.index

    def _lay_out(self) -> None:
        if self._state is None:
            return
        px = theme.current().px
        before = self.single
        fitted = self._state.setting, self.size(), theme.current()
        if fitted != self._fitted:  # else another channel or filter is shown
            self._fitted = fitted
            self._room, self._layout = fit(self._state, self.width(), self.height())
        shown = {
            (place.key, self._number(place)): place for place in self._layout.places
        }
        for key, place in shown.items():
            matrix = self._matrices.get(key) or self._make(*key)
            left, top = px(EDGE) + place.x, px(EDGE) + place.y
            matrix.setGeometry(left, top, place.width, place.height)
            matrix.setVisible(True)
        for key, matrix in self._matrices.items():
            if key not in shown:
                matrix.hide()
        if self.single != before:
            self.single_changed.emit(self.single)
        self._laid_out = self._arrangement()
        self._place_reason()
        self._glide.setGeometry(self.rect())
        self._glide.raise_()
        self.update()

    def _place_reason(self) -> None:
        assert self._state is not None
        px, reason = theme.current().px, self._state.reason
        self._reason.setVisible(bool(reason))
        if reason:
            self._reason.setFont(theme.font(17))
            self._reason.setText(reason)
            right = max(place.x + place.width for place in self._layout.places)
            left = right + px(APART)
            self._reason.setGeometry(
                left, px(CAPTION), max(px(120), self.width() - left), self.height()
            )

    def _make(self, key: str, index: int) -> MatrixView:
        name = show.TITLES[key] + (f" {index + 1}" if index else "")
        matrix: MatrixView
        if key in (INPUT, KERNEL):
            editor = MatrixEditor(
                name, f"{TOOLTIPS[key]}\n{HELP.splitlines()[0]}", max_cell=LARGEST
            )
            editor.edited.connect(partial(self._edit, key, index))
            editor.refused.connect(self.refused)
            matrix = editor
        else:
            matrix = MatrixView(name, TOOLTIPS[key], max_cell=LARGEST)
        matrix.setParent(self)
        matrix.hovered.connect(partial(self._hover, key, index))
        matrix.rounding_changed.connect(lambda _: self.update())
        self._matrices[key, index] = matrix
        return matrix

    # ---------------------------------------------------------------- filling

    def _fill(self) -> None:
        state = self._state
        assert state is not None
        for place in self._layout.places:
            key = place.key, self._number(place)
            content = show.matrix(state, *key)
            matrix, shown = self._matrices[key], show.identity(state, *key)
            if shown != self._filled.get(key):
                self._filled[key] = shown
                self._titles[key] = content.title
                matrix.set_values(
                    content.values, content.limit, content.inside, content.origin
                )
                matrix.setAccessibleName(content.title)
            self._captions[key] = content.short + show.of_how_many(
                state.setting, key[0], self._room
            )
            matrix.set_blank(content.blank)

    # ---------------------------------------------------------------- frames

    def _rect(self, key: Key, cell: Pair) -> QRect:
        matrix = self._matrices[key]
        return matrix.cell_rect(cell).translated(matrix.pos())

    def _frame(self, duration: int) -> None:
        state = self._state
        assert state is not None
        found = {} if state.reason else marks(state, self._shown(), self._pointed())
        frames = {name: (self._framed(mark), mark.role) for name, mark in found.items()}
        self._glide.set_frames(frames, duration=duration)

    def _framed(self, mark: Mark) -> QRect:
        whole = QRect()
        for cell in mark.cells:
            whole = whole.united(self._rect(mark.key, cell))
        reach = theme.current().px(GAP) if mark.around else 0
        return whole.adjusted(-reach, -reach, reach, reach)

    def _pointed(self) -> tuple[Key, Pair] | None:
        """Return the input cell under the pointer, if it is still there."""
        return self._under if self._there(self._under) else None

    def _there(self, place: tuple[Key, Pair] | None) -> bool:
        """Whether a cell is on the board."""
        if place is None or place[0] not in self._shown():
            return False
        rows, columns = self._matrices[place[0]].values.shape
        return bool(place[1][0] < rows and place[1][1] < columns)

    def _shown(self) -> list[Key]:
        return [(place.key, self._number(place)) for place in self._layout.places]

    # ---------------------------------------------------------------- pointing

    def _hover(self, key: str, index: int, row: int, column: int) -> None:
        nowhere = (row, column) == NOWHERE
        self._under = None
        if key in (RESULT, SCATTER):
            number = index if key == RESULT else -1
            self.result_hovered.emit(number, row, column)
        elif key in (INPUT, SOURCE) and not nowhere:
            self._under = (key, index), (row, column)
        if self._whole:  # the pointer may leave a matrix that goes meanwhile
            self._frame(0)
        self._read = None if nowhere else ((key, index), (row, column))
        self.read_again()

    def read_again(self) -> None:
        """Tell the cell under the pointer with the number that is in it now."""
        if not self._there(self._read):
            self._read = None
        words = ""
        if self._read is not None:
            key, cell = self._read
            words = f"{self._titles[key]}, {self._matrices[key].describe(cell)}"
        self.pointed.emit(words)

    def _edit(
        self, key: str, index: int, row: int, column: int, value: float, gesture: str
    ) -> None:
        if key == KERNEL:
            self.kernel_edited.emit(index, row, column, value, gesture)
            return
        state = self._state
        assert state is not None
        top, left = 0, 0
        if not state.reason and state.setting.mode != "transposed":
            top, left = state.setting.padding
        self.input_edited.emit(index, row - top, column - left, value, gesture)

    def refill(self) -> None:
        """Show the state again where an edit was refused."""
        self._filled.clear()
        self._fill()

    # ---------------------------------------------------------------- Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the captions: what a matrix is, and its size where there is room."""
        with QPainter(self) as painter:
            for place in self._layout.places:
                self._draw_caption(painter, place, (place.key, self._number(place)))

    def _draw_caption(self, painter: QPainter, place: Place, key: Key) -> None:
        px, corner = theme.current().px, self._matrices[key].pos()
        top = corner.y() - px(CAPTION)
        line = QRect(corner.x(), top, self.width(), px(CAPTION - 6))
        painter.setFont(theme.font(14, bold=True))
        ruler = painter.fontMetrics()
        title = self._captions[key]
        if self._matrices[key].rounded:
            beside = (each.x for each in self._layout.places if each.x > place.x)
            room = min(beside, default=self.width() - px(EDGE)) - place.x - px(10)
            long = f"{title}, {numbers.ROUNDED} rounded"
            fits = ruler.horizontalAdvance(long) <= room
            title = long if fits else f"{title} {numbers.ROUNDED}"
        painter.setPen(theme.color("text"))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, title)
        used = ruler.horizontalAdvance(title) + px(10)
        rows, columns = self._matrices[key].values.shape
        size = f"{rows} × {columns}"
        line.setWidth(place.width)
        painter.setFont(theme.font(14))
        painter.setPen(theme.color("muted"))
        if used + painter.fontMetrics().horizontalAdvance(size) <= place.width:
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(line, right, size)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the cells as large as they fit."""
        super().resizeEvent(event)
        self._again()

    def changeEvent(self, event: QEvent) -> None:
        """Take the sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._anew.start()  # once, however many events there are
        super().changeEvent(event)

    def _again(self) -> None:
        if self._state is not None:
            self._glide.finish()
            self._whole = False
            self._lay_out()
            self._fill()
            self._whole = True
            self._frame(0)
