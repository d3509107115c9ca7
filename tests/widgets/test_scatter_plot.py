"""Points on a plane: where they lie, which one is pointed at, and how they glide."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage

from cnnviz import theme
from cnnviz.widgets.scatter_plot import ScatterPlot

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

POINTS = np.array([[0, 0], [4, 0], [4, 2], [0, 2], [2, 1]], np.float32)
LABELS = np.array([0, 1, 2, 0, 1])
PICTURES = np.full((5, 1, 4, 4), 200, np.uint8)


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> ScatterPlot:
    theme.apply(qapp, "light", 100)
    widget = ScatterPlot("Points", "Test pictures")
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    widget.show()
    widget.set_pictures(PICTURES, LABELS, "abc")
    widget.set_points(POINTS)
    return widget


def at(plot: ScatterPlot, index: int) -> QPoint:
    return QPoint(*map(round, plot.pixels()[index]))


def test_points_keep_their_shape_and_up_is_up(plot: ScatterPlot) -> None:
    places = plot.pixels()
    wide, high = places[1] - places[0], places[3] - places[0]
    assert wide[0] == pytest.approx(2 * -high[1])
    assert wide[1] == high[0] == 0
    assert places[2, 1] < places[1, 1]
    assert (places >= 0).all() and (places <= [500, 400]).all()


def test_points_have_the_colour_of_their_class(plot: ScatterPlot) -> None:
    image = plot.grab().toImage()
    for index in (0, 1):
        found = image.pixelColor(at(plot, index))
        assert found == theme.category(int(LABELS[index]))


def test_names_of_classes_on_one_place_stand_apart(plot: ScatterPlot) -> None:
    middles = np.array([[0, 0], [0.1, 0], [4, 2]], np.float32)
    plot.set_pictures(np.repeat(PICTURES[:1], 3, axis=0), np.arange(3), "123")
    plot.set_points(middles)
    plates = plot.names_at()
    assert set(plates) == {0, 1, 2}
    assert not plates[0].adjusted(-3, -3, 3, 3).intersects(plates[1])
    assert plates[2].center().x() == pytest.approx(plot.pixels()[2, 0], abs=1)
    assert all(plot.rect().contains(plate.toRect()) for plate in plates.values())


def test_names_keep_their_places_until_something_moves(
    plot: ScatterPlot, qtbot: QtBot, qapp: QApplication
) -> None:
    def fresh() -> dict[int, QRectF]:
        plot._plates = None
        return plot.names_at()

    kept = plot.names_at()
    plot.set_marked(2)
    qtbot.mouseMove(plot, at(plot, 3))
    plot.grab()
    assert plot.names_at() is kept, "pointing moves nothing"
    plot.resize(480, 390)
    assert kept != plot.names_at() == fresh()
    plot.set_points(POINTS[::-1].copy())
    kept = plot.names_at()
    qtbot.waitUntil(lambda: not plot.gliding)
    assert kept != plot.names_at() == fresh()
    kept = plot.names_at()
    try:
        theme.apply(qapp, "light", 150)
        assert kept != plot.names_at() == fresh()
    finally:
        theme.apply(qapp, "light", 100)
    plot.set_pictures(PICTURES, LABELS, "abc")
    assert plot.names_at() == {}


def test_one_point_is_no_trouble(plot: ScatterPlot) -> None:
    plot.set_points(POINTS[:1])
    plot.set_pictures(PICTURES[:1], LABELS[:1], "abc")
    plot.set_points(POINTS[:1])
    assert np.isfinite(plot.pixels()).all()
    plot.grab()


def test_the_nearest_point_is_pointed_at_and_clicked(
    plot: ScatterPlot, qtbot: QtBot
) -> None:
    hovered: list[int] = []
    clicked: list[int] = []
    plot.hovered.connect(hovered.append)
    plot.clicked.connect(clicked.append)
    qtbot.mouseMove(plot, at(plot, 4) + QPoint(3, 2))
    before = plot.grab().toImage()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at(plot, 4) + QPoint(3, 2))
    qtbot.mouseMove(plot, QPoint(at(plot, 4).x(), at(plot, 4).y() + 40))
    assert hovered == [4, -1]
    assert clicked == [4]
    assert plot.grab().toImage() != before, "its picture is gone"


def test_keys_go_from_point_to_point(plot: ScatterPlot, qtbot: QtBot) -> None:
    hovered: list[int] = []
    clicked: list[int] = []
    plot.hovered.connect(hovered.append)
    plot.clicked.connect(clicked.append)
    key = Qt.Key
    for each in (key.Key_Right, key.Key_Right, key.Key_Up, key.Key_Left, key.Key_Down):
        qtbot.keyClick(plot, each)
    qtbot.keyClick(plot, key.Key_Return)
    assert hovered == [0, 1, 2, 3, 0]
    assert clicked == [0]


def test_points_glide_to_another_map(plot: ScatterPlot, qtbot: QtBot) -> None:
    before = plot.pixels()
    plot.set_points(POINTS[::-1].copy())
    assert plot.gliding
    np.testing.assert_allclose(plot.pixels(), before, atol=1)
    qtbot.waitUntil(lambda: not plot.gliding)
    np.testing.assert_allclose(plot.pixels(), before[::-1], atol=1e-6)


def test_other_pictures_do_not_glide(plot: ScatterPlot) -> None:
    plot.set_pictures(PICTURES, LABELS, "abc")
    plot.set_points(POINTS)
    assert not plot.gliding


def test_a_class_in_the_legend_stands_out(plot: ScatterPlot, qtbot: QtBot) -> None:
    before = plot.grab().toImage()
    rect, name = plot._entries()[1]
    assert name == "b"
    qtbot.mouseMove(plot, rect.center().toPoint())
    image = plot.grab().toImage()
    assert image.pixelColor(at(plot, 1)) == before.pixelColor(at(plot, 1))
    assert image.pixelColor(at(plot, 2)) != before.pixelColor(at(plot, 2))


def test_where_it_is_low_the_legend_is_on_the_right(
    plot: ScatterPlot, qtbot: QtBot
) -> None:
    plot.resize(500, 319)
    plot._glide.end()
    entries = plot._entries()
    assert [name for _, name in entries] == ["a", "b", "c"]
    assert len({rect.left() for rect, _ in entries}) == 1
    places = plot.pixels()
    assert places[:, 0].max() < entries[0][0].left()
    rect, _ = entries[2]
    qtbot.mouseMove(plot, rect.center().toPoint())
    assert plot._class == 2
    plot.set_pictures(PICTURES, LABELS, [str(n) for n in range(40)])
    plot.set_points(POINTS)
    assert len({rect.top() for rect, _ in plot._entries()}) == 1, "no room for lines"


def test_without_points_it_says_why(plot: ScatterPlot) -> None:
    plot.set_points(np.zeros((0, 2), np.float32))
    bare = plot.grab().toImage()
    plot.set_placeholder("The test set is not there yet.")
    assert plot.grab().toImage() != bare
    assert plot.point_at(plot.rect().toRectF().center()) == -1


def test_five_thousand_points_are_painted_in_a_frame(plot: ScatterPlot) -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 10, 5000)
    plot.resize(1400, 800)
    plot.set_pictures(np.zeros((5000, 1, 4, 4), np.uint8), labels, "0123456789")
    plot.set_points(random.normal(size=(5000, 2)).astype(np.float32))
    image = QImage(plot.size(), QImage.Format.Format_RGB32)
    spent = []
    for _ in range(6):
        began = time.thread_time()
        plot.render(image)
        spent.append(time.thread_time() - began)
    assert min(spent) < 1 / 30
