"""Counts by class: mistakes stand out, cells are chosen, shares are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from cnnviz import theme
from cnnviz.widgets.confusion_matrix import ConfusionMatrix

if TYPE_CHECKING:
    from PySide6.QtGui import QColor
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

COUNTS = np.array([[90, 10, 0], [1, 199, 0], [0, 0, 0]], np.int64)
NAMES = ["cat", "dog", "fox"]


@pytest.fixture
def matrix(qtbot: QtBot, qapp: QApplication) -> ConfusionMatrix:
    theme.apply(qapp, "light", 100)
    widget = ConfusionMatrix("Confusion matrix", "tip")
    qtbot.addWidget(widget)
    widget.resize(360, 260)
    widget.set_counts(COUNTS, NAMES)
    widget.show()
    return widget


def fill(matrix: ConfusionMatrix, cell: tuple[int, int]) -> QColor:
    rect = matrix.cell_rect(cell)
    return matrix.grab().toImage().pixelColor(rect.topLeft() + QPoint(6, 6))


def test_words(matrix: ConfusionMatrix) -> None:
    assert matrix.summary() == "≈96.33 % right, 11 of 300 wrong"
    assert matrix.accessibleDescription() == matrix.summary()
    assert matrix.describe((0, 1)) == "cat taken wrongly for dog: 10, 10 % of 100"
    assert matrix.describe((1, 1)) == "dog taken rightly for dog: 199, 99.5 % of 200"
    assert matrix.describe((2, 0)) == "fox taken wrongly for cat: 0"


def test_mistakes_take_the_whole_range_of_colour(matrix: ConfusionMatrix) -> None:
    surface = theme.color("surface")
    assert fill(matrix, (0, 1)) == theme.color("highlight")
    assert fill(matrix, (0, 2)) == fill(matrix, (2, 2)) == surface
    one = fill(matrix, (1, 0))
    assert surface.blue() - one.blue() > 20
    right = fill(matrix, (1, 1))
    assert right.blue() > right.red() + 40


def test_a_click_and_keys_choose(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    matrix.chosen.connect(lambda true, predicted: told.append((true, predicted)))
    button = Qt.MouseButton.LeftButton
    qtbot.mouseClick(matrix, button, pos=matrix.cell_rect((1, 2)).center())
    qtbot.mouseClick(matrix, button, pos=QPoint(2, 2))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(matrix, key)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Enter):
        qtbot.keyClick(matrix, key)
    assert told == [(1, 2), (0, 1), (0, 0)]


def test_the_pointer_is_told(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    told: list[tuple[int, int]] = []
    matrix.hovered.connect(lambda true, predicted: told.append((true, predicted)))
    qtbot.mouseMove(matrix, matrix.cell_rect((2, 1)).center())
    qtbot.mouseMove(matrix, QPoint(2, 2))
    assert told == [(2, 1), (-1, -1)]


def test_a_mark_is_seen(matrix: ConfusionMatrix) -> None:
    before = matrix.grab().toImage()
    matrix.set_marked((0, 2))
    assert matrix.grab().toImage() != before
    matrix.set_marked(None)
    assert matrix.grab().toImage() == before


def test_many_classes_in_little_room(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    matrix.set_marked((2, 2))
    counts = np.random.default_rng(0).integers(0, 9, (47, 47))
    matrix.set_counts(counts, [f"a long name {n}" for n in range(47)])
    matrix.resize(matrix.minimumSizeHint())
    matrix.grab()
    rect = matrix.rect()
    assert rect.contains(matrix.cell_rect((46, 46)))
    with qtbot.waitSignal(matrix.chosen) as told:
        qtbot.mouseClick(
            matrix,
            Qt.MouseButton.LeftButton,
            pos=matrix.cell_rect((46, 45)).center(),
        )
    assert told.args == [46, 45]


def test_thousands_on_the_diagonal_have_room_beside_the_mistakes(
    qtbot: QtBot, qapp: QApplication
) -> None:
    """In a window of 1280 × 800 the Train page has 438 pixels for it."""
    theme.apply(qapp, "light", 100)
    widget = ConfusionMatrix("Confusion matrix", "tip")
    qtbot.addWidget(widget)
    widget.resize(438, 340)
    widget.set_counts(np.diag([1084] * 10), "0123456789")
    image = widget.grab().toImage()
    for index in range(10):
        rect = widget.cell_rect((index, index)).adjusted(3, 6, -3, -6)
        dark = sum(
            image.pixelColor(x, y).lightness() < 90
            for x in range(rect.left(), rect.right())
            for y in range(rect.top(), rect.bottom())
        )
        assert dark > 5
