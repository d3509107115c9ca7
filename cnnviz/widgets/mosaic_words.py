"""The words around a mosaic: title, caption and legend, drawn once and kept.

They are kept while they are the same, and numbers for a moment longer: they cost more
than maps that change thirty times a second, and nobody reads as fast.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QPainter, QPixmap

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.legend import draw_line_legend
from cnnviz.widgets.plot_frame import HEAD, draw_head

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz.widgets.mosaic_image import Scaled, Scaling

# In pixels at text size 100 %.
NARROWEST = 300
LEGEND = 26

WORDS_LAST = 1.0  # seconds
CATCH_UP = 200
"""Milliseconds without new maps after which the last words are written."""

_NOTES = {"map": "each map its own scale", "layer": "one scale for the layer"}


class Titles(NamedTuple):
    """What a mosaic is called, its shape, and a note beside the legend."""

    title: str
    caption: str = ""
    note: str = ""


class Words(NamedTuple):
    """All that is written around the maps: titles, and the ends of the legend."""

    titles: Titles
    low: str
    high: str


def words_for(found: Scaled, scaling: Scaling, titles: Titles) -> Words:
    """Return what is to be written around scaled maps, with the note that they need."""
    if found.own:
        low, high = "−max" if found.scale.kind == "signed" else "0", "max"
    else:
        ends = np.float32(found.scale.low), np.float32(found.scale.high)
        low, high = (numbers.brief(end, 2) for end in ends)
    note = titles.note or _NOTES.get(str(scaling), "one scale for all layers")
    if found.outside:
        note = f"{found.outside:,} outside"
    return Words(titles._replace(note=note), low, high)


class Frame(QObject):
    """The ground of a mosaic with its words, kept as a picture.

    Parameters
    ----------
    mosaic : QWidget
        It is painted again once numbers that have waited may be shown.
    ground : str
        The colour around it, by its name in the palette.
    legend : bool
        Whether there is one below the maps.
    """

    def __init__(self, mosaic: QWidget, ground: str, *, legend: bool) -> None:
        super().__init__(mosaic)
        self._mosaic, self._ground, self._has_legend = mosaic, ground, legend
        self._pixmap: QPixmap | None = None
        self._drawn: tuple[object, object, float] = None, None, 0.0
        self._late = QTimer(self, singleShot=True, interval=CATCH_UP)
        self._late.timeout.connect(self._catch_up)
        self._due = False

    def pixmap(
        self,
        titles: Titles,
        found: Scaled,
        scaling: Scaling,
        size: tuple[int, int],
        ratio: float,
    ) -> QPixmap:
        """Return the ground with title and legend; numbers alone may be a bit old.

        Parameters
        ----------
        titles : Titles
        found : Scaled
            The maps, for the ends and the colours of the legend.
        scaling : Scale, "map" or "layer"
        size : (height, width)
            Of all maps together, in device pixels.
        ratio : float
            Device pixels in one of the widget's.
        """
        whole, now = self._mosaic.size(), time.perf_counter()
        place = whole, ratio, size, theme.current(), titles.title, titles.caption
        # The numbers and not their text, which takes longer to write than to keep.
        numbered = found.scale, found.own, found.outside, scaling, titles.note
        old_place, old_numbered, drawn = self._drawn
        if self._pixmap is not None and place == old_place:
            if numbered == old_numbered:
                self._late.stop()
                return self._pixmap
            if now < drawn + WORDS_LAST and not self._due:
                self._late.start()
                return self._pixmap
        self._due = False
        self._late.stop()
        words = words_for(found, scaling, titles)
        self._pixmap = QPixmap(whole * ratio)
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(theme.color(self._ground))
        with QPainter(self._pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint(painter, words, found, size, ratio)
        self._drawn = place, numbered, now
        return self._pixmap

    def _catch_up(self) -> None:
        self._due = True
        self._mosaic.update()

    def _paint(
        self,
        painter: QPainter,
        words: Words,
        found: Scaled,
        size: tuple[int, int],
        ratio: float,
    ) -> None:
        px, (height, width) = theme.current().px, size
        titles = words.titles
        # As long as the maps are wide, if that will do.
        line = min(float(self._mosaic.width()), max(width / ratio, px(NARROWEST)))
        head = QRectF(0, 0, line, px(HEAD))
        draw_head(painter, head, titles.title, titles.caption)
        if self._has_legend:
            bottom = (height + round(px(HEAD) * ratio)) / ratio
            rect, ends = QRectF(0, bottom, line, px(LEGEND)), (words.low, words.high)
            draw_line_legend(painter, rect, found.scale, found.table, ends, titles.note)
