"""The Inspect page: wires the state to networks, pictures and views."""

from __future__ import annotations

from dataclasses import replace
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog

from cnnviz import paths
from cnnviz.errors import InputError
from cnnviz.nn.pytorch_source import pytorch_source
from cnnviz.nn.run import RUN
from cnnviz.ops import images
from cnnviz.pages.base import Page
from cnnviz.pages.inspect import asked, networks, sight, trusting
from cnnviz.pages.inspect.canvas import Canvas
from cnnviz.pages.inspect.controls import Controls
from cnnviz.pages.inspect.explanation import Explanation
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.incoming import Incoming
from cnnviz.pages.inspect.layers_view import LayersView
from cnnviz.pages.inspect.looking import Looking
from cnnviz.pages.inspect.packed import pack
from cnnviz.pages.inspect.preparing import DRAWABLE
from cnnviz.pages.inspect.state import State, same
from cnnviz.pages.inspect.subject import Handed, Subject, fitting_source
from cnnviz.pages.inspect.terms_commands import TermsCommands
from cnnviz.pages.pictures import from_image
from cnnviz.widgets.gestures import Gesture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QResizeEvent, QShowEvent

    from cnnviz.pages.inspect.asking import Answer
    from cnnviz.pages.inspect.words import Lacking

NETWORK_FILTER = "Networks (" + " ".join(f"*{s}" for s in networks.SUFFIXES) + ")"

PICTURE = ("source", "drawing", "photo", "index", "data")
"""Fields of a state that a person changes by another picture."""

EXPLAINED = ("view", "layer", "place", "channel", "activated", "why", "changes")
"""Fields of a state that change the explanation of the same answer."""


def create() -> InspectPage:
    """Make the page on a drawn seven."""
    return InspectPage(first_state())


