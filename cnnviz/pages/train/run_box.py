"""Start, pause, step and reset, and how far the training has come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.widgets.flowing import Flowing

if TYPE_CHECKING:
    from collections.abc import Callable

Phase = Literal["none", "new", "running", "paused", "complete"]

LABELS: dict[Phase, str] = {
    "none": "Start",
    "new": "Start",
    "running": "Pause",
    "paused": "Go on",
    "complete": "Start again",
}


class Progress(NamedTuple):
    """How far a training has come: batches, epochs, and seconds left or None."""

    step: int = 0
    steps: int = 0
    epoch: int = 0
    epochs: int = 0
    seconds_left: float | None = None


class RunBox(QWidget):
    """The buttons of a training and its progress."""

    toggled = Signal()
    """Start, pause or go on."""
    stepped = Signal()
    epoch_asked = Signal()
    stopped = Signal()
    reset = Signal()
    new_weights = Signal()
    clicked = Signal()
    """A button was used with the mouse, and the keys belong to the training again."""

    def __init__(self) -> None:
        super().__init__()
        px = theme.current().px
        grid = self._buttons()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the training")
        self._bar.setToolTip("Batches done, of all")
        self._ends = _Ends(_muted("Epoch"), _muted("Time left"))
        self._note = QLabel()
        self._note.setProperty("role", "caption")
        self._note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(16), 0, 0)
        column.setSpacing(px(8))
        column.addLayout(grid)
        column.addWidget(self._bar)
        column.addWidget(self._ends)
        column.addWidget(self._note)
        self.show_phase("none", "")

    def _buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.current().px(8))
        for number in range(6):
            grid.setColumnStretch(number, 1)
        (
            self._toggle,
            self._stop,
            self._batch,
            self._epoch,
            self._reset,
            self._weights,
        ) = (
            self._add(grid, place, text, tip, signal.emit)
            for place, text, tip, signal in (
                ((0, 0, 1, 4), "Start", "Start or pause (Space)", self.toggled),
                (
                    (0, 4, 1, 2),
                    "Stop",
                    "End the training and save it; it can go on from there",
                    self.stopped,
                ),
                ((1, 0, 1, 3), "One batch", "One step, then pause (→)", self.stepped),
                (
                    (1, 3, 1, 3),
                    "One epoch",
                    "To the end of the epoch, then pause",
                    self.epoch_asked,
                ),
                ((2, 0, 1, 3), "Reset", "Back to the same initial weights", self.reset),
                (
                    (2, 3, 1, 3),
                    "New weights",
                    "Draw other initial weights",
                    self.new_weights,
                ),
            )
        )
        self._toggle.setProperty("role", "primary")
        return grid

    def _add(
        self,
        grid: QGridLayout,
        place: tuple[int, int, int, int],
        text: str,
        tip: str,
        do: Callable[[], None],
    ) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        # With the focus after a click, the button would keep Space for itself.
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._use(button, do))
        grid.addWidget(button, *place)
        return button

    def _use(self, button: QPushButton, do: Callable[[], None]) -> None:
        by_key = button.hasFocus()
        do()
        if not by_key:
            self.clicked.emit()
        elif not button.isEnabled():
            self._toggle.setFocus()  # or Qt gives it to whatever comes next

    def show_phase(self, phase: Phase, note: str, *, training: bool = False) -> None:
        """Show which buttons work, and one sentence why or what next.

        Parameters
        ----------
        phase : {"none", "new", "running", "paused", "complete"}
            ``"none"``: nothing can start.
        note : str
        training : bool
            Whether there is a training that can be stopped, be it paused.
        """
        self._toggle.setText(LABELS[phase])
        self._toggle.setAccessibleName(LABELS[phase])
        self._toggle.setEnabled(phase != "none")
        for button in (self._batch, self._epoch):
            button.setEnabled(phase in ("new", "running", "paused"))
        self._stop.setEnabled(training)
        self._reset.setEnabled(phase in ("running", "paused", "complete"))
        self._weights.setEnabled(phase != "none")
        self._note.setText(note)
        self._note.setVisible(bool(note))

    def show_progress(self, progress: Progress) -> None:
        """Show how far it has come."""
        self._bar.setRange(0, max(1, progress.steps))
        self._bar.setValue(progress.step)
        epoch = min(progress.epoch + 1, progress.epochs)
        left = progress.seconds_left
        self._ends.write(
            f"epoch {epoch} of {progress.epochs}",
            "" if left is None else f"{duration(left)} left",
        )


class _Ends(Flowing):
    """Words at both ends of a line, which may change without a layout of the page."""

    def __init__(self, left: QLabel, right: QLabel) -> None:
        super().__init__()
        self._labels = left, right
        self._texts: tuple[str, ...] = ()
        for label in self._labels:
            label.setParent(self)

    def write(self, *texts: str) -> None:
        if texts != self._texts:
            self._texts = texts
            for label, text in zip(self._labels, texts, strict=True):
                label.setText(text)
            self.flow()

    def place(self, width: int, *, move: bool) -> int:
        left, right = (label.sizeHint() for label in self._labels)
        height = max(left.height(), right.height())
        if move:
            first, last = self._labels
            first.setGeometry(0, 0, min(width, left.width()), height)
            last.setGeometry(width - right.width(), 0, right.width(), height)
        return height


def duration(seconds: float) -> str:
    """Return a length of time in words: ``"1 min 41 s"``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _muted(name: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", "muted")
    label.setAccessibleName(name)
    return label
