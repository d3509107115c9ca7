"""The test set to leaf through: by number, by class, by most confident mistake."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.controls import Choice, Segmented
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.gallery import CAPTION, MARGIN, SIDE, Gallery

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.nn.arithmetic import Floats
    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.inspect.state import State

BROWSE = (("index", "All"), ("class", "By class"), ("mistakes", "Mistakes"))
HEIGHT = 236  # pixels at text size 100 %


class SetBox(QWidget):
    """A gallery of the test set and the number of the picture on show.

    Attributes
    ----------
    numbered : QWidget
        The number and words about the pictures; for whoever shows the box, to be put
        below it.
    """

    chosen = Signal(int, str)
    """The number of a picture, and the key of the gesture."""
    browsed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        px = theme.current().px
        # What its column has to spare is not for it: the answer is to be in sight.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._data: Dataset | None = None
        self._shares: Floats | None = None
        self._numbers: NDArray[np.intp] = np.zeros(0, np.intp)
        self._shown: tuple[object, ...] = ()
        self._browse = Segmented(BROWSE, "Browse", "How the test set is sorted")
        self._browse.changed.connect(self.browsed)
        self._class = Choice(
            (("", (("0", "0", "Pictures of this class"),)),),
            "Class",
            "The class whose pictures are on show",
        )
        self._class.chosen.connect(self._choose_class)
        self._gallery = Gallery("Test pictures", "")
        self._gallery.setFixedHeight(px(HEIGHT))
        self._gallery.chosen.connect(self._choose)
        self._number = NumberField(
            "Test picture",
            "The number of the picture in the test set, from 0",
            low=0,
            high=9999,
            decimals=0,
        )
        self._number.changed.connect(
            lambda value, gesture: self.chosen.emit(round(value), gesture)
        )
        self._about = QLabel()
        self._about.setProperty("role", "caption")
        self._about.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the test set")
        self._bar.setToolTip("How much of the test set is there, or was tried")
        self._bar.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._browse)
        column.addWidget(self._class)
        column.addWidget(self._gallery)
        column.addWidget(self._bar)
        self.numbered = self._make_numbered()

    def _make_numbered(self) -> QWidget:
        """Return the number beside its label, over the words about the pictures."""
        result = QWidget()
        words, row = QVBoxLayout(), QHBoxLayout(result)
        row.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        label = QLabel("Picture")
        label.setProperty("role", "muted")
        words.addWidget(label)
        words.addWidget(self._about)
        row.setSpacing(theme.current().px(8))
        row.addLayout(words, 1)
        row.addWidget(self._number)
        return result

    # ---------------------------------------------------------------- room

    def whole_height(self) -> int:
        """Return the height with as many pictures in sight as is usual."""
        rest = self.sizeHint().height() - self._gallery.minimumHeight()
        return rest + theme.current().px(HEIGHT)

    def shorten(self, pixels: int) -> int:
        """Show that much less of the pictures, but a row at least; return how much."""
        px = theme.current().px
        shown = max(px(SIDE + CAPTION + 2 * MARGIN), px(HEIGHT) - max(0, pixels))
        if shown != self._gallery.minimumHeight():
            self._gallery.setFixedHeight(shown)
        return px(HEIGHT) - shown

    # ---------------------------------------------------------------- content

    def set_state(self, state: State) -> None:
        """Show a state's picture and order, without a signal."""
        self._browse.set_current(state.browse)
        self._class.setVisible(state.browse == "class" and self._data is not None)
        self._number.set_value(state.index)
        self._fill(state)

    def set_data(self, data: Dataset | None, state: State) -> None:
        """Leaf through another test set."""
        self._data, self._shares = data, None
        if data is not None:
            options = [
                (str(n), name, f"Pictures of {name}")
                for n, name in enumerate(data.classes)
            ]
            self._class.set_groups([("", options)])
        self._number.set_highest(max(0, len(data.test) - 1) if data else 0)
        self._bar.hide()
        self._shown = ()
        self.set_state(state)

    def set_answers(self, shares: Floats | None, state: State) -> None:
        """Take the probabilities (N, classes) of all test pictures, or None."""
        self._shares = shares
        self._bar.hide()
        self._shown = ()
        self._fill(state)

    def show_progress(self, words: str, done: int, total: int) -> None:
        """Show how far it has come; `total` 0: nobody knows."""
        self._about.setText(words)
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._bar.show()

    def say(self, sentence: str) -> None:
        """Say why there are no pictures."""
        self._about.setText(sentence)
        self._bar.hide()

    # ---------------------------------------------------------------- inside

    def _fill(self, state: State) -> None:
        data = self._data
        if data is None:
            self._gallery.set_pictures(np.zeros((0, 1, 1, 1), np.uint8), ())
            return
        labels = data.test.labels
        number = min(state.index, len(labels) - 1)
        here = int(labels[number])
        self._class.set_current(str(here))
        key = (state.browse, here if state.browse == "class" else -1)
        if key != self._shown:
            self._shown = key
            numbers, captions = self._sorted(data, state.browse, here)
            self._numbers = numbers
            self._gallery.set_pictures(data.test.images[numbers], captions)
        found = np.flatnonzero(self._numbers == number)
        self._gallery.mark(int(found[0]) if found.size else None)

    def _sorted(
        self, data: Dataset, browse: str, here: int
    ) -> tuple[NDArray[np.intp], list[str]]:
        labels, names = data.test.labels, data.classes
        if browse == "mistakes":
            if self._shares is None or len(self._shares) != len(labels):
                return np.zeros(0, np.intp), []
            order = mistakes(self._shares, labels)
            said = self._shares.argmax(axis=1)
            self._about.setText(
                f"{len(order):,} of {len(labels):,} wrong, the surest first"
            )
            return order, [
                f"{_name(names, labels[n])} → {_name(names, said[n])} "
                f"{math.floor(100 * self._shares[n].max())} %"
                for n in order
            ]
        self._about.setText(data.name)
        if browse == "class":
            order = np.flatnonzero(labels == here)
            self._about.setText(f"{len(order):,} of {len(labels):,} in {data.name}")
        else:
            order = np.arange(len(labels))
        return order, [f"{n}: {_name(names, labels[n])}" for n in order.tolist()]

    def _choose_class(self, key: str) -> None:
        """Go to the first picture of a class."""
        if self._data is not None:
            found = np.flatnonzero(self._data.test.labels == int(key))
            if found.size:
                self.chosen.emit(int(found[0]), "")

    def _choose(self, at: int) -> None:
        self.chosen.emit(int(self._numbers[at]), "")


def mistakes(shares: Floats, labels: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the numbers of the wrong answers, the surest first.

    Parameters
    ----------
    shares : float32 (N, classes)
    labels : int64 (N,)
    """
    said = shares.argmax(axis=1)
    wrong = np.flatnonzero(said != labels)
    sure = shares[wrong, said[wrong]]
    return wrong[np.argsort(-sure, kind="stable")]


def _name(names: tuple[str, ...], label: np.integer | int) -> str:
    return names[int(label)] if int(label) < len(names) else str(label)
