"""A picture that grows for a channel or a class, and the test pictures it likes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from cnnviz import theme
from cnnviz.background import Latest
from cnnviz.pages.inspect import growing
from cnnviz.pages.inspect.asking_view import AskingView, Kept
from cnnviz.pages.inspect.small_controls import button
from cnnviz.widgets import numbers
from cnnviz.widgets.controls import Choice, Segmented, beside, named
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.flow_row import FlowRow
from cnnviz.widgets.gallery import Gallery
from cnnviz.widgets.heat_map import HeatMap
from cnnviz.widgets.run_plot import RunPlot, Series

if TYPE_CHECKING:
    from typing import Any

    from PySide6.QtGui import QShowEvent

    from cnnviz.nn.favourites import Favourites
    from cnnviz.pages.inspect.growing import Grown
    from cnnviz.pages.inspect.state import State

STARTS = (("noise", "Noise"), ("picture", "Picture"))
FIRST_STEPS = 100
"""That the picture grows by itself, so that there is something to see."""

FRAME = 33
"""Milliseconds from one step to the next."""

NO_PICTURES = np.zeros((0, 1, 28, 28), np.uint8)

HELPS = {
    "step": ("Step", "How far the picture goes in a step", 1.0, 0.01, 3),
    "jitter": ("Jitter", "The most pixels the picture is rolled by in a step", 8, 1, 0),
    "blur": ("Blur", "Standard deviation of a blur after every 4 steps", 4.0, 0.1, 2),
    "variation": ("TV", "Total variation: counts against rough pictures", 10, 0.05, 3),
}
"""Of a setting: name, tooltip, greatest value, step and decimals of its field."""


class DreamView(AskingView):
    """The picture, its activation step by step, and the channel's favourites."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._grower = growing.Grower(self.kept)
        self._latest = Latest(self)
        self._latest.done.connect(self._take_steps)
        self._latest.failed.connect(self.fail)
        self._clock = QTimer(self)
        self._clock.setInterval(FRAME)
        self._clock.timeout.connect(self._tick)
        self._liked_by = Kept()
        self._liking: object = None
        self._liked: Favourites | None = None
        self._shown: list[int] = []
        self._activations: list[float] = []
        self._by_itself = 0
        self._make_controls()
        self._make_parts()
        self._lay_out()

    # ---------------------------------------------------------------- parts

    def _make_controls(self) -> None:
        edit = partial(self.edit_why, "dreaming")
        px = theme.current().px
        self._layer = Choice([("", [("", "Last", "")])], "Layer", "Whose channel")
        self._layer.chosen.connect(lambda key: edit(layer=key, channel=0))
        self._channel = NumberField(
            "Channel", "A map or a unit of the layer", low=0, high=9, decimals=0
        )
        self._channel.setFixedWidth(px(68))
        self._channel.changed.connect(
            lambda value, gesture: edit(gesture, channel=round(value))
        )
        self._class = Choice([("", [("0", "0", "")])], "Class", "Which class")
        self._class.chosen.connect(lambda key: edit(channel=int(key)))
        self._start = Segmented(STARTS, "Begin with", "What the picture grows from")
        self._start.changed.connect(lambda key: edit(start=key))
        self._fields = {}
        for name, (title, tip, high, step, decimals) in HELPS.items():
            field = NumberField(
                title, tip, low=0, high=high, step=step, decimals=decimals
            )
            field.setFixedWidth(px(64))
            field.changed.connect(partial(self._set_field, name))
            self._fields[name] = field
        self._fields["step"].setMinimum(0.001)
        self._channel_row = named("Channel", self._channel)
        self._class_row = named("Class", self._class)
        self._row = FlowRow(
            named("Layer", self._layer),
            self._channel_row,
            self._class_row,
            named("Begin with", self._start),
            beside(*(named(HELPS[key][0], one) for key, one in self._fields.items())),
        )

    def _make_parts(self) -> None:
        self._picture = HeatMap(
            "Dream", "Grown so that the channel answers most", legend=False
        )
        self._picture.hovered.connect(self._point)
        self._curve = RunPlot(
            "Activation", "The mean of the channel, step by step", unit="step"
        )
        self._play = button("Pause", "Let the picture grow, or rest", self._toggle)
        self._play.setProperty("role", "primary")
        self._step = button("Step", "Grow by one step", self._go)
        self._again = button("Restart", "Begin anew with other noise", self._restart)
        self._title = QLabel("Test pictures it answers to most")
        self._title.setProperty("role", "heading")
        self._title.setWordWrap(True)
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        self._gallery = Gallery(
            "Favourites", "The test set is not there yet.", across=3
        )
        self._gallery.chosen.connect(self._pin)

    def _lay_out(self) -> None:
        px = theme.current().px
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for widget in (self._play, self._step, self._again):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        left = QVBoxLayout()
        left.setSpacing(px(8))
        left.addLayout(buttons)
        left.addWidget(self._picture, 1)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        right = QVBoxLayout()
        right.setSpacing(px(8))
        right.addWidget(self._curve, 1)
        right.addLayout(head)
        right.addWidget(self._gallery, 2)
        row = QHBoxLayout()
        row.setSpacing(px(24))
        row.addLayout(left, 3)
        row.addLayout(right, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._row)
        column.addWidget(self.sentence)
        column.addLayout(row, 1)

    def _set_field(self, name: str, value: float, gesture: str) -> None:
        whole = round(value) if name == "jitter" else value
        self.edit_why("dreaming", gesture, **{name: whole})

    # ---------------------------------------------------------------- asking

    def show_settings(self) -> None:
        """Show channel, start and helps."""
        settings, inputs = self.state.why.dreaming, self.inputs
        for name, field in self._fields.items():
            field.set_value(getattr(settings, name))
        self._start.set_current(settings.start)
        if inputs is None:
            return
        asked = inputs.asked
        names = growing.layers(asked)
        options = [(name, asked.title(name), "") for name in names]
        self._layer.set_groups([("", options)])
        layer, channel = growing.chosen(asked, settings)
        self._layer.set_current(layer)
        last = growing.classed(asked, layer)
        self._channel_row.setVisible(not last)
        self._class_row.setVisible(last)
        self._channel.set_highest(growing.channels(asked, layer) - 1)
        self._channel.set_value(channel)
        classes = [(str(n), name, "") for n, name in enumerate(inputs.classes)]
        self._class.set_groups([("", classes)])
        self._class.set_current(str(channel))
        self._row.flow()
        what = f"class {inputs.classes[channel]}" if last else f"channel {channel}"
        self._picture.set_title(f"{asked.title(layer)}, {what}", "")

    def question(self) -> object:
        """Return what the picture depends on."""
        settings = self.state.why.dreaming
        seen = self.inputs if settings.start == "picture" else None
        assert self.inputs is not None
        return seen, self.inputs.asked.key, settings

    def ask(self) -> None:
        """Grow a new picture, and find the channel's favourites."""
        self._activations = []
        self._by_itself = FIRST_STEPS
        self._play_on(True)
        self._like()

    def refresh(self) -> None:
        """Show the settings; find favourites again if network or test set differ."""
        super().refresh()
        if self.isVisible() and self.inputs is not None:
            self._like()

    def _like(self) -> None:
        inputs, settings = self.inputs, self.state.why.dreaming
        assert inputs is not None
        layer, _ = growing.chosen(inputs.asked, settings)
        liking = inputs.asked.key, id(inputs.data), layer
        if inputs.missing:
            self._gallery.set_placeholder(inputs.missing)
            self._gallery.set_pictures(NO_PICTURES, ())
        elif liking != self._liking or (self._liked is None and not self.stream.busy):
            self._liking, self._liked = liking, None
            make = partial(growing.favourites, self._liked_by, inputs, layer)
            self.stream.request(make)
        else:
            self._show_favourites()

    # ---------------------------------------------------------------- growing

    def _tick(self) -> None:
        if not self._latest.busy:
            self._grow()

    def _grow(self) -> None:
        if self.inputs is None or self._asked is None:
            return
        settings = self.state.why.dreaming
        self._latest.request(
            partial(self._grower.grow, self._asked, self.inputs, settings, 1)
        )

    def _take_steps(self, grown: Grown) -> None:
        if grown.question != self._asked:
            return
        for step in grown.steps:
            if step.number == 0:
                self._activations = []
            self._activations.append(step.activation)
        last = grown.steps[-1]
        self._picture.set_picture(last.picture)
        x = np.arange(len(self._activations), dtype=np.float64)
        values = np.array(self._activations, np.float32)
        series = Series("activation", x, values, "accent", smooth=False)
        self._curve.set_series([series])
        self._picture.set_caption(f"step {last.number:,}")
        if last.number == self._by_itself:
            self._play_on(False)

    def _toggle(self) -> None:
        self._by_itself = -1
        self._play_on(not self._clock.isActive())

    def _play_on(self, play: bool) -> None:
        if play:
            self._clock.start()
        else:
            self._clock.stop()
        self._play.setText("Pause" if play else "Play")
        self._play.setAccessibleName(self._play.text())

    def _go(self) -> None:
        self._play_on(False)
        self._by_itself = -1
        self._grow()

    def _restart(self) -> None:
        seed = self.state.why.dreaming.seed + 1
        self.edit_why("dreaming", seed=seed)

    def clear(self) -> None:
        """Show no picture, and rest."""
        self._play_on(False)
        self._activations = []
        self._picture.set_heat(None)
        self._picture.set_caption("")
        self._curve.set_series([])

    # ---------------------------------------------------------------- favourites

    def take(self, answer: Any) -> None:
        """Show the favourites so far."""
        self._liked = answer
        self._show_favourites()

    def _show_favourites(self) -> None:
        liked, inputs = self._liked, self.inputs
        if liked is None or inputs is None or inputs.data is None:
            return
        _, channel = growing.chosen(inputs.asked, self.state.why.dreaming)
        self._shown = liked.pictures[channel].tolist()
        test, classes = inputs.data.test, inputs.data.classes
        captions = [
            f"{classes[test.labels[n]]}: {numbers.fixed(value, 1)}"
            for n, value in zip(self._shown, liked.values[channel], strict=True)
        ]
        self._gallery.set_pictures(test.images[self._shown], captions)
        done = liked.done < liked.total
        self._count.setText(f"{liked.done:,} of {liked.total:,}" if done else "")

    def _pin(self, index: int) -> None:
        state = replace(self.state, source="test", index=self._shown[index])
        self.edited.emit(state, "")

    def _point(self, cell: Any) -> None:
        self._picture.set_mark(cell)
        self.readout.emit("" if cell is None else self._picture.describe(cell))

    # ---------------------------------------------------------------- Qt and threads

    def stop(self) -> None:
        """Rest, and stop looking for favourites."""
        self._play_on(False)
        if self.stream.busy:
            self.stream.cancel()
            self._liking = None

    def showEvent(self, event: QShowEvent) -> None:
        """Go on with what had not grown by itself yet."""
        super().showEvent(event)
        if 0 < len(self._activations) < self._by_itself:
            self._play_on(True)

    def shut_down(self) -> None:
        """Cancel and join."""
        self._play_on(False)
        super().shut_down()
        self._latest.shut_down()

    @property
    def busy(self) -> bool:
        """Whether the first steps or the favourites are still to come."""
        growing_by_itself = self._clock.isActive() and self._by_itself > 0
        return self._latest.busy or self.stream.busy or growing_by_itself
