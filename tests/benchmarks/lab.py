"""The real window with the Kernel Lab in it, and a mouse on one cell of the kernel."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz import theme
from cnnviz.ops.images import save_png
from cnnviz.ops.kernels import Kernel
from cnnviz.settings import Settings
from cnnviz.widgets.image_view import ImageView
from cnnviz.widgets.matrix_editor import DRAG_STEP, MatrixEditor
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

KERNEL = np.outer([1.0, 4, 6, 4, 1], [1.0, 4, 6, 4, 1])
CELL = (2, 2)
MOST_STEPS = 20
"""Steps that the cell is dragged up before it is dragged down again."""


def photograph(width: int, height: int) -> NDArray[np.uint8]:
    """Return a grey picture without zeros that is smooth as photographs are."""
    noise = np.random.default_rng(0).normal(size=(height, width)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    return cv2.normalize(smooth, None, 1, 255, cv2.NORM_MINMAX, cv2.CV_8U)


class Painted(QObject):
    """Tells when a window has been painted with something new in one of its widgets.

    Parameters
    ----------
    window, view : QWidget
        The window, and the widget in it that is waited for.

    Attributes
    ----------
    at : float or None
        When the last edit was seen, by :func:`time.perf_counter`; None until it is.
    """

    def __init__(self, window: QWidget, view: QWidget) -> None:
        super().__init__(window)
        self._window, self._view = window, view
        self._is_new: Callable[[], bool] = lambda: True
        self._seen = self._forwarding = False
        self.at: float | None = None
        for widget in (window, view):
            widget.installEventFilter(self)

    def seconds(
        self, edit: Callable[[], object], is_new: Callable[[], bool] = lambda: True
    ) -> float:
        """Return the seconds from an edit until its result has been painted."""
        self._is_new, self._seen, self.at = is_new, False, None
        begin = time.perf_counter()
        edit()
        while self.at is None:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        return self.at - begin

    def forward(self, event: QEvent) -> None:
        """Let the window be painted."""
        self._forwarding = True
        QCoreApplication.sendEvent(self._window, event)
        self._forwarding = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note when the window was painted, if the new result was."""
        if watched is self._view and event.type() == QEvent.Type.Paint:
            self._seen |= self._is_new()
        if event.type() != QEvent.Type.UpdateRequest or self._forwarding:
            return False
        self.forward(event)
        if self._seen and self.at is None:
            self.at = time.perf_counter()
        return True


class Lab:
    """The Kernel Lab with a picture and a 5 × 5 kernel.

    Parameters
    ----------
    folder : Path
        Where the picture may be saved.
    pixels : uint8 array, (H, W)
        The picture.
    """

    def __init__(self, folder: Path, pixels: NDArray[np.uint8]) -> None:
        theme.apply(QApplication.instance(), "light", 100)
        self.window = Window(Settings(theme="light"))
        self.window.show_page("kernel-lab")
        self.window.resize(1280, 800)
        self.window.show()
        self.page = self.window.page
        self.open(save(folder, pixels))
        stage = self.page.state.current.with_kernel(Kernel("Any", KERNEL))
        self.page.edit(self.page.state.with_stage(stage))
        self.settle()
        self.map = next(
            view
            for view in self.page.findChildren(ImageView)
            if view.isVisible() and view.accessibleName().startswith("Feature map")
        )
        self.painted = Painted(self.window, self.map)
        self._matrix = self.page.findChild(MatrixEditor)
        self._step, self._way = 0, 1

    def open(self, path: str) -> None:
        """Show the picture of a file."""
        self.page.edit(replace(self.page.state, picture=path))
        self.settle()

    def settle(self) -> float:
        """Wait until all is up to date; return the longest time that events took."""
        longest = 0.0
        while not self.page.settled():
            time.sleep(0.001)
            begin = time.perf_counter()
            QApplication.processEvents()
            longest = max(longest, time.perf_counter() - begin)
        QApplication.processEvents()
        return longest

    @contextmanager
    def pressed(self) -> Iterator[None]:
        """Hold the mouse button down on the cell."""
        self._step = 0
        self._mouse(QEvent.Type.MouseButtonPress)
        yield
        self._mouse(QEvent.Type.MouseButtonRelease)

    def drag(self) -> float:
        """Drag the cell by one step; return the seconds until the map is painted."""
        QApplication.processEvents()  # what the last step has left to do
        if not 0 <= self._step + self._way <= MOST_STEPS:
            self._way = -self._way
        self._step += self._way
        old = self.map.value_at(9, 9)
        return self.painted.seconds(
            lambda: self._mouse(QEvent.Type.MouseMove),
            lambda: self.map.value_at(9, 9) != old,
        )

    def close(self) -> None:
        """Close the window."""
        self.settle()
        self.window.shut_down()
        self.window.close()
        self.window.deleteLater()

    def _mouse(self, kind: QEvent.Type) -> None:
        start = self._matrix.cell_rect(CELL).center().toPointF()
        point = start - QPointF(0, self._step * DRAG_STEP)
        left, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        event = QMouseEvent(
            kind, point, self._matrix.mapToGlobal(point), left, left, keys
        )
        QCoreApplication.sendEvent(self._matrix, event)


def save(folder: Path, pixels: NDArray[np.uint8]) -> str:
    """Save a picture under a name that tells its size; return the path."""
    path = folder / f"{pixels.shape[1]}x{pixels.shape[0]}.png"
    save_png(path, pixels)
    return str(path)
