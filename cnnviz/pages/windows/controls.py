"""The left column of the windows page: a state in, changed states out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops.exercises import exercise
from cnnviz.ops.worked_setting import MAX_CHANNELS, MAX_FILTERS, MAX_SIDE
from cnnviz.pages.windows import changes
from cnnviz.pages.windows.presets import PRESETS, named
from cnnviz.pages.windows.state import MAX_SEED
from cnnviz.widgets.controls import Choice, Section, Segmented, labelled
from cnnviz.widgets.fields import NumberField, PairField

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.ops.worked_setting import Setting
    from cnnviz.pages.windows.state import State

OPERATIONS = (
    ("correlation", "Correlation", "The kernel as it is: what frameworks compute"),
    ("convolution", "True convolution", "The kernel turned by half a turn first"),
    ("transposed", "Transposed", "Stamps of the kernel; stride spreads the input"),
    ("max", "Max pooling", "The largest value of each window"),
    ("average", "Average pooling", "The mean of each window"),
)
DIFFICULTIES = (("easy", "Easy"), ("medium", "Medium"), ("hard", "Hard"))
EXPORTS = (
    ("gif", "Save as GIF…", "Save all steps as an animated GIF"),
    ("png", "Save as PNG frames…", "Save every step as a numbered PNG picture"),
    ("markdown", "Copy table as Markdown", "Copy the terms of this window"),
    ("latex", "Copy table as LaTeX", "Copy the terms of this window"),
)


class Controls(QWidget):
    """Everything that a person can set."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""

    amended = Signal(object)
    """A new state that is no step to undo."""

    message = Signal(str)
    turn_asked = Signal()
    export_asked = Signal(str)
    """``"gif"``, ``"png"``, ``"markdown"`` or ``"latex"``."""
    cancel_asked = Signal()

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.current().px(6))
        self._build_example()
        self._build_window()
        self._build_quiz()
        self._build_layer()
        self._build_view()
        self._build_export()
        self.set_state(state)

    # ---------------------------------------------------------------- building

    def _build_example(self) -> None:
        groups: dict[str, list[tuple[str, str, str]]] = {}
        for preset in PRESETS:
            item = (preset.id, preset.title, preset.sentence)
            groups.setdefault(preset.group, []).append(item)
        self._example = Choice(
            list(groups.items()),
            "Example",
            "The lecture's examples and more; every number can be changed",
            "Your own numbers",
        )
        self._example.chosen.connect(self._choose_example)
        self._operation = Choice([("", OPERATIONS)], "Operation", "What a window does")
        self._operation.chosen.connect(lambda key: self._set(mode=key))
        self._turn = _button(
            "Turn the kernel again",
            "Watch the kernel turn by half a turn",
            self.turn_asked.emit,
        )
        self._add("Example", self._example)
        self._add("Operation", self._operation, self._turn)

    def _build_window(self) -> None:
        def pair(name: str, tip: str, low: int, **changes: str) -> PairField:
            field = PairField(name, tip, low=low, high=MAX_SIDE)
            field.changed.connect(lambda value: self._set(**{changes["of"]: value}))
            return field

        self._kernel_size = PairField(
            "Window size", "Rows and columns of the kernel", low=1, high=MAX_SIDE
        )
        self._kernel_size.changed.connect(
            lambda size: self._change(changes.with_kernel_size, size)
        )
        self._stride = pair("Stride", "From one window to the next", 1, of="stride")
        self._padding = pair(
            "Padding", "Rows and columns added at each side", 0, of="padding"
        )
        self._dilation = pair(
            "Dilation", "From one cell of the kernel to the next", 1, of="dilation"
        )
        self._extra = pair(
            "Output padding",
            "Rows and columns added to the result at the bottom and the right",
            0,
            of="output_padding",
        )
        self._extra_row = labelled("Out padding", self._extra)
        self._add(
            "Window",
            labelled("Size", self._kernel_size),
            labelled("Stride", self._stride),
            labelled("Padding", self._padding),
            labelled("Dilation", self._dilation),
            self._extra_row,
        )

    def _build_layer(self) -> None:
        self._size = PairField(
            "Picture size", "Rows and columns of the picture", low=1, high=MAX_SIDE
        )
        self._size.changed.connect(lambda size: self._change(changes.with_size, size))
        self._channels = _count("Channels", "Channels of the picture", MAX_CHANNELS)
        self._channels.changed.connect(
            lambda value, _: self._change(changes.with_channels, int(value))
        )
        self._filters = _count("Filters", "Maps that the layer makes", MAX_FILTERS)
        self._filters.changed.connect(
            lambda value, _: self._change(changes.with_filters, int(value))
        )
        self._bias = NumberField(
            "Bias", "Added to every sum of this filter", low=-1e6, high=1e6
        )
        self._bias.changed.connect(self._set_bias)
        self._relu = _check("ReLU", "Negative sums become 0")
        self._relu.clicked.connect(lambda on: self._set(relu=on))
        self._bias_row = labelled("Bias", self._bias)
        self._filters_row = labelled("Filters", self._filters)
        self._add(
            "Layer",
            labelled("Picture", self._size),
            labelled("Channels", self._channels),
            self._filters_row,
            self._bias_row,
            self._relu,
        )

    def _build_quiz(self) -> None:
        self._cover = _check(
            "Cover the result", "Hide every value until it has been worked out"
        )
        self._cover.clicked.connect(
            lambda on: self._edit(replace(self._state, covered=on, answers=()))
        )
        self._score = QLabel()
        self._score.setProperty("role", "heading")
        self._score_row = labelled("Right so far", self._score)
        self._add("Predict, then reveal", self._cover, self._score_row)
        self._difficulty = Segmented(
            DIFFICULTIES, "Difficulty", "How hard a new exercise is"
        )
        self._difficulty.changed.connect(lambda key: self._start(difficulty=key))
        self._seed = NumberField(
            "Seed",
            "The same seed and difficulty give the same exercise on every computer",
            low=0,
            high=MAX_SEED,
            decimals=0,
        )
        self._seed.changed.connect(lambda value, _: self._start(seed=int(value)))
        new = _button(
            "New exercise", "Cover the exercise of the next seed", self._next_seed
        )
        self._add("Exercise", self._difficulty, labelled("Seed", self._seed), new)

    def _build_view(self) -> None:
        self._motion = _check(
            "Move smoothly", "Let the window glide from one place to the next"
        )
        self._motion.clicked.connect(
            lambda on: self.amended.emit(replace(self._state, motion=on))
        )
        self._channel = Segmented(
            [(str(n), str(n + 1)) for n in range(MAX_CHANNELS)],
            "Channel on view",
            "The channel that is shown where not all have room",
        )
        self._channel.changed.connect(
            lambda key: self.amended.emit(replace(self._state, channel=int(key)))
        )
        self._channel_row = labelled("Channel", self._channel)
        self._add("View", self._motion, self._channel_row)

    def _build_export(self) -> None:
        buttons = [
            _button(title, tip, partial(self.export_asked.emit, key))
            for key, title, tip in EXPORTS
        ]
        self._progress = QLabel()
        self._progress.setProperty("role", "muted")
        self._stop = _button("Cancel", "Stop saving", self.cancel_asked.emit)
        self._add("Export", *buttons, self._progress, self._stop)
        self.set_progress("")

    def _add(self, title: str, *widgets: QWidget) -> None:
        section = Section(title)
        for widget in widgets:
            section.add(widget)
        self._column.addWidget(section)

    # ---------------------------------------------------------------- state in

    def set_state(self, state: State) -> None:
        """Show a state in the controls, without a signal."""
        self._state, setting = state, state.setting
        preset = named(setting)
        self._example.set_current(preset.id if preset else "")
        self._operation.set_current(setting.mode)
        self._turn.setVisible(setting.mode == "convolution")
        self._kernel_size.set_value(setting.kernel_size)
        self._stride.set_value(setting.stride)
        self._padding.set_value(setting.padding)
        self._dilation.set_value(setting.dilation)
        self._extra.set_value(setting.output_padding)
        self._extra_row.setVisible(setting.mode == "transposed")
        self._size.set_range(1, setting.most)
        self._size.set_value(setting.size)
        self._channels.set_value(setting.channels)
        self._filters.set_value(len(setting.kernels))
        self._bias.set_value(setting.biases[self._filter()])
        for row in (self._filters_row, self._bias_row, self._relu):
            row.setVisible(not setting.pooling)
        with QSignalBlocker(self._relu):
            self._relu.setChecked(setting.relu)
        self._set_view(state)

    def _set_view(self, state: State) -> None:
        with QSignalBlocker(self._cover), QSignalBlocker(self._motion):
            self._cover.setChecked(state.covered)
            self._motion.setChecked(state.motion)
        right, tried = (0, 0) if state.reason else state.score
        self._score.setText(f"{right} of {tried}")
        self._score_row.setVisible(state.covered)
        self._difficulty.set_current(state.difficulty)
        self._seed.set_value(state.seed)
        many = range(state.setting.channels)
        self._channel.set_options(
            [(str(n), str(n + 1)) for n in many], str(min(state.channel, many[-1]))
        )

    def set_single(self, single: bool) -> None:
        """Say whether one channel alone has room, so that it can be chosen."""
        self._channel_row.setVisible(single and self._state.setting.channels > 1)

    def set_progress(self, words: str) -> None:
        """Say how far the saving of pictures is; empty when there is none."""
        self._progress.setText(words)
        self._progress.setVisible(bool(words))
        self._stop.setVisible(bool(words))

    # ---------------------------------------------------------------- state out

    def _filter(self) -> int:
        state = self._state
        if state.reason or state.setting.pooling:
            return 0
        return state.work.place(state.step)[0]

    def _edit(self, state: State, gesture: str = "") -> None:
        self.edited.emit(state, gesture)

    def _set(self, **fields: Any) -> None:
        self._take(lambda: replace(self._state.setting, **fields))

    def _change(self, change: Callable[[Setting, Any], Setting], value: Any) -> None:
        self._take(lambda: change(self._state.setting, value))

    def _set_bias(self, value: float, gesture: str) -> None:
        number = self._filter()
        self._take(
            lambda: changes.with_bias(self._state.setting, number, value), gesture
        )

    def _take(self, make: Callable[[], Setting], gesture: str = "") -> None:
        try:
            setting = make()
        except InputError as error:
            self.message.emit(str(error))
            self.set_state(self._state)
            return
        self._edit(self._state.with_setting(setting), gesture)

    def _choose_example(self, key: str) -> None:
        setting = next(each.setting for each in PRESETS if each.id == key)
        self._edit(self._state.started(setting))

    def _start(self, **fields: Any) -> None:
        """Start the exercise of a difficulty and a seed, covered."""
        state = replace(self._state, covered=True, **fields)
        self._edit(state.started(exercise(state.difficulty, state.seed)))

    def _next_seed(self) -> None:
        self._start(seed=(self._state.seed + 1) % (MAX_SEED + 1))


def _count(name: str, tooltip: str, most: int) -> NumberField:
    return NumberField(name, tooltip, low=1, high=most, value=1, decimals=0)


def _check(title: str, tooltip: str) -> QCheckBox:
    box = QCheckBox(title)
    box.setAccessibleName(title)
    box.setToolTip(tooltip)
    return box


def _button(title: str, tooltip: str, clicked: Callable[[], object]) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tooltip)
    button.clicked.connect(lambda _: clicked())
    return button
