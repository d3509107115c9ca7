"""A click leaves the keys to the training, and Tab stops no more often than before."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from cnnviz.pages.train.keys import leave_to_training
from cnnviz.widgets.segmented import Segmented


def test_what_a_click_gives_no_keys_stays_as_it_is(qtbot):
    root, button = QWidget(), QPushButton("Start")
    choice = Segmented([("one", "One"), ("two", "Two")], "Number", "Which number")
    column = QVBoxLayout(root)
    column.addWidget(choice)
    column.addWidget(button)
    qtbot.addWidget(root)
    leave_to_training(root)
    tab, none = Qt.FocusPolicy.TabFocus, Qt.FocusPolicy.NoFocus
    assert button.focusPolicy() == tab
    options = choice._options.values()
    assert [option.focusPolicy() for option in options] == [tab, none]
