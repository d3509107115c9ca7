"""Where cells lie and how large their numbers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontInfo, QFontMetricsF

from cnnviz import theme
from cnnviz.widgets.grid import Grid, letter

sizes = st.integers(1, 31)


@given(sizes, sizes, st.integers(40, 900), st.integers(40, 400))
def test_cells_keep_apart_and_stay_inside(rows, columns, width, height):
    grid = Grid(rows, columns, width, height, 48, 1.6)
    right, bottom = grid.size()
    assert right <= max(width, 2 * columns) and bottom <= max(height, 2 * rows)
    for cell in ((0, 0), (rows // 2, columns // 2), (rows - 1, columns - 1)):
        centre = grid.rect(cell).center()
        assert grid.at(centre.x(), centre.y()) == cell
    assert grid.at(right + 5, 1) is None
    assert grid.at(-1, 1) is None


def test_cells_are_square_and_no_larger_than_asked():
    assert Grid(3, 3, 1000, None, 48).cell == (48, 48)
    assert Grid(3, 3, 260, None, 46, 2).cell[0] == pytest.approx((260 - 6) / 3)


def test_small_cells_carry_no_numbers(qapp):
    assert letter(np.ones((1, 1)), 17, 17) is None


@pytest.fixture(params=[100, 150])
def text_size(qapp, request):
    """Draw type at a size, in percent."""
    theme.apply(qapp, "light", request.param)
    yield request.param
    theme.apply(qapp, "light", 100)


@pytest.mark.parametrize("side", [22, 26, 28])
def test_a_small_cell_has_its_numbers_at_every_text_size(text_size, side):
    found = letter(np.array([[-2.0, 1.0], [0.0, -1.0]]), side, side)
    assert found and not found.rounded
    assert found.texts == (("−2", "1"), ("0", "−1"))
    assert QFontInfo(found.font).pixelSize() >= 12
    assert QFontMetricsF(found.font).horizontalAdvance("−2") <= side - 2


def test_digits_give_way_to_the_room(qapp):
    values = np.array([[0.0751136, 0.0], [-0.1238414, 0.5]])
    wide, narrow = letter(values, 90, 48), letter(values, 34, 34)
    assert wide and narrow
    assert wide.texts == (("0.0751", "0"), ("−0.1238", "0.5"))
    assert wide.rounded and narrow.rounded
    assert len(narrow.texts[1][0]) < len(wide.texts[1][0])


def test_whole_numbers_are_never_rounded(qapp):
    lettering = letter(np.array([[-1020.0, 255.0]]), 60, 48)
    assert lettering and lettering.texts == (("−1020", "255"),)
    assert not lettering.rounded
