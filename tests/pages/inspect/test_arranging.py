"""Tiles stand so that their maps are largest, and ask for the height to be read in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnviz.pages.inspect.arranging import FLATTEST, Room, best_columns, least_height

LARGE, USUAL = Room(666, 75, 24, 144), Room(750, 50, 16, 96)
"""The canvas in a window of 1280 by 800 pixels, at text size 150 and 100 %."""

rooms = st.builds(
    Room,
    width=st.integers(1, 2000),
    words=st.integers(30, 120),
    gap=st.integers(8, 32),
    narrowest=st.integers(60, 200),
)


def heights(count: int, pictures: int, room: Room, height: int) -> float:
    """Return the pixels that a tile's maps have."""
    columns = best_columns(count, pictures, room, height)
    rows = pictures * -(-count // columns)
    return (height - (rows - 1) * room.gap) / rows - room.words


def test_large_type_takes_fewer_rows_for_maps_that_can_be_read() -> None:
    assert best_columns(8, 1, USUAL, 545) == 3
    assert best_columns(8, 1, LARGE, 326) == 4
    assert heights(8, 1, LARGE, 326) > 70
    assert least_height(8, 1, LARGE) <= 326, "nothing is to scroll"


@given(st.integers(1, 40), st.integers(1, 2), rooms, st.integers(1, 1500))
def test_maps_can_be_read_in_the_height_that_is_asked_for(
    count: int, pictures: int, room: Room, more: int
) -> None:
    least = least_height(count, pictures, room)
    for height in (least, least + more):
        columns = best_columns(count, pictures, room, height)
        flattest = FLATTEST * max(0.0, room.tile(columns))
        assert heights(count, pictures, room, height) >= flattest - 1e-6
        assert columns == 1 or room.tile(columns) >= room.narrowest


@given(st.integers(1, 40), st.integers(1, 2), rooms, st.integers(0, 1500))
def test_too_little_height_is_arranged_as_what_is_asked_for(
    count: int, pictures: int, room: Room, height: int
) -> None:
    least = least_height(count, pictures, room)
    columns = best_columns(count, pictures, room, min(height, least - 2))
    assert room.need(count, pictures, columns) <= least
