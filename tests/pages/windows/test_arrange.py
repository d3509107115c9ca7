"""Where the matrices lie: as large as they fit, and never over each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cnnviz.pages.windows.arrange import Block, Spaces, arrange

SPACES = Spaces(3, 12, 36, 26, 116, 44)
SIZE = st.tuples(st.integers(1, 14), st.integers(1, 14))


def plans(size, channels, filters):
    given_, kernel = (
        Block("input", channels, size, 60),
        Block("kernel", channels, (3, 3)),
    )
    result = Block("result", filters, size, 60)
    return [((given_, kernel, result),), ((given_, result), (kernel, None))]


@given(SIZE, st.integers(1, 4), st.integers(1, 6))
def test_they_fit_and_do_not_overlap(size, channels, filters):
    layout = arrange(plans(size, channels, filters), 1700, 900, SPACES, "result")
    assert len(layout.places) == 2 * channels + filters
    assert 4 <= layout.cell <= SPACES.most
    for place in layout.places:
        assert place.x >= 0 and place.y >= SPACES.caption
        assert place.x + place.width <= 1700 and place.y + place.height <= 900
        for other in layout.places:
            if other is not place:
                assert (
                    place.x + place.width <= other.x
                    or other.x + other.width <= place.x
                    or place.y + place.height <= other.y
                    or other.y + other.height <= place.y
                )


def test_small_matrices_grow_beside_a_large_one():
    plan = ((Block("input", 1, (12, 12)), Block("kernel", 1, (3, 3))),)
    layout = arrange([plan], 600, 300, SPACES, "result")
    sides = [place.width for place in layout.places]
    assert layout.cell < 44
    assert sides == [12 * (layout.cell + 3) - 3, 3 * (44 + 3) - 3]


def test_more_room_means_larger_cells():
    cells = [
        arrange(plans((5, 5), 2, 2), width, 400, SPACES, "result").cell
        for width in (400, 700, 1000)
    ]
    assert cells == sorted(cells) and cells[0] < cells[-1]


def test_without_room_cells_stay_visible():
    assert arrange(plans((12, 12), 4, 6), 50, 50, SPACES, "result").cell == 4
