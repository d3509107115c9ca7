"""From a stroke of the pen to every layer's maps on the screen; hundreds of maps."""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from lab import Painted
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QEventLoop,
    QPointF,
    Qt,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget
from turns import compare, duration, timed

from cnnviz import theme
from cnnviz.background import Latest
from cnnviz.nn import replay
from cnnviz.ops.colour import Scale, to_bgrx
from cnnviz.pages.inspect import asking
from cnnviz.pages.inspect.looking import Looking
from cnnviz.pages.inspect.page import InspectPage, create
from cnnviz.palette import signed_table
from cnnviz.widgets import digit_pad
from cnnviz.widgets.digit_pad import DigitPad
from cnnviz.widgets.map_sheet import MapSheet
from cnnviz.widgets.mosaic import Mosaic
from cnnviz.widgets.probability_bars import ProbabilityBars
from cnnviz.widgets.raster import to_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

pytestmark = timed

FRAME = 1 / 60
ROUNDS = 100
MOST = 1.5
"""Of a bare forward pass and one mosaic paint a layer."""

# What happens between a stroke and the maps, one after the other, and the call that is
# the end of it.
INK = "ink on the sheet"
STAGES: dict[str, tuple[Any, str, str]] = {
    INK: (DigitPad, "drawing", "begin"),
    "new state": (Looking, "ask", "begin"),
    "to the thread": (asking._Asker, "answer", "begin"),
    "picture made ready": (asking, "make_ready", "end"),
    "forward pass, arrays": (asking._Asker, "answer", "end"),
    "back from the thread": (InspectPage, "_take_answer", "begin"),
    "maps to the mosaics": (InspectPage, "_take_answer", "end"),
}
LAST = "paint"
PAINTED: dict[str, type[QWidget]] = {
    "of it the maps": Mosaic,
    "the pad": DigitPad,
    "the bars": ProbabilityBars,
}
FORWARD, PAINT = "forward pass", "paint of a mosaic a layer"


