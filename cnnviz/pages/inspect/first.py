"""The picture that the page opens on: a seven, drawn as by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from cnnviz.pages.inspect.state import SIDE, State
from cnnviz.widgets.digit_pad import PEN
from cnnviz.widgets.ink import Ink

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEVEN = (
    ((74, 82), (110, 80), (150, 76), (188, 78)),
    ((188, 78), (174, 116), (154, 158), (136, 204), (126, 230)),
)
"""Strokes: columns and rows on the sheet."""


def first_state() -> State:
    """Return the state of a page that nobody has used yet."""
    return State().with_sheet(seven())


def seven() -> NDArray[np.uint8]:
    """Return the sheet, uint8 (280, 280)."""
    ink = Ink(SIDE)
    for stroke in SEVEN:
        for number, (x, y) in enumerate(stroke):
            step = ink.go_on if number else ink.begin
            step(QPointF(x, y), PEN * SIDE)
        ink.end()
    return ink.pixels()
