"""The state of the Signals page: everything that determines what the page shows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from cnnviz.errors import InputError
from cnnviz.ops.geometry import (
    MAX_DILATION,
    MAX_KERNEL,
    MAX_PADDING,
    Geometry,
    Padding,
    output_size,
)
from cnnviz.ops.signals import (
    Operation,
    Signal,
    make,
    why_invalid,
)

Width = Literal["narrow", "equal", "wide", "free"]
View = Literal["steps", "copies", "spectra", "connections"]

MAX_STRIDE = 64
SPEEDS = (1.0, 2.0, 4.0, 8.0, 16.0)
FEWEST_INPUTS, MOST_INPUTS = 3, 12

_PADDINGS: dict[Width, Padding] = {"narrow": "valid", "equal": "same", "wide": "full"}


@dataclass(frozen=True)
class State:
    """All that the Signals page shows is a function of this.

    Attributes
    ----------
    signal : Signal
        What goes in.
    kernel : Signal
        The weights w₁ … w_K, 1 to 31 of them.
    operation : {"convolution", "correlation"}
        True convolution, y_t = Σ w_k · x_{t−k+1}, flips the kernel.
    width : {"narrow", "equal", "wide", "free"}
        The lecture's three kinds by output length, or a padding of its own.
    stride, dilation : int
    padding : int
        Zeros on either side, for the width "free".
    position : int
        The window on show, from 0; one past the last stands for the last.
    whole : bool
        Whether the result is shown beyond the present window too.
    view : {"steps", "copies", "spectra", "connections"}
    inputs : int
        Inputs in the drawing of connections, 3 to 12.
    speed : float
        Steps a second while playing, one of `SPEEDS`.
    motion : bool
        Whether the window glides from place to place.
    """

    signal: Signal = field(default_factory=lambda: make("two-sines"))
    kernel: Signal = field(default_factory=lambda: make("mean"))
    operation: Operation = "convolution"
    width: Width = "equal"
    stride: int = 1
    padding: int = 0
    dilation: int = 1
    position: int = 31
    whole: bool = False
    view: View = "steps"
    inputs: int = 7
    speed: float = 4.0
    motion: bool = True

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        for name, value, low, high in (
            ("number of weights", len(self.kernel), 1, MAX_KERNEL),
            ("stride", self.stride, 1, MAX_STRIDE),
            ("padding", self.padding, 0, MAX_PADDING),
            ("dilation", self.dilation, 1, MAX_DILATION),
            ("number of inputs", self.inputs, FEWEST_INPUTS, MOST_INPUTS),
        ):
            if not low <= value <= high:
                raise InputError(f"The {name} is {value}; choose {low} to {high}.")
        if self.speed not in SPEEDS:
            raise InputError(f"There is no speed {self.speed:g}.")

    @property
    def geometry(self) -> Geometry:
        """How the window slides, over a picture of one row."""
        return Geometry(
            (1, len(self.kernel)),
            (1, self.stride),
            _PADDINGS.get(self.width, (0, self.padding)),
            (1, self.dilation),
        )

    @property
    def reason(self) -> str | None:
        """Why the window cannot slide over this signal, if it cannot."""
        return why_invalid(len(self.signal), self.geometry)

    @property
    def outputs(self) -> int:
        """The number of windows, 0 if there is none."""
        if self.reason:
            return 0
        return output_size((1, len(self.signal)), self.geometry)[1]

    @property
    def at(self) -> int:
        """The window on show, from 0."""
        return max(0, min(self.position, self.outputs - 1))

    @property
    def order(self) -> tuple[int, ...]:
        """The number from 0 of the weight at each tap, first tap first."""
        numbers = range(len(self.kernel))
        flipped = self.operation == "convolution"
        return tuple(reversed(numbers) if flipped else numbers)

    @property
    def hidden(self) -> int:
        """Hidden units in the drawing of connections, 0 if the kernel is too long."""
        room = self.inputs - self.geometry.extent[1]
        return 0 if room < 0 else room // self.stride + 1

    @property
    def unit(self) -> int:
        """The hidden unit whose connections stand out, from 0."""
        return max(0, min(self.position, self.hidden - 1))

    @property
    def place(self) -> tuple[int, int]:
        """Where the stepper is in this view, and how many places there are."""
        if self.view == "connections":
            return self.unit, self.hidden
        return self.at, self.outputs

    def with_signal(self, signal: Signal) -> State:
        """Return the state with another signal; one too short for it starts anew."""
        state = replace(self, signal=signal)
        return state if state.position < state.outputs else replace(state, position=0)

    def with_stride(self, stride: int) -> State:
        """Return the state with another stride; equal width exists at stride 1 only."""
        if stride > 1 and self.width == "equal":
            before, _ = self.geometry.pads[1]
            return replace(self, stride=stride, width="free", padding=before)
        return replace(self, stride=stride)

    def with_width(self, width: Width) -> State:
        """Return the state with another width; Free keeps the padding there is."""
        before, _ = self.geometry.pads[1]
        padding = before if width == "free" else self.padding
        return replace(self, width=width, padding=padding)
