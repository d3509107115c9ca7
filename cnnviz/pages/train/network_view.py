"""The network as a table of layers that can be edited, with shapes filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyledItemDelegate,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.nn.network import TITLES, Network
from cnnviz.pages.train import layers
from cnnviz.widgets.editable_table import EditableTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QStyleOptionViewItem

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole


class LayerModel(QAbstractTableModel):
    """The table behind the view; a change goes out as a new network."""

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.network = Network()
        self._rows: list[layers.Row] = []

    def set_network(self, network: Network) -> None:
        """Show a network, without a signal of :attr:`edited`."""
        same = len(network.layers) == len(self.network.layers)
        if not same:
            self.beginResetModel()
        self.network, self._rows = network, layers.rows(network)
        if not same:
            self.endResetModel()
        elif self._rows:
            last = self.index(len(self._rows) - 1, len(layers.COLUMNS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    # ---------------------------------------------------------------- Qt

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of layers."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return the number of columns."""
        return 0 if parent.isValid() else len(layers.COLUMNS)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> Any:
        """Return what a cell says."""
        row, column = self._rows[index.row()], layers.COLUMNS[index.column()]
        text = row.texts[index.column()]
        if role in (_Role.DisplayRole, _Role.EditRole):
            return text
        if role == _Role.ToolTipRole:
            return row.reason or column.tip
        if role == _Role.AccessibleTextRole:
            return f"Layer {index.row() + 1}, {column.title}: {text or 'not used'}"
        if role == _Role.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _Role.ForegroundRole and (row.reason or not column.field):
            return theme.color("error" if row.reason else "muted")
        return None

    def setData(self, index: Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Take what was typed."""
        if role != _Role.EditRole or str(value) == index.data(_Role.EditRole):
            return False
        field = layers.COLUMNS[index.column()].field
        try:
            network = layers.edited(self.network, index.row(), field, str(value))
        except InputError as error:
            self.refused.emit(str(error))
            return False
        self.edited.emit(network)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cells be edited that the layer has a use for."""
        layer = self.network.layers[index.row()]
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if layers.uses(layer, layers.COLUMNS[index.column()].field):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """Return the titles."""
        if orientation is Qt.Orientation.Vertical:
            return str(section + 1) if role == _Role.DisplayRole else None
        column = layers.COLUMNS[section]
        if role == _Role.TextAlignmentRole:
            right = Qt.AlignmentFlag.AlignRight
            left = Qt.AlignmentFlag.AlignLeft
            return (right if section else left) | Qt.AlignmentFlag.AlignVCenter
        return {_Role.DisplayRole: column.title, _Role.ToolTipRole: column.tip}.get(
            _Role(role)
        )


class _KindDelegate(QStyledItemDelegate):
    """Offers the kinds of layers as a list."""

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> QWidget:
        box = QComboBox(parent)
        box.setAccessibleName("Kind of layer")
        box.setToolTip("Kind of layer")
        box.addItems(list(TITLES.values()))
        box.activated.connect(lambda _: self._close(box))
        return box

    def _close(self, box: QComboBox) -> None:
        if box.isVisible():  # else it is closed already, and another key came
            self.commitData.emit(box)
            self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        editor.setCurrentText(str(index.data(_Role.EditRole)))

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentText())


class NetworkView(QWidget):
    """The table, buttons for its rows, and why the network cannot work."""

    edited = Signal(object)
    """A new Network."""
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._model = LayerModel()
        self._model.edited.connect(self.edited)
        self._model.refused.connect(self.refused)
        self._table = self._make_table()
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        buttons = QHBoxLayout()
        for text, tip, key, do in (
            (
                "Add layer",
                "Put a convolution before the marked layer",
                "Ins",
                self._add,
            ),
            ("Remove", "Take the marked layer away", "Del", self._remove),
            ("Move up", "Earlier", "Alt+Up", lambda: self._move(-1)),
            ("Move down", "Later", "Alt+Down", lambda: self._move(1)),
        ):
            buttons.addWidget(self._button(text, tip, key, do))
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self._table, 1)
        column.addLayout(buttons)
        column.addWidget(self._reason)

    def _make_table(self) -> EditableTable:
        table = EditableTable(self._model)
        table.setAccessibleName("Layers of the network")
        table.setToolTip("Double-click or F2 edits a cell")
        table.setItemDelegateForColumn(0, _KindDelegate(table))
        table.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        rows = table.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        return table

    def _button(
        self, text: str, tip: str, key: str, do: Callable[[], None]
    ) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setToolTip(f"{tip} ({key})")
        button.clicked.connect(lambda: do())
        # The table's own, so that Del in a cell that is edited stays a letter's.
        shortcut = QShortcut(QKeySequence(key), self._table)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: do())
        return button

    def set_network(self, network: Network, classes: int | None) -> None:
        """Show a network, and whether it suits data of so many classes."""
        self._model.set_network(network)
        total = "" if network.why_invalid() else f"{sum(network.parameters):,}"
        reason = network.why_invalid(classes)
        self._reason.setText(reason or f"{total} parameters in all")
        self._reason.setProperty("role", "heading")

    @property
    def _row(self) -> int:
        return max(0, self._table.currentIndex().row())

    def _add(self) -> None:
        try:
            network = layers.inserted(self._model.network, self._row, "conv")
        except InputError as error:
            self.refused.emit(str(error))
        else:
            self._take(network, self._row)

    def _remove(self) -> None:
        if self._model.network.layers:
            network, row = layers.removed(self._model.network, self._row), self._row
            self._take(network, min(row, len(network.layers) - 1))

    def _move(self, by: int) -> None:
        network = layers.moved(self._model.network, self._row, by)
        if network is not self._model.network:
            self._take(network, self._row + by)

    def _take(self, network: Network, row: int) -> None:
        """Hand on a network, and mark a row of the table that then shows it."""
        column = max(0, self._table.currentIndex().column())
        self.edited.emit(network)
        # Marking opens no editor: the next key would be its.
        triggers = self._table.editTriggers()
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setCurrentIndex(self._model.index(row, column))
        self._table.setEditTriggers(triggers)
