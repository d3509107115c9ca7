"""The picture on the screen: exact pixels, and signals from the user alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.ops.colour import Scale
from cnnviz.palette import grey_table, sequential_table, signed_table
from cnnviz.widgets import image_view, raster
from cnnviz.widgets.image_view import ImageView, Viewport, Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

RANDOM = np.random.default_rng(0)
GREY = Scale(0, 255, "grey")
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(params=["light", "dark"])
def each_theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, request.param, 100)
    yield
    theme.apply(qapp, "light", 100)


@pytest.fixture
def make(qtbot: QtBot) -> Callable[..., ImageView]:
    def make(
        array: np.ndarray | None = None,
        size: tuple[int, int] = (112, 112),
        **place: object,
    ) -> ImageView:
        view = ImageView()
        qtbot.addWidget(view)
        view.resize(*size)
        if array is not None:
            view.set_image(array, GREY, grey_table(), **place)
        return view

    return make


def ramp(rows: int, columns: int) -> np.ndarray:
    return np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)


def shot(view: ImageView, ratio: float = 1) -> QImage:
    """Paint the view as on a screen with so many device pixels a pixel."""
    pixmap = QPixmap(view.size() * ratio)
    pixmap.setDevicePixelRatio(ratio)
    view.render(pixmap)
    return pixmap.toImage()


def greys(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8)
    rows = rows.reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width()].copy()


def centre(view: ImageView, row: int, column: int) -> QPoint:
    return view.cells_to_pane().map(QPointF(column + 0.5, row + 0.5)).toPoint()


def color_at(view: ImageView, point: QPoint) -> str:
    return shot(view).pixelColor(point).name().upper()


class Heard:
    """What a view said, in order."""

    def __init__(self, view: ImageView) -> None:
        self.said: list[tuple[object, ...]] = []
        view.hovered.connect(lambda *cell: self.said.append(("hovered", *cell)))
        view.clicked.connect(lambda *cell: self.said.append(("clicked", *cell)))
        view.left.connect(lambda: self.said.append(("left",)))
        view.escaped.connect(lambda: self.said.append(("escaped",)))
        view.viewport_changed.connect(lambda new: self.said.append(("view", new)))

    def viewports(self) -> list[Viewport]:
        return [said[1] for said in self.said if said[0] == "view"]


def turn(view: ImageView, point: QPoint, notches: int) -> None:
    """Turn the wheel, away from the user if positive."""
    event = QWheelEvent(
        QPointF(point),
        view.mapToGlobal(QPointF(point)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def move(
    view: ImageView, point: QPoint, button: Qt.MouseButton = Qt.MouseButton.NoButton
) -> None:
    """Move the pointer over a view that is not shown, which qtbot.mouseMove cannot."""
    QApplication.sendEvent(
        view,
        QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(point),
            view.mapToGlobal(QPointF(point)),
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        ),
    )


# ------------------------------------------------------------------ pixels


@pytest.mark.parametrize("ratio", [1, 1.25, 1.5, 2, 3])
def test_one_pixel_a_cell_is_drawn_as_it_is(
    make: Callable[..., ImageView], ratio: float
) -> None:
    side = round(100 * ratio)
    array = RANDOM.integers(0, 256, (side, side)).astype(np.float32)
    picture = greys(shot(make(array), ratio))
    top = int(6 * ratio + 0.5)
    assert (picture[top : top + side, top : top + side] == array).all()


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
@pytest.mark.parametrize("side", [3, 7, 33, 66, 99])
def test_enlarged_cells_are_hard(
    make: Callable[..., ImageView], side: int, ratio: float
) -> None:
    array = RANDOM.permutation(side * side).reshape(side, side) % 200.0
    view = make(array.astype(np.float32))
    picture = greys(shot(view, ratio))
    inside = slice(int(6 * ratio), int(106 * ratio))
    assert set(np.unique(picture[inside, inside])) == set(array.ravel())
    for row, column in np.ndindex(side, side):
        middle = view.cells_to_pane().map(QPointF(column + 0.5, row + 0.5)) * ratio
        assert picture[int(middle.y()), int(middle.x())] == array[row, column]


def test_reduced_pictures_are_means(make: Callable[..., ImageView]) -> None:
    array = RANDOM.integers(0, 256, (400, 400)).astype(np.float32)
    picture = greys(shot(make(array)))[6:106, 6:106].astype(float)
    means = array.reshape(100, 4, 100, 4).mean(axis=(1, 3))
    assert np.abs(picture - means).max() <= 0.51


def test_zero_is_neutral_on_the_screen(
    make: Callable[..., ImageView], each_theme: None
) -> None:
    palette = theme.current().palette
    view = make()
    array = np.array([[-7, 0, 7]], np.float32).repeat(3, axis=0).repeat(10, axis=1)
    view.set_image(array, colour.natural_scale(-7, 7), signed_table(palette))
    view.set_world(QRectF(0, 0, 30, 3))
    got = [color_at(view, centre(view, 1, column)) for column in (5, 15, 25)]
    assert got == [palette.negative, palette.zero, palette.positive]


def test_colour_pictures(make: Callable[..., ImageView]) -> None:
    picture = RANDOM.integers(0, 256, (100, 100, 3)).astype(np.float32)
    view = make(picture)
    image = shot(view)
    for row, column in ((0, 0), (3, 97), (99, 99)):
        color = image.pixelColor(6 + column, 6 + row)
        assert [color.red(), color.green(), color.blue()] == picture[
            row, column
        ].tolist()
        assert view.value_at(row, column) == tuple(picture[row, column])


def test_a_strided_map_covers_what_its_cells_stand_for(
    make: Callable[..., ImageView],
) -> None:
    """Cell (i, j) of a map begins at row 1 + 4i and column 2 + 2j of the picture."""
    array = RANDOM.permutation(24 * 48).reshape(24, 48) % 250 + 3.0
    view = make(array.astype(np.float32), origin=(1, 2), step=(4, 2))
    view.set_world(QRectF(0, 0, 100, 100))
    picture = greys(shot(view))[6:106, 6:106]
    assert (picture[1:97, 2:98] == array.repeat(4, axis=0).repeat(2, axis=1)).all()
    assert view.cell_at(QPointF(6 + 2, 6 + 1)) == (0, 0)
    assert view.cell_at(QPointF(6 + 2 + 2 * 5, 6 + 1 + 4 * 3)) == (3, 5)
    assert view.cell_at(QPointF(6 + 1, 6 + 1)) is None


def test_a_step_may_shrink_one_axis_and_stretch_the_other(
    make: Callable[..., ImageView],
) -> None:
    array = ramp(10, 500) % 256
    view = make(array, step=(10, 0.2))
    picture = greys(shot(view))[6:106, 6:106].astype(float)
    means = array.reshape(10, 100, 5).mean(axis=2).repeat(10, axis=0)
    assert np.abs(picture - means).max() <= 0.51


def test_zoom_shows_the_part_about_its_centre(make: Callable[..., ImageView]) -> None:
    array = RANDOM.integers(0, 256, (100, 100)).astype(np.float32)
    view = make(array)
    view.set_viewport(Viewport(30, 60, 10))
    picture = greys(shot(view))
    assert (picture[46:56, 46:56] == array[59, 29]).all()
    assert (picture[56:66, 56:66] == array[60, 30]).all()


def test_a_drawn_picture_is_kept_until_it_changes(
    make: Callable[..., ImageView], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    render = raster.render
    monkeypatch.setattr(image_view, "render", lambda *a: drawn.append(a) or render(*a))
    view = make(ramp(10, 10))
    assert not drawn
    shot(view)
    view.set_cell((1, 1))
    shot(view)
    assert len(drawn) == 1
    view.set_viewport(Viewport(5, 5, 2))
    shot(view)
    view.set_image(ramp(10, 10), GREY, grey_table())
    shot(view)
    assert len(drawn) == 3


def test_numbers_stand_in_cells_that_have_room(make: Callable[..., ImageView]) -> None:
    def is_flat(view: ImageView, row: int, column: int) -> bool:
        place = view.cells_to_pane().mapRect(QRectF(column, row, 1, 1)).toRect()
        inside = place.adjusted(2, 2, -2, -2)
        cut = greys(shot(view).copy(inside))
        return bool(np.ptp(cut) == 0)

    assert not is_flat(make(ramp(2, 2)), 0, 1)
    assert is_flat(make(ramp(3, 3)), 0, 1)
    assert is_flat(make(ramp(2, 2) + 1e6), 0, 1)


def test_numbers_keep_as_many_digits_as_fit() -> None:
    third = np.array([1 / 3], np.float32)
    assert raster._lines(third, 7) == ["≈0.3333"]
    assert raster._lines(third, 5) == ["≈0.33"]
    assert raster._lines(third, 3) == []
    assert raster._lines(np.array([-0.0], np.float32), 1) == ["0"]
    assert raster._lines(np.array([-12, 7], np.float32), 3) == ["−12", "7"]


def test_the_whole_array_can_be_grabbed(make: Callable[..., ImageView]) -> None:
    array = ramp(8, 30)
    view = make(array)
    view.set_viewport(Viewport(0, 0, 9))
    assert (greys(view.grab_image()) == array).all()


def test_an_empty_pane_says_what_to_do(make: Callable[..., ImageView]) -> None:
    view = make(size=(300, 100))
    blank = shot(view)
    view.clear("Open a picture.")
    assert shot(view) != blank
    assert view.cell_at(QPointF(150, 50)) is None
    view.set_image(ramp(3, 3), GREY, grey_table())
    view.clear("")
    assert shot(view) == blank


@pytest.mark.parametrize("size", [(1, 1), (5, 300), (12, 12)])
def test_a_tiny_pane_is_painted(
    make: Callable[..., ImageView], size: tuple[int, int]
) -> None:
    assert not shot(make(ramp(30, 50), size)).isNull()


def test_an_array_out_of_sight_is_no_error(make: Callable[..., ImageView]) -> None:
    view = make(ramp(5, 5), origin=(0, 0))
    view.set_world(QRectF(0, 0, 100, 100))
    for x, y in ((90, 2), (2, 90), (90, 90)):
        view.set_viewport(Viewport(x, y, 8))
        assert len(np.unique(greys(shot(view)))) == 1
    view.set_image(ramp(1, 1), GREY, grey_table(), step=(0.1, 100))
    view.set_viewport(Viewport())
    assert not shot(view).isNull()


# ------------------------------------------------------------------ marks


def same_outside(one: QImage, other: QImage, place: QRectF) -> bool:
    a, b = (greys(image).copy() for image in (one, other))
    left, top, right, bottom = (int(n) for n in place.getCoords())
    for picture in (a, b):
        picture[max(0, top) : bottom, max(0, left) : right] = 0
    return bool((a == b).all())


@pytest.mark.parametrize("pinned", [False, True])
def test_a_cell_is_framed_in_the_highlight(
    make: Callable[..., ImageView], each_theme: None, pinned: bool
) -> None:
    view = make(ramp(10, 10) % 256)
    before = shot(view)
    view.set_cell((4, 5), pinned)
    after = shot(view)
    place = view.cells_to_pane().mapRect(QRectF(5, 4, 1, 1))
    highlight = QColor(theme.current().palette.highlight)
    width = 3 if pinned else 2
    for n in range(1, width + 1):
        assert after.pixelColor(int(place.left()) - n, 50) == highlight
    assert after.pixelColor(int(place.center().x()), 50) == before.pixelColor(60, 50)
    assert same_outside(before, after, place.adjusted(-4, -4, 5, 5))
    view.set_cell(None)
    assert shot(view) == before


def test_the_frame_of_a_tiny_cell_is_large_enough_to_find(
    make: Callable[..., ImageView],
) -> None:
    view = make(ramp(400, 400) % 256)
    view.set_cell((200, 200))
    after = shot(view)
    highlight = QColor(theme.current().palette.highlight)
    framed = [x for x in range(112) if after.pixelColor(x, 56) == highlight]
    assert max(framed) - min(framed) + 1 >= 7
    assert max(framed) - min(framed) + 1 > len(framed)  # a hole shows the picture


def test_the_window_lies_on_its_pixels(make: Callable[..., ImageView]) -> None:
    view = make(np.full((10, 10), 100, np.float32))
    view.set_window(Window(np.arange(3, 6), np.arange(2, 5)))
    highlight = theme.current().palette.highlight
    after = shot(view)
    # Cells are 10 pixels and begin at 6: the window covers x 26 to 56, y 36 to 66.
    for point in (QPoint(25, 40), QPoint(56, 40), QPoint(40, 35), QPoint(40, 66)):
        assert after.pixelColor(point).name().upper() == highlight
    assert after.pixelColor(31, 41).red() == 100


def test_dilation_leaves_holes_and_padding_is_hatched(
    make: Callable[..., ImageView],
) -> None:
    view = make(np.full((10, 10), 100, np.float32))
    view.set_world(QRectF(-2, -2, 14, 14))
    before = shot(view)
    view.set_window(Window(np.array([-1, 2]), np.array([-1, 2]), np.ones((2, 2)), True))
    after = shot(view)

    def changed(row: float, column: float) -> bool:
        place = view.cells_to_pane().mapRect(QRectF(column, row, 1, 1)).toAlignedRect()
        inner = place.adjusted(2, 2, -2, -2)
        return bool((greys(after.copy(inner)) != greys(before.copy(inner))).any())

    assert changed(-1, -1)
    assert changed(-1, 2)
    assert changed(2, -1)
    assert not changed(2, 2)
    for hole in ((0, 0), (1, 1), (-1, 0), (0, 2), (2, 1)):
        assert not changed(*hole)


def test_weights_stand_in_large_taps(make: Callable[..., ImageView]) -> None:
    def painted(weights: np.ndarray | None, side: int) -> QImage:
        view = make(np.full((side, side), 100, np.float32), (212, 212))
        view.set_window(Window(np.arange(3), np.arange(3), weights))
        return shot(view)

    weights = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]], np.float32)
    assert painted(weights, 5) != painted(None, 5)
    assert painted(weights, 10) == painted(None, 10)


@pytest.mark.parametrize("zoom", [1, 20, 60])
def test_a_huge_receptive_field_is_only_framed(
    make: Callable[..., ImageView], zoom: float
) -> None:
    view = make(np.full((50, 50), 100, np.float32))
    before = shot(view)
    view.set_viewport(Viewport(25, 25, zoom))
    view.set_window(Window(np.arange(-900, 900), np.arange(-900, 900)))
    assert shot(view).pixelColor(56, 56).red() == 100
    assert before.pixelColor(56, 56).red() == 100


# ------------------------------------------------------------------ mouse


def test_hover_is_told_once_a_cell(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(10, 10))
    heard = Heard(view)
    for point in (
        QPoint(7, 7),
        QPoint(9, 12),
        QPoint(17, 7),
        QPoint(2, 2),
        QPoint(1, 1),
    ):
        move(view, point)
    assert heard.said == [("hovered", 0, 0), ("hovered", 0, 1), ("left",)]


def test_leaving_is_told_once(make: Callable[..., ImageView]) -> None:
    view = make(ramp(10, 10))
    heard = Heard(view)
    move(view, QPoint(7, 7))
    for _ in range(2):
        QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert heard.said == [("hovered", 0, 0), ("left",)]


def test_a_click_names_its_cell(make: Callable[..., ImageView], qtbot: QtBot) -> None:
    view = make(ramp(10, 10))
    heard = Heard(view)
    qtbot.mouseClick(view, LEFT, pos=QPoint(35, 57))
    qtbot.mouseClick(view, Qt.MouseButton.RightButton, pos=QPoint(35, 57))
    qtbot.mouseClick(view, Qt.MouseButton.MiddleButton, pos=QPoint(35, 57))
    qtbot.mouseClick(view, LEFT, pos=QPoint(3, 3))
    assert [said for said in heard.said if said[0] == "clicked"] == [("clicked", 5, 2)]


@pytest.mark.parametrize("button", [LEFT, Qt.MouseButton.MiddleButton])
def test_a_drag_pans_and_does_not_click(
    make: Callable[..., ImageView], qtbot: QtBot, button: Qt.MouseButton
) -> None:
    view = make(ramp(10, 10))
    view.set_viewport(Viewport(5, 5, 2))
    heard = Heard(view)
    held = view.cell_at(QPointF(50, 50))
    qtbot.mousePress(view, button, pos=QPoint(50, 50))
    for x in range(51, 81):
        move(view, QPoint(x, 50), button)
    qtbot.mouseRelease(view, button, pos=QPoint(80, 50))
    assert "clicked" not in {said[0] for said in heard.said}
    assert heard.viewports()[-1] == view.view().viewport
    assert view.cell_at(QPointF(80, 50)) == held


def test_a_small_slip_is_still_a_click(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(2, 2))
    heard = Heard(view)
    qtbot.mousePress(view, LEFT, pos=QPoint(30, 30))
    move(view, QPoint(32, 32), LEFT)
    qtbot.mouseRelease(view, LEFT, pos=QPoint(32, 32))
    assert heard.said == [("clicked", 0, 0)]


def test_a_drag_at_fit_changes_nothing(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(10, 10))
    heard = Heard(view)
    qtbot.mousePress(view, LEFT, pos=QPoint(50, 50))
    move(view, QPoint(90, 90), LEFT)
    qtbot.mouseRelease(view, LEFT, pos=QPoint(90, 90))
    assert heard.said == []


def test_the_wheel_zooms_about_the_pointer(make: Callable[..., ImageView]) -> None:
    view = make(RANDOM.normal(size=(200, 200)).astype(np.float32))
    heard = Heard(view)
    point = QPoint(40, 70)
    before = view.cells_to_pane().inverted()[0].map(QPointF(point))
    turn(view, point, 4)
    after = view.cells_to_pane().inverted()[0].map(QPointF(point))
    assert (after - before).manhattanLength() < 1e-6
    assert heard.viewports() == [view.view().viewport]
    assert heard.viewports()[0].zoom == pytest.approx(1.25**4)
    turn(view, point, -9)
    assert heard.viewports()[-1].zoom == 1
    turn(view, point, -1)
    assert len(heard.viewports()) == 2


def test_a_pixel_becomes_at_most_200_pixels(make: Callable[..., ImageView]) -> None:
    view = make(ramp(10, 10))
    for _ in range(30):
        turn(view, QPoint(50, 50), 1)
    assert view.cells_to_pane().m11() == pytest.approx(200)
    view.set_viewport(Viewport(5, 5, 50))
    heard = Heard(view)
    turn(view, QPoint(50, 50), 1)
    assert heard.said == []


def test_a_double_click_shows_all(make: Callable[..., ImageView], qtbot: QtBot) -> None:
    view = make(ramp(10, 10))
    view.set_viewport(Viewport(2, 2, 5))
    heard = Heard(view)
    qtbot.mouseDClick(view, LEFT, pos=QPoint(50, 50))
    assert heard.viewports() == [Viewport(5, 5, 1)]
    assert "clicked" not in {said[0] for said in heard.said}


def test_the_tool_tip_leaves_the_picture_free(
    make: Callable[..., ImageView],
) -> None:
    view = make(ramp(10, 10))
    help_ = QHelpEvent(QEvent.Type.ToolTip, QPoint(50, 50), QPoint(50, 50))
    move(view, QPoint(50, 50))
    assert view.event(help_)
    assert not QToolTip.isVisible()
    assert "Esc" in view.toolTip()


# ------------------------------------------------------------------ keyboard


def test_arrows_move_from_cell_to_cell(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(3, 4))
    view.set_cell((1, 1))
    heard = Heard(view)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left):
        qtbot.keyClick(view, key)
    assert heard.said == [("hovered", 1, 2), ("hovered", 2, 2), ("hovered", 2, 1)]
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert heard.said[3:] == [("clicked", 2, 1), ("clicked", 2, 1), ("escaped",)]


def test_arrows_begin_in_the_middle(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(11, 11))
    heard = Heard(view)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert heard.said == [("hovered", 4, 5)]


def test_arrows_forget_a_cell_that_is_gone(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(9, 9))
    view.set_cell((8, 8))
    view.set_image(ramp(3, 3), GREY, grey_table())
    heard = Heard(view)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert heard.said == [("clicked", 2, 2), ("hovered", 2, 1)]


def test_the_view_follows_the_arrows(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make(ramp(20, 20))
    view.set_viewport(Viewport(10, 10, 8))
    heard = Heard(view)
    for _ in range(4):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert heard.viewports()
    assert heard.viewports()[-1].zoom == 8
    row, column = heard.said[-1][1:] if heard.said[-1][0] == "hovered" else (10, 14)
    place = view.cells_to_pane().mapRect(QRectF(column, row, 1, 1))
    assert QRectF(view.rect()).contains(place)


def test_keys_zoom(make: Callable[..., ImageView], qtbot: QtBot) -> None:
    view = make(ramp(20, 20))
    heard = Heard(view)
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0):
        qtbot.keyClick(view, key)
    zooms = [viewport.zoom for viewport in heard.viewports()]
    assert zooms == pytest.approx([1.25, 1.5625, 1.25, 1])


def test_an_empty_pane_takes_no_keys_but_escape(
    make: Callable[..., ImageView], qtbot: QtBot
) -> None:
    view = make()
    heard = Heard(view)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return, Qt.Key.Key_A, Qt.Key.Key_Escape):
        qtbot.keyClick(view, key)
    assert heard.said == [("escaped",)]


def test_the_keyboard_shows_where_it_is(
    make: Callable[..., ImageView], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = make(np.full((10, 10), 100, np.float32))
    monkeypatch.setattr(view, "hasFocus", lambda: True)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    accent = theme.current().palette.accent
    place = view.cells_to_pane().mapRect(QRectF(5, 4, 1, 1)).toRect()
    assert color_at(view, QPoint(place.left() - 1, place.center().y())) == accent
    assert color_at(view, QPoint(0, 50)) == accent  # the focus ring


# ------------------------------------------------------------------ silence


def test_setting_by_program_is_silent(make: Callable[..., ImageView]) -> None:
    view = make()
    heard = Heard(view)
    view.set_image(ramp(9, 9), Scale(0, 9, "sequential"), sequential_table())
    view.set_world(QRectF(-1, -1, 11, 11))
    view.set_viewport(Viewport(3, 3, 4))
    view.set_window(Window(np.arange(3), np.arange(3)))
    view.set_cell((1, 1), True)
    shot(view)
    view.clear("")
    assert heard.said == []
