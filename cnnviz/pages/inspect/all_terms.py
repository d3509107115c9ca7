"""Every term of a value as a table, to read and to copy."""

from __future__ import annotations

from csv import writer
from io import StringIO
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
from cnnviz.nn import arithmetic
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from cnnviz.nn.arithmetic import Terms

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
Rows = list[tuple[float, ...]]


def table(found: Terms) -> tuple[tuple[str, ...], int, Rows]:
    """Return the terms of a value.

    Returns
    -------
    header : tuple of str
    whole : int
        How many of the columns hold whole numbers.
    rows : list of tuples of float
    """
    header: tuple[str, ...]
    if isinstance(found, arithmetic.ConvTerms):
        header = (
            "Channel",
            "Kernel row",
            "Kernel column",
            "Value",
            "Weight",
            "Product",
        )
        rows: Rows = [
            (
                int(found.channels[at[0]]),
                *at[1:],
                float(found.values[at]),
                float(found.weights[at]),
                float(found.products[at]),
            )
            for at in np.ndindex(*found.products.shape)
        ]
        return header, 3, rows
    if isinstance(found, arithmetic.PoolTerms):
        rows = [
            (*at, float(found.values[at])) for at in np.ndindex(*found.values.shape)
        ]
        return ("Row", "Column", "Value"), 2, rows
    if isinstance(found, arithmetic.DenseTerms):
        header = ("Input", "Value", "Weight", "Product")
        return header, 1, _counted(found.values, found.weights, found.products)
    if isinstance(found, arithmetic.RbfTerms):
        header = ("Input", "Value", "Code", "Square")
        return header, 1, _counted(found.values, found.codes, found.squares)
    if isinstance(found, arithmetic.SoftmaxTerms):
        shares = found.exponentials / np.float32(found.sum)
        header = ("Unit", "Score", "Exponential", "Share")
        return header, 1, _counted(found.scores, found.exponentials, shares)
    return ("Value", "Total"), 0, [(found.own, found.total)]


def as_csv(found: Terms) -> str:
    """Return all terms as comma-separated values, unrounded."""
    header, _, rows = table(found)
    text = StringIO()
    writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def _counted(*columns: np.ndarray[Any, Any]) -> Rows:
    values = zip(*(column.tolist() for column in columns), strict=True)
    return [(number, *row) for number, row in enumerate(values)]


class _Model(QAbstractTableModel):
    def __init__(self, found: Terms, parent: QWidget) -> None:
        super().__init__(parent)
        self._header, self._whole, self._rows = table(found)

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._header)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            value = self._rows[index.row()][index.column()]
            whole = index.column() < self._whole
            return str(int(value)) if whole else numbers.approx(np.float32(value), 8)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._header[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None


class AllTerms(QDialog):
    """A window with every term of a value.

    Parameters
    ----------
    found : Terms
    position : str
        Whose they are, in words.
    parent : QWidget
    """

    def __init__(self, found: Terms, position: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("All terms")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        px = theme.current().px
        heading = QLabel(position)
        heading.setProperty("role", "heading")
        view = QTableView()
        view.setModel(_Model(found, self))
        view.setAccessibleName("All terms")
        view.setToolTip("Every term; ≈ marks a rounded number")
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(px(28))
        view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        copy = _button("Copy as CSV", "Every term, unrounded")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(as_csv(found)))
        close = _button("Close", "Close this window")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(20), px(16), px(20), px(16))
        column.setSpacing(px(8))
        column.addWidget(heading)
        column.addWidget(view, 1)
        column.addLayout(row)
        self.resize(px(680), px(520))


def _button(title: str, tooltip: str) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tooltip)
    return button
