"""Maps as large as the room allows; a pixel and its cell agree."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.widgets.tiling import EQUAL, WHOLE, Tiling, tile

shapes = st.tuples(st.integers(1, 130), st.integers(1, 30), st.integers(1, 30))
rooms = st.tuples(st.integers(60, 900), st.integers(60, 900))


@pytest.mark.parametrize(
    ("shape", "room", "columns", "side"),
    [
        ((32, 24, 24), (220, 410), 8, 48),
        ((64, 8, 8), (290, 290), 8, 32),
        ((32, 5, 5), (60, 450), 16, 25),
        ((7, 5, 5), (34, 400), 7, 30),
        ((1, 3, 3), (500, 500), 1, 120),
    ],
)
def test_worked_by_hand(
    shape: tuple[int, int, int], room: tuple[int, int], columns: int, side: int
) -> None:
    tiling = tile(shape, room, 1.0, 40)
    assert (tiling.columns, tiling.width, tiling.height) == (columns, side, side)


def test_between_tiny_maps_there_are_no_gaps_that_hide_them() -> None:
    assert tile((1000, 1, 1), (58, 148), 1.5, 40).gap == 0
    assert tile((1000, 1, 1), (110, 230), 1.0, 40).gap == 1
    assert tile((32, 5, 5), (66, 150), 1.0, 40).gap > 0


@given(shapes, rooms)
def test_it_fits_and_no_other_columns_show_maps_much_larger(
    shape: tuple[int, int, int], room: tuple[int, int]
) -> None:
    tiling = tile(shape, room, 1.0, 40)
    count, height, width = shape
    if min(tiling.width, tiling.height) > 1:
        assert tiling.size[0] <= room[0]
        assert tiling.size[1] <= room[1]
    for columns in range(1, count + 1):
        rows = -(-count // columns)
        across = ((room[1] + tiling.gap) / columns - tiling.gap) / width
        down = ((room[0] + tiling.gap) / rows - tiling.gap) / height
        largest = min(across, down, 40)
        one = 1 / min(width, height)
        assert tiling.width / width >= largest * EQUAL * WHOLE - 2 * one


@given(shapes, rooms, st.integers(0, 10_000))
def test_a_cell_is_where_its_box_is(
    shape: tuple[int, int, int], room: tuple[int, int], number: int
) -> None:
    tiling = tile(shape, room, 1.0, 40)
    if tiling.width < tiling.map_width or tiling.height < tiling.map_height:
        return
    index, row, column = np.unravel_index(number % np.prod(shape), shape)
    place = int(index), int(row), int(column)
    left, top, width, height = tiling.cell_box(place)
    assert tiling.at(left, top) == place
    assert tiling.at(left + width - 0.01, top + height - 0.01) == place


@given(st.integers(1, 40), st.integers(1, 200))
def test_cells_are_where_opencv_enlarges_them(cells: int, more: int) -> None:
    pixels = cells + more
    ramp = np.arange(cells, dtype=np.uint8)[np.newaxis]
    drawn = cv2.resize(ramp, (pixels, 1), interpolation=cv2.INTER_NEAREST_EXACT)[0]
    tiling = Tiling(1, 1, cells, 1, 1, pixels, 2)
    told = [tiling.at(x + 0.5, 0) for x in range(pixels)]
    # Where a pixel's middle lies between two cells it may be either's.
    middles = (np.arange(pixels) + 0.5) * cells / pixels
    clear = np.abs(middles - middles.round()) > 1e-3
    assert all(told)
    assert np.array_equal(
        drawn[clear], np.array([place[2] for place in told if place])[clear]
    )


def test_gaps_belong_to_nobody() -> None:
    tiling = Tiling(5, 2, 2, 3, 10, 10, 2)
    assert tiling.size == (22, 34)
    assert tiling.at(9.9, 0) == (0, 0, 1)
    assert tiling.at(10.5, 0) is None
    assert tiling.at(12, 12) == (4, 0, 0)
    assert tiling.at(24, 12) is None
    assert tiling.at(-1, 0) is None


def test_steps_cross_the_gaps_and_stay_inside() -> None:
    tiling = Tiling(5, 2, 2, 3, 10, 10, 2)
    assert tiling.moved((0, 0, 1), 0, 1) == (1, 0, 0)
    assert tiling.moved((1, 1, 0), 1, 0) == (4, 0, 0)
    assert tiling.moved((2, 1, 0), 1, 0) == (2, 1, 0)
    assert tiling.moved((0, 0, 0), -1, 0) == (0, 0, 0)
    assert tiling.moved((2, 0, 1), 0, 1) == (2, 0, 1)
