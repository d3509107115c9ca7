"""All terms of one value as a table, to read and to copy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets import numbers, terms
from cnnviz.widgets.terms import DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cnnviz.widgets.terms import TermsContent

    Row = Sequence[str | float]

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class TermsModel(QAbstractTableModel):
    """Rows of terms.

    Parameters
    ----------
    header : sequence of str
    rows : sequence of rows
        Texts and whole numbers as they are, other numbers to six digits.
    total : bool
        Whether the last row is bold.
    """

    def __init__(
        self, header: Sequence[str], rows: Sequence[Row], *, total: bool = False
    ) -> None:
        super().__init__()
        self._header, self._rows, self._total = header, rows, total

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._header)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its alignment, and bold for the total."""
        if role == Qt.ItemDataRole.DisplayRole:
            cell = self._rows[index.row()][index.column()]
            rounds = isinstance(cell, float)
            return numbers.approx(np.float32(cell), DIGITS) if rounds else str(cell)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            last = index.row() == len(self._rows) - 1
            return theme.font(14, bold=self._total and last)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """Return the name of a column."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._header[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class TableDialog(QDialog):
    """A window with all terms.

    Parameters
    ----------
    heading : str
        Whose they are.
    model : TermsModel
    copies : mapping of str to callable
        What can be copied: the words on the button and what returns the text.
    parent : QWidget
        The widget it belongs to.
    note : str
        A sentence below.
    """

    def __init__(
        self,
        heading: str,
        model: TermsModel,
        copies: Mapping[str, Callable[[], str]],
        parent: QWidget,
        note: str = "",
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("All terms")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model = model
        px = theme.current().px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(8))
        column.addWidget(_label(heading, "heading"))
        column.addWidget(self._view(), 1)
        if note:
            column.addWidget(_label(note, "caption"))
        column.addLayout(self._buttons(copies))
        self.resize(px(830), px(520))

    def _view(self) -> QTableView:
        view = QTableView()
        view.setModel(self._model)
        view.setAccessibleName("All terms")
        view.setToolTip("Every term; ≈ marks a rounded number")
        view.setShowGrid(False)
        view.setStyleSheet("QTableView::item { padding: 0 6px; }")
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(theme.current().px(28))
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        return view

    def _buttons(self, copies: Mapping[str, Callable[[], str]]) -> QHBoxLayout:
        row = QHBoxLayout()
        for title, form in copies.items():
            row.addWidget(_button(title, partial(_copy, form)))
        row.addStretch(1)
        row.addWidget(_button("Close", self.accept))
        return row


class TermsDialog(TableDialog):
    """A window with all terms of a window; the last row is the total.

    Parameters
    ----------
    content : TermsContent
        The terms.
    parent : QWidget
        The widget it belongs to.
    """

    def __init__(self, content: TermsContent, parent: QWidget) -> None:
        super().__init__(
            f"{content.title}, {content.position}",
            TermsModel(terms.HEADER, terms.table(content), total=True),
            {
                "Copy as CSV": partial(terms.as_csv, content),
                "Copy as Markdown": partial(terms.as_markdown, content),
            },
            parent,
            terms.difference(content),
        )


def _copy(form: Callable[[], str]) -> None:
    QGuiApplication.clipboard().setText(form())


def _button(title: str, action: Callable[[], None]) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(title)
    button.clicked.connect(lambda _: action())
    return button


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    return label