class InspectPage(Page):
    """A network, a picture, every layer's maps, and the sum behind any value."""

    id = "inspect"
    title = "Inspect"
    open_filter = f"{NETWORK_FILTER};;{images.FILE_FILTER}"
    keys = (
        ("Click, Enter", "Pin a value and read the sum behind it"),
        ("Click a title, Shift and Enter", "Show one layer alone"),
        ("Arrow keys", "Move over values; with Shift over maps"),
        ("Ctrl and wheel, +, −", "Zoom into the maps of a layer"),
        ("Esc", "Go back one level: value, map, layer, network"),
    )

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._home = paths.data_dir()
        self._answer: Answer | None = None
        self._lacking: Lacking | None = None
        self._filmed = ""
        self._taking = False
        self._telling = QTimer(self, singleShot=True)
        self._telling.timeout.connect(self._tell)
        self._looking = Looking(self.state, self._home, self)
        self._incoming = Incoming(self)
        self._controls = Controls(self.state)
        self._layers = LayersView(self.state)
        self._canvas = Canvas(self.state, self._layers)
        self._explanation = Explanation()
        self.controls.addWidget(self._controls)
        self.canvas.addWidget(self._canvas)
        self.roomy.leave_bar()
        self.explanation.addWidget(self._explanation)
        self._connect_controls()
        self._connect_canvas()
        self._connect_work()
        self._show_networks()
        self._canvas.set_state(self.state)
        self._looking.start()

    def _connect_controls(self) -> None:
        controls = self._controls
        controls.edited.connect(self.edit)
        controls.network_asked.connect(lambda: self._ask_for_file(NETWORK_FILTER))
        controls.picture_asked.connect(lambda: self._ask_for_file(images.FILE_FILTER))
        controls.camera_asked.connect(self._film)
        controls.pin_asked.connect(self._pin)

    def _connect_canvas(self) -> None:
        self._canvas.viewed.connect(
            lambda key: self.edit(replace(self.state, view=key))
        )
        views: list[Any] = [self._layers, *self._canvas.others.values()]
        for view in views:
            view.edited.connect(self.edit)
            view.readout.connect(self.readout)
        self._layers.pointed.connect(self._show_field)
        self._commands = TermsCommands(self, self._explanation)
        self._explanation.terms.channel_picked.connect(
            lambda channel: self.edit(replace(self.state, channel=channel))
        )

    def _connect_work(self) -> None:
        browser, looking = self._controls.browser, self._looking
        looking.opened.connect(self._take_network)
        looking.unopened.connect(self._refuse_network)
        looking.answered.connect(self._take_answer)
        looking.refused.connect(self._take_refusal)
        looking.data_taken.connect(lambda data: browser.set_data(data, self.state))
        looking.tried.connect(lambda shares: browser.set_answers(shares, self.state))
        looking.progressed.connect(browser.show_progress)
        looking.said.connect(browser.say)
        self._incoming.sheet_made.connect(self._take_sheet)
        self._incoming.photo_made.connect(self._take_photo)
        self._incoming.opened.connect(self.recent)
        self._incoming.failed.connect(self._refuse_picture)

    # ---------------------------------------------------------------- state

    def restore(self, data: dict[str, Any]) -> None:
        """Go to a state; what it does not tell is as the page opens.

        Raises
        ------
        InputError
            The state is damaged; the page stays as it was.
        """
        super().restore({"drawing": first_state().drawing, **data})

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        if not self._taking and not same(new, old, *PICTURE):
            self._drop_camera()  # or its next picture replaced what a person chose
        self._looking.follow(new)  # first: its thread computes meanwhile
        self._controls.set_state(new)
        self._canvas.set_state(new)
        self._layers.set_state(new)
        if not same(new, old, *EXPLAINED):
            self._explain()
        if not same(new, old, "view", "layer", "place"):
            self.readout.emit("")  # what was pointed at may be gone
            self._show_field("", ())

    # ---------------------------------------------------------------- networks

    def show_module(self, handed: Handed) -> None:
        """Look into a module that a script handed over."""
        self._looking.hand_over(handed)
        state = replace(self.state.at(), network=networks.MODULE, source="example")
        if state.network == self.state.network:
            self._looking.open_again()
        self.edit(state)

    def _show_networks(self) -> None:
        found = networks.groups(paths.runs_dir(), self.state.network)
        self._controls.set_networks(found)

    def _take_network(self) -> None:
        shape = self._looking.shape
        self._incoming.shape = shape
        self._show_networks()
        subject = self._looking.subject
        handed = isinstance(subject, Handed)
        self._controls.set_drawable(shape == DRAWABLE, example=handed)
        source = fitting_source(subject, self.state.source)
        self.amend(replace(self.state, source=source))

    def _refuse_network(self, sentence: str) -> None:
        loaded = self._looking.loaded
        if loaded and loaded != self.state.network:
            self.amend(replace(self.state, network=loaded))
        self.show_message(sentence)

    # ---------------------------------------------------------------- pictures

    def _take_answer(self, answer: Answer) -> None:
        self._answer = answer
        self._lacking = None if answer.seen is not None else "answer"
        self._layers.show_seen(answer.seen, answer.other, answer.sentence)
        self._telling.start(0)  # the rest once the maps are painted

    def _tell(self) -> None:
        answer, looking = self._answer, self._looking
        assert answer is not None
        self._controls.show_answer(answer, looking.classes, looking.truth)
        self._explain()
        self._show_field("", ())
        self._canvas.show_answer(answer, looking.subject, looking.data)

    def _take_refusal(self, sentence: str) -> None:
        self._telling.stop()
        self._answer, self._lacking = None, "picture"
        self._controls.show_no_picture()
        self._layers.show_seen(None, None, sentence)
        self._explain()
        self._canvas.show_nothing(sentence)

    def _take_sheet(self, sheet: NDArray[np.uint8]) -> None:
        self._take(self.state.with_sheet(sheet))

    def _take_photo(self, pixels: NDArray[np.uint8]) -> None:
        self._take(replace(self.state, photo=pack(pixels), source="file"))

    def _take(self, state: State) -> None:
        """Show a picture that was opened or filmed; a filming is one step to undo."""
        self._taking = True
        self.edit(state, self._filmed if self._incoming.filming else "")
        self._taking = False

    def _refuse_picture(self, sentence: str) -> None:
        self._controls.show_camera(False)
        self.show_message(sentence)

    def _film(self, on: bool) -> None:
        self._filmed = Gesture.fresh()
        self._incoming.film(on)
        self._controls.show_camera(on)

    def _drop_camera(self) -> None:
        if self._incoming.filming:
            self._incoming.drop_camera()
            self._controls.show_camera(False)

    def _pin(self) -> None:
        if self._answer is not None:
            pinned = pack(self._answer.ready.pixels)
            compare = "both" if self.state.compare == "off" else self.state.compare
            self.edit(replace(self.state, pinned=pinned, compare=compare))

    # ---------------------------------------------------------------- terms

    def _explain(self) -> None:
        seen = self._answer.seen if self._answer is not None else None
        name, classes = self._looking.name, self._looking.classes
        try:
            network = asked.of(self._looking.subject, seen)
        except InputError:
            network = None  # the views say why
        self._explanation.show_seen(
            seen, self.state, name, classes, network, self._lacking
        )

    def _show_field(self, layer: str, place: tuple[int, ...]) -> None:
        """Frame what a value sees of the picture, there where that is shown.

        Without a layer it is that of the pinned value, if one is.
        """
        seen = self._answer.seen if self._answer is not None else None
        if not layer:
            layer, place = self.state.layer, self.state.place
        block = sight.block(seen, layer, place) if seen is not None else None
        self._controls.steps.seen.set_block(block)

    # ---------------------------------------------------------------- for the window

    def open_paths(self, paths: list[str]) -> None:
        """Look into a network, or at a picture of a digit."""
        path = Path(paths[0]).absolute()
        folder = path.parent if path.name == RUN else path
        if isfile(folder / RUN):
            self._look_into(str(folder))
        elif path.suffix.lower() == networks.UNTRUSTED:
            self._ask_for_trust(str(path))
        elif path.suffix.lower() in networks.SUFFIXES:
            self._look_into(str(path))
        else:
            self._drop_camera()
            self._incoming.open_file(str(path))

    def _look_into(self, key: str) -> None:
        if key == self.state.network:
            self._looking.open_again()
        else:
            self.edit(replace(self.state.at(), network=key))
        self.recent.emit(key)

    def _ask_for_trust(self, key: str) -> None:
        def trust() -> None:
            self._looking.trust(key)
            self._look_into(key)

        trusting.ask(self, Path(key).name, trust)

    def _ask_for_file(self, kinds: str) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open", "", kinds)
        if path:
            self.open_paths([path])

    def paste(self, mime: QMimeData) -> bool:
        """Take a picture or a file from the clipboard."""
        found = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
        if found:
            self.open_paths(found)
        elif mime.hasImage():
            self._drop_camera()
            self._incoming.take(from_image(mime.imageData()))
        return bool(found) or mime.hasImage()

    def copy_picture(self) -> QImage | None:
        """Return the canvas."""
        return self._canvas.grab().toImage()

    def pytorch(self) -> str:
        """Return code that builds the network."""
        subject = self._looking.subject
        return pytorch_source(subject.network) if isinstance(subject, Subject) else ""

    def settled(self) -> bool:
        """Whether every answer is there."""
        busy = any(part.busy for part in self._workers)
        return not busy and not self._telling.isActive()

    def shut_down(self) -> None:
        """Cancel and join everything."""
        self._telling.stop()
        for part in self._workers:
            part.shut_down()

    @property
    def _workers(self) -> tuple[Any, ...]:
        """All that works in threads."""
        return self._looking, self._incoming, *self._canvas.others.values()

    # ---------------------------------------------------------------- Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close a message with Esc, or else go back a level."""
        closes = event.key() == Qt.Key.Key_Escape and not self.banner.text()
        if closes and self.state.layer and self.state.view == "layers":
            self.edit(self.state.out())
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Find the runs that were trained meanwhile."""
        super().showEvent(event)
        self._show_networks()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have the answer in sight."""
        super().resizeEvent(event)
        self._controls.set_room(self.height())

    def hideEvent(self, event: QHideEvent) -> None:
        """Switch the camera off while nobody sees it."""
        self._film(False)
        super().hideEvent(event)
