"""The sum behind one value of a row: value × weight = product, a column a term."""

from __future__ import annotations

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
from cnnviz.widgets import numbers
from cnnviz.widgets.grid import Grid
from cnnviz.widgets.matrix import MatrixView
from cnnviz.widgets.terms import DIGITS
from cnnviz.widgets.terms_table import TermsDialog

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.widgets.terms import TermsContent

# In pixels at text size 100 %.
LOW, HIGH, NAME, RESULT, NARROWEST = 28, 52, 88, 190, 310
ASPECT = 2.6
"""Largest ratio of a cell's width to its height."""

ROWS = (
    ("Value", "The samples that the kernel lies on; hatched is padding"),
    ("× Weight", "The weights as they lie on the samples"),
    ("= Product", "Value times weight"),
)


class TermsColumns(QWidget):
    """One window of one row, written out; every term is a column."""

    tap_hovered = Signal(int)
    """The term under the pointer, −1 for none."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("The sum behind a value")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._content: TermsContent | None = None
        self._row_height = theme.current().px(LOW)
        self._title, self._position = _label("heading"), _label("muted")
        self._sum, self._value = _label("muted"), _label("value")
        self._names = [_label("muted") for _ in ROWS]
        self.rows = [
            MatrixView(name.strip("×= "), tip, max_cell=HIGH, aspect=ASPECT)
            for name, tip in ROWS
        ]
        for row, (name, _), label in zip(self.rows, ROWS, self._names, strict=True):
            label.setText(name)
            row.hovered.connect(lambda _, tap: self._hover(tap))
            row.rounding_changed.connect(lambda _: self._name_rows())
        self._tight = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(6))
        column.addLayout(self._head())
        column.addLayout(self._body())

    def show_terms(self, content: TermsContent) -> None:
        """Show the terms of a value; its arrays have one row."""
        self._content = content
        self._title.setText(content.title)
        self._position.setText(content.position)
        value, weight, product = self.rows
        value.set_values(content.values, mask=content.inside)
        weight.set_values(content.weights)
        product.set_values(content.products, mask=content.inside)
        self._write_sum()
        self._value.setText(numbers.approx(content.shown, DIGITS))
        self.setAccessibleDescription(
            f"{content.title}, {content.position}: {self.value_text()}"
        )
        self.mark(-1)
        self._fit()

    def value_text(self) -> str:
        """Return the sum as it is written large."""
        return self._value.text()

    def mark(self, tap: int) -> None:
        """Frame one term in all rows, −1 for none, without a signal."""
        for row in self.rows:
            row.set_marked({(0, tap)} if tap >= 0 else ())

    def set_row_height(self, height: int) -> None:
        """Draw cells of this height in pixels, as near as can be read."""
        px = theme.current().px
        height = min(px(HIGH), max(px(LOW), height))
        if height != self._row_height:
            self._row_height = height
            self._fit()

    def set_tight(self, tight: bool) -> None:
        """Do without the line over the cells where there is little height."""
        if tight != self._tight:
            self._tight = tight
            for label in (self._title, self._position):
                label.setVisible(not tight)
            self._write_sum()
            self.updateGeometry()

    def open_table(self) -> None:
        """Open a window with every term."""
        if self._content is not None:
            TermsDialog(self._content, self).open()

    # ---------------------------------------------------------------- inside

    def _head(self) -> QHBoxLayout:
        # Rather cut off than as wide as the words.
        self._position.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        head = QHBoxLayout()
        head.setSpacing(theme.current().px(12))
        head.addWidget(self._title)
        head.addWidget(self._position, 1)
        return head

    def _link(self) -> QPushButton:
        link = QPushButton("All terms…")
        link.setProperty("role", "link")
        link.setAccessibleName("All terms")
        link.setToolTip("Open a table of all terms, to read and to copy")
        link.clicked.connect(self.open_table)
        return link

    def _body(self) -> QHBoxLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.current().px(3))
        for place, (name, row) in enumerate(zip(self._names, self.rows, strict=True)):
            grid.addWidget(name, place, 0)
            grid.addWidget(row, place, 1, Qt.AlignmentFlag.AlignLeft)
        result = QVBoxLayout()
        result.setSpacing(0)
        result.addStretch(1)
        result.addWidget(self._sum)
        result.addWidget(self._value)
        result.addWidget(self._link(), 0, Qt.AlignmentFlag.AlignLeft)
        result.addStretch(1)
        body = QHBoxLayout()
        body.setSpacing(theme.current().px(24))
        body.addLayout(grid)
        body.addLayout(result, 1)
        return body

    def _write_sum(self) -> None:
        if self._content is None:
            return
        count = self._content.products.size
        words = f"sum of {count} product{'s' * (count > 1)}"
        self._sum.setText(f"{self._content.title}, {words}" if self._tight else words)

    def _hover(self, tap: int) -> None:
        self.mark(tap)
        self.tap_hovered.emit(tap)

    def _name_rows(self) -> None:
        for row, (name, _), label in zip(self.rows, ROWS, self._names, strict=True):
            label.setText(f"{name} ≈" if row.rounded else name)

    def _fit(self) -> None:
        if self._content is None:
            return
        px, count = theme.current().px, self._content.values.shape[1]
        room = max(count, self.width() - px(NAME + RESULT + 27))
        high = self._row_height
        width, height = Grid(1, count, room, high, high, ASPECT).size()
        for row in self.rows:
            row.setFixedSize(width, max(height, px(18)))
        for label in self._names:
            label.setFixedWidth(px(NAME))
        self._name_rows()

    # ---------------------------------------------------------------- Qt

    def minimumSizeHint(self) -> QSize:
        """Return what the cells can shrink to, whatever they have now."""
        px = theme.current().px
        head = 0 if self._tight else self._title.sizeHint().height() + px(6)
        return QSize(px(NARROWEST), head + 3 * px(LOW) + px(8))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cells to the width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Fit the cells to another text size."""
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        super().changeEvent(event)


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    return label
