"""The sum behind the pinned value: window × kernel, every channel, bias, total."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.pages.inspect.writing import TURNED
from cnnviz.widgets.grid import Grid
from cnnviz.widgets.matrix import MatrixView
from cnnviz.widgets.sum_strip import Item, SumStrip

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.pages.inspect.writing import Written

# In pixels at text size 100 %.
TALLEST, ROW, SIGN, NAME, NARROWEST = 132, 28, 30, 132, 360
ASPECT, WIDE = 1.8, 3.0

TIPS = {
    "Window": "The values that the kernel lies on; hatched is padding",
    "Kernel": "The weights of this channel",
    TURNED: "The weights of this channel by half a turn: every value below lays the "
    "kernel down, and these cells lie on this value; hatched, none is laid",
    "Products": "Value times weight",
}


class TermsView(QWidget):
    """One value written out, or a sentence in its place."""

    channel_picked = Signal(int)
    windows_asked = Signal()
    lab_asked = Signal()
    all_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("How this value was made")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._written: Written | None = None
        self._matrices: list[MatrixView] = []
        self._labels: list[QLabel] = []
        self._title = _label("How this value was made", "heading")
        self._summary = _label("", "muted")
        self._summary.setAlignment(Qt.AlignmentFlag.AlignRight)
        # Rather in two lines than wider than the panel.
        self._summary.setWordWrap(True)
        self._summary.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self._formula, self._closing = _label("", "value"), _label("", "muted")
        self._strip = SumStrip(
            "Parts of the sum",
            "Click a channel, or use the arrow keys, to see its terms",
        )
        self._strip.picked.connect(self.channel_picked)
        self._body = QWidget()
        self._grid = QGridLayout(self._body)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._lay_out()

    def show_written(self, written: Written, channel: int | None) -> None:
        """Show how a value was made; `channel` is the one whose terms are on show."""
        self._written = written
        self._summary.setText(written.summary)
        self._formula.setText(written.formula)
        self._formula.setVisible(bool(written.formula))
        self._closing.setText(written.closing)
        items = [Item(p.name, p.value, p.channel, p.result) for p in written.parts]
        self._strip.set_items(items, channel)
        words = ", ".join(f"{item.name} {item.text}" for item in items)
        self.setAccessibleDescription(
            f"{written.position}: {written.formula or words}. {written.closing}"
        )
        self._show_planes(written)
        summed = any(plane.title == "Kernel" for plane in written.planes)
        windowed = summed or any(plane.title == "Window" for plane in written.planes)
        self._windows.setVisible(windowed)
        self._lab.setVisible(summed)
        self._all.setVisible(bool(written.planes))

    # ---------------------------------------------------------------- building

    def _lay_out(self) -> None:
        px = theme.current().px
        self._windows = _link(
            "Work by hand →", "Open this window on the Windows page, step by step"
        )
        self._lab = _link(
            "Open in Kernel Lab →", "Slide this kernel over this map in the Kernel Lab"
        )
        self._all = _link("All terms…", "Every term, to read and to copy")
        pairs = (
            (self._windows, self.windows_asked),
            (self._lab, self.lab_asked),
            (self._all, self.all_asked),
        )
        self._closing.setMinimumWidth(1)  # rather cut off than wider than the panel
        foot = QHBoxLayout()
        foot.setSpacing(px(16))
        foot.addWidget(self._closing)
        for link, signal in pairs:
            link.clicked.connect(signal)
            foot.addWidget(link)
        foot.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(self._title)
        head.addWidget(self._summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(head)
        column.addWidget(self._body)
        column.addWidget(self._formula)
        column.addWidget(self._strip)
        column.addLayout(foot)

    def _show_planes(self, written: Written) -> None:
        titles = [plane.title for plane in written.planes]
        same = titles == [m.accessibleName() for m in self._matrices]
        if not same or written.heads:
            self._rebuild(written)
        for plane, matrix in zip(written.planes, self._matrices, strict=True):
            matrix.set_values(plane.values, mask=plane.inside)
            matrix.set_marked({plane.marked} if plane.marked else ())
        self._body.setVisible(bool(written.planes))
        self._fit()

    def _rebuild(self, written: Written) -> None:
        for widget in (*self._matrices, *self._labels):
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        rows = bool(written.heads)
        aspect = WIDE if rows else ASPECT
        self._labels = []
        self._matrices = [
            MatrixView(p.title, TIPS.get(p.title, p.title), max_cell=48, aspect=aspect)
            for p in written.planes
        ]
        self._grid.setSpacing(theme.current().px(3))
        for number, (plane, matrix) in enumerate(
            zip(written.planes, self._matrices, strict=True)
        ):
            label = _label(plane.title, "muted" if rows else "caption")
            mark = " ≈" if rows else ", ≈ rounded"
            matrix.rounding_changed.connect(
                partial(_mark_rounded, label, plane.title, mark)
            )
            if rows:
                self._put(label, number + 1, 0)
                self._grid.addWidget(matrix, number + 1, 1, Qt.AlignmentFlag.AlignLeft)
            else:
                self._put(label, 0, 2 * number)
                self._grid.addWidget(matrix, 1, 2 * number)
        if rows:
            self._heads = _Heads(written.heads)
            self._put(self._heads, 0, 1)
        for number, sign in enumerate(written.signs):
            label = _label(sign, "title")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setFixedWidth(theme.current().px(SIGN))
            self._put(label, 1, 2 * number + 1)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        self._grid.setColumnStretch(self._grid.columnCount(), 1)

    def _put(self, label: QLabel, row: int, column: int) -> None:
        self._labels.append(label)
        self._grid.addWidget(label, row, column)

    def _fit(self) -> None:
        if self._written is None or not self._written.planes:
            return
        px, written = theme.current().px, self._written
        rows, columns = written.planes[0].values.shape
        if written.heads:
            room = self.width() - px(NAME + 6)
            width, height = Grid(1, columns, room, px(ROW), px(ROW), WIDE).size()
            self._heads.set_cells(width, px(20))
            for label in self._labels:
                if label is not self._heads:
                    label.setFixedWidth(px(NAME))
        else:
            count = len(written.planes)
            share = (self.width() - (count - 1) * px(SIGN + 6)) // count
            share = min(max(columns, share), px(300))
            width, height = Grid(
                rows, columns, share, px(TALLEST), px(48), ASPECT
            ).size()
        for matrix in self._matrices:
            matrix.setFixedSize(width, height)

    # ---------------------------------------------------------------- Qt

    def minimumSizeHint(self) -> QSize:
        """Return a width that the matrices can shrink to, whatever they have now."""
        return QSize(theme.current().px(NARROWEST), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the matrices to the width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Fit the matrices to another text size."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)


class _Heads(QLabel):
    """Names over the columns of rows, each as wide as a cell."""

    def __init__(self, heads: tuple[str, ...]) -> None:
        super().__init__()
        self._cells: list[QLabel] = []
        for head in heads:
            label = QLabel(head, self)
            label.setProperty("role", "caption")
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._cells.append(label)

    def set_cells(self, width: int, height: int) -> None:
        """Spread the names over this width."""
        self.setFixedSize(width, height)
        count = len(self._cells)
        for number, label in enumerate(self._cells):
            left, right = (width * n // count for n in (number, number + 1))
            label.setGeometry(left, 0, right - left, height)


def _mark_rounded(label: QLabel, title: str, mark: str, rounded: bool) -> None:
    label.setText(title + mark if rounded else title)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def _link(text: str, tooltip: str) -> QPushButton:
    link = QPushButton(text)
    link.setProperty("role", "link")
    link.setAccessibleName(text.rstrip(" →…"))
    link.setToolTip(tooltip)
    return link
