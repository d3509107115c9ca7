"""The map between cells, picture plane and screen, for any zoom, pan and stride."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from cnnviz.widgets.viewport import View, Viewport, cells_to_plane

lengths = st.floats(1, 5000)
views = st.builds(
    View,
    st.builds(
        Viewport, st.floats(-100, 6000), st.floats(-100, 6000), st.floats(1, 300)
    ),
    st.builds(QRectF, st.floats(-30, 30), st.floats(-30, 30), lengths, lengths),
    st.builds(QRectF, st.just(6), st.just(6), st.floats(1, 2000), st.floats(1, 2000)),
)
shares = st.floats(0, 1)


def close(one: QPointF, other: QPointF, tolerance: float) -> bool:
    return (one - other).manhattanLength() <= tolerance


@given(views)
def test_fit_shows_the_whole_world_and_no_more(view: View) -> None:
    fitted = View(Viewport(zoom=1), view.world, view.area)
    shown = fitted.transform.mapRect(view.world)
    assert shown.width() == pytest.approx(view.area.width()) or (
        shown.height() == pytest.approx(view.area.height())
    )
    assert view.area.adjusted(-0.01, -0.01, 0.01, 0.01).contains(shown)
    assert close(shown.center(), view.area.center(), 0.01)


@given(views)
def test_no_side_is_left_empty_that_the_world_could_fill(view: View) -> None:
    shown = view.transform.mapRect(view.world)
    for near, far, low, high in (
        (shown.left(), shown.right(), view.area.left(), view.area.right()),
        (shown.top(), shown.bottom(), view.area.top(), view.area.bottom()),
    ):
        if far - near >= high - low:
            assert near <= low + 0.01
            assert far >= high - 0.01
        else:
            assert near + far == pytest.approx(low + high, abs=0.01)


@given(views)
def test_holding_twice_changes_nothing(view: View) -> None:
    held = view.viewport
    assert View(held, view.world, view.area).viewport == held


# At random, more than nine of ten in a row may be held back.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(views, shares, shares, st.floats(1, 300))
def test_zooming_keeps_the_point_under_the_pointer(
    view: View, x: float, y: float, zoom: float
) -> None:
    about = view.area.topLeft() + QPointF(x * view.area.width(), y * view.area.height())
    zoomed = view.zoomed(zoom, about)
    after = View(zoomed, view.world, view.area)
    free = View(zoomed, QRectF(-1e6, -1e6, 2e6, 2e6), view.area).viewport
    point = view.transform.inverted()[0].map(about)
    centre = point + (view.area.center() - about) / after.scale
    # Where the edge of the world held the view back, the point has to move.
    assume(close(centre, QPointF(free.x, free.y), 0.001 / after.scale))
    assert close(after.transform.map(point), about, 0.01)


@given(views, st.floats(-50, 50), st.floats(-50, 50))
def test_panning_moves_the_picture_along(view: View, x: float, y: float) -> None:
    way = QPointF(x, y)
    after = View(view.panned(way), view.world, view.area)
    start = view.transform.map(QPointF())
    moved = after.transform.map(QPointF()) - start
    # Never further than the pointer, never the other way.
    for got, wanted in ((moved.x(), x), (moved.y(), y)):
        assert min(0, wanted) - 0.01 <= got <= max(0, wanted) + 0.01


@given(
    views,
    st.tuples(st.floats(-20, 20), st.floats(-20, 20)),
    st.tuples(st.integers(1, 16), st.integers(1, 16)),
    st.tuples(st.integers(0, 300), st.integers(0, 300)),
    shares,
    shares,
)
def test_any_point_of_a_cell_leads_back_to_it(
    view: View,
    origin: tuple[float, float],
    step: tuple[int, int],
    cell: tuple[int, int],
    x: float,
    y: float,
) -> None:
    cells = cells_to_plane(origin, step) * view.transform
    row, column = cell
    place = cells.mapRect(QRectF(column, row, 1, 1))
    point = QPointF(
        place.left() + (0.01 + 0.98 * x) * place.width(),
        place.top() + (0.01 + 0.98 * y) * place.height(),
    )
    back = cells.inverted()[0].map(point)
    assert (int(back.y()), int(back.x())) == cell


def test_strided_maps_line_up_with_the_picture() -> None:
    """Cell (i, j) of a map with stride (2, 3) lies on pixel (2i, 3j)."""
    cells = cells_to_plane((0, 0), (2, 3))
    assert cells.mapRect(QRectF(5, 7, 1, 1)) == QRectF(15, 14, 3, 2)
