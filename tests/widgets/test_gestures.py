"""Bursts of change that are undone together, and whose a key is."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from cnnviz.widgets.gestures import BURST, Gesture, keep_keys


def test_bursts_end_with_a_rest(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    gesture = Gesture()
    first = gesture.key("a")
    now[0] += 0.5
    assert gesture.key("a") == first
    assert gesture.key("b") != first
    again = gesture.key("b")
    now[0] += BURST + 0.1
    assert gesture.key("b") != again
    assert Gesture().key() != Gesture().key()


def test_a_kept_key_is_the_widgets_and_others_are_the_pages(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    widget = QWidget(page)
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    keep_keys(widget, [Qt.Key.Key_Right])
    told = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Space):
        shortcut = QShortcut(QKeySequence(key), page)
        shortcut.activated.connect(lambda key=key: told.append(key))
    page.show()
    page.activateWindow()
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    qtbot.keyClick(widget, Qt.Key.Key_Right)
    qtbot.keyClick(widget, Qt.Key.Key_Space)
    page.setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Right)
    assert told == [Qt.Key.Key_Space, Qt.Key.Key_Right]
