"""The Inspect page: wires the state to networks, pictures and views."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cnnviz import paths
from cnnviz.errors import InputError
from cnnviz.nn.datasets import find
from cnnviz.nn.pytorch_source import pytorch_source
from cnnviz.nn.run import RUN
from cnnviz.ops import images
from cnnviz.pages.base import Page
from cnnviz.pages.data_loader import DataLoader
from cnnviz.pages.inspect import handing, networks, sight
from cnnviz.pages.inspect.all_terms import AllTerms
from cnnviz.pages.inspect.asking import Asking
from cnnviz.pages.inspect.canvas import Canvas
from cnnviz.pages.inspect.controls import Controls
from cnnviz.pages.inspect.explanation import Explanation
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.incoming import Incoming
from cnnviz.pages.inspect.layers_view import LayersView
from cnnviz.pages.inspect.opening import NetworkLoader
from cnnviz.pages.inspect.packed import pack, unpack
from cnnviz.pages.inspect.preparing import DRAWABLE, Wish, fitted
from cnnviz.pages.inspect.state import State, same
from cnnviz.pages.inspect.subject import Handed, Subject
from cnnviz.pages.inspect.trying import Trying
from cnnviz.pages.pictures import from_image, keep
from cnnviz.widgets.gestures import Gesture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QShowEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.inspect.asking import Answer

PICTURE = ("source", "drawing", "photo", "index", "data", "steps", "normalise")
ASKED = (*PICTURE, "changes", "pinned")
NETWORK_FILTER = "Networks (" + " ".join(f"*{s}" for s in networks.SUFFIXES) + ")"


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
        self._subject: Subject | Handed | None = None
        self._answer: Answer | None = None
        self._data: Dataset | None = None
        self._filmed = ""
        self._loaded = ""
        self._opening = NetworkLoader(self)
        self._loader = DataLoader(self._home, self)
        self._incoming = Incoming(self)
        self._asking = Asking(self)
        self._trying = Trying(self)
        self._controls = Controls(self.state)
        self._layers = LayersView(self.state)
        self._canvas = Canvas(self.state, self._layers)
        self._explanation = Explanation()
        self.controls.addWidget(self._controls)
        self.canvas.addWidget(self._canvas)
        self.explanation.addWidget(self._explanation)
        self._connect_controls()
        self._connect_canvas()
        self._connect_work()
        self._show_networks()
        self._canvas.set_state(self.state)
        self._opening.request(self.state.network)
        self._load_data()

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
        terms = self._explanation.terms
        terms.channel_picked.connect(
            lambda channel: self.edit(replace(self.state, channel=channel))
        )
        terms.windows_asked.connect(self._open_windows)
        terms.lab_asked.connect(self._open_lab)
        terms.all_asked.connect(self._open_table)

    def _connect_work(self) -> None:
        browser = self._controls.browser
        self._opening.loaded.connect(self._take_network)
        self._opening.failed.connect(self._refuse_network)
        self._loader.loaded.connect(self._take_data)
        self._loader.failed.connect(lambda _, sentence: browser.say(sentence))
        self._loader.progressed.connect(browser.show_progress)
        self._incoming.sheet_made.connect(self._take_sheet)
        self._incoming.photo_made.connect(self._take_photo)
        self._incoming.opened.connect(self.recent)
        self._incoming.failed.connect(self._refuse_picture)
        self._asking.answered.connect(self._take_answer)
        self._asking.refused.connect(self._take_refusal)
        self._trying.tried.connect(
            lambda shares: browser.set_answers(shares, self.state)
        )
        self._trying.progressed.connect(partial(browser.show_progress, "Trying them"))
        self._trying.failed.connect(browser.say)

    # ---------------------------------------------------------------- state

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        new: State = self.state
        self._controls.set_state(new)
        if new.network != old.network:
            self._opening.request(new.network)
        if not same(new, old, "data", "source", "view"):
            self._load_data()
        if new.network == old.network and not same(new, old, *ASKED):
            self._ask()
        self._canvas.set_state(new)
        if not same(new, old, "view", "layer", "place", "channel", "activated"):
            self._explain()
        if not same(new, old, "browse", "source"):
            self._find_mistakes()

    # ---------------------------------------------------------------- networks

    def show_module(self, handed: Handed) -> None:
        """Look into a module that a script handed over."""
        self._opening.hand_over(handed)
        state = replace(self.state.at(), network=networks.MODULE, source="example")
        if state == self.state:
            self._opening.request(networks.MODULE)
        else:
            self.edit(state)

    def _show_networks(self) -> None:
        found = networks.groups(self._home / "runs", self.state.network)
        self._controls.set_networks(found)

    def _take_network(self, subject: Subject | Handed) -> None:
        self._subject, self._loaded = subject, self.state.network
        self._trying.cancel()
        self._incoming.shape = self._shape
        self._show_networks()
        self._controls.set_drawable(self._shape == DRAWABLE)
        self._ask()
        self._find_mistakes()

    def _refuse_network(self, sentence: str) -> None:
        self.show_message(sentence)
        if self._subject is None:
            self._ask()  # the picture at least is made ready
        elif self._loaded != self.state.network:
            self.amend(replace(self.state, network=self._loaded))
            self.show_message(sentence)

    @property
    def _shape(self) -> tuple[int, ...]:
        if isinstance(self._subject, Handed):
            return self._subject.example.shape
        return self._subject.network.input if self._subject else DRAWABLE

    # ---------------------------------------------------------------- data

    @property
    def _source(self) -> str:
        there = find("mnist", self._home)
        return self.state.data or ("mnist" if there else "generated")

    def _load_data(self) -> None:
        """Open the test set once something on the screen is made of it."""
        wanted = self.state.source == "test" or self.state.view != "layers"
        if wanted and self._data is None and not self._loader.busy:
            self._loader.request(self._source)

    def _take_data(self, _source: str, data: Dataset) -> None:
        self._data = data
        self._controls.browser.set_data(data, self.state)
        self._ask()
        self._find_mistakes()

    def _find_mistakes(self) -> None:
        state, subject, data = self.state, self._subject, self._data
        if (state.source, state.browse) != ("test", "mistakes"):
            self._trying.cancel()
        elif isinstance(subject, Subject) and data is not None:
            self._trying.request(subject, data)
        elif isinstance(subject, Handed):
            self._controls.browser.say("Mistakes are found for our own networks only.")

    # ---------------------------------------------------------------- pictures

    def _wish(self) -> Wish | None:
        """Return the picture that the state chooses; None while it is loaded."""
        state, common = self.state, {}
        common = {"normalise": state.normalise, "changes": state.changes}
        if state.source == "example" and isinstance(self._subject, Handed):
            return Wish(values=self._subject.example)
        if state.source == "test":
            if self._data is None:
                return None
            number = min(state.index, len(self._data.test) - 1)
            return Wish(pixels=self._data.test.images[number], **common)
        if state.source == "file":
            return Wish(pixels=unpack(state.photo) if state.photo else None, **common)
        if self._shape == DRAWABLE:
            return Wish(sheet=state.sheet, steps=state.steps, **common)
        paper = (255 - state.sheet).astype("float32")
        try:
            return Wish(pixels=fitted(paper, self._shape), **common)
        except (InputError, ValueError):
            return Wish(**common)

    def _ask(self) -> None:
        wish, state = self._wish(), self.state
        if wish is None:
            return
        other = None
        if state.pinned:
            other = Wish(pixels=unpack(state.pinned), normalise=state.normalise)
        self._asking.ask(self._subject, wish, other)

    def _take_answer(self, answer: Answer) -> None:
        self._answer = answer
        self._controls.show_answer(answer, self._classes, self._true)
        self._layers.show_seen(answer.seen, answer.other, answer.sentence)
        self._explain()
        self._show_others(answer)

    def _take_refusal(self, sentence: str) -> None:
        self._answer = None
        self._controls.clear_answer()
        self._layers.show_seen(None, None, sentence)
        self._explain()

    def _show_others(self, answer: Answer) -> None:
        subject = self._subject
        if answer.seen is None or not isinstance(subject, Subject):
            return
        values = answer.ready.values
        for view in self._canvas.others.values():
            view.show_inputs(
                subject.network, subject.weights, values, subject.classes, self._data
            )

    def _take_sheet(self, sheet: NDArray[np.uint8]) -> None:
        gesture = self._filmed if self._incoming.filming else ""
        self.edit(self.state.with_sheet(sheet), gesture)

    def _take_photo(self, pixels: NDArray[np.uint8]) -> None:
        gesture = self._filmed if self._incoming.filming else ""
        self.edit(replace(self.state, photo=pack(pixels), source="file"), gesture)

    def _refuse_picture(self, sentence: str) -> None:
        self._controls.show_camera(False)
        self.show_message(sentence)

    def _film(self, on: bool) -> None:
        self._filmed = Gesture.fresh()
        self._incoming.film(on)
        self._controls.show_camera(on)

    def _pin(self) -> None:
        if self._answer is not None:
            pinned = pack(self._answer.ready.pixels)
            compare = "both" if self.state.compare == "off" else self.state.compare
            self.edit(replace(self.state, pinned=pinned, compare=compare))

    @property
    def _classes(self) -> tuple[str, ...]:
        return self._subject.classes if self._subject is not None else ()

    @property
    def _true(self) -> int | None:
        if self.state.source != "test" or self._data is None:
            return None
        return int(
            self._data.test.labels[min(self.state.index, len(self._data.test) - 1)]
        )

    # ---------------------------------------------------------------- terms

    def _explain(self) -> None:
        seen = self._answer.seen if self._answer is not None else None
        name = self._subject.name if self._subject is not None else ""
        self._explanation.show_seen(seen, self.state, name, self._classes)

    def _show_field(self, layer: str, place: tuple[int, ...]) -> None:
        """Frame what a value sees of the picture, there where that is shown."""
        block, seen = None, self._answer.seen if self._answer is not None else None
        if seen is not None and layer:
            field = sight.field(seen, layer, place)
            if field is not None:
                rows, columns = field.seen_rows, field.seen_columns
                block = rows[0], columns[0], rows[1], columns[1]
        self._controls.steps.seen.set_block(block)

    def _open_windows(self) -> None:
        made = self._explanation.made
        if made is None:
            return
        try:
            data = handing.for_windows(made, self.state.channel)
        except InputError as error:
            self.show_message(str(error))
        else:
            self.handed_over.emit("windows", data)

    def _open_lab(self) -> None:
        made, answer = self._explanation.made, self._answer
        if made is None or answer is None or answer.seen is None:
            return
        try:
            pixels, stage = handing.for_lab(answer.seen, made, self.state.channel)
            picture = keep(pixels.astype("float32"))
        except InputError as error:
            self.show_message(str(error))
        else:
            self.handed_over.emit("kernel-lab", {"picture": picture, "stages": [stage]})

    def _open_table(self) -> None:
        explanation = self._explanation
        if explanation.made is not None:
            AllTerms(explanation.made.terms, explanation.position, self).open()

    # ---------------------------------------------------------------- for the window

    def open_paths(self, paths: list[str]) -> None:
        """Look into a network, or at a picture of a digit."""
        path = Path(paths[0]).absolute()
        folder = path.parent if path.name == RUN else path
        if (folder / RUN).is_file():
            self._look_into(str(folder))
        elif path.suffix.lower() == networks.UNTRUSTED:
            self._ask_for_trust(str(path))
        elif path.suffix.lower() in networks.SUFFIXES:
            self._look_into(str(path))
        else:
            self._incoming.open_file(str(path))

    def _look_into(self, key: str) -> None:
        if key == self.state.network:
            self._opening.request(key)
        else:
            self.edit(replace(self.state.at(), network=key))
        self.recent.emit(key)

    def _ask_for_trust(self, key: str) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setText(
            f"“{Path(key).name}” may run code when it is opened. Do you trust where it "
            "comes from?"
        )
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Open | buttons.Cancel)
        box.setDefaultButton(buttons.Cancel)

        def trust() -> None:
            self._opening.trust(key)
            self._look_into(key)

        box.button(buttons.Open).clicked.connect(trust)
        box.open()

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
            self._incoming.take(from_image(mime.imageData()))
        return bool(found) or mime.hasImage()

    def copy_picture(self) -> QImage | None:
        """Return the canvas."""
        return self._canvas.grab().toImage()

    def pytorch(self) -> str:
        """Return code that builds the network."""
        subject = self._subject
        return pytorch_source(subject.network) if isinstance(subject, Subject) else ""

    def settled(self) -> bool:
        """Whether every answer is there."""
        return not any(part.busy for part in self._workers)

    def shut_down(self) -> None:
        """Cancel and join everything."""
        for part in self._workers:
            part.shut_down()

    @property
    def _workers(self) -> tuple[Any, ...]:
        """All that works in threads."""
        ours = (self._opening, self._loader, self._incoming, self._asking, self._trying)
        return (*ours, *self._canvas.others.values())

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

    def hideEvent(self, event: QHideEvent) -> None:
        """Switch the camera off while nobody sees it."""
        self._film(False)
        super().hideEvent(event)
