"""The matrix that is only looked at: cells, hover, cursor, words to be read out."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from cnnviz import theme
from cnnviz.widgets.cells import colors
from cnnviz.widgets.matrix import MatrixView

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])


@pytest.fixture
def matrix(qtbot):
    view = MatrixView("Weights", "Help")
    qtbot.addWidget(view)
    view.set_values(SOBEL)
    view.resize(200, 150)
    view.show()
    return view


def test_it_shows_the_numbers(matrix):
    assert matrix.texts == (("−1", "0", "1"), ("−2", "0", "2"), ("−1", "0", "1"))
    assert not matrix.rounded


def test_too_small_it_shows_colours_only_and_the_tooltip_tells(matrix, monkeypatch):
    matrix.set_values(np.arange(961).reshape(31, 31) / 7)
    assert matrix.texts == ()
    told = []
    monkeypatch.setattr(
        QToolTip, "showText", lambda at, text, widget: told.append(text)
    )
    point = matrix.cell_rect((2, 3)).center()
    event = QHelpEvent(QEvent.Type.ToolTip, point, matrix.mapToGlobal(point))
    QApplication.sendEvent(matrix, event)
    assert told == [f"row 2, column 3: {65 / 7}\nHelp"]


def test_rounding_is_told_once(matrix, qtbot):
    told = []
    matrix.rounding_changed.connect(told.append)
    matrix.set_values(SOBEL / 3)
    matrix.set_values(SOBEL / 7)
    matrix.set_values(SOBEL)
    assert told == [True, False]


def test_hover_tells_the_cell_and_leaving_it(matrix, qtbot):
    told = []
    matrix.hovered.connect(lambda row, column: told.append((row, column)))
    for cell in ((0, 0), (1, 2), (1, 2)):
        qtbot.mouseMove(matrix, matrix.cell_rect(cell).center() + QPoint(1, 0))
    QApplication.sendEvent(matrix, QEvent(QEvent.Type.Leave))
    assert told == [(0, 0), (1, 2), (-1, -1)]


def test_the_arrow_keys_move_a_cursor_that_is_spoken(matrix, qtbot):
    told = []
    matrix.hovered.connect(lambda row, column: told.append((row, column)))
    matrix.clearFocus()
    matrix.setFocus(Qt.FocusReason.TabFocusReason)
    keys = Qt.Key
    for key in (keys.Key_Right, keys.Key_Down, keys.Key_End, keys.Key_Up, keys.Key_Up):
        qtbot.keyClick(matrix, key)
    assert matrix.current == (0, 2)
    assert told[0] == (0, 0) and told[-1] == (0, 2)
    assert matrix.accessibleName() == "Weights"
    assert matrix.accessibleDescription() == "row 0, column 2: 1"


def test_padding_is_hatched_and_spoken(matrix):
    inside = np.ones((3, 3), bool)
    plain = matrix.grab().toImage()
    inside[0, 1] = False
    matrix.set_values(SOBEL, mask=inside)
    assert matrix.describe((0, 1)) == "row 0, column 1: 0 (padding)"
    hatched = matrix.grab().toImage()
    assert plain.copy(matrix.cell_rect((0, 1))) != hatched.copy(
        matrix.cell_rect((0, 1))
    )
    assert plain.copy(matrix.cell_rect((1, 1))) == hatched.copy(
        matrix.cell_rect((1, 1))
    )


def test_marks_are_framed_in_the_highlight(matrix):
    matrix.set_marked([(1, 1)])
    rect = matrix.cell_rect((1, 1))
    edge = matrix.grab().toImage().pixelColor(rect.left() + 1, rect.center().y())
    assert edge == theme.color("highlight")


def test_setters_are_silent(matrix, qtbot):
    with qtbot.assertNotEmitted(matrix.hovered):
        matrix.set_marked([(0, 0)])
        matrix.set_current((2, 2))
        matrix.set_values(np.zeros((2, 2)))
    assert matrix.current == (1, 1)


def test_zero_is_neutral_and_the_ends_are_the_limit():
    values = np.array([[-4.0, 0.0, 2.0, np.nan, np.inf]])
    low, zero, half, nan, top = colors(values, None, "signed")
    assert zero == nan == theme.color("zero")
    assert (low, top) == (theme.color("negative"), theme.color("positive"))
    assert half == theme.signed_color(2, 4)
    assert colors(np.array([[0.0, 255.0]]), 255, "grey") == [
        QColor("#000000"),
        QColor("#FFFFFF"),
    ]
    assert colors(np.zeros((1, 1)), None, "sequential")[0].isValid()


def test_values_far_beyond_the_limit_are_at_the_end_of_the_scale():
    low, top = colors(np.array([[-1e300, 1e300]]), 1e-10, "signed")
    assert (low, top) == (theme.color("negative"), theme.color("positive"))


def test_it_keeps_cells_square_in_any_width(matrix):
    assert matrix.heightForWidth(93) == 93
    assert matrix.heightForWidth(2000) == 3 * 48 + 2 * 3


def test_blank_cells_keep_their_numbers_to_themselves(matrix):
    blank = np.zeros((3, 3), bool)
    blank[0, 0] = True
    before = matrix.grab().toImage()
    matrix.set_blank(blank)
    assert matrix.describe((0, 0)) == "row 0, column 0: not shown yet"
    assert matrix.describe((0, 1)).endswith(": 0")
    assert matrix.grab().toImage() != before
    matrix.set_blank(None)
    assert matrix.grab().toImage() == before


def test_rows_are_called_from_the_first_inside_the_padding(matrix):
    matrix.set_values(SOBEL, origin=(1, 1))
    assert matrix.describe((1, 2)).startswith("row 0, column 1: ")
    assert matrix.describe((0, 1)).startswith("row −1, column 0: ")
