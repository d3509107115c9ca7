"""The table of layers: an open cell while rows come and go."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox
from shiboken6 import isValid

from cnnviz.nn.models import tiny
from cnnviz.pages.train import layers
from cnnviz.pages.train.network_view import NetworkView
from cnnviz.widgets.editable_table import EditableTable


@pytest.fixture
def view(qtbot):
    result = NetworkView()
    qtbot.addWidget(result)
    result.set_network(tiny.NETWORK, 10)
    result.edited.connect(lambda network: result.set_network(network, 10))
    result.resize(700, 500)
    with qtbot.waitActive(result):
        result.show()
        result.activateWindow()
    return result


def open_kind(view):
    """Open the list of kinds in the first row; return the table and the list."""
    table = view.findChild(EditableTable)
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 0))
    table.edit(table.currentIndex())
    box = table.indexWidget(table.currentIndex())
    assert isinstance(box, QComboBox)
    assert QApplication.focusWidget() is box
    return table, box


def test_a_layer_is_added_from_an_open_list_and_the_keys_stay(qtbot, view):
    table, box = open_kind(view)
    qtbot.keyClick(box, Qt.Key.Key_Insert)
    qtbot.waitUntil(lambda: not isValid(box))
    assert table.model().rowCount() == len(tiny.NETWORK.layers) + 1
    assert QApplication.focusWidget() is table


def test_an_undone_row_takes_an_open_list_along(qtbot, view):
    table, box = open_kind(view)
    view.set_network(layers.removed(tiny.NETWORK, 0), 10)
    qtbot.waitUntil(lambda: not isValid(box))
    assert table.model().rowCount() == len(tiny.NETWORK.layers) - 1
    assert QApplication.focusWidget() is table
