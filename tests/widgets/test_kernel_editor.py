"""The kernel editor: by name, by slider, by hand, as text and as a file."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
)

from cnnviz.ops import kernel_text, kernels
from cnnviz.widgets.controls import Choice
from cnnviz.widgets.kernel_dialog import KernelTextDialog
from cnnviz.widgets.kernel_editor import KernelEditor
from cnnviz.widgets.matrix_editor import MatrixEditor
from cnnviz.widgets.parameters import ParameterRow

SOBEL = kernels.make("sobel-vertical")


@pytest.fixture
def editor(qtbot):
    widget = KernelEditor()
    qtbot.addWidget(widget)
    widget.resize(260, 500)
    widget.show()
    widget.told = []
    widget.kernel_changed.connect(lambda *change: widget.told.append(change))
    return widget


def press(qtbot, editor, title):
    button = next(b for b in editor.findChildren(QPushButton) if b.text() == title)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def act(editor, title):
    menu = editor.findChildren(QPushButton)[-1].menu()
    next(action for action in menu.actions() if action.text() == title).trigger()


def caption(editor):
    return next(
        label.text() for label in editor.findChildren(QLabel) if "sum" in label.text()
    )


def test_it_starts_with_the_first_kernel(editor):
    assert editor.kernel() == kernels.make(kernels.RECIPES[0].id)
    assert caption(editor) == "sum 0 · 9 weights"


def test_setting_a_kernel_is_silent(editor, qtbot):
    with qtbot.assertNotEmitted(editor.kernel_changed):
        editor.set_kernel(kernels.make("gabor"))
        editor.set_kernel(kernels.Kernel("Mine", [[1, 2]]))
        editor.set_kernel(kernels.make("box", size=4))
    assert editor.findChild(Choice).current() == "box"


def test_a_name_makes_its_kernel(editor, qtbot):
    choice = editor.findChild(Choice)
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Down)
    made = kernels.make("sobel-horizontal")
    assert editor.told == [(made, "")]
    assert choice.toolTip() == kernels.RECIPES[1].explanation


def test_sliders_appear_with_their_recipe_and_make_its_kernel(editor, qtbot):
    assert editor.findChildren(ParameterRow) == []
    editor.set_kernel(kernels.make("gaussian-sigma"))
    row = editor.findChildren(ParameterRow)[0]
    slider = row.findChild(QSlider)
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    made = [kernel for kernel, _ in editor.told]
    assert made == [kernels.make("gaussian-sigma", size=size) for size in (7, 9)]
    assert len({gesture for _, gesture in editor.told}) == 1
    assert row.value() == 9


def test_a_drag_of_the_slider_is_one_gesture(editor, monkeypatch):
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    editor.set_kernel(kernels.make("gaussian-sigma"))
    slider = editor.findChildren(ParameterRow)[1].findChild(QSlider)
    slider.setSliderDown(True)
    for position in (3, 4, 5):
        slider.setSliderPosition(position)
    slider.setSliderDown(False)
    assert len(editor.told) == 3
    assert len({gesture for _, gesture in editor.told}) == 1


def test_an_edited_cell_gives_an_edited_kernel(editor, qtbot):
    matrix = editor.findChild(MatrixEditor)
    matrix.setFocus()
    qtbot.keyClick(matrix, Qt.Key.Key_PageUp)
    kernel, gesture = editor.told[0]
    assert kernel.weights == ((0, 0, 1), (-2, 0, 2), (-1, 0, 1))
    assert gesture
    assert kernel.recipe == "" and editor.findChild(Choice).current() == ""
    assert editor.findChild(Choice).placeholderText() == kernel.name


def test_a_weight_too_large_is_refused_in_a_sentence(editor, qtbot):
    said = []
    editor.message.connect(said.append)
    matrix = editor.findChild(MatrixEditor)
    matrix.edit_cell("9e9")
    matrix.setFocus()
    assert editor.told == [] and len(said) == 1
    assert editor.kernel() == SOBEL
    assert matrix.values[0, 0] == -1


@pytest.mark.parametrize(
    ("title", "change"),
    [
        ("Flip ↔", kernels.flip_horizontal),
        ("Rotate", kernels.rotate),
        ("Negate", kernels.negate),
        ("Normalise", kernels.normalise),
    ],
)
def test_buttons_change_the_kernel(editor, qtbot, title, change):
    press(qtbot, editor, title)
    assert editor.told == [(change(SOBEL), "")]


def test_a_change_that_changes_nothing_is_none(editor, qtbot):
    press(qtbot, editor, "Flip ↕")
    assert editor.told == []


def test_resizing_pads_and_cuts(editor, qtbot):
    rows = editor.findChildren(QSpinBox)[0]
    qtbot.keyClick(rows, Qt.Key.Key_Up)
    assert editor.told[-1][0] == kernels.resize(SOBEL, 4, 4)
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    assert editor.told[-1][0].weights == SOBEL.weights


def test_a_recipe_with_a_size_has_one_size_control(editor):
    spin = editor.findChildren(QSpinBox)[0]
    assert spin.isVisible()
    editor.set_kernel(kernels.make("box"))
    assert not spin.isVisible()


def test_captions_tell_rounding_and_colours_without_numbers(editor):
    editor.set_kernel(kernels.Kernel("Thirds", [[1 / 3] * 5] * 5))
    assert caption(editor) == "sum ≈8.333 · 25 weights · ≈ rounded"
    editor.set_kernel(kernels.Kernel("Large", [[1] * 31] * 31))
    assert caption(editor) == "sum 961 · 961 weights · point to read them"


@pytest.mark.parametrize(
    ("title", "form"),
    [
        ("Copy as text", kernel_text.format_text),
        ("Copy as CSV", kernel_text.format_csv),
    ],
)
def test_copies_read_back(editor, title, form):
    act(editor, title)
    copied = QGuiApplication.clipboard().text()
    assert copied == form(SOBEL)
    assert kernel_text.parse(copied).weights == SOBEL.weights


def test_copies_as_code_are_the_kernel(editor):
    act(editor, "Copy as NumPy")
    copied = QGuiApplication.clipboard().text()
    assert np.array_equal(eval(copied, {"np": np}), SOBEL.array)
    act(editor, "Copy as PyTorch")
    assert QGuiApplication.clipboard().text() == copied.replace(
        "np.array", "torch.tensor"
    )


def test_files_go_out_and_come_in(editor, tmp_path, monkeypatch):
    path = str(tmp_path / "mine.npy")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (path, ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (path, ""))
    said = []
    editor.message.connect(said.append)
    act(editor, "Export…")
    editor.set_kernel(kernels.make("box"))
    act(editor, "Import…")
    assert editor.kernel().weights == SOBEL.weights
    assert editor.kernel().name == "mine"
    path = str(tmp_path / "none.txt")
    act(editor, "Import…")
    assert len(said) == 1 and editor.kernel().name == "mine"


def test_text_is_read_as_it_is_typed(editor, qtbot):
    act(editor, "Edit as text…")
    dialog = editor.findChild(KernelTextDialog)
    text = dialog.findChild(QPlainTextEdit)
    take = dialog.findChild(QDialogButtonBox).buttons()[0]
    text.setPlainText("1 2\n3")
    assert not take.isEnabled() and text.property("invalid") is True
    status = dialog.findChildren(QLabel)[-1]
    assert "Row 2" in status.text()
    text.setPlainText("1/16 −2")
    assert take.isEnabled() and status.text() == "1 × 2"
    qtbot.mouseClick(take, Qt.MouseButton.LeftButton)
    assert editor.told[-1][0].weights == ((0.0625, -2),)


def test_a_copied_kernel_is_pasted(editor):
    said = []
    editor.message.connect(said.append)
    editor.paste("0 1 0; 1 −4 1; 0 1 0")
    assert editor.kernel().weights[1] == (1, -4, 1)
    editor.paste("Dear students,")
    assert len(said) == 1 and len(editor.told) == 1


def test_every_control_has_a_name_and_a_tooltip(editor):
    editor.set_kernel(kernels.make("gabor"))
    kinds = (Choice, MatrixEditor, QSlider, QSpinBox, QPushButton)
    for kind in kinds:
        for control in editor.findChildren(kind):
            assert control.accessibleName() and control.toolTip()
