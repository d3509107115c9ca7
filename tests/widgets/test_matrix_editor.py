"""Editing a matrix with a real mouse and keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolTip

from cnnviz.widgets.matrix_editor import DRAG_STEP, MatrixEditor

SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def editor(qtbot):
    matrix = MatrixEditor("Weights")
    qtbot.addWidget(matrix)
    matrix.set_values(SOBEL)
    matrix.resize(260, 150)
    matrix.show()
    matrix.setFocus()
    matrix.told = []
    matrix.edited.connect(lambda *edit: matrix.told.append(edit))
    return matrix


def field_of(editor):
    return editor.findChild(QLineEdit)


def turn(widget, point, notches, modifiers=Qt.KeyboardModifier.NoModifier):
    event = QWheelEvent(
        QPointF(point),
        QPointF(widget.mapToGlobal(point)),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def drag(qtbot, editor, cell, *ways):
    start = editor.cell_rect(cell).center()
    qtbot.mousePress(editor, LEFT, pos=start)
    for way in ways:
        qtbot.mouseMove(editor, start - QPoint(0, way))
    qtbot.mouseRelease(editor, LEFT, pos=start - QPoint(0, ways[-1]))


def test_typing_replaces_and_enter_commits(editor, qtbot):
    qtbot.mouseClick(editor, LEFT, pos=editor.cell_rect((1, 2)).center())
    qtbot.keyClicks(editor, "-")
    qtbot.keyClicks(field_of(editor), "0,5")
    qtbot.keyClick(field_of(editor), Qt.Key.Key_Return)
    assert editor.told == [(1, 2, -0.5, "")]
    assert editor.values[1, 2] == -0.5
    assert editor.hasFocus() and field_of(editor).isHidden()


def test_esc_keeps_the_old_number(editor, qtbot):
    qtbot.keyClick(editor, Qt.Key.Key_F2)
    assert field_of(editor).text() == "−1"
    qtbot.keyClicks(field_of(editor), "7")
    qtbot.keyClick(field_of(editor), Qt.Key.Key_Escape)
    assert editor.told == [] and editor.values[0, 0] == -1
    assert editor.hasFocus()


def test_a_double_click_edits_in_place(editor, qtbot):
    point = editor.cell_rect((2, 2)).center()
    qtbot.mouseClick(editor, LEFT, pos=point)
    qtbot.mouseDClick(editor, LEFT, pos=point)
    field = field_of(editor)
    assert field.isVisible() and field.selectedText() == "1"
    qtbot.keyClicks(field, "1/16")
    qtbot.keyClick(field, Qt.Key.Key_Enter)
    assert editor.told == [(2, 2, 0.0625, "")]


def test_bad_text_keeps_the_old_number_and_says_why(editor, qtbot, monkeypatch):
    told = []
    monkeypatch.setattr(
        QToolTip, "showText", lambda at, text, widget: told.append(text)
    )
    editor.edit_cell("1x")
    field = field_of(editor)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.isVisible() and field.property("invalid") is True
    assert told == ["“1x” is not a number; write it like −0.5, 1/16 or 2e−3."]
    assert editor.told == [] and editor.values[0, 0] == -1
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.property("invalid") is False
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert editor.told == [(0, 0, 1.0, "")]


@pytest.mark.parametrize("letter", ["x", "?", "M"])
def test_a_letter_on_a_closed_cell_is_kept_and_answered(
    editor, qtbot, monkeypatch, letter
):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    qtbot.keyClick(editor, letter)
    assert told == [f"“{letter}” is not a number; write it like −0.5, 1/16 or 2e−3."]
    field = field_of(editor)
    assert field.isVisible() and field.text() == letter
    assert field.property("invalid") and editor.told == []
    qtbot.keyClicks(field, "yz")
    assert field.text() == f"{letter}yz"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.isHidden() and editor.told == [] and editor.values[0, 0] == -1


def test_a_letter_on_padding_opens_nothing(editor, qtbot):
    inside = np.zeros(editor.values.shape, np.bool_)
    editor.set_values(editor.values, mask=inside)
    qtbot.keyClick(editor, "x")
    assert field_of(editor).isHidden()


@pytest.mark.parametrize(
    "key", [Qt.Key.Key_Space, Qt.Key.Key_Escape, Qt.Key.Key_Shift, Qt.Key.Key_F5]
)
def test_other_keys_go_on_to_the_page(editor, qtbot, monkeypatch, key):
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda *words: told.append(words))
    qtbot.keyClick(editor, key)
    assert told == []


def test_leaving_the_field_takes_a_number_and_drops_anything_else(editor, qtbot):
    editor.edit_cell("5")
    field_of(editor).clearFocus()
    assert editor.told == [(0, 0, 5.0, "")]
    editor.edit_cell("five")
    with qtbot.waitSignal(editor.refused) as refusal:
        field_of(editor).clearFocus()
    assert refusal.args[0].startswith("“five” is not a number")
    assert len(editor.told) == 1 and field_of(editor).isHidden()


def test_tab_goes_on_to_the_next_cell(editor, qtbot):
    editor.set_current((0, 2))
    editor.edit_cell("4")
    qtbot.keyClick(field_of(editor), Qt.Key.Key_Tab)
    assert editor.current == (1, 0) and field_of(editor).text() == "−2"
    qtbot.keyClick(field_of(editor), Qt.Key.Key_Backtab)
    assert editor.current == (0, 2) and field_of(editor).text() == "4"
    qtbot.keyClick(field_of(editor), Qt.Key.Key_Escape)


def test_a_drag_is_one_gesture_of_whole_steps(editor, qtbot):
    drag(qtbot, editor, (1, 1), 5, 8, 17, 24)
    assert [value for _, _, value, _ in editor.told] == [1, 2, 3]
    assert {edit[:2] for edit in editor.told} == {(1, 1)}
    assert len({edit[3] for edit in editor.told}) == 1
    drag(qtbot, editor, (1, 1), -DRAG_STEP)
    assert editor.told[-1][2] == 2
    assert editor.told[-1][3] != editor.told[0][3]


def test_a_slow_drag_stays_one_gesture(editor, qtbot, monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    drag(qtbot, editor, (0, 0), 10, 20, 30)
    assert len({edit[3] for edit in editor.told}) == 1


def test_shift_drags_finely(editor, qtbot):
    start = editor.cell_rect((1, 1)).center()
    qtbot.mousePress(editor, LEFT, pos=start)
    for way in (8, 16):
        position = start - QPoint(0, way)
        qtbot.mouseMove(editor, position)
    assert editor.values[1, 1] == 2
    point = QPointF(start - QPoint(0, 32))
    event = QMouseEvent(
        QMouseEvent.Type.MouseMove,
        point,
        editor.mapToGlobal(point),
        Qt.MouseButton.NoButton,
        LEFT,
        Qt.KeyboardModifier.ShiftModifier,
    )
    QApplication.sendEvent(editor, event)
    qtbot.mouseRelease(editor, LEFT, pos=start)
    assert editor.values[1, 1] == 2.2


def test_the_wheel_steps_the_cell_under_the_pointer(editor):
    point = editor.cell_rect((0, 1)).center()
    assert turn(editor, point, 1)
    assert turn(editor, point, 1)
    assert turn(editor, point, -1, Qt.KeyboardModifier.ShiftModifier)
    assert turn(editor, point, 1, Qt.KeyboardModifier.ControlModifier)
    assert [edit[2] for edit in editor.told] == [1, 2, -8, -7.9]
    assert len({edit[3] for edit in editor.told}) == 1
    assert editor.current == (0, 1)
    turn(editor, editor.cell_rect((0, 0)).center(), 1)
    assert editor.told[-1][3] != editor.told[0][3]


def test_half_notches_add_up(editor):
    point = editor.cell_rect((0, 1)).center()
    for _ in range(4):
        turn(editor, point, 0.5)
    assert [edit[2] for edit in editor.told] == [1, 2]


def test_without_the_focus_the_wheel_scrolls_past(editor):
    editor.clearFocus()
    assert not turn(editor, editor.cell_rect((0, 1)).center(), 1)
    assert editor.told == []


def test_page_keys_step_and_delete_clears(editor, qtbot):
    qtbot.keyClick(editor, Qt.Key.Key_PageUp)
    qtbot.keyClick(editor, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert [edit[2] for edit in editor.told] == [0, -10]
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    assert editor.told[-1] == (0, 0, 0, "")


def test_steps_fit_the_numbers(editor):
    assert editor.step == 1
    editor.set_values(SOBEL / 4)
    assert editor.step == pytest.approx(0.01)
    editor.set_values(SOBEL * 2.5)
    assert editor.step == pytest.approx(0.1)
    editor.set_values(np.zeros((2, 2)))
    assert editor.step == 1


def test_steps_leave_no_noise(editor, qtbot):
    editor.set_values(np.full((1, 2), 0.1, np.float32))
    qtbot.keyClick(editor, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ShiftModifier)
    assert editor.told[-1][2] == 0.2


def test_setting_values_is_silent_and_closes_a_field_that_lost_its_cell(editor, qtbot):
    editor.edit_cell("3")
    with qtbot.assertNotEmitted(editor.edited):
        editor.set_values(np.zeros((5, 5)))
    assert field_of(editor).isHidden()


def test_padding_is_not_edited(editor, qtbot):
    inside = np.ones(editor.values.shape, bool)
    inside[0, 0] = False
    editor.set_values(editor.values, mask=inside)
    before = editor.values.copy()
    editor.set_current((0, 0))
    for key in (Qt.Key.Key_PageUp, Qt.Key.Key_Delete, Qt.Key.Key_Return):
        qtbot.keyClick(editor, key)
    assert np.array_equal(editor.values, before)
    assert not field_of(editor).isVisible()
