"""The left column of the Inspect page: network, picture, answer, and what is done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStyle, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.pages.base import BESIDE_CONTROLS, CONTROLS_WIDTH
from cnnviz.pages.inspect.changes_box import ChangesBox
from cnnviz.pages.inspect.packed import unpack
from cnnviz.pages.inspect.pad_box import PadBox
from cnnviz.pages.inspect.set_box import SetBox
from cnnviz.pages.inspect.state import unlike
from cnnviz.pages.inspect.steps_box import StepsBox
from cnnviz.widgets.controls import Choice, Section, Segmented
from cnnviz.widgets.picture import PictureBox
from cnnviz.widgets.probability_bars import ProbabilityBars

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.pages.inspect.asking import Answer
    from cnnviz.pages.inspect.state import State

    Option = tuple[str, str, str]

OPEN = "open…"
CAMERA_ON, CAMERA_OFF = "Camera", "Take picture"
UNTOUCHED = "The example goes to the network as it was handed over"
COMPARE = (("off", "Off"), ("both", "Both"), ("difference", "Difference"))
# In pixels at text size 100 %.
BARS = (165, 184)
LEAST_BARS = 80
SMALLEST_PAD = 112
PINNED = 56


class Controls(QWidget):
    """Everything that a person can set.

    Attributes
    ----------
    pad, browser, steps : PadBox, SetBox, StepsBox
    """

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""
    network_asked = Signal()
    picture_asked = Signal()
    camera_asked = Signal(bool)
    pin_asked = Signal()

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._is_set = False
        self._drawable, self._example = True, False
        self._room, self._fitted = 0, (0, 0, 0, False)
        self._on_pad = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.current().px(8))
        self._build_network()
        self._build_picture()
        self._build_answer()
        self.steps = StepsBox(state)
        self._changes = ChangesBox(state)
        for box in (self.steps, self._changes):
            box.edited.connect(self.edited)
            self._column.addWidget(box)
        self._build_compare()
        self.set_state(state)

    # ---------------------------------------------------------------- building

    def _build_network(self) -> None:
        empty = ("", "No network", "Train one or open a file")
        self._network = Choice((("", (empty,)),), "Network", "What is looked into")
        self._network.chosen.connect(self._choose_network)
        self._column.addWidget(self._network)

    def _build_picture(self) -> None:
        px = theme.current().px
        self._sources = [("drawing", "Draw"), ("test", "Test set")]
        self._source = Segmented(
            self._sources,
            "Picture",
            "Draw a digit yourself, or take one of the test set",
        )
        self._source.changed.connect(lambda key: self._edit(source=key))
        self.pad = PadBox()
        self.pad.drawn.connect(self._draw)
        self.browser = SetBox()
        self.browser.chosen.connect(
            lambda number, key: self.edited.emit(
                replace(self._state, index=number, source="test"), key
            )
        )
        self.browser.browsed.connect(lambda key: self._edit(browse=key))
        opened = _button("Open picture…", "A photograph or scan of a digit (Ctrl+O)")
        opened.clicked.connect(self.picture_asked)
        self._camera = _button(CAMERA_ON, "Hold a written digit before the camera")
        self._camera.setCheckable(True)
        self._camera.clicked.connect(self.camera_asked)
        self._files = QWidget()
        row = QHBoxLayout(self._files)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(opened, 1)
        row.addWidget(self._camera, 1)
        for widget in (self._source, self.pad, self.browser):
            self._column.addWidget(widget)
        for below in (self.pad.pen_width, self.browser.numbered, self._files):
            self._column.addWidget(below)

    def _build_answer(self) -> None:
        section = self._answer = Section("Answer")
        px = theme.current().px
        self.bars = ProbabilityBars("Answer", "The share that each class gets")
        self.bars.setMinimumHeight(px(BARS[0]))
        self.bars.setMaximumHeight(px(BARS[1]))
        section.add(self.bars)
        self._column.addWidget(section)

    def _build_compare(self) -> None:
        px = theme.current().px
        section = Section("Compare two pictures")
        self._pin = _button(
            "Pin this picture", "Keep it, to compare it with the next one"
        )
        self._pin.clicked.connect(self.pin_asked)
        self._pinned = PictureBox("Pinned picture", "What the next one is compared to")
        self._pinned.setFixedSize(px(PINNED), px(PINNED))
        self._compare = Segmented(
            COMPARE, "Compare", "Maps of both pictures, or how they differ"
        )
        self._compare.changed.connect(lambda key: self._edit(compare=key))
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(12))
        row.addWidget(self._pinned)
        row.addWidget(self._pin, 1)
        section.add(holder)
        section.add(self._compare)
        self._column.addWidget(section)

    # ---------------------------------------------------------------- state in

    def set_state(self, state: State) -> None:
        """Show a state in the controls, without a signal."""
        old, self._state = self._state, state
        self.steps.state = self._changes.state = state
        if state.drawing != self._on_pad:
            self._on_pad = state.drawing
            self.pad.set_sheet(state.sheet)
        if self._is_set and unlike(old, state) <= {"drawing"}:
            return  # a stroke of the pen changes no other control
        self._is_set = True
        self._network.set_current(state.network)
        self._show_source(state)
        self.browser.set_state(state)
        self.steps.set_state(state, drawn=state.source == "drawing" and self._drawable)
        self._changes.set_state(state)
        example = state.source == "example"
        self._changes.setEnabled(not example)
        self._changes.setToolTip(UNTOUCHED if example else "")
        self._compare.set_current(state.compare)
        self._compare.setVisible(bool(state.pinned))
        self._pinned.setVisible(bool(state.pinned))
        if state.pinned and state.pinned != old.pinned:
            self._pinned.set_picture(unpack(state.pinned))

    def set_networks(self, groups: Sequence[tuple[str, Sequence[Option]]]) -> None:
        """Show what networks there are to choose from."""
        more = (OPEN, "Open a file…", "Weights as .safetensors, .pt or .pth (Ctrl+O)")
        self._network.set_groups([*groups, ("", (more,))])
        self._network.set_current(self._state.network)

    def set_drawable(self, drawable: bool, *, example: bool) -> None:
        """Say whether a drawing can be made ready for the network as MNIST was.

        And whether the network came with an example.
        """
        self._drawable, self._example, self._is_set = drawable, example, False
        self.set_state(self._state)

    def _show_source(self, state: State) -> None:
        options = [("drawing", "Draw"), ("test", "Test set")]
        if state.photo or state.source == "file":
            options.append(("file", "Picture"))
        if state.source == "example" or self._example:
            options.insert(0, ("example", "Example"))
        if options != self._sources:  # else a click on one would lose it
            self._sources = options
            self._source.set_options(options, state.source)
        self._source.set_current(state.source)
        self.pad.setVisible(state.source == "drawing")
        self.pad.pen_width.setVisible(state.source == "drawing")
        self.browser.setVisible(state.source == "test")
        self.browser.numbered.setVisible(state.source == "test")

    # ---------------------------------------------------------------- room

    def set_room(self, height: int) -> None:
        """Take the height in pixels in which the answer is to be in sight."""
        self._room = height
        self._fit()

    def _fit(self) -> None:
        """Have the answer in sight, by a smaller pad and lower bars if need be."""
        px, drawn = theme.current().px, not self.pad.isHidden()
        heading, most = self._answer.heading_height(), px(BARS[0] - LEAST_BARS)
        need = self.y() + heading + px(BARS[0])
        for part in (self._network, self._source):
            need += part.sizeHint().height() + px(8)
        if not self.browser.isHidden():
            need += self.browser.whole_height() + px(8)
        later = self._files.sizeHint().height() + px(8)
        pad = self.pad.whole_height(self.width()) if drawn else 0
        if drawn:
            need += pad + px(8)
        for each in (self.pad.pen_width, self.browser.numbered):
            if not each.isHidden():
                later += each.sizeHint().height() + px(8)
        short = need + later - self._room
        if not self._room or short <= 0:
            self.browser.shorten(0)
            high = px(BARS[0]) - short if self._room else px(BARS[1])
            self._put(0, px(BARS[0]), min(high, px(BARS[1])), later=False)
            self._answer.show_heading(True)
            return
        short, side = short - later, 0
        if drawn:
            side = max(px(SMALLEST_PAD), min(pad - max(0, short), self._widest_pad()))
            short -= pad - side
        else:
            short -= self.browser.shorten(short)
        self._answer.show_heading(short <= most)
        short -= heading if short > most else 0
        shown = px(BARS[0]) - min(most, max(0, short))
        self._put(side, shown, shown, later=True)

    def _widest_pad(self) -> int:
        """Return the side of the pad that leaves room for its tools beside it."""
        px, bar = theme.current().px, QStyle.PixelMetric.PM_ScrollBarExtent
        room = px(CONTROLS_WIDTH) - sum(map(px, BESIDE_CONTROLS))
        room -= self.style().pixelMetric(bar)
        return room - px(8) - self.pad.tools_width()

    def _put(self, side: int, least: int, most: int, *, later: bool) -> None:
        """Lay the pad, the bars and what may come after them out, if that is new."""
        fitted = side, least, most, later
        if fitted == self._fitted:
            return
        self._fitted = fitted
        self.pad.set_side(side)
        self.bars.setMinimumHeight(least)
        self.bars.setMaximumHeight(most)
        self._column.removeWidget(self._answer)
        place = self._column.indexOf(self.pad.pen_width if later else self._files)
        self._column.insertWidget(place if later else place + 1, self._answer)

    def event(self, event: QEvent) -> bool:
        """Fit anew where a part asks for another size."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fit()
        return super().event(event)

    # ---------------------------------------------------------------- what comes out

    def show_answer(
        self, answer: Answer, classes: Sequence[str], true: int | None
    ) -> None:
        """Show the picture made ready and the shares of the classes."""
        self.steps.show_ready(answer.ready)
        shares = answer.seen.probabilities if answer.seen is not None else None
        self._answer.setVisible(shares is not None or answer.seen is None)
        if shares is None:
            self.clear_answer()
            return
        if len(classes) != len(shares):
            classes = tuple(map(str, range(len(shares))))
        self.bars.set_names(classes)
        self.bars.set_probabilities(shares, true)

    def clear_answer(self) -> None:
        """Show empty bars."""
        self.bars.set_probabilities(None)

    def show_no_picture(self) -> None:
        """Show empty bars and nothing made ready."""
        self.clear_answer()
        self.steps.show_ready(None)

    def show_camera(self, on: bool) -> None:
        """Show whether the camera is on."""
        self._camera.setChecked(on)
        self._camera.setText(CAMERA_OFF if on else CAMERA_ON)

    # ---------------------------------------------------------------- state out

    def _edit(self, **fields: Any) -> None:
        self.edited.emit(replace(self._state, **fields), "")

    def _draw(self, sheet: NDArray[np.uint8], key: str) -> None:
        state = self._state.with_sheet(sheet)
        self._on_pad = state.drawing
        self.edited.emit(state, key)

    def _choose_network(self, key: str) -> None:
        if key == OPEN:
            self._network.set_current(self._state.network)
            self.network_asked.emit()
        elif key:
            self._edit(network=key, layer="", place=(), channel=-1)


def _button(text: str, tooltip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text.rstrip("…"))
    button.setToolTip(tooltip)
    return button