class Watch:
    """Notes when calls first begin and end, and adds up how long they take."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.began = time.perf_counter()
        self.first: dict[tuple[str, str], float] = {}
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is noted under a name."""

        def run(*values: Any, **named: Any) -> Any:
            begin = time.perf_counter()
            self.first.setdefault((name, "begin"), begin)
            result = function(*values, **named)
            end = time.perf_counter()
            self.first.setdefault((name, "end"), end)
            self.seconds[name] += end - begin
            return result

        return run

    def parts(self, end: float) -> dict[str, float]:
        """Return the seconds that each stage took, the last up to an end."""
        ends = [self.first[name, moment] for _, name, moment in STAGES.values()]
        times = [self.began, *ends, end]
        stages = zip((*STAGES, LAST), pairwise(times), strict=True)
        paints = {part: self.seconds[part] for part in PAINTED}
        return {name: end - begin for name, (begin, end) in stages} | paints


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Watch the stages and the paints of every page that is made from now on."""
    watch = Watch()
    calls = [(owner, name, name) for owner, name, _ in STAGES.values()]
    paints = [(widget, "paintEvent", part) for part, widget in PAINTED.items()]
    for owner, name, noted in {
        (o, n): (o, n, k) for o, n, k in calls + paints
    }.values():
        monkeypatch.setattr(owner, name, watch.around(noted, getattr(owner, name)))
    return watch


@pytest.fixture
def page(watch: Watch, qtbot: QtBot) -> Iterator[InspectPage]:
    theme.apply(QApplication.instance(), "light", 100)
    page = create()
    qtbot.addWidget(page)
    page.resize(1090, 740)
    with qtbot.waitExposed(page):
        page.show()
    qtbot.waitUntil(page.settled, timeout=30_000)
    yield page
    page.shut_down()


def test_a_stroke_is_on_every_layer_within_two_frames(page, watch, qtbot, capsys):
    pad, wall = page._controls.pad.pad, page._layers.wall
    network, weights = page._looking.subject.network, page._looking.subject.weights
    module = replay.module_of(network, weights)
    picture = torch.from_numpy(page._answer.ready.values)[None]
    painted = Painted(page, wall.mosaics[-1])
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []

    def stroke() -> float:
        turn = len(ours) / 16
        way = QPointF(math.sin(turn) * 0.3, math.sin(0.7 * turn + 1) * 0.4)
        move = mouse(pad, QEvent.Type.MouseMove, way)
        qtbot.wait(digit_pad.FRAME)  # all is painted, and the pad may tell again
        asked = page._answer
        watch.reset()
        taken = painted.seconds(
            lambda: QCoreApplication.sendEvent(pad, move),
            lambda: page._answer is not asked,
        )
        ours.append(watch.parts(painted.at))
        qtbot.waitUntil(page.settled)
        return taken

    def bare() -> float:
        seconds: list[float] = []

        def forward() -> None:
            with torch.inference_mode():
                seconds.append(duration(lambda: module(picture)))

        qtbot.wait(digit_pad.FRAME)
        # In a thread as the page's, but on all cores, as torch does it by itself.
        thread.request(forward)
        while thread.busy:
            wait()
        for mosaic in wall.mosaics:
            mosaic._drawn = None  # as new maps do
        seconds.append(duration(lambda: [each.repaint() for each in wall.mosaics]))
        theirs.append(dict(zip((FORWARD, PAINT), seconds, strict=True)))
        return sum(seconds)

    place, thread = QPointF(0, 0.3), Latest()
    QCoreApplication.sendEvent(pad, mouse(pad, QEvent.Type.MouseButtonPress, place))
    qtbot.waitUntil(page.settled)
    taken, yardstick, ratio = compare(stroke, bare, ROUNDS)
    QCoreApplication.sendEvent(pad, mouse(pad, QEvent.Type.MouseButtonRelease, place))
    qtbot.waitUntil(page.settled)
    thread.shut_down()
    with capsys.disabled():
        print_parts("from the mouse to the maps", taken, ours)
        print_parts("bare", yardstick, theirs)
        print(f"ratio {ratio:.2f} (at most {MOST})")
    whole = statistics.median(sum(each[s] for s in (*STAGES, LAST)) for each in ours)
    assert ratio <= MOST
    # A pen that never rests waits for the pad besides, which tells once a frame.
    assert whole + digit_pad.FRAME / 1000 < 2 * FRAME


def print_parts(title: str, whole: float, rounds: list[dict[str, float]]) -> None:
    """Print the median milliseconds of every part."""
    print(f"\n{title + ', ms':30}{1000 * whole:6.2f}")
    for part in rounds[0]:
        median = statistics.median(each[part] for each in rounds)
        print(f"  {part:28}{1000 * median:6.2f}")


def test_512_maps_scroll_and_zoom_at_30_frames_a_second(qtbot: QtBot, capsys) -> None:
    theme.apply(QApplication.instance(), "light", 100)
    maps = np.random.default_rng(0).normal(size=(512, 28, 28)).astype(np.float32)
    sheet, plain = MapSheet("Conv"), Plain(700, 1000)
    for widget in (sheet, plain):
        qtbot.addWidget(widget)
        widget.resize(1000, 700)
        with qtbot.waitExposed(widget):
            widget.show()
    sheet.set_maps(maps, scale="layer", signed=True)
    sheet.viewport().repaint()
    bar, times = sheet.verticalScrollBar(), []
    for zoom in np.geomspace(1, 8, 30):
        frame = duration(lambda zoom=zoom: _zoomed(sheet, float(zoom)))
        times.append((frame, duration(plain.repaint)))
    for place in np.linspace(0, bar.maximum(), 60):
        frame = duration(lambda place=place: _scrolled(sheet, int(place)))
        times.append((frame, duration(plain.repaint)))
    qtbot.keyClick(sheet, Qt.Key.Key_Minus)
    ours, bare = zip(*times, strict=True)
    median, slow = statistics.median(ours), statistics.quantiles(ours, n=20)[-1]
    ratio = statistics.median(a / b for a, b in times)
    with capsys.disabled():
        print(
            f"\n512 maps: median {1000 * median:.1f} ms a frame, "
            f"95th percentile {1000 * slow:.1f} ms; {ratio:.2f} times the "
            f"{1000 * statistics.median(bare):.1f} ms of one bare picture of that size"
        )
    assert median < 1 / 30


class Plain(QWidget):
    """Colours and draws one map, of a value a pixel: what any paint takes here."""

    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        random = np.random.default_rng(0)
        self._values = random.normal(size=(rows, columns)).astype(np.float32)

    def paintEvent(self, event: QPaintEvent) -> None:
        table = signed_table(theme.current().palette)
        pixels = to_bgrx(self._values, Scale(-4, 4, "signed"), table)
        with QPainter(self) as painter:
            painter.drawImage(0, 0, to_image(pixels))


def wait() -> None:
    """Sleep until something happens: a busy loop would keep Python from the worker."""
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def mouse(pad: DigitPad, kind: QEvent.Type, way: QPointF) -> QMouseEvent:
    """Return the event of a pen so far from the middle of the sheet, in sheets."""
    place = pad.sheet.center() + way * pad.sheet.width()
    left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    return QMouseEvent(kind, place, pad.mapToGlobal(place), left, left, keys)


def _zoomed(sheet: MapSheet, zoom: float) -> None:
    sheet.set_zoom(zoom)
    sheet.viewport().repaint()


def _scrolled(sheet: MapSheet, place: int) -> None:
    sheet.verticalScrollBar().setValue(place)
    sheet.viewport().repaint()
