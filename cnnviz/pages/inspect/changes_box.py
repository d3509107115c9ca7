"""Sliders that shift, turn, scale and roughen the picture for the network."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from cnnviz.ops.changes import RANGES
from cnnviz.ops.recipes import Parameter
from cnnviz.pages.inspect.state import Changes
from cnnviz.widgets.folding import Folding
from cnnviz.widgets.parameters import ParameterRow

if TYPE_CHECKING:
    from cnnviz.pages.inspect.state import State

TITLES = {
    "shift-down": ("Shift down", 0.5),
    "shift-right": ("Shift right", 0.5),
    "rotate": ("Rotate", 1.0),
    "scale": ("Scale", 0.01),
    "noise": ("Noise", 0.01),
}


class ChangesBox(Folding):
    """A slider for each change, and a way back."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""

    def __init__(self, state: State) -> None:
        super().__init__("Change the picture", "Shift, rotate, scale and add noise")
        self.state = state
        self._sliders: dict[str, ParameterRow] = {}
        for key, limits in RANGES.items():
            title, step = TITLES[key]
            name = key.replace("-", "_")
            row = ParameterRow(
                Parameter(
                    name,
                    title,
                    limits.unit,
                    limits.neutral,
                    limits.low,
                    limits.high,
                    step,
                )
            )
            row.changed.connect(partial(self._take, name))
            self._sliders[name] = row
            self.add(row)
        back = QPushButton("Undo all changes")
        back.setAccessibleName("Undo all changes")
        back.setToolTip("Put all sliders back to where they change nothing")
        back.clicked.connect(
            lambda: self.edited.emit(replace(self.state, changes=Changes()), "")
        )
        self.add(back)
        self.set_state(state)

    def set_state(self, state: State) -> None:
        """Show a state's changes, without a signal."""
        self.state = state
        for name, row in self._sliders.items():
            row.set_value(getattr(state.changes, name))

    def _take(self, name: str, value: float, gesture: str) -> None:
        fields = {name: value}
        changes = replace(self.state.changes, **fields)
        self.edited.emit(replace(self.state, changes=changes), gesture)
