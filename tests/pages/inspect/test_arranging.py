"""Tiles stand so that their maps are largest, and ask for the height to be read in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.pages.inspect.arranging import FLATTEST, Room, best_columns, least_height
from cnnviz.widgets.tiling import tile

LARGE, USUAL = Room(666, 75, 24, 144, 1.5, 108), Room(750, 50, 16, 96)
"""The canvas in a window of 1280 by 800 pixels, at text size 150 and 100 %."""
WIDE = Room(1390, 50, 16, 96)
"""The same in one of 1920 by 1080."""

LECTURE = [(1, 28, 28), (32, 24, 24), (32, 12, 12), (64, 8, 8), (64, 4, 4)]
LECTURE += [(1000, 1, 1), (10, 1, 1), (10, 1, 1)]
"""The main layers of the lecture network."""

Shapes = list[tuple[int, int, int]]

rooms = st.builds(
    Room,
    width=st.integers(1, 2000),
    words=st.integers(30, 120),
    gap=st.integers(8, 32),
    narrowest=st.integers(60, 200),
)


shapes = st.tuples(st.integers(1, 64), st.integers(1, 28), st.integers(1, 28))
networks = st.lists(shapes, min_size=1, max_size=40)


def high(count: int, pictures: int, room: Room, height: int, columns: int) -> float:
    """Return the pixels that a tile's maps have in so many columns."""
    rows = pictures * -(-count // columns)
    return (height - (rows - 1) * room.gap) / rows - room.words


def test_large_type_takes_fewer_rows_for_maps_that_can_be_read() -> None:
    assert best_columns(LECTURE, 1, LARGE, 326) == 4
    assert high(8, 1, LARGE, 326, 4) > 70
    assert least_height(8, 1, LARGE) <= 326, "nothing is to scroll"


@pytest.mark.parametrize(("room", "height"), [(USUAL, 545), (WIDE, 830)])
def test_the_picture_is_as_wide_as_its_tile(room: Room, height: int) -> None:
    columns = best_columns(LECTURE, 1, room, height)
    inside = int(high(8, 1, room, height, columns)), int(room.tile(columns))
    picture = tile(LECTURE[0], inside, room.unit, room.most)
    assert picture.width > 0.9 * room.tile(columns)
    assert 2 * (inside[0] + room.words) + room.gap > 0.97 * height


def test_many_layers_are_no_towers() -> None:
    every = sorted([*LECTURE, (32, 24, 24), (64, 8, 8), (1024, 1, 1), (1000, 1, 1)])
    columns = best_columns(every, 1, WIDE, 830)
    assert high(12, 1, WIDE, 830, columns) < 1.5 * WIDE.tile(columns)


@given(networks, st.integers(1, 2), rooms, st.integers(1, 1500))
def test_maps_can_be_read_in_the_height_that_is_asked_for(
    shapes: Shapes, pictures: int, room: Room, more: int
) -> None:
    count = len(shapes)
    least = least_height(count, pictures, room)
    for height in (least, least + more):
        columns = best_columns(shapes, pictures, room, height)
        flattest = FLATTEST * max(0.0, room.tile(columns))
        assert high(count, pictures, room, height, columns) >= flattest - 1e-6
        assert columns == 1 or room.tile(columns) >= room.narrowest


@given(networks, st.integers(1, 2), rooms, st.integers(0, 1500))
def test_too_little_height_is_arranged_as_what_is_asked_for(
    shapes: Shapes, pictures: int, room: Room, height: int
) -> None:
    count = len(shapes)
    least = least_height(count, pictures, room)
    columns = best_columns(shapes, pictures, room, min(height, least - 2))
    assert room.need(count, pictures, columns) <= least
