"""Number fields: typing, steps, gestures, and a wheel that does no harm."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QScrollArea,
    QSpinBox,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from cnnviz.widgets.fields import NumberField, PairField


def turn(widget, notches):
    window, middle = widget.window(), QPoint(20, 20)
    at = QPointF(widget.mapTo(window, middle))
    QTest.wheelEvent(window.windowHandle(), at, QPoint(0, 120 * notches))


@pytest.fixture
def bias(qtbot):
    field = NumberField("Bias", "Added to every sum", low=-1000, high=1000)
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    field.told = []
    field.changed.connect(lambda *change: field.told.append(change))
    return field


@pytest.fixture
def stride(qtbot):
    field = PairField("Stride", "Pixels from window to window", low=1, high=31)
    qtbot.addWidget(field)
    field.show()
    field.told = []
    field.changed.connect(field.told.append)
    return field


@pytest.mark.parametrize(
    ("typed", "value"), [("-2,5", -2.5), ("−2.5", -2.5), ("1/4", 0.25), ("17", 17)]
)
def test_typing_takes_comma_point_and_fraction(bias, qtbot, typed, value):
    bias.selectAll()
    bias.lineEdit().insert(typed)  # QTest cannot press a true minus
    assert bias.told == []
    qtbot.keyClick(bias, Qt.Key.Key_Return)
    assert [change[0] for change in bias.told] == [value]


def test_a_number_shows_a_true_minus_and_no_noise(bias):
    bias.set_value(-0.5)
    assert bias.text() == "−0.5"
    bias.set_value(-0.0)
    assert bias.text() == "0"


def test_what_is_no_number_is_dropped(bias, qtbot):
    bias.set_value(3)
    bias.selectAll()
    qtbot.keyClicks(bias, "x,9")
    qtbot.keyClick(bias, Qt.Key.Key_Return)
    assert (bias.value(), bias.text(), bias.told) == (3, "3", [])


@pytest.mark.parametrize("typed", ["9999", "many", ""])
def test_what_cannot_be_taken_is_answered(bias, qtbot, monkeypatch, typed):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    bias.selectAll()
    qtbot.keyClick(bias, Qt.Key.Key_Delete)
    qtbot.keyClicks(bias, typed)
    qtbot.keyClick(bias, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0] == f"Bias: “{typed}” is not a number from −1000 to 1000."
    assert bias.value() == 0 and bias.told == []


def test_space_is_the_page_s(qtbot):
    page, told = QWidget(), []
    qtbot.addWidget(page)
    page.keyPressEvent = lambda event: told.append(event.key())
    column = QVBoxLayout(page)
    one = NumberField("Bias", "", low=0, high=9, value=3)
    pair = PairField("Stride", "", low=1, high=9, value=(3, 3))
    for part in (one, pair):
        column.addWidget(part)
    for field in (one, pair.findChildren(QSpinBox)[0]):
        field.selectAll()
        qtbot.keyClick(field, Qt.Key.Key_Space)
        assert told.pop() == Qt.Key.Key_Space
        assert (field.text(), field.value()) == ("3", 3)


def test_the_tooltip_tells_the_range(bias, monkeypatch):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    bias.set_highest(20)
    at = QPoint(5, 5)
    QApplication.sendEvent(bias, QHelpEvent(QEvent.Type.ToolTip, at, at))
    assert told == ["Added to every sum\nFrom −1000 to 20"]


@pytest.mark.parametrize("typed", ["500", "0", "-1", "1.5", "many", ""])
def test_a_pair_explains_what_it_cannot_take(stride, qtbot, monkeypatch, typed):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    rows = stride.findChildren(QSpinBox)[0]
    rows.selectAll()
    qtbot.keyClick(rows, Qt.Key.Key_Delete)
    qtbot.keyClicks(rows, typed)
    assert rows.text() == typed
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(told))
    assert told[0] == f"Stride, rows: “{typed}” is not a number from 1 to 31."
    assert (stride.value(), rows.text(), stride.told) == ((1, 1), "1", [])


def test_the_ends_of_a_pair_are_taken_without_a_word(stride, qtbot, monkeypatch):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    rows = stride.findChildren(QSpinBox)[0]
    for typed in ("31", "1"):
        rows.selectAll()
        qtbot.keyClicks(rows, typed)
        qtbot.keyClick(rows, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert (stride.told, told) == ([(31, 31), (1, 1)], [])


def test_a_lower_end_of_the_range_is_no_change_by_a_person(bias):
    bias.set_value(500)
    bias.set_highest(20)
    assert (bias.value(), bias.told) == (20, [])


def test_steps_in_a_row_are_one_gesture(bias, qtbot):
    for _ in range(3):
        qtbot.keyClick(bias, Qt.Key.Key_Up)
    assert [change[0] for change in bias.told] == [1, 2, 3]
    assert len({change[1] for change in bias.told}) == 1


def test_a_unit_is_written_and_read(qtbot):
    field = NumberField("Angle", "", low=0, high=180, value=45, unit="°")
    qtbot.addWidget(field)
    assert field.text() == "45 °"
    field.show()
    field.selectAll()
    qtbot.keyClicks(field, "90")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 90


def test_setters_are_silent(bias, stride, qtbot):
    with qtbot.assertNotEmitted(bias.changed), qtbot.assertNotEmitted(stride.changed):
        bias.set_value(5)
        stride.set_value((2, 3))
        stride.set_range(1, 2)
    assert stride.value() == (2, 2)


def test_the_wheel_needs_the_focus_and_else_scrolls(qtbot):
    area = QScrollArea()
    qtbot.addWidget(area)
    field = NumberField("Bias", "", low=-10, high=10)
    holder = QWidget()
    holder.resize(150, 1000)
    column = QVBoxLayout(holder)
    column.addWidget(field)
    column.addStretch(1)
    area.setWidget(holder)
    area.resize(200, 200)
    with qtbot.waitExposed(area):
        area.show()
    area.setFocus()
    turn(field, -1)
    assert field.value() == 0
    assert area.verticalScrollBar().value() > 0
    area.verticalScrollBar().setValue(0)
    field.setFocus()
    turn(field, -1)
    assert field.value() == -1


def test_linked_one_edit_changes_both(stride, qtbot):
    rows, _columns = stride.findChildren(QSpinBox)
    rows.setFocus()
    rows.selectAll()
    qtbot.keyClicks(rows, "3")
    qtbot.keyClick(rows, Qt.Key.Key_Return)
    assert stride.told == [(3, 3)]


def test_open_each_has_its_own_and_linking_makes_them_equal(stride, qtbot):
    link = stride.findChild(QToolButton)
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    _rows, columns = stride.findChildren(QSpinBox)
    qtbot.keyClick(columns, Qt.Key.Key_Up)
    assert stride.told == [(1, 2)]
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert stride.told == [(1, 2), (1, 1)]


def test_an_unequal_pair_opens_the_link(stride):
    link = stride.findChild(QToolButton)
    assert link.isChecked()
    stride.set_value((1, 2))
    assert not link.isChecked()


def test_every_part_has_a_name_and_a_tooltip(bias, stride):
    for part in (
        bias,
        stride,
        *stride.findChildren(QSpinBox),
        stride.findChild(QToolButton),
    ):
        assert part.accessibleName() and part.toolTip()
