"""A table that is edited in place: what becomes of an editor whose cell goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QStyledItemDelegate
from shiboken6 import isValid

from cnnviz.widgets.editable_table import EditableTable

WORDS = ["one", "two", "three"]


@pytest.fixture
def model(qapp):
    return QStringListModel(WORDS)


@pytest.fixture
def table(qtbot, model):
    result = EditableTable(model)
    # Of a column: Qt lets go of the view's own delegate alone.
    result.setItemDelegateForColumn(0, QStyledItemDelegate(result))
    qtbot.addWidget(result)
    with qtbot.waitActive(result):
        result.show()
        result.activateWindow()
    return result


def edit(table, row, text):
    """Open the editor of a cell, and type."""
    index = table.model().index(row, 0)
    table.setCurrentIndex(index)
    table.edit(index)
    editor = table.indexWidget(index)
    assert isinstance(editor, QLineEdit)
    editor.setText(text)
    assert QApplication.focusWidget() is editor
    return editor


def press_enter(editor):
    """Press Enter, and let nothing that was put off by it happen yet."""
    press, none = QEvent.Type.KeyPress, Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(editor, QKeyEvent(press, Qt.Key.Key_Return, none))


def test_a_reset_gives_the_editor_up_and_the_keys_to_the_table(qtbot, table, model):
    editor = edit(table, 1, "new")
    model.setStringList(WORDS[:2])
    qtbot.waitUntil(lambda: not isValid(editor))
    assert model.stringList() == WORDS[:2], "what was typed was for a row of before"
    assert QApplication.focusWidget() is table


@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_cell_is_written_once_however_often_enter_is_pressed(
    qtbot, table, model, times
):
    editor = edit(table, 1, "new")
    for _ in range(times):
        press_enter(editor)
    qtbot.waitUntil(lambda: not isValid(editor))
    assert model.stringList() == ["one", "new", "three"]
    assert QApplication.focusWidget() is table


def test_enter_just_before_a_reset_writes_nothing(qtbot, table, model):
    editor = edit(table, 2, "new")
    press_enter(editor)
    model.setStringList(WORDS[:2])
    qtbot.waitUntil(lambda: not isValid(editor))
    assert model.stringList() == WORDS[:2]


def test_what_is_written_may_reset_the_table(qtbot, table, model):
    model.dataChanged.connect(lambda: model.setStringList(["another"]))
    editor = edit(table, 1, "new")
    press_enter(editor)
    qtbot.waitUntil(lambda: not isValid(editor))
    assert model.stringList() == ["another"]


def test_an_editor_that_the_keys_leave_is_written(qtbot, table, model):
    editor = edit(table, 0, "new")
    table.setFocus()
    qtbot.waitUntil(lambda: not isValid(editor))
    assert model.stringList() == ["new", "two", "three"]
