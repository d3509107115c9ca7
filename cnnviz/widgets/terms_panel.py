"""One value of a map and the sum behind it: window × kernel = products → value."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.grid import SMALLEST_LETTERED, Grid
from cnnviz.widgets.matrix import NOWHERE, MatrixView
from cnnviz.widgets.terms import PoolContent as PoolContent
from cnnviz.widgets.terms import TermsContent as TermsContent
from cnnviz.widgets.terms_result import TermsResult
from cnnviz.widgets.terms_table import TermsDialog

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.widgets.terms import Content

EMPTY = "Point at the feature map to see the sum behind a value; click to pin it."

# In pixels at text size 100 %.
TALLEST, TALLEST_OVER = 132, 112
"""Of the matrices, and of those with the result under them, which is to be seen too."""
BESIDE, UNDER = 20, 8
"""What lies between the matrices and the result."""
RESULT = 220
NARROWEST = 400
SIGN = 30
ROOMY, READABLE = 40, 28
"""Cells narrower than the one are widened by putting the result under them, if that
makes them at least as wide as the other."""
ASPECT = 1.8
"""Largest ratio of a cell's width to its height: room for digits in a low panel."""


class TermsPanel(QStackedWidget):
    """The equation of one value, or a word on how to get one."""

    by_hand_asked = Signal()
    """The value on show is to be worked step by step."""

    tap_hovered = Signal(int, int)
    """Row and column in the window under the pointer; −1, −1 for none."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("The sum behind a value")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._content: Content | None = None
        self._result = TermsResult()
        self._parts = [
            _Part("Window", "The values that the kernel lies on; hatched is padding"),
            _Part("Kernel", "The weights as they lie on the window"),
            _Part("Products", "Value times weight"),
        ]
        self._signs = [_label("×", "title"), _label("=", "title")]
        for part in self._parts:
            part.matrix.hovered.connect(self._hover)
        self._empty = _label(EMPTY, "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(self._empty)
        self.addWidget(self._equation())
        self._fill_with_zeros()

    def show_terms(self, content: Content | None, reason: str = "") -> None:
        """Show the terms of a value, or for None why there are none."""
        self._content = content
        self.setCurrentIndex(content is not None)
        if content is None:
            self._empty.setText(reason or EMPTY)
            self.setAccessibleDescription(reason or EMPTY)
            return
        self._title.setText(content.title)
        self._all.setVisible(isinstance(content, TermsContent))
        self._show_matrices(content)
        self.setAccessibleDescription(self._result.show_content(content))
        self._fit()

    def _show_matrices(self, content: Content) -> None:
        summed = isinstance(content, TermsContent)
        for widget in (*self._parts[1:], *self._signs):
            widget.setVisible(summed)
        window, kernel, products = (part.matrix for part in self._parts)
        window.set_coloring(content.coloring)
        window.set_values(content.values, content.limit, content.inside)
        if isinstance(content, TermsContent):
            kernel.set_values(content.weights)
            products.set_values(content.products, mask=content.inside)
        self._hover(*NOWHERE)

    # ---------------------------------------------------------------- building

    def _equation(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addLayout(self._head())
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.addLayout(self._matrices())
        self._body.addWidget(self._result, 1)
        column.addLayout(self._body)
        column.addStretch(1)
        return page

    def _head(self) -> QHBoxLayout:
        self._title = _label("", "heading")
        self._position = _label("", "muted")
        # Rather cut off than wrapped, and never wider than the panel.
        self._position.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        )
        self._by_hand = _link(
            "Work by hand →", "Work this window step by step on the page Windows"
        )
        self._by_hand.clicked.connect(self.by_hand_asked)
        self._all = _link(
            "All terms…", "Every term with the running sum, to read and to copy"
        )
        self._all.clicked.connect(self.open_table)
        policy = self._all.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # or the panel would jump
        self._all.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setSpacing(theme.current().px(12))
        head.addWidget(self._title)
        head.addWidget(self._position, 1)
        head.addWidget(self._by_hand)
        head.addWidget(self._all)
        return head

    def _matrices(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        for place, part in enumerate(self._parts):
            grid.addWidget(part, 0, 2 * place)
        for place, sign in enumerate(self._signs):
            sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(sign, 0, 2 * place + 1)
        grid.setColumnStretch(5, 1)
        return grid

    def _fill_with_zeros(self) -> None:
        # So that the panel has its height before there is anything to show.
        zeros = np.zeros((3, 3))
        inside = np.ones((3, 3), bool)
        self.show_terms(
            TermsContent("", "", zeros, zeros, zeros, inside, 0.0, 0.0, 0.0)
        )
        self.show_terms(None)

    # ---------------------------------------------------------------- acting

    def open_table(self) -> None:
        """Open a window with every term."""
        if isinstance(self._content, TermsContent):
            TermsDialog(self._content, self).open()

    def _hover(self, row: int, column: int) -> None:
        marked = {(row, column)} - {NOWHERE}
        if isinstance(self._content, PoolContent) and self._content.chosen:
            marked.add(self._content.chosen)
        for part in self._parts:
            part.matrix.set_marked(marked)
        self.tap_hovered.emit(row, column)

    def _fit(self) -> None:
        if self._content is None:
            return
        px = theme.current().px
        rows, columns = self._content.values.shape
        count = 3 if isinstance(self._content, TermsContent) else 1
        room = self.width() - (count - 1) * px(SIGN)

        def grid(width: int, tallest: int) -> Grid:
            share = max(columns, width // count)
            wide = Grid(rows, columns, share, px(tallest), px(48), ASPECT)
            # Without numbers there is no reason to draw squares as oblongs.
            lettered = wide.cell[1] >= px(SMALLEST_LETTERED)
            return wide if lettered else replace(wide, aspect=1.0)

        beside = grid(room - px(RESULT), TALLEST)
        # More rows than three would have no room for their numbers.
        below = grid(room, TALLEST_OVER if rows <= 3 else TALLEST)
        narrow, wide = beside.cell[0], below.cell[0]
        under = narrow < min(px(ROOMY), wide) and wide >= px(READABLE)
        direction = QBoxLayout.Direction
        self._body.setDirection(
            direction.TopToBottom if under else direction.LeftToRight
        )
        self._body.setSpacing(px(UNDER if under else BESIDE))
        fits = self._place_fits()
        self._position.setText(self._content.position * fits)
        place = self._content.position * (not fits)
        self._result.lay_out(in_a_row=under, place=place)
        width, height = (below if under else beside).size()
        for part in self._parts:
            part.matrix.setFixedSize(width, height)
        for sign in self._signs:
            sign.setFixedWidth(px(SIGN))
            # As high as the name over a matrix, so that the sign is beside its middle.
            sign.setContentsMargins(0, self._parts[0].head_height(), 0, 0)

    def _place_fits(self) -> bool:
        """Whether row and column have room in the head; else they stand by the sum."""
        assert self._content is not None
        words = self._position.fontMetrics().horizontalAdvance(self._content.position)
        beside = (self._title, self._by_hand, self._all)
        taken = sum(widget.sizeHint().width() for widget in beside)
        return taken + words + 3 * theme.current().px(12) <= self.width()

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
        kinds = QEvent.Type.FontChange, QEvent.Type.StyleChange
        if event.type() in kinds and self._content is not None:
            self._fit()
        super().changeEvent(event)


class _Part(QWidget):
    """A matrix under its name, which says ≈ when its numbers are rounded."""

    def __init__(self, title: str, tooltip: str) -> None:
        super().__init__()
        self._title = title
        self._label = _label(title, "caption")
        self.matrix = MatrixView(title, tooltip, aspect=ASPECT)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(4))
        column.addWidget(self._label)
        column.addWidget(self.matrix)
        column.addStretch(1)
        self.matrix.rounding_changed.connect(self._say_rounded)

    def head_height(self) -> int:
        """Return the pixels above the matrix."""
        return self._label.sizeHint().height() + theme.current().px(4)

    def _say_rounded(self, rounded: bool) -> None:
        self._label.setText(f"{self._title}, ≈ rounded" if rounded else self._title)


def _link(text: str, tooltip: str) -> QPushButton:
    link = QPushButton(text)
    link.setProperty("role", "link")
    link.setAccessibleName(text.rstrip(" →…"))
    link.setToolTip(tooltip)
    return link


def _label(text: str, role: str = "") -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label
