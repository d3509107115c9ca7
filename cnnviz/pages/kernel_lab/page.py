"""The Kernel Lab: wires the state to the controls, the arithmetic and the canvas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from cnnviz.background import Latest
from cnnviz.ops import images
from cnnviz.ops.pytorch_code import program
from cnnviz.pages.base import Page
from cnnviz.pages.kernel_lab import explain, show
from cnnviz.pages.kernel_lab.compute import QUICK_WORK, Run, run, work
from cnnviz.pages.kernel_lab.controls import Controls
from cnnviz.pages.kernel_lab.focus import focus
from cnnviz.pages.kernel_lab.panes import Panes
from cnnviz.pages.kernel_lab.pictures import CAMERA, PictureLoader, from_image, keep
from cnnviz.pages.kernel_lab.state import State
from cnnviz.pages.kernel_lab.strips import Strips
from cnnviz.widgets.facts import Facts
from cnnviz.widgets.terms_panel import TermsPanel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QHideEvent, QImage, QShowEvent

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.images import Picture
    from cnnviz.widgets.facts import Fact

COUNT_AFTER = 120
"""Milliseconds of rest after which histograms follow."""

START = State(pin=(168, 259))
"""The first start: a value on the edge of the photographer's collar."""


def create() -> KernelLab:
    """Make the page."""
    return KernelLab()


