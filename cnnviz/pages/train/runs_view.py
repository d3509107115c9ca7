"""The runs on disk: open, compare, rename, delete, export."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.editable_table import EditableTable
from cnnviz.widgets.run_frame import SWATCH, draw_swatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QResizeEvent

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole

TITLES = ("Name", "Network", "Data", "Optimizer", "Epochs", "Test", "Made")
LESS_NEEDED, ROOMY = (1, 3), 560
"""Columns that are left out where there is less room than these pixels at text size
100 %: what tells one run from another is its name."""

TIPS = (
    "The mark lays its curves over those on show; type another name here",
    "What was trained",
    "What it learned from",
    "With what optimizer",
    "Complete epochs, of those asked for",
    "Share of the test set that is right, after the last complete epoch",
    "When it began: at what time today, or on what day",
)
EXPORTS = (
    ("csv", "Epochs as CSV…"),
    ("batches", "Batches as CSV…"),
    ("tensorboard", "TensorBoard event files…"),
    ("safetensors", "Weights as safetensors…"),
    ("onnx", "ONNX…"),
    ("pytorch", "PyTorch source…"),
    ("keras", "Keras source…"),
)


@dataclass(frozen=True)
class Entry:
    """A run in the list: its folder's name, its cells, and the colour of its curves.

    The colour is a name in the palette, empty where the run is not compared. A run that
    is damaged has a sentence in the place of its cells.
    """

    key: str
    texts: tuple[str, ...]
    role: str
    sentence: str = ""


class RunModel(QAbstractTableModel):
    """The table behind the view."""

    renamed = Signal(str, str)
    compared = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()
        self.shown = ""

    def set_entries(self, entries: Sequence[Entry], shown: str) -> None:
        """Show runs, without a signal of ours."""
        self.beginResetModel()
        self.entries, self.shown = tuple(entries), shown
        self.endResetModel()

    # ---------------------------------------------------------------- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self.entries)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return 0 if parent.isValid() else len(TITLES)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Return what a cell says."""
        entry, column = self.entries[index.row()], index.column()
        if entry.sentence:
            return _damaged_data(entry, column, role)
        if role in (_Role.DisplayRole, _Role.EditRole):
            return entry.texts[column]
        if role == _Role.CheckStateRole and column == 0:
            checked = entry.role or entry.key == self.shown
            return Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
        if role == _Role.DecorationRole and column == 0:
            name = "accent" if entry.key == self.shown else entry.role
            return _swatch(name) if name else None
        if role == _Role.ToolTipRole:
            return TIPS[column]
        if role == _Role.FontRole and entry.key == self.shown:
            return theme.font(bold=True)
        if role == _Role.TextAlignmentRole and column in (4, 5):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Take another name, or the mark that compares."""
        entry = self.entries[index.row()]
        if role == _Role.CheckStateRole and entry.key != self.shown:
            self.compared.emit(entry.key, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == _Role.EditRole and str(value) != entry.texts[0]:
            self.renamed.emit(entry.key, str(value))
            return True
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let names be edited and runs be marked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == 0 and not self.entries[index.row()].sentence:
            flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Return the titles."""
        if orientation is Qt.Orientation.Vertical:
            return None
        if role == _Role.TextAlignmentRole:
            right = Qt.AlignmentFlag.AlignRight
            side = right if section in (4, 5) else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        texts = {_Role.DisplayRole: TITLES, _Role.ToolTipRole: TIPS}.get(_Role(role))
        return texts[section] if texts else None


def _damaged_data(entry: Entry, column: int, role: int) -> Any:
    if role == _Role.DisplayRole and column == 0:  # of any width, and so is a sentence
        return entry.sentence
    if role == _Role.ToolTipRole:
        return entry.sentence
    if role == _Role.ForegroundRole:
        return theme.color("muted")
    return None


