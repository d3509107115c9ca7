"""What the network gets wrong: confusion matrix, and the pictures behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.ops import verdicts
from cnnviz.widgets.confusion_matrix import ConfusionMatrix
from cnnviz.widgets.gallery import Gallery
from cnnviz.widgets.probability_bars import percentage

if TYPE_CHECKING:
    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Floats
    from cnnviz.pages.train.state import State

NOTHING = np.zeros((10, 10), np.int64)
NO_PICTURES = np.zeros((0, 1, 28, 28), np.uint8)
NOTHING_YET = (
    "After the first epoch the mistakes are shown here; drag Rewind back to see those "
    "of an earlier moment."
)
MOST = 200
"""Pictures in the gallery."""


class MistakesView(QWidget):
    """The matrix on the left, pictures on the right; a click pins one."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._data: Dataset | None = None
        self._shares: Floats | None = None
        self._when = ""
        self._numbers: list[int] = []
        px = theme.current().px
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self._title.setWordWrap(True)
        self._all = QPushButton("Worst mistakes")
        self._all.setProperty("role", "link")
        self._all.setAccessibleName("Worst mistakes")
        self._all.setToolTip("Show the most confident wrong answers of all classes")
        self._all.clicked.connect(lambda: self._choose(None))
        self._matrix = ConfusionMatrix(
            "Confusion matrix", "Click a cell for its pictures; rows are true classes"
        )
        self._matrix.chosen.connect(lambda true, answer: self._choose((true, answer)))
        self._gallery = Gallery("Pictures")
        self._gallery.chosen.connect(self._pin)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._all)
        right = QVBoxLayout()
        right.setSpacing(px(8))
        right.addLayout(head)
        right.addWidget(self._gallery, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(20))
        # Numbers of four digits need room: all of the diagonal has them, or none.
        row.addWidget(self._matrix, 3)
        row.addLayout(right, 2)

    def set_state(self, state: State) -> None:
        """Show the pictures of the state's cell."""
        self._state = state
        self._show()

    def show_answers(
        self, data: Dataset | None, shares: Floats | None, when: str
    ) -> None:
        """Show the probabilities (N, classes) of the test set, or None if unknown.

        `when` says of which moment they are, such as ``"after epoch 1, batch 469"``.
        """
        self._when = when
        fits = data is not None and shares is not None and len(shares) == len(data.test)
        self._data, self._shares = (data, shares) if fits else (None, None)
        self._show()

    def show_progress(self, done: int, total: int) -> None:
        """Say how many pictures have been tested."""
        self._title.setText(f"Testing: {done:,} of {total:,} pictures")

    def _show(self) -> None:
        data, shares, cell = self._data, self._shares, self._state.cell
        if data is None or shares is None:
            self._title.setText(NOTHING_YET)
            self._all.hide()
            self._matrix.set_counts(NOTHING, tuple("0123456789"))
            self._gallery.set_pictures(NO_PICTURES, ())
            return
        labels = data.test.labels
        counts = verdicts.confusion(shares, labels)
        self._matrix.set_counts(counts, data.classes)
        if cell is not None and max(cell) < len(data.classes):
            found = verdicts.in_cell(shares, labels, cell, MOST)
            true, answer = (data.classes[n] for n in cell)
            count = int(counts[cell])
            title = f"{count:,} of class {true} answered {answer}"
        else:
            found = verdicts.worst(shares, labels, MOST)
            count = int(counts.sum() - counts.trace())
            title = f"{count:,} of {len(labels):,} answered wrongly"
        title = f"{title} {self._when}"
        left_out = len(found) < count
        self._title.setText(f"{title}, {len(found)} shown" if left_out else title)
        self._matrix.set_marked(cell)
        self._all.setVisible(cell is not None)
        self._numbers = found.tolist()
        captions = [
            f"{data.classes[labels[n]]} → {data.classes[shares[n].argmax()]}, "
            f"{percentage(float(shares[n].max()), 0)}"
            for n in self._numbers
        ]
        self._gallery.set_pictures(data.test.images[found], captions)

    def _choose(self, cell: tuple[int, int] | None) -> None:
        self.edited.emit(replace(self._state, cell=cell), "")

    def _pin(self, index: int) -> None:
        digit = self._numbers[index]
        state = replace(self._state, digit=digit, drawing="", view="maps")
        self.edited.emit(state, "")
