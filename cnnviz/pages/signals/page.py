"""The Signals page: wires the state to the controls, the arithmetic and the views."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops import signal_files, signals
from cnnviz.pages.base import Page
from cnnviz.pages.room import Room
from cnnviz.pages.signals import explain
from cnnviz.pages.signals.code import program
from cnnviz.pages.signals.compute import Run
from cnnviz.pages.signals.connections_view import ConnectionsView
from cnnviz.pages.signals.controls import Controls
from cnnviz.pages.signals.copies_view import CopiesView
from cnnviz.pages.signals.spectra_view import SpectraView
from cnnviz.pages.signals.state import SPEEDS, State
from cnnviz.pages.signals.steps_view import StepsView
from cnnviz.widgets.controls import Segmented
from cnnviz.widgets.facts import Facts
from cnnviz.widgets.stepper import Stepper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent, QShowEvent

VIEWS = (
    ("steps", "Step by step"),
    ("copies", "Delayed copies"),
    ("spectra", "Spectra"),
    ("connections", "Connections"),
)


SHORT_VIEWS = (
    ("steps", "Steps"),
    ("copies", "Copies"),
    ("spectra", "Spectra"),
    ("connections", "Links"),
)
ROOMY, NARROWEST = 760, 310
"""In pixels at text size 100 %: the page's width for whole words on the tabs, and the
least width of these and of the views. Some want more: they get it once the rail has
folded, before the window has to grow."""
VIEWS_SHARE = 0.62
"""The share of the height that the views keep; the explanation scrolls."""


def create() -> SignalsPage:
    """Make the page."""
    return SignalsPage()


class SignalsPage(Page):
    """A signal, a kernel that slides over it, and what comes of it."""

    id = "signals"
    title = "Signals"
    keys = (
        ("Space", "Play or pause"),
        ("Left, right; Home, End", "Step through the windows; go to the first, last"),
        ("A digit, Enter", "Type into the weight under the cursor"),
        ("Delete", "Write 0 into that weight, or sample"),
    )
    open_filter = signal_files.FILE_FILTER

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._run: Run | None = None
        self._controls = Controls(self.state)
        self._controls.edited.connect(self.edit)
        self._controls.message.connect(self.show_message)
        self._controls.open_asked.connect(self._ask_for_file)
        self.controls.addWidget(self._controls)
        self._build_canvas()
        self._build_explanation()
        for part in (self._tabs, self._views):
            part.setMinimumWidth(theme.current().px(NARROWEST))
        self._fit()
        self._show(glide=False)

    def _build_canvas(self) -> None:
        self._tabs = Segmented(VIEWS, "View", "What the canvas shows")
        self._roomy = True
        self._tabs.changed.connect(lambda key: self.edit(replace(self.state, view=key)))
        self._steps = StepsView()
        self._steps.drawn.connect(self._draw_signal)
        self._steps.jumped.connect(self._jump)
        self._steps.pointed.connect(self.readout)
        self._copies = CopiesView()
        self._copies.jumped.connect(self._jump)
        self._spectra = SpectraView()
        self._spectra.pointed.connect(self.readout)
        self._connections = ConnectionsView()
        self._connections.jumped.connect(self._jump)
        self._reason = QLabel()
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reason.setWordWrap(True)
        self._views = QStackedWidget()
        for view in (
            self._steps,
            self._copies,
            self._spectra,
            self._connections,
            self._reason,
        ):
            self._views.addWidget(view)
        # A click on the canvas brings the keys back to the stepper, and one on its
        # buttons leaves them there.
        self._views.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._stepper = Stepper("window", SPEEDS)
        for button in self._stepper.findChildren(QPushButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._stepper.moved.connect(self._move)
        self._stepper.speed_chosen.connect(
            lambda speed: self.amend(replace(self.state, speed=speed))
        )
        self.canvas.addWidget(self._tabs)
        self.canvas.addWidget(self._views, 1)
        self.canvas.addWidget(self._stepper)
        self._room = Room(self, self._views, lambda: round(VIEWS_SHARE * self.height()))

    def _build_explanation(self) -> None:
        self._first, self._second = QLabel(), QLabel()
        self._facts = Facts()
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(4))
        for label, role in ((self._first, "heading"), (self._second, "muted")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(label)
        column.addStretch(1)
        self.explanation.addWidget(words, 3)
        self.explanation.addWidget(self._facts, 2)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        moved = replace(old, position=new.position) == new
        if moved:
            self._controls.state = new
        else:
            self._controls.set_state(new)
        self._show(glide=moved and new.motion)
        # What it said of a sample may be true no more.
        if new.view == "steps":
            self._steps.read_again()
        elif new.view == "spectra" and self._run is not None:
            self._spectra.read_again()
        else:
            self.readout.emit("")

    def _show(self, *, glide: bool) -> None:
        state: State = self.state
        if state.reason:
            self._run = None
        elif self._run is None or not self._run.serves(state):
            self._run = Run(state)
        else:
            self._run.state = state
        self._tabs.set_current(state.view)
        self._show_view(state, glide=glide)
        self._stepper.set_place(*state.place)
        self._stepper.setVisible(state.view != "spectra")
        self._stepper.set_speed(state.speed)
        self._explain(state)

    def _show_view(self, state: State, *, glide: bool) -> None:
        views: dict[str, QWidget] = {
            "steps": self._steps,
            "copies": self._copies,
            "spectra": self._spectra,
            "connections": self._connections,
        }
        view = views[state.view]
        if state.view == "connections":
            self._connections.show_state(state)
        elif state.view == "steps":
            self._steps.show_run(state, self._run, glide=glide)
        elif self._run is None:
            self._reason.setText(state.reason or "")
            view = self._reason
        elif state.view == "copies":
            self._copies.show_run(state, self._run)
        else:
            self._spectra.show_run(self._run)
        self._views.setCurrentWidget(view)

    def _explain(self, state: State) -> None:
        first, second, facts = state.reason or "", "", []
        if state.view == "connections" and state.hidden:
            first, second = explain.connection_words(state)
            facts = explain.connection_facts(state)
        elif self._run is not None and state.view != "connections":
            if state.view == "spectra":
                first, second = explain.spectral_words(self._run)
            else:
                written, value = explain.equation(self._run, state.at)
                colour = theme.current().palette.highlight_text
                first = f"{written}<span style='color:{colour}'>{value}</span>"
                second = explain.sentence(state)
            facts = explain.facts(state)
        self._first.setText(first)
        self._second.setText(second)
        self._facts.set_facts(facts)

    def _move(self, position: int) -> None:
        self.amend(replace(self.state, position=position))

    def _jump(self, position: int) -> None:
        self._stepper.go(position)

    def _draw_signal(self, values: NDArray[np.float64], gesture: str) -> None:
        signal = signals.edited(self.state.signal, values.tolist())
        self.edit(replace(self.state, signal=signal), gesture)

    # ---------------------------------------------------------------- files

    def open_paths(self, paths: list[str]) -> None:
        """Show the signal in the first of some files."""
        try:
            signal, note = signal_files.load(paths[0])
        except InputError as error:
            self.show_message(str(error))
            return
        self.edit(self.state.with_signal(signal))
        self.recent.emit(paths[0])
        if note:
            self.show_message(note)

    def paste(self, mime: QMimeData) -> bool:
        """Take a file or numbers from the clipboard."""
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
        elif mime.hasText():
            self._controls.take_values(mime.text())
        else:
            return False
        return True

    def copy_picture(self) -> QImage | None:
        """Return the canvas."""
        return self._views.grab().toImage()

    def pytorch(self) -> str:
        """Return code whose y is the result on the screen."""
        return "" if self.state.reason else program(self.state)

    def shut_down(self) -> None:
        """Stop playing."""
        self._stepper.pause()

    def _ask_for_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Open a signal", "", self.open_filter
        )
        if path:
            self.open_paths([path])

    def show_message(self, text: str) -> None:
        """Show a sentence over the canvas, which gives way to it."""
        self._room.give_way()
        super().show_message(text)
        self._room.keep()

    # ---------------------------------------------------------------- Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Let the keys step at once."""
        super().showEvent(event)
        self._views.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the plots useful and the tabs whole."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._room.keep()
        roomy = self.width() >= theme.current().px(ROOMY)
        if roomy != self._roomy:
            self._roomy = roomy
            self._tabs.set_options(VIEWS if roomy else SHORT_VIEWS, self.state.view)

    def changeEvent(self, event: QEvent) -> None:
        """Write the coloured words anew in another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._controls.set_state(self.state)
            self._show(glide=False)
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step and play with Space, arrows, Home and End."""
        if not self._stepper.press(event.key()):
            super().keyPressEvent(event)
