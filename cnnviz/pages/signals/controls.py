"""The left column of the Signals page: a state in, changed states out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops import signal_files, signals
from cnnviz.ops.geometry import MAX_DILATION, MAX_KERNEL
from cnnviz.ops.signal_recipes import KERNELS, SIGNALS
from cnnviz.pages.signals.presets import PRESETS, named
from cnnviz.pages.signals.recipe_box import OPEN, RecipeBox
from cnnviz.pages.signals.state import FEWEST_INPUTS, MAX_STRIDE, MOST_INPUTS
from cnnviz.pages.signals.values_field import ValuesField
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import fit
from cnnviz.widgets.bar_editor import BarEditor
from cnnviz.widgets.bar_plot import Bars
from cnnviz.widgets.controls import Choice, Section, Segmented, labelled
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.matrix_editor import MatrixEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.pages.signals.state import State

OPERATIONS = (("convolution", "Convolution"), ("correlation", "Correlation"))
WIDTHS = (
    ("narrow", "Narrow"),
    ("equal", "Equal"),
    ("wide", "Wide"),
    ("free", "Free"),
)
WIDTH_TIP = (
    "Narrow: no padding, M − K + 1 outputs. Equal width: (K − 1)/2 zeros on each side, "
    "M outputs. Wide: K − 1 zeros, M + K − 1 outputs. Free: as many as you like"
)
SHOWN = (("grown", "Up to here"), ("whole", "Whole"))
KERNEL_HEIGHT = 96
FREE_PADDING = 64


class Controls(QWidget):
    """Everything that a person can set.

    Attributes
    ----------
    state : State
        What a change starts from.
    """

    edited = QtSignal(object, str)
    """A new state, and the key of the gesture."""
    open_asked = QtSignal()
    message = QtSignal(str)

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._build_example()
        self._build_signal()
        self._build_kernel()
        self._build_window()
        self._build_shown()
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
            "The lecture's examples; every number can be changed",
            "Your own numbers",
        )
        self._example.chosen.connect(self._choose_example)
        section = Section("Example")
        section.add(self._example)
        self._column.addWidget(section)

    def _build_signal(self) -> None:
        self._signal = RecipeBox(
            SIGNALS,
            "Signal",
            "The signal: by name, from a file, typed below or drawn with the mouse",
            [(OPEN, "Open a file…", "A short .wav, or a .csv (Ctrl+O)")],
        )
        self._signal.made.connect(
            lambda new, key: self.edited.emit(self.state.with_signal(new), key)
        )
        self._signal.asked.connect(lambda _: self.open_asked.emit())
        self._values = ValuesField()
        self._values.typed.connect(self._type_values)
        section = Section("Signal")
        section.add(self._signal)
        section.add(self._values)
        self._column.addWidget(section)

    def _build_kernel(self) -> None:
        self._kernel = RecipeBox(KERNELS, "Kernel", "The weights w₁ to w_K by name")
        self._kernel.made.connect(lambda new, key: self._set(key, kernel=new))
        self._bars = BarEditor("Weights as bars", compact=True, lettered=False)
        self._bars.edited.connect(self._set_weights)
        self._bars.released.connect(self._show_kernel)
        self._matrix = MatrixEditor("Weights of the kernel", max_cell=44, aspect=2)
        self._matrix.edited.connect(self._set_weight)
        self._matrix.refused.connect(self.message)
        self._caption = QLabel()
        self._caption.setProperty("role", "caption")
        self._taps = NumberField(
            "Number of weights", "1 to 31", low=1, high=MAX_KERNEL, decimals=0
        )
        self._taps.changed.connect(self._resize)
        self._operation = Segmented(
            OPERATIONS,
            "Operation",
            "True convolution flips the kernel, y_t = Σ w_k · x_(t−k+1); correlation "
            "lays it as it is, as deep-learning frameworks do",
        )
        self._operation.changed.connect(lambda key: self._set(operation=key))
        section = Section("Kernel")
        for widget in (self._kernel, self._bars, self._matrix, self._caption):
            section.add(widget)
        section.add(labelled("Weights", self._taps))
        section.add(self._operation)
        self._column.addWidget(section)

    def _build_window(self) -> None:
        self._width = Segmented(WIDTHS, "Width of the result", WIDTH_TIP)
        self._width.changed.connect(
            lambda key: self.edited.emit(self.state.with_width(key), "")
        )
        self._stride = self._number(
            "Stride",
            "Samples from one window to the next",
            (1, MAX_STRIDE),
            lambda value, key: self.edited.emit(self.state.with_stride(value), key),
        )
        self._padding = self._number(
            "Padding",
            "Zeros on each side of the signal",
            (0, FREE_PADDING),
            lambda value, key: self._set(key, padding=value),
        )
        self._dilation = self._number(
            "Dilation",
            "Samples from one weight to the next",
            (1, MAX_DILATION),
            lambda value, key: self._set(key, dilation=value),
        )
        section = Section("Window")
        section.add(self._width)
        self._padding_row = labelled("Padding", self._padding)
        section.add(self._padding_row)
        section.add(labelled("Stride", self._stride))
        section.add(labelled("Dilation", self._dilation))
        self._column.addWidget(section)

    def _build_shown(self) -> None:
        self._whole = Segmented(
            SHOWN, "Result", "Let the result grow with the window, or show all of it"
        )
        self._whole.changed.connect(lambda key: self._set(whole=key == "whole"))
        self._motion = QCheckBox("The window glides")
        self._motion.setAccessibleName("The window glides")
        self._motion.setToolTip("Ease from window to window, or jump")
        self._motion.clicked.connect(lambda on: self._set(motion=on))
        self._result = Section("Result")
        self._result.add(self._whole)
        self._result.add(self._motion)
        self._inputs = self._number(
            "Inputs",
            "Inputs of the drawing",
            (FEWEST_INPUTS, MOST_INPUTS),
            lambda value, key: self._set(key, inputs=value),
        )
        self._drawing = Section("Drawing")
        self._drawing.add(labelled("Inputs", self._inputs))
        self._column.addWidget(self._result)
        self._column.addWidget(self._drawing)

    def _number(
        self,
        name: str,
        tooltip: str,
        span: tuple[int, int],
        take: Callable[[int, str], None],
    ) -> NumberField:
        low, high = span
        field = NumberField(name, tooltip, low=low, high=high, decimals=0)
        field.changed.connect(lambda value, gesture: take(round(value), gesture))
        return field

    # ---------------------------------------------------------------- state in

    def set_state(self, state: State) -> None:
        """Show a state in the controls, without a signal."""
        self.state = state
        preset = named(state)
        self._example.set_current(preset.id if preset else "")
        self._signal.set_signal(state.signal)
        self._values.show_signal(state.signal)
        self._kernel.set_signal(state.kernel)
        self._show_kernel()
        self._taps.set_value(len(state.kernel))
        self._operation.set_current(state.operation)
        self._width.set_current(state.width)
        self._width.set_reason(
            "equal", "Equal width needs stride 1" if state.stride > 1 else None
        )
        self._padding.set_value(state.padding)
        self._padding_row.setVisible(state.width == "free")
        self._stride.set_value(state.stride)
        self._dilation.set_value(state.dilation)
        self._whole.set_current("whole" if state.whole else "grown")
        self._motion.setChecked(state.motion)
        self._motion.setVisible(state.view == "steps")
        self._result.setVisible(state.view in ("steps", "copies"))
        self._inputs.set_value(state.inputs)
        self._drawing.setVisible(state.view == "connections")

    def _show_kernel(self) -> None:
        kernel, px = self.state.kernel, theme.current().px
        self._bars.setFixedHeight(px(KERNEL_HEIGHT))
        bars = Bars(kernel.array, symbol="w")
        self._bars.set_bars(bars, up=fit(kernel.array, symmetric=True))
        self._matrix.set_values(kernel.array[np.newaxis])
        total = float(np.sum(kernel.array))
        total = 0.0 if abs(total) < 1e-12 else total
        rounded = " · ≈ rounded" if self._matrix.rounded else ""
        self._caption.setText(f"sum {numbers.approx(round(total, 12))}{rounded}")

    # ---------------------------------------------------------------- state out

    def _choose_example(self, key: str) -> None:
        preset = next(each for each in PRESETS if each.id == key)
        self.edited.emit(preset.on(self.state), "")

    def _set(self, gesture: str = "", **fields: Any) -> None:
        self.edited.emit(replace(self.state, **fields), gesture)

    def _try(self, make: Callable[[], State], gesture: str = "") -> bool:
        """Take a state if it can be made; say whether it could."""
        try:
            self.edited.emit(make(), gesture)
        except InputError as error:
            self.set_state(self.state)
            self.message.emit(str(error))
            return False
        return True

    def take_values(self, text: str) -> bool:
        """Take a signal that was typed or pasted; say whether it is one."""
        return self._try(lambda: self.state.with_signal(signal_files.parse(text)))

    def _type_values(self, text: str) -> None:
        self._values.refuse()
        if self.take_values(text):
            self._values.restore()

    def _set_weights(self, weights: Any, gesture: str) -> None:
        edit = partial(signals.edited, self.state.kernel, weights.tolist())
        self._try(lambda: replace(self.state, kernel=edit()), gesture)

    def _set_weight(self, _: int, place: int, value: float, gesture: str) -> None:
        weights = self.state.kernel.array.copy()
        weights[place] = value
        self._set_weights(weights, gesture)

    def _resize(self, count: float, gesture: str) -> None:
        edit = partial(signals.resized, self.state.kernel, round(count))
        self._try(lambda: replace(self.state, kernel=edit()), gesture)