class KernelLab(Page):
    """A picture, a pipeline of kernels, and every map they make."""

    id = "kernel-lab"
    title = "Kernel Lab"
    open_filter = images.FILE_FILTER

    def __init__(self, state: State = START) -> None:
        super().__init__(state)
        self._picture: Picture | None = None
        self._run = Run()
        self._asked = self._taken = 0
        self._hover: Pair | None = None
        self._hover_channel = 0
        self._before: show.Placed
        self._after: show.Placed | None = None
        self._loader = PictureLoader(self)
        self._loader.loaded.connect(self._take_picture)
        self._loader.failed.connect(self._refuse_picture)
        self._latest = Latest(self, follow=True)
        self._latest.done.connect(self._take)
        self._latest.failed.connect(_raise)
        self._counting = QTimer(self, singleShot=True, interval=COUNT_AFTER)
        self._build()
        self._counting.timeout.connect(self._panes.count)
        self._loader.request(state.picture)

    def _build(self) -> None:
        self._controls = Controls(self.state)
        self._controls.edited.connect(self.edit)
        self._controls.message.connect(self.show_message)
        self._controls.open_asked.connect(self._ask_for_picture)
        self.controls.addWidget(self._controls)
        self._panes = Panes()
        self._panes.map_hovered.connect(self._hover_map)
        self._panes.map_clicked.connect(self._pin)
        self._panes.input_hovered.connect(self._hover_input)
        self._panes.left.connect(self._leave)
        self._panes.escaped.connect(lambda: self.edit(replace(self.state, pin=None)))
        self._panes.view_changed.connect(
            lambda view: self.amend(replace(self.state, view=view))
        )
        self._strips = Strips(self.state)
        self._strips.edited.connect(self.edit)
        row = QHBoxLayout()
        row.addWidget(self._panes, 1)
        row.addWidget(self._strips)
        self.canvas.addLayout(row)
        self._terms = TermsPanel()
        self._facts = Facts()
        self.explanation.addWidget(self._terms, 3)
        self.explanation.addWidget(self._facts, 1)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        if replace(new, view=old.view, pin=old.pin) != old:
            self._controls.set_state(new)
        if new.picture != old.picture:
            self._loader.request(new.picture)
        elif (new.stages, new.channels) != (old.stages, old.channels):
            self._compute()
        elif replace(new, view=old.view, pin=old.pin, channel=old.channel) != old:
            self._show_maps()
        elif (new.pin, new.channel) != (old.pin, old.channel):
            self._show_focus()
        if new.view != old.view:
            self._panes.show_view(new.view)

    def restore(self, data: dict[str, Any]) -> None:
        """Go to a saved state; a camera is not switched on without being asked."""
        if str(data.get("picture", "")).startswith(CAMERA):
            data = {**data, "picture": START.picture, "pin": None}
            self.show_message(
                "This state was made with the camera; choose Live camera to start it."
            )
        super().restore(data)

    def state_json(self) -> dict[str, Any]:
        """Return the state as JSON; the camera's last picture stands for the camera."""
        data = super().state_json()
        if data["picture"].startswith(CAMERA) and self._picture is not None:
            data["picture"] = keep(self._picture.pixels)
        return data

    # ---------------------------------------------------------------- picture

    def open_paths(self, paths: list[str]) -> None:
        """Show the first of some picture files."""
        self.edit(replace(self.state, picture=paths[0]))

    def paste(self, mime: QMimeData) -> bool:
        """Take a picture, a picture file or a kernel as text from the clipboard."""
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
        elif mime.hasImage():
            self.open_paths([keep(from_image(mime.imageData()))])
        elif mime.hasText():
            self._controls.paste_kernel(mime.text())
        else:
            return False
        return True

    def copy_picture(self) -> QImage | None:
        """Return the map on the canvas, a pixel a value; red alone if split."""
        if self._after is None:
            return None
        return self._panes.maps[0].view.grab_image()

    def pytorch(self) -> str:
        """Return code that makes the maps of the pipeline."""
        return program(self.state.stages)

    def _ask_for_picture(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Open a picture", "", self.open_filter
        )
        if path:
            self.open_paths([path])

    def _take_picture(self, picture: Picture) -> None:
        if self._picture and self._picture.source != picture.source:
            self.amend(replace(self.state, view=State().view))
        self._picture = picture
        if not picture.source.startswith(("sample:", CAMERA)):
            self.recent.emit(picture.source)
        self._compute()

    def _refuse_picture(self, sentence: str) -> None:
        self.show_message(sentence)
        source = self._picture.source if self._picture else START.picture
        self.amend(replace(self.state, picture=source))

    # ---------------------------------------------------------------- maps

    def _values(self) -> NDArray[np.float32]:
        assert self._picture is not None
        grey = self.state.channels == "grey"
        return self._picture.grey if grey else self._picture.colour

    def _compute(self) -> None:
        if self._picture is None:
            return
        values, stages, before = self._values(), self.state.stages, self._run
        self._asked += 1
        number = self._asked
        if work(values.shape, stages) <= QUICK_WORK:
            self._take((number, run(values, stages, before)))
        else:
            self._latest.request(lambda: (number, run(values, stages, before)))

    def _take(self, answer: tuple[int, Run]) -> None:
        number, result = answer
        if number > self._taken:
            self._taken, self._run = number, result
            self._show_maps()

    def settled(self) -> bool:
        """Whether picture, maps and histograms belong to the present state."""
        return (
            self._picture is not None
            and not self._loader.busy
            and self._taken == self._asked
            and not self._counting.isActive()
            and not self._panes.counting
        )

    def shut_down(self) -> None:
        """Cancel and join the threads."""
        self._loader.shut_down()
        self._latest.shut_down()
        self._panes.shut_down()

    # ---------------------------------------------------------------- canvas

    def _show_maps(self) -> None:
        state: State = self.state
        self._before = show.left_side(state, self._values(), self._run)
        self._after = show.right_side(state, self._run)
        split = state.channels == "split"
        self._panes.show_arrays(self._before, self._after, split=split)
        if self._after is None:
            self._panes.show_reason(self._run.reason)
        self._panes.show_view(state.view)
        self._strips.show_run(state, self._run)
        self._facts.set_facts(self._explanation())
        self._show_focus()
        self._counting.start()

    def _explanation(self) -> list[Fact]:
        if self.state.stage >= len(self._run.layers):
            return []
        layer = self._run.layers[self.state.stage]
        channels = layer.input.shape[2] if layer.input.ndim == 3 else 1
        return explain.facts(layer.input.shape[:2], channels, layer.stage)

    # ---------------------------------------------------------------- hover and pin

    def _show_focus(self) -> None:
        state: State = self.state
        now = focus(state, self._run, self._hover, self._channel())
        self._panes.mark(now.cell, now.window, pinned=now.pinned)
        self._terms.show_terms(now.content)

    def _channel(self) -> int:
        hovering = self.state.channels == "split" and self.state.pin is None
        return self._hover_channel if hovering else self.state.channel

    def _hover_map(self, channel: int, row: int, column: int) -> None:
        self._hover, self._hover_channel = (row, column), channel
        if self.state.pin is None:
            self._show_focus()
        if self._after is not None:
            self._read_out(self._after, row, column)

    def _hover_input(self, row: int, column: int) -> None:
        self._read_out(self._before, row, column)

    def _read_out(self, placed: show.Placed, row: int, column: int) -> None:
        at = placed.centre(row, column)
        places = [("left", self._before)]
        if self._after is not None:
            places.append(("map", self._after))
        self.readout.emit(show.readout(places, at))

    def _leave(self) -> None:
        self._hover = None
        if self.state.pin is None:
            self._show_focus()
        self.readout.emit("")

    def _pin(self, channel: int, row: int, column: int) -> None:
        state = replace(self.state, pin=(row, column))
        if state.channels == "split":
            state = replace(state, channel=channel)
        self.edit(state)

    # ---------------------------------------------------------------- Qt

    def hideEvent(self, event: QHideEvent) -> None:
        """Switch the camera off while nobody sees it."""
        self._loader.stop_camera()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Switch the camera on again if it was on."""
        if self.state.picture.startswith(CAMERA):
            self._loader.request(self.state.picture)
        super().showEvent(event)


def _raise(error: Exception) -> None:
    raise error
