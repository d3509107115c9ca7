"""All terms of one value as a table, to read and to copy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

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
from cnnviz.widgets import terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.widgets.terms import TermsContent

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class TermsModel(QAbstractTableModel):
    """The rows of :func:`cnnviz.widgets.terms.table`; the last one is the total.

    Parameters
    ----------
    content : TermsContent
        The terms.
    """

    def __init__(self, content: TermsContent) -> None:
        super().__init__()
        self._rows = terms.table(content)

    def rowCount(self, parent: Index = ROOT) -> int:
        """Return one row a term, and one for the bias and the total."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(terms.HEADER)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the text of a cell, its alignment, and bold for the last row."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            return theme.font(14, bold=index.row() == len(self._rows) - 1)
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
                return terms.HEADER[section]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class TermsDialog(QDialog):
    """A window with all terms.

    Parameters
    ----------
    content : TermsContent
        The terms.
    parent : QWidget
        The widget it belongs to.
    """

    def __init__(self, content: TermsContent, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("All terms")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._content = content
        self._model = TermsModel(content)
        px = theme.current().px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(8))
        column.addWidget(_label(f"{content.title}, {content.position}", "heading"))
        column.addWidget(self._view(), 1)
        if gap := terms.difference(content):
            column.addWidget(_label(gap, "caption"))
        column.addLayout(self._buttons())
        self.resize(px(680), px(520))

    def _view(self) -> QTableView:
        view = QTableView()
        view.setModel(self._model)
        view.setAccessibleName("All terms")
        view.setToolTip("Row and column in the window; ≈ marks a rounded number")
        view.setShowGrid(False)
        view.setStyleSheet("QTableView::item { padding: 0 6px; }")
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(theme.current().px(28))
        view.horizontalHeader().setHighlightSections(False)
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        return view

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for title, form in (
            ("Copy as CSV", terms.as_csv),
            ("Copy as Markdown", terms.as_markdown),
        ):
            row.addWidget(_button(title, partial(self._copy, form)))
        row.addStretch(1)
        row.addWidget(_button("Close", self.accept))
        return row

    def _copy(self, form: Callable[[TermsContent], str]) -> None:
        QGuiApplication.clipboard().setText(form(self._content))


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
