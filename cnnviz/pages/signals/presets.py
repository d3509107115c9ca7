"""The lecture's examples of one dimension: a signal, a kernel, a width and a view."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cnnviz.ops.signals import make

if TYPE_CHECKING:
    from cnnviz.pages.signals.state import State, View, Width


class Preset(NamedTuple):
    """An example: its id, title, heading in the list, one sentence; what it sets."""

    id: str
    title: str
    group: str
    sentence: str
    signal: str
    kernel: str
    width: Width
    view: View = "steps"

    def on(self, state: State) -> State:
        """Return a state with this example on show, from its first window on."""
        return replace(self._applied(state), view=self.view, position=0)

    def fits(self, state: State) -> bool:
        """Whether a state has the numbers of this example, in whatever view."""
        return self._applied(state) == state

    def _applied(self, state: State) -> State:
        return replace(
            state,
            signal=make(self.signal),
            kernel=make(self.kernel),
            operation="convolution",
            width=self.width,
            stride=1,
            padding=0,
            dilation=1,
        )


LENGTHS, STRUCTURE, FREQUENCIES = "Three lengths", "Structure", "Frequencies"

PRESETS: tuple[Preset, ...] = (
    Preset(
        "narrow",
        "Narrow: M − K + 1 values",
        LENGTHS,
        "No padding: of 7 values and 3 weights 5 come out.",
        "x1-x7",
        "edge",
        "narrow",
    ),
    Preset(
        "equal",
        "Equal width: M values",
        LENGTHS,
        "(K − 1)/2 = 1 zero on each side: 7 values stay 7.",
        "x1-x7",
        "edge",
        "equal",
    ),
    Preset(
        "wide",
        "Wide: M + K − 1 values",
        LENGTHS,
        "K − 1 = 2 zeros on each side: of 7 values 9 come out.",
        "x1-x7",
        "edge",
        "wide",
    ),
    Preset(
        "copies",
        "Accumulation of delays",
        STRUCTURE,
        "The result is the sum of delayed copies of the signal, one for each weight.",
        "x1-x7",
        "second-difference",
        "wide",
        "copies",
    ),
    Preset(
        "sharing",
        "Local connection, sharing",
        STRUCTURE,
        "Every hidden unit sees three inputs, and all use the same three weights.",
        "x1-x7",
        "edge",
        "narrow",
        "connections",
    ),
    Preset(
        "low",
        "Keep the low frequencies",
        FREQUENCIES,
        "The mean [1/3, 1/3, 1/3] leaves the slow wave and weakens the fast one.",
        "two-sines",
        "mean",
        "equal",
        "spectra",
    ),
    Preset(
        "high",
        "Keep the high frequencies",
        FREQUENCIES,
        "The second difference [1, −2, 1] leaves the fast wave and weakens the slow.",
        "two-sines",
        "second-difference",
        "equal",
        "spectra",
    ),
)


def named(state: State) -> Preset | None:
    """Return the example that a state shows, in its own view if there is a choice."""
    found = [preset for preset in PRESETS if preset.fits(state)]
    return next(
        (preset for preset in found if preset.view == state.view),
        found[0] if found else None,
    )
