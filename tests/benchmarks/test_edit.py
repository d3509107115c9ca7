"""From the edit of one kernel cell to the painted map, in the real window.

The page takes turns with the least program that does the same, and with the one that is
written first: SciPy, NumPy and pyqtgraph. What the page writes about the map, it paints
after the map; the table has it too.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from lab import KERNEL, Lab, Painted, photograph
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication, QSlider, QVBoxLayout, QWidget
from turns import compare, timed

from cnnviz.pages.kernel_lab import compute
from cnnviz.pages.kernel_lab.controls import Controls
from cnnviz.pages.kernel_lab.page import KernelLab
from cnnviz.pages.kernel_lab.panes import Panes
from cnnviz.widgets.image_view import ImageView
from cnnviz.widgets.kernel_editor import KernelEditor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from PySide6.QtGui import QPaintEvent
    from pytestqt.qtbot import QtBot

    Show = Callable[[NDArray[np.float32], NDArray[np.float32]], None]

SIZES = {"512×512": (512, 512), "1920×1080": (1920, 1080), "3840×2160": (3840, 2160)}
ROUNDS = 25
TRIES = 3
MOST = 1.2  # times the least program
LEAST = 8  # times faster than the naive program, at 1920×1080
BLOCKED_MS = 16

# Parts of the page's work, in the order of the table, and the functions that do them;
# each without those of the other parts that it calls.
BEFORE, AFTER = "until the map is painted", "after that"
PARTS: dict[str, tuple[tuple[Any, str], ...]] = {
    "filter": ((compute, "run_stage"),),
    "range": ((compute, "value_range"),),
    "maps to the panes": ((KernelLab, "_show_arrays"),),
    "paint of the maps": ((ImageView, "_paint_array"),),
    "paint of the rest": ((Painted, "forward"),),
    "titles and legends": ((Panes, "caption"),),
    "strips": ((KernelLab, "_show_strips"),),
    "facts": ((KernelLab, "_explanation"),),
    "terms": ((KernelLab, "_show_focus"),),
    "controls": ((Controls, "set_state"), (KernelEditor, "set_kernel")),
}


class Picture(QWidget):
    """Draws an image as large as itself, every pixel of the image with its share."""

    image = QImage()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self.image)


def bare() -> tuple[QWidget, Show]:
    """Return a plain widget and the chain to it, all of OpenCV."""
    view = Picture()

    def show(pixels: NDArray[np.float32], kernel: NDArray[np.float32]) -> None:
        filtered = cv2.filter2D(pixels, -1, kernel)
        grey = cv2.normalize(filtered, None, 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)
        view.bytes = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGRA)
        height, width = grey.shape
        rgb32 = QImage.Format.Format_RGB32
        view.image = QImage(view.bytes.data, width, height, 4 * width, rgb32)
        view.update()

    return view, show


def naive() -> tuple[QWidget, Show]:
    """Return pyqtgraph's view and the chain to it: SciPy, NumPy's table, auto levels."""
    import pyqtgraph
    from scipy.ndimage import correlate

    item = pyqtgraph.ImageItem(axisOrder="row-major")
    box = pyqtgraph.ViewBox(lockAspect=True, invertY=True)
    box.addItem(item)
    view = pyqtgraph.GraphicsView()
    view.setCentralItem(box)
    view.box = box  # which nothing else would keep
    table = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(256, 3)

    def show(pixels: NDArray[np.float32], kernel: NDArray[np.float32]) -> None:
        filtered = correlate(pixels, kernel)
        low, high = filtered.min(), filtered.max()
        grey = ((filtered - low) / (high - low) * 255).astype(np.uint8)
        item.setImage(table[grey], autoLevels=True)

    return view, show


class Program(QWidget):
    """A slider for one weight of the kernel, over the map that the kernel makes.

    Parameters
    ----------
    pixels : uint8 array, (H, W)
        The picture.
    pane : QWidget
        The page's own view of a map; this one's is as large, in as large a window.
    view, show
        What shows the map, and the function that brings it there.
    """

    def __init__(
        self, pixels: NDArray[np.uint8], pane: QWidget, view: QWidget, show: Show
    ) -> None:
        super().__init__()
        self._pixels, self._kernel = pixels.astype(np.float32), np.float32(KERNEL)
        self._show_map = show
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.valueChanged.connect(self._change)
        view.setFixedSize(pane.size())
        column = QVBoxLayout(self)
        column.addWidget(self._slider)
        column.addWidget(view)
        self.resize(pane.window().size())
        self.show()
        QApplication.processEvents()
        canvas = view.viewport() if hasattr(view, "viewport") else view
        self._painted = Painted(self, canvas)

    def edit(self) -> float:
        """Move the slider; return the seconds until the map is painted."""
        QApplication.processEvents()
        value = (self._slider.value() + 1) % 100
        return self._painted.seconds(lambda: self._slider.setValue(value))

    def _change(self, weight: int) -> None:
        self._kernel[2, 2] = weight
        self._show_map(self._pixels, self._kernel)


class Stopwatch:
    """Adds up what parts of the work take, each without the parts that it calls."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inner = threading.local()

    def around(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that does the same and is timed as a part."""

        def run(*values: Any, **named: Any) -> Any:
            outer, self._inner.seconds = getattr(self._inner, "seconds", 0.0), 0.0
            begin = time.perf_counter()
            try:
                return function(*values, **named)
            finally:
                whole = time.perf_counter() - begin
                self.seconds[part] += whole - self._inner.seconds
                self._inner.seconds = outer + whole

        return run


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def pixels(size: str) -> NDArray[np.uint8]:
    return photograph(*SIZES[size])


@pytest.fixture
def lab(qapp: QApplication, tmp_path: Path, pixels: NDArray[np.uint8]) -> Iterator[Lab]:
    lab = Lab(tmp_path, pixels)
    with lab.pressed():
        yield lab
    lab.close()


@pytest.fixture
def program(
    lab: Lab, pixels: NDArray[np.uint8], qtbot: QtBot
) -> Callable[..., Program]:
    def make(view: QWidget, show: Show) -> Program:
        result = Program(pixels, lab.map, view, show)
        qtbot.addWidget(result)
        return result

    return make


@timed
@pytest.mark.timeout(300)
def test_edit_to_paint_against_the_least_program(lab, program, size, capsys):
    yardstick = program(*bare())
    for _ in range(TRIES):
        page, other, times = compare(lab.drag, yardstick.edit, ROUNDS)
        with capsys.disabled():
            print(
                f"\n{size:9}  page {1000 * page:.1f} ms, least program "
                f"{1000 * other:.1f} ms, ratio {times:.2f} (at most {MOST})",
                end="",
            )
        if times <= MOST:
            break
    assert times <= MOST


@timed
@pytest.mark.timeout(300)
def test_edit_to_paint_against_the_naive_program(lab, program, size, capsys):
    yardstick = program(*naive())
    page, other, times = compare(lab.drag, yardstick.edit, ROUNDS // 3)
    with capsys.disabled():
        print(
            f"\n{size:9}  page {1000 * page:.1f} ms, naive program "
            f"{1000 * other:.1f} ms, {1 / times:.1f} times as fast",
            end="",
        )
    assert 1 / times >= LEAST or size != "1920×1080"
