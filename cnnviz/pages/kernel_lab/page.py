"""The Kernel Lab: wires the state to the controls, the arithmetic and the canvas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from cnnviz.background import Latest, raise_again
from cnnviz.errors import InputError
from cnnviz.ops import images
from cnnviz.ops.pytorch_code import program
from cnnviz.pages import pictures
from cnnviz.pages.base import Page
from cnnviz.pages.kernel_lab import explain, show
from cnnviz.pages.kernel_lab.compute import QUICK_WORK, Made, Run, run, work
from cnnviz.pages.kernel_lab.controls import Controls
from cnnviz.pages.kernel_lab.focus import Focus, focus, patch
from cnnviz.pages.kernel_lab.panes import Panes
from cnnviz.pages.kernel_lab.state import State, beside
from cnnviz.pages.kernel_lab.strips import Strips, bank_items
from cnnviz.pages.pictures import CAMERA, PictureLoader
from cnnviz.widgets.facts import Facts
from cnnviz.widgets.terms_panel import TermsPanel

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QHideEvent, QImage, QShowEvent

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.images import Picture
    from cnnviz.widgets.facts import Fact

COUNT_AFTER = 120
"""Milliseconds of rest after which histograms follow."""

REST = (168, 259)
"""Where the terms are shown first: an edge in the sample photograph."""


def create() -> KernelLab:
    """Make the page."""
    return KernelLab()


class KernelLab(Page):
    """A picture, a pipeline of kernels, and every map they make."""

    id = "kernel-lab"
    title = "Kernel Lab"
    open_filter = images.FILE_FILTER
    keys = (
        ("Wheel, +, −", "Zoom a picture about the pointer"),
        ("Drag", "Pan a picture; on a cell of the kernel, change its number"),
        ("0, double click", "Show the whole picture"),
        ("Arrow keys", "Move over values of a map, or cells of the kernel"),
        ("Click, Enter", "Pin a value of the map; edit a cell of the kernel"),
        ("Esc", "Release the pinned value, close a message"),
        ("Digits, −", "Type a number into the cell of the kernel"),
        ("Page Up, Page Down", "Step the number of the cell; so does the wheel"),
        ("Delete", "Set the cell to 0; remove a stage or kernel from the strip"),
        ("Insert, +", "Add a stage or kernel to the strip"),
    )

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._picture: Picture | None = None
        self._fallback: State = self.state
        self._made = Made(0, self.state, None, Run())
        self._asked = 0
        self._pointed: Pair = REST
        self._pointed_channel = 0
        self._before: show.Placed
        self._after: show.Placed | None = None
        self._loader = PictureLoader(self)
        self._loader.loaded.connect(self._take_picture)
        self._loader.failed.connect(self._refuse_picture)
        self._latest = Latest(self, follow=True)
        self._latest.done.connect(self._take)
        self._latest.failed.connect(raise_again)
        self._counting = QTimer(self, singleShot=True, interval=COUNT_AFTER)
        self._build()
        self._counting.timeout.connect(self._panes.count)

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
        self._panes.left.connect(lambda: self.readout.emit(""))
        self._panes.escaped.connect(lambda: self.edit(replace(self.state, pin=None)))
        self._strips = Strips(self.state)
        self._strips.edited.connect(self.edit)
        self._panes.bank.chosen.connect(self._strips.choose_kernel)
        self._panes.bank.opened.connect(
            lambda _: self.edit(replace(self.state, right="map"))
        )
        self._panes.view_changed.connect(
            lambda view: self.amend(replace(self.state, view=view))
        )
        row = QHBoxLayout()
        row.addWidget(self._panes, 1)
        row.addWidget(self._strips)
        self.canvas.addLayout(row)
        self._terms = TermsPanel()
        self._terms.by_hand_asked.connect(self._work_by_hand)
        self._facts = Facts()
        self.explanation.addWidget(self._terms, 3)
        self.explanation.addWidget(self._facts, 2)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        self._controls.state = self._strips.state = new
        if new.picture != old.picture:
            self._fallback = old
            self._loader.request(new.picture)
        elif (new.stages, new.channels) != (old.stages, old.channels):
            self._compute()
        elif replace(new, view=old.view, pin=old.pin, channel=old.channel) != old:
            self._show_maps()
        elif (new.pin, new.channel) != (old.pin, old.channel):
            self._show_focus()
        if new.view != old.view:
            self._panes.show_view(new.view)
        if replace(new, view=old.view, pin=old.pin) != old:
            self._controls.set_state(new)

    def undo(self) -> None:
        """Take back the last step; the view stays where the class looks."""
        old = self.state
        super().undo()
        self._keep_view(old)

    def redo(self) -> None:
        """Take the last undone step again; the view stays."""
        old = self.state
        super().redo()
        self._keep_view(old)

    def _keep_view(self, old: State) -> None:
        if self.state.picture == old.picture:
            self.amend(replace(self.state, view=old.view))

    def restore(self, data: dict[str, Any]) -> None:
        """Go to a saved state; a camera is not switched on without being asked."""
        had_camera = str(data.get("picture", "")).startswith(CAMERA)
        if had_camera:
            data = {**data, "picture": State().picture, "pin": None}
        super().restore(data)
        if had_camera:
            self.show_message(
                "This state was made with the camera; choose Live camera to start it."
            )

    def state_json(self) -> dict[str, Any]:
        """Return the state as JSON; a picture of the camera is kept for good."""
        data = super().state_json()
        if pictures.is_filmed(data["picture"]) and self._picture is not None:
            data["picture"] = pictures.keep(self._picture.pixels)
        return data

    def session_json(self) -> dict[str, Any]:
        """Return the state for the session, which keeps the camera's last picture."""
        data = super().state_json()
        if self.state.picture.startswith(CAMERA) and self._picture is not None:
            data["picture"] = pictures.keep_last_frame(self._picture.pixels)
        elif not self.history.has(lambda state: state.picture == pictures.last_frame()):
            pictures.forget_last_frame()
        return data

    def located(self, data: dict[str, Any], folder: Path) -> tuple[dict[str, Any], str]:
        """Look for a photograph that is not where it was beside its file."""
        return beside(data, folder, self.state.picture)

    # ---------------------------------------------------------------- picture

    def open_paths(self, paths: list[str]) -> None:
        """Show the first of some picture files."""
        self.edit(self.state.with_picture(paths[0]))

    def paste(self, mime: QMimeData) -> bool:
        """Take a picture, a picture file or a kernel as text from the clipboard."""
        paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if paths:
            self.open_paths(paths)
        elif mime.hasImage():
            self.open_paths([pictures.keep(pictures.from_image(mime.imageData()))])
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
        if picture.source != getattr(self._picture, "source", ""):
            self.readout.emit("")  # what it said of another picture
        self._picture = picture
        if pictures.is_own_file(picture.source):
            self.recent.emit(picture.source)
        self._compute()

    def _refuse_picture(self, sentence: str) -> None:
        self.show_message(sentence)
        old = self._fallback
        source = self._picture.source if self._picture else State().picture
        self.amend(replace(self.state, picture=source, pin=old.pin, view=old.view))

    # ---------------------------------------------------------------- maps

    def _compute(self) -> None:
        if self._picture is None:
            return
        self._asked += 1
        number, state, picture = self._asked, self.state, self._picture
        values, before = show.picture_values(state, picture), self._made.run

        def make() -> Made:
            result = run(values, state.stages, before).with_copies()
            return Made(number, state, picture, result)

        if work(values.shape, state.stages) <= QUICK_WORK:
            self._take(make())
        else:
            self._latest.request(make)

    def _take(self, made: Made) -> None:
        if made.number > self._made.number:
            old, self._made = self._made, made
            after = show.right_side(self._shown, made.run)
            painted = made.is_like(old) and self._panes.paint_map(after)
            self._show_arrays()
            if not painted:
                self._panes.paint()
            self._explain_arrays()

    @property
    def _shown(self) -> State:
        """The state that the canvas shows: an earlier one until its maps are made."""
        now, made = self.state, self._made.state
        same = (now.stages, now.channels) == (made.stages, made.channels)
        return now if same else replace(made, view=now.view)

    def settled(self) -> bool:
        """Whether picture, maps and histograms belong to the present state."""
        return (
            self._picture is not None
            and not self._loader.busy
            and self._made.number == self._asked
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
        if self._made.picture is not None:
            self._show_arrays()
            self._explain_arrays()

    def _show_arrays(self) -> None:
        state, picture, made = self._shown, self._made.picture, self._made.run
        assert picture is not None
        self._before = show.left_side(state, picture, made)
        self._after = show.right_side(state, made)
        split = state.channels == "split"
        bank = []
        if state.shows_bank and not split and self._after is not None:
            items = bank_items(state, made)
            bank = [replace(one, caption=one.tooltip) for one in items]
        self._panes.show_arrays(
            self._before,
            self._after,
            split=split,
            bank=bank,
            chosen=state.current.chosen,
        )
        if self._after is None:
            self._panes.show_reason(made.reason)
        self._panes.show_view(state.view)

    def _explain_arrays(self) -> None:
        state, made = self._shown, self._made.run
        self._panes.caption()
        self._strips.show_run(state, made)
        self._facts.set_facts(self._explanation(state, made))
        self._show_focus()
        self._counting.start()

    @staticmethod
    def _explanation(state: State, made: Run) -> list[Fact]:
        if state.stage >= len(made.layers):
            return []
        layer = made.layers[state.stage]
        channels = layer.input.shape[2] if layer.input.ndim == 3 else 1
        return explain.facts(layer.input.shape[:2], channels, layer.stage)

    # ---------------------------------------------------------------- hover and pin

    def _show_focus(self) -> None:
        if self._made.picture is None:
            return
        now = self._focus()
        self._panes.mark(now.cell, now.window, pinned=now.pinned)
        self._terms.show_terms(now.content, self._made.run.reason)

    def _focus(self) -> Focus:
        state, run = self._shown, self._made.run
        return focus(state, run, self._before, self._pointed, self._channel)

    @property
    def _channel(self) -> int:
        """The channel whose terms are on show; if split, that of the pane."""
        state = self._shown
        pointing = state.channels == "split" and state.pin is None
        return self._pointed_channel if pointing else state.channel

    def _hover_map(self, channel: int, row: int, column: int) -> None:
        self._pointed, self._pointed_channel = (row, column), channel
        if self.state.pin is None:
            self._show_focus()
        if self._after is not None:
            self.readout.emit(show.readout(self._after, (row, column), self._before))

    def _hover_input(self, row: int, column: int) -> None:
        self.readout.emit(show.readout(self._before, (row, column), self._after))

    def _work_by_hand(self) -> None:
        state, cell = self._shown, self._focus().cell
        if cell is None:
            return
        layer = self._made.run.layers[state.stage]
        try:
            data = patch(layer, state.shown_step, cell, self._channel)
        except InputError as error:
            self.show_message(str(error))
        else:
            self.handed_over.emit("windows", data)

    def _pin(self, channel: int, row: int, column: int) -> None:
        state = replace(self.state, pin=(row, column))
        if state.channels == "split":
            state = replace(state, channel=channel)
        self.edit(state)

    # ---------------------------------------------------------------- Qt

    def changeEvent(self, event: QEvent) -> None:
        """Take the colormaps of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_maps()

    def hideEvent(self, event: QHideEvent) -> None:
        """Switch the camera off while nobody sees it."""
        self._loader.stop_camera()
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Open the first picture; switch the camera on again if it was on."""
        if self._picture is None or self.state.picture.startswith(CAMERA):
            self._loader.request(self.state.picture)
        super().showEvent(event)
