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
    ((84, 66), (116, 63), (150, 61), (184, 62)),
    ((184, 62), (172, 106), (156, 150), (140, 196), (126, 238)),
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
