"""From a stroke of the pen to every layer's maps on the screen; hundreds of maps."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEventLoop, QPointF, Qt
from PySide6.QtWidgets import QApplication
from turns import compare, duration, timed

from cnnviz import theme
from cnnviz.nn import replay
from cnnviz.pages.inspect.page import create
from cnnviz.widgets.map_sheet import MapSheet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.page import InspectPage

pytestmark = timed

FRAME = 1 / 60
ROUNDS = 40
MOST = 1.5
"""Of a bare forward pass and one mosaic paint a layer."""


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[InspectPage]:
    theme.apply(QApplication.instance(), "light", 100)
    page = create()
    qtbot.addWidget(page)
    page.resize(1090, 740)
    with qtbot.waitExposed(page):
        page.show()
    qtbot.waitUntil(page.settled, timeout=30_000)
    yield page
    page.shut_down()


def test_a_stroke_is_on_every_layer_within_two_frames(page, capsys) -> None:
    pad, wall = page._controls.pad.pad, page._layers.wall
    network, weights = page._looking.subject.network, page._looking.subject.weights
    module = replay.module_of(network, weights)
    picture = torch.from_numpy(page._answer.ready.values)[None]
    number = 0

    def stroke() -> float:
        nonlocal number
        number += 1
        pad._begin(QPointF(20 + number % 40, 30 + number % 17))
        asked = page._answer
        begin = time.perf_counter()
        pad._timer.stop()
        pad.drawn.emit()  # what the pad does at the end of a frame
        while page._answer is asked or not page.settled():
            wait()
        QApplication.processEvents()
        taken = time.perf_counter() - begin
        assert all(mosaic._drawn is not None for mosaic in wall.mosaics), "painted"
        pad.undo()  # so that the next stroke is new ink again
        while not page.settled():
            wait()
        return taken

    def bare() -> float:
        def work() -> None:
            with torch.inference_mode():
                module(picture)
            for mosaic in wall.mosaics:
                mosaic._drawn = None  # as new maps do
                mosaic.repaint()

        return duration(work)

    ours, yardstick, ratio = compare(stroke, bare, ROUNDS)
    with capsys.disabled():
        print(
            f"\nstroke to maps {1000 * ours:.1f} ms, bare {1000 * yardstick:.1f} ms, "
            f"ratio {ratio:.2f}"
        )
    assert ratio <= MOST
    assert ours < 2 * FRAME


def test_512_maps_scroll_and_zoom_at_30_frames_a_second(qtbot: QtBot, capsys) -> None:
    theme.apply(QApplication.instance(), "light", 100)
    maps = np.random.default_rng(0).normal(size=(512, 28, 28)).astype(np.float32)
    sheet = MapSheet("Conv")
    qtbot.addWidget(sheet)
    sheet.resize(1000, 700)
    with qtbot.waitExposed(sheet):
        sheet.show()
    sheet.set_maps(maps, scale="layer", signed=True)
    sheet.viewport().repaint()
    bar, times = sheet.verticalScrollBar(), []
    for zoom in np.geomspace(1, 8, 30):
        times.append(duration(lambda zoom=zoom: _zoomed(sheet, float(zoom))))
    for place in np.linspace(0, bar.maximum(), 60):
        times.append(duration(lambda place=place: _scrolled(sheet, int(place))))
    qtbot.keyClick(sheet, Qt.Key.Key_Minus)
    slow = statistics.quantiles(times, n=20)[-1]
    with capsys.disabled():
        print(
            f"\n512 maps: median {1000 * statistics.median(times):.1f} ms a frame, "
            f"95th percentile {1000 * slow:.1f} ms"
        )
    assert statistics.median(times) < 1 / 30


def wait() -> None:
    """Sleep until something happens: a busy loop would keep Python from the worker."""
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _zoomed(sheet: MapSheet, zoom: float) -> None:
    sheet.set_zoom(zoom)
    sheet.viewport().repaint()


def _scrolled(sheet: MapSheet, place: int) -> None:
    sheet.verticalScrollBar().setValue(place)
    sheet.viewport().repaint()
