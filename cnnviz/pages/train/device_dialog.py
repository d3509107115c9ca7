"""How long an epoch takes on each device of this machine, and whether they agree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.background import Worker, raise_again
from cnnviz.errors import InputError
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Generator

    from PySide6.QtGui import QCloseEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.recipe import Recipe
    from cnnviz.nn.timing import DeviceTime

TITLES = ("Device", "Precision", "One epoch", "Largest difference")


class DeviceDialog(QDialog):
    """Measures each device in turn; closing it stops.

    Parameters
    ----------
    parent : QWidget
    recipe : Recipe
    data : Dataset
    """

    def __init__(self, parent: QWidget, recipe: Recipe, data: Dataset) -> None:
        super().__init__(parent)
        px = theme.current().px
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Time the devices")
        self.setMinimumWidth(px(480))
        self._rows: dict[str, list[QLabel]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(24))
        for place, title in enumerate(TITLES):
            label = QLabel(title)
            label.setProperty("role", "muted")
            self._grid.addWidget(label, 0, place)
        self._words = QLabel(
            "At most ten seconds are measured on each device. The difference is that "
            "between a score here and on the CPU in float32, before any training."
        )
        self._words.setProperty("role", "caption")
        self._words.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the timing")
        self._bar.setToolTip("The devices are being timed")
        close = QPushButton("Close")
        close.setAccessibleName("Close")
        close.setToolTip("Stop and close")
        close.clicked.connect(self.close)
        column = QVBoxLayout(self)
        column.setSpacing(px(16))
        column.addLayout(self._grid)
        column.addWidget(self._bar)
        column.addWidget(self._words)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
        self._worker = Worker(partial(_times, recipe, data), self)
        self._worker.yielded.connect(self._show)
        self._worker.failed.connect(self._fail)
        self._worker.finished.connect(self._bar.hide)
        self._worker.start()

    def shut_down(self) -> None:
        """Stop and join; a batch is waited for."""
        self._worker.cancel()
        self._worker.join()

    def _show(self, found: DeviceTime) -> None:
        if found.device not in self._rows:
            row = len(self._rows) + 1
            self._rows[found.device] = [QLabel() for _ in TITLES]
            for column, label in enumerate(self._rows[found.device]):
                label.setProperty("role", "heading")
                self._grid.addWidget(label, row, column)
        difference = (
            "…" if found.difference is None else numbers.approx(found.difference)
        )
        about = "" if found.batches == found.of else numbers.ROUNDED
        texts = (
            found.device,
            found.precision,
            f"{about}{found.seconds:.1f} s",
            difference,
        )
        for label, text in zip(self._rows[found.device], texts, strict=True):
            label.setText(text)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self._words.setText(str(error))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop."""
        self.shut_down()
        super().closeEvent(event)


def _times(recipe: Recipe, data: Dataset) -> Generator[DeviceTime, None, None]:
    from cnnviz.nn.timing import time_devices  # with torch, in this thread

    yield from time_devices(recipe, data)
