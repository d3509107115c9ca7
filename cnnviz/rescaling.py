"""Scales what was made at another text size: margins, gaps and fixed sizes of widgets.

It comes before Qt styles them anew, so that one that measures itself has the last word.
It knows neither the theme nor what the widgets show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtWidgets import QGridLayout, QLayout, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

Part: TypeAlias = QWidget | QLayout

LARGEST = 10_000  # pixels; beyond it Qt means that there is no limit
KEPT = "cnnviz_lengths"
"""Property of a part: its lengths at 100 %, and those that were set last, in pixels.

To scale what was rounded, again and again, would take it further from what was meant.
"""


def rescale(windows: Iterable[QWidget], old: int, new: int) -> None:
    """Scale all that is in some windows from one text size to another, in percent."""
    parts: list[Part] = []
    for window in windows:
        parts += [*window.findChildren(QWidget), *window.findChildren(QLayout)]
    # All are read first: a layout without a gap of its own has that of the one around.
    for part, now in [(part, _lengths(part)) for part in parts]:
        kept, last = part.property(KEPT) or (now, [0] * len(now))
        at_100 = [
            was if length == before else length * 100 / old
            for was, before, length in zip(kept, last, now, strict=True)
        ]
        scaled = [
            round(exact * new / 100) if 1 < length < LARGEST else length
            for exact, length in zip(at_100, now, strict=True)
        ]
        if scaled != now:
            _set_lengths(part, scaled)
            part.setProperty(KEPT, [at_100, scaled])


def _lengths(part: Part) -> list[int]:
    if isinstance(part, QWidget):
        least, most = part.minimumSize(), part.maximumSize()
        return [least.width(), least.height(), most.width(), most.height()]
    around = part.contentsMargins()
    edges = [around.left(), around.top(), around.right(), around.bottom()]
    if isinstance(part, QGridLayout):
        return [*edges, part.horizontalSpacing(), part.verticalSpacing()]
    return [*edges, part.spacing()]


def _set_lengths(part: Part, lengths: list[int]) -> None:
    left, top, right, bottom, *gaps = lengths
    if isinstance(part, QWidget):
        part.setMinimumSize(left, top)
        part.setMaximumSize(right, bottom)
        return
    part.setContentsMargins(left, top, right, bottom)
    if isinstance(part, QGridLayout):
        part.setHorizontalSpacing(gaps[0])
        part.setVerticalSpacing(gaps[1])
    else:
        part.setSpacing(*gaps)
