"""The Train page's side of a comparison: as ``sides.py``, with the window open.

Each answer is three numbers: the seconds that the batches took, the longest time in
milliseconds that a timer of 25 ms in the GUI thread had to wait meanwhile, and how
often the maps of the first layer were painted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from sides import MNIST, pictures

from cnnviz import app as start
from cnnviz import theme
from cnnviz.nn import idx
from cnnviz.nn.recipe import Recipe
from cnnviz.pages.train.page import TrainPage
from cnnviz.pages.train.state import State
from cnnviz.settings import Settings

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

BEAT = 0.025  # each costs the training a tenth of a millisecond


class Heart:
    """Notes the longest time between two beats."""

    def __init__(self) -> None:
        self._timer = QTimer(interval=round(1000 * BEAT))
        self._timer.timeout.connect(self._beat)
        self._last, self.longest = time.perf_counter(), 0.0
        self._timer.start()

    def reset(self) -> None:
        self._last, self.longest = time.perf_counter(), 0.0

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now


def wait(page: TrainPage, steps: int) -> None:
    loop = QEventLoop()

    def look() -> None:
        if page._current.curves.steps >= steps and page.phase == "paused":
            loop.quit()

    page._current.curves_changed.connect(look)
    page._current.phase_changed.connect(look)
    look()
    loop.exec()


class Painted(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.times = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.times += event.type() == QEvent.Type.Paint
        return False


def main(folder: Path) -> None:
    images, labels = pictures(MNIST)
    for name, count in (("train", len(images)), ("t10k", 1)):
        idx.write(folder / f"{name}-images-idx3-ubyte", images[:count, 0])
        idx.write(folder / f"{name}-labels-idx1-ubyte", labels[:count].astype(np.uint8))
    application = start.make_application(Settings(theme="light"))
    precision, device = sys.argv[1:]
    recipe = Recipe(data=str(folder), precision=precision, device=device, epochs=1000)  # type: ignore[arg-type]
    page = TrainPage(State(recipe))
    page.resize(1280, 800)
    theme.dress(application)
    page.show()
    while not page.settled():
        application.processEvents()
    heart, painted = Heart(), Painted(page._canvas.maps._mosaics[0])
    for line in sys.stdin:
        steps = page._current.curves.steps + int(line)
        heart.reset()
        painted.times, begin = 0, time.perf_counter()
        page._training.go(int(line))
        wait(page, steps)
        taken = time.perf_counter() - begin
        print(taken, 1000 * heart.longest, painted.times, flush=True)
    page.shut_down()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
