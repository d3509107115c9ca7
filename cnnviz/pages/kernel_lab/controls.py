"""The left column of the Kernel Lab: a state in, changed states out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops import kernel_text
from cnnviz.ops.pipeline import MAX_KERNELS, MAX_STAGES, Pool, Stage
from cnnviz.ops.samples import SAMPLES
from cnnviz.pages.pictures import CAMERA
from cnnviz.widgets.controls import Choice, Section, Segmented, labelled
from cnnviz.widgets.fields import NumberField, PairField
from cnnviz.widgets.kernel_editor import KernelEditor

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.kernels import Kernel
    from cnnviz.pages.kernel_lab.state import State, Step

OPEN = "open"

CHANNELS = (("grey", "Grey"), ("colour", "Colour"), ("split", "R G B"))
OPERATIONS = (("correlation", "Correlation"), ("convolution", "Convolution"))
PADDINGS = (
    ("number", "Number", "So many rows and columns at each side"),
    ("same", "Same", "As many as keep the size, at stride 1 (equal width)"),
    ("valid", "Valid", "None: the window stays on the picture (narrow)"),
    ("full", "Full", "All but one tap may lie outside (wide)"),
)
PADDING_MODES = (
    ("zero", "Zeros", "The picture is surrounded by zeros"),
    ("reflect", "Reflected", "The picture is mirrored at its edge pixels"),
    ("replicate", "Replicated", "The edge pixels are repeated"),
    ("circular", "Circular", "The picture goes on from its other side"),
)
ACTIVATIONS = (
    ("none", "None", "The value goes on as it is"),
    ("relu", "ReLU", "max(0, x): negative values become 0"),
    ("abs", "Absolute value", "|x|: only the strength counts"),
)
POOLS = (
    ("none", "None", "Every value goes on"),
    ("max", "Maximum", "The largest value of each window goes on"),
    ("average", "Average", "The mean of each window goes on"),
    ("min", "Minimum", "The smallest value of each window goes on"),
    ("l2", "L2", "The root of the sum of squares of each window goes on"),
)
SCALES = (("map", "Map"), ("stage", "Stage"), ("all", "All"), ("picture", "0–255"))
RIGHTS = (("map", "One map"), ("bank", "All kernels"))
LEFTS = (("input", "Stage input"), ("picture", "Picture"))


class Controls(QWidget):
    """Everything that a person can set, for the stage on the canvas.

    Attributes
    ----------
    state : State
        What edits start from; the page keeps it the present one.
    """

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""

    open_asked = Signal()
    message = Signal(str)

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.current().px(6))
        self._build_picture()
        self._build_kernel()
        self._build_window()
        self._build_after()
        self._build_view()
        self.set_state(state)

    # ---------------------------------------------------------------- building

    def _build_picture(self) -> None:
        groups: dict[str, list[tuple[str, str, str]]] = {
            "": [
                (OPEN, "Open a picture…", "A file of your own (Ctrl+O)"),
                (f"{CAMERA}0", "Live camera", "The first camera of this computer"),
            ]
        }
        for sample in SAMPLES:
            item = (f"sample:{sample.id}", sample.title, sample.source)
            groups.setdefault(sample.group, []).append(item)
        self._picture = Choice(
            list(groups.items()),
            "Picture",
            "The picture on the left: a sample, the camera or a file",
            "Your own picture",
        )
        self._picture.chosen.connect(self._choose_picture)
        self._channels = Segmented(
            CHANNELS,
            "Channels",
            "Filter grey values, all three colours, or see the channels side by side",
        )
        self._channels.changed.connect(lambda key: self._set(channels=key, pin=None))
        section = Section("Picture")
        section.add(self._picture)
        section.add(self._channels)
        self._column.addWidget(section)

    def _build_kernel(self) -> None:
        self._kernel = KernelEditor()
        self._kernel.kernel_changed.connect(self._set_kernel)
        self._kernel.message.connect(self.message)
        section = Section("Kernel")
        section.add(self._kernel)
        self._operation = Segmented(
            OPERATIONS,
            "Operation",
            "Correlation lays the kernel as it is, as deep-learning frameworks do; "
            "true convolution flips it first",
        )
        self._operation.changed.connect(lambda key: self._set_stage(operation=key))
        section.add(self._operation)
        self._another = _button(
            "Compare another kernel",
            "Put one more kernel beside this one, on the same input",
            lambda: self.edited.emit(self.state.add_kernel(), ""),
        )
        section.add(self._another)
        self._column.addWidget(section)

    def _build_window(self) -> None:
        section = Section("Window")
        self._stride = PairField(
            "Stride", "Pixels from one window to the next", low=1, high=64
        )
        self._stride.changed.connect(self._set_stride)
        self._padding = Choice([("", PADDINGS)], "Padding", "What is added around")
        self._padding.chosen.connect(self._choose_padding)
        self._pad = PairField(
            "Padding size", "Rows and columns added at each side", low=0, high=64
        )
        self._pad.changed.connect(lambda pair: self._set_stage(padding=pair))
        self._mode = Choice(
            [("", PADDING_MODES)], "Padding values", "What the padding is made of"
        )
        self._mode.chosen.connect(lambda key: self._set_stage(padding_mode=key))
        self._dilation = PairField(
            "Dilation", "Pixels from one cell of the kernel to the next", low=1, high=32
        )
        self._dilation.changed.connect(lambda pair: self._set_stage(dilation=pair))
        self._bias = NumberField(
            "Bias", "Added to every sum", low=-1e6, high=1e6, step=1.0
        )
        self._bias.changed.connect(
            lambda value, gesture: self._set_stage(gesture, bias=value)
        )
        self._pad_row = labelled("Padding size", self._pad)
        for row in (
            labelled("Stride", self._stride),
            labelled("Padding", self._padding),
            self._pad_row,
            labelled("Filled with", self._mode),
            labelled("Dilation", self._dilation),
            labelled("Bias", self._bias),
        ):
            section.add(row)
        self._column.addWidget(section)

    def _build_after(self) -> None:
        section = Section("Then")
        self._activation = Choice(
            [("", ACTIVATIONS)], "Activation", "What happens to every value"
        )
        self._activation.chosen.connect(self._choose_activation)
        self._pool = Choice([("", POOLS)], "Pooling", "What goes on of each window")
        self._pool.chosen.connect(self._choose_pool)
        self._pool_size = PairField(
            "Pooling window", "Rows and columns of the pooling window", low=1, high=31
        )
        self._pool_size.changed.connect(self._set_pool_size)
        self._pool_stride = PairField(
            "Pooling stride", "Values from one window to the next", low=1, high=64
        )
        self._pool_stride.changed.connect(lambda pair: self._set_pool(stride=pair))
        self._pool_rows = (
            labelled("Window", self._pool_size),
            labelled("Stride", self._pool_stride),
        )
        for row in (
            labelled("Activation", self._activation),
            labelled("Pooling", self._pool),
            *self._pool_rows,
        ):
            section.add(row)
        self._next = _button(
            "Add a stage",
            "Filter this stage's map by one more kernel",
            lambda: self.edited.emit(self.state.add_stage(), ""),
        )
        section.add(self._next)
        self._column.addWidget(section)

    def _build_view(self) -> None:
        self._scale = Segmented(
            SCALES,
            "Colour scale",
            "What the ends of the colours mean: the range of this map, of all kernels "
            "of the stage, of all maps, or 0 to 255 as in a picture",
        )
        self._scale.changed.connect(lambda key: self._set(scale=key))
        self._channel = Segmented(
            (("0", "Red"), ("1", "Green"), ("2", "Blue")),
            "Channel of the sum",
            "The channel whose window, products and sum are written out",
        )
        self._channel.changed.connect(lambda key: self._set(channel=int(key)))
        self._left = Segmented(
            LEFTS,
            "Left side",
            "What the map is compared with: its input or the picture",
        )
        self._left.changed.connect(lambda key: self._set(left=key))
        self._right = Segmented(
            RIGHTS, "Right side", "One map, or those of all kernels side by side"
        )
        self._right.changed.connect(lambda key: self._set(right=key))
        self._right_section = Section("Right side")
        self._right_section.add(self._right)
        self._column.addWidget(self._right_section)
        section = Section("Colour scale")
        section.add(self._scale)
        self._column.addWidget(section)
        self._channel_section = Section("Channel of the sum")
        self._channel_section.add(self._channel)
        self._column.addWidget(self._channel_section)
        self._left_section = Section("Left side")
        self._left_section.add(self._left)
        self._column.addWidget(self._left_section)

    # ---------------------------------------------------------------- state in

    def set_state(self, state: State) -> None:
        """Show a state in the controls, without a signal."""
        self.state, stage, pool = state, state.current, state.current.pool
        self._picture.set_current(state.picture)
        self._channels.set_current(state.channels)
        if stage.kernel != self._kernel.kernel():
            self._kernel.set_kernel(stage.kernel)
        self._operation.set_current(stage.operation)
        self._stride.set_value(stage.stride)
        named = isinstance(stage.padding, str)
        self._padding.set_current(cast("str", stage.padding) if named else "number")
        if not isinstance(stage.padding, str):
            self._pad.set_value(stage.padding)
        self._pad_row.setVisible(not named)
        self._mode.set_current(stage.padding_mode)
        self._dilation.set_value(stage.dilation)
        self._bias.set_value(stage.bias)
        self._activation.set_current(stage.activation)
        self._pool.set_current(pool.kind if pool else "none")
        for row in self._pool_rows:
            row.setVisible(pool is not None)
        if pool:
            self._pool_size.set_value(pool.size)
            self._pool_stride.set_value(pool.stride)
        self._another.setEnabled(len(stage.kernels) < MAX_KERNELS)
        self._next.setEnabled(len(state.stages) < MAX_STAGES)
        self._scale.set_current(state.scale)
        self._channel.set_current(str(state.channel))
        self._channel_section.setVisible(state.channels == "colour")
        self._left.set_current(state.left)
        self._right.set_current(state.right)
        self._right_section.setVisible(len(stage.kernels) > 1)
        self._left_section.setVisible(state.stage > 0)

    def paste_kernel(self, text: str) -> None:
        """Take a kernel that was copied as text."""
        try:
            self._set_kernel(kernel_text.parse(text), "")
        except InputError as error:
            self.message.emit(str(error))

    # ---------------------------------------------------------------- state out

    def _set(self, gesture: str = "", **fields: Any) -> None:
        self.edited.emit(replace(self.state, **fields), gesture)

    def _set_stage(self, gesture: str = "", **fields: Any) -> None:
        stage = replace(self.state.current, **fields)
        self.edited.emit(self.state.with_stage(stage), gesture)

    def _set_kernel(self, kernel: Kernel, gesture: str) -> None:
        stage = self.state.current.with_kernel(kernel)
        self.edited.emit(self.state.with_stage(stage), gesture)

    def _choose_picture(self, key: str) -> None:
        if key == OPEN:
            self._picture.set_current(self.state.picture)
            self.open_asked.emit()
        else:
            self.edited.emit(self.state.with_picture(key), "")

    def _set_stride(self, stride: Pair) -> None:
        stage = self.state.current
        padding = stage.padding
        if padding == "same" and max(stride) > 1:
            # torch's "same" exists at stride 1 only; its number goes on being right.
            padding = _as_number(stage)
        self._set_stage(stride=stride, padding=padding)

    def _choose_padding(self, key: str) -> None:
        stage = self.state.current
        self._set_stage(padding=_as_number(stage) if key == "number" else key)

    def _choose_activation(self, key: str) -> None:
        changed: dict[str, Any] = {"activation": key}
        step: Step = "filtered" if key == "none" else "activated"
        self._set_after(step, changed)

    def _choose_pool(self, key: str) -> None:
        old = self.state.current.pool or Pool()
        fields: dict[str, Any] = {"kind": key}
        pool = None if key == "none" else replace(old, **fields)
        self._set_after("pooled" if pool else "activated", {"pool": pool})

    def _set_after(self, step: Step, fields: dict[str, Any]) -> None:
        """Change what follows the filter, and show the map it makes."""
        stage = replace(self.state.current, **fields)
        state = self.state.with_stage(stage)
        self.edited.emit(replace(state, step=step, pin=None), "")

    def _set_pool_size(self, size: Pair) -> None:
        pool = self.state.current.pool or Pool()
        # A stride equal to the window is the rule; one set apart stays.
        stride = size if pool.stride == pool.size else pool.stride
        self._set_pool(size=size, stride=stride)

    def _set_pool(self, **fields: Any) -> None:
        pool = replace(self.state.current.pool or Pool(), **fields)
        self._set_stage(pool=pool)


def _button(title: str, tooltip: str, clicked: Callable[[], object]) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tooltip)
    button.clicked.connect(clicked)
    return button


def _as_number(stage: Stage) -> Pair:
    (top, _), (left, _) = stage.geometry.pads
    return top, left