class RunsView(QWidget):
    """The table of runs and what can be done with the marked one."""

    opened = Signal(str)
    deleted = Signal(str)
    restored = Signal()
    """The last that was deleted is wanted back."""
    renamed = Signal(str, str)
    compared = Signal(str, bool)
    exported = Signal(str, str)
    """A run's folder name, and one of ``EXPORTS``."""

    def __init__(self) -> None:
        super().__init__()
        self._model = RunModel()
        # Once the editor is closed: Qt watches it again after it was written, and
        # complains where the answer has taken it away by then.
        self._model.renamed.connect(self.renamed, Qt.ConnectionType.QueuedConnection)
        self._model.compared.connect(self.compared)
        self._table = self._make_table()
        self._empty = QLabel("Press Start: every training is kept here as a run.")
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._delete = self._button("Delete", "Take this run away", self.deleted.emit)
        self._buttons = [
            self._button("Open", "Show this run (double-click)", self.opened.emit),
            self._button("Rename", "Type another name (F2)", self._rename),
            self._delete,
        ]
        self._export = self._button("Export", "Write this run in another format", None)
        self._export.setMenu(self._make_menu())
        self._restore = self._button("Bring back", "Undo the last deletion", None)
        self._restore.clicked.connect(self.restored)
        self._restore.hide()
        self._why = QLabel()
        self._why.setProperty("role", "caption")
        self._why.setWordWrap(True)
        self._why.hide()
        self._table.selectionModel().currentRowChanged.connect(self._show_marked)
        row = QHBoxLayout()
        for button in (*self._buttons, self._export, self._restore):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self._table, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(self._why)
        column.addLayout(row)

    def _make_table(self) -> EditableTable:
        table = EditableTable(self._model)
        table.setAccessibleName("Runs")
        table.setToolTip("Double-click opens a run, F2 renames it")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)  # all of them, as whole rows are marked
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        # A long name of a network leaves room for that of the run.
        for column in (0, 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        table.doubleClicked.connect(lambda _: self._act(self.opened.emit))
        return table

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for key, title in EXPORTS:
            action = QAction(title, menu)
            action.triggered.connect(
                lambda _=False, key=key: self._act(
                    lambda run: self.exported.emit(run, key)
                )
            )
            menu.addAction(action)
        return menu

    def _button(
        self, text: str, tip: str, do: Callable[[str], None] | None
    ) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        if do is not None:
            button.clicked.connect(lambda: self._act(do))
        return button

    def _rename(self, _: str) -> None:
        self._table.setFocus()
        self._table.edit(self._table.currentIndex().siblingAtColumn(0))

    def _act(self, do: Callable[[str], None]) -> None:
        row = self._table.currentIndex().row()
        if 0 <= row < len(self._model.entries):
            do(self._model.entries[row].key)

    def offer_restoring(self, possible: bool) -> None:
        """Show or hide the button that brings the last deleted run back."""
        self._restore.setVisible(possible)

    def set_entries(self, entries: Sequence[Entry], shown: str) -> None:
        """Show runs; `shown` is the folder name of the one on show."""
        old = self._table.currentIndex().row()
        self._model.set_entries(entries, shown)
        keys = [entry.key for entry in entries]
        row = keys.index(shown) if shown in keys else min(max(old, 0), len(keys) - 1)
        self._table.setCurrentIndex(self._model.index(row, 0))
        self._table.clearSpans()
        for row, entry in enumerate(entries):
            if entry.sentence:
                self._table.setSpan(row, 0, 1, len(TITLES))
        self._table.setVisible(bool(entries))
        self._empty.setVisible(not entries)
        self._show_marked()

    def _show_marked(self) -> None:
        """Say what is wrong with the marked run; enable what can be done with it."""
        row, entries = self._table.currentIndex().row(), self._model.entries
        entry = entries[row] if 0 <= row < len(entries) else None
        self._why.setText(entry.sentence if entry else "")
        self._why.setVisible(entry is not None and bool(entry.sentence))
        for button in (*self._buttons, self._export):
            whole = entry is not None and not entry.sentence
            button.setEnabled(whole or (entry is not None and button is self._delete))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what is needed least where there is little room."""
        super().resizeEvent(event)
        self._choose_columns()

    def changeEvent(self, event: QEvent) -> None:
        """Do so for larger text, too."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._choose_columns()

    def _choose_columns(self) -> None:
        narrow = self.width() < theme.current().px(ROOMY)
        for column in LESS_NEEDED:
            self._table.setColumnHidden(column, narrow)


def _swatch(role: str) -> QPixmap:
    """Return a short piece of a curve, sharp on any screen."""
    side = theme.current().px(SWATCH)
    ratio = max(screen.devicePixelRatio() for screen in QApplication.screens())
    result = QPixmap(QSize(side, side) * ratio)
    result.setDevicePixelRatio(ratio)
    result.fill(Qt.GlobalColor.transparent)
    with QPainter(result) as painter:
        draw_swatch(painter, 0, side / 2, role)
    return result
