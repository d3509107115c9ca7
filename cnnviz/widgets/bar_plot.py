"""A row of numbers as bars over a line of samples, with a kernel sliding over them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QHideEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip

from cnnviz import theme
from cnnviz.widgets import bar_drawing, numbers
from cnnviz.widgets.axes import Axes, Span, fit
from cnnviz.widgets.bar_drawing import NUMBER
from cnnviz.widgets.bar_drawing import Bars as Bars
from cnnviz.widgets.bar_drawing import numbered as numbered
from cnnviz.widgets.bar_window import draw_chips, draw_window
from cnnviz.widgets.drawing import Drawing
from cnnviz.widgets.glide import Glide
from cnnviz.widgets.plot_frame import FOOT, HEAD, LEFT, draw_levels, draw_title

if TYPE_CHECKING:
    from cnnviz.widgets.bar_window import BarWindow

# In pixels at text size 100 %.
CHIPS = 30
SHORTEST = 28
LETTERED = 40
"""Bars at least this far apart carry their numbers."""


class BarPlot(Drawing):
    """Bars with a title; the number under the pointer is told.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    windowed : bool
        Whether there is room for a kernel over the bars.
    compact : bool
        Bars and axis alone, without title and places; a mark reaches from top to
        bottom, so that marks of plots under each other make one column.
    lettered : bool
        Whether bars that are far enough apart carry their numbers.
    """

    hovered = Signal(int)
    """The index of the bar under the pointer, −1 for none."""
    chosen = Signal(int)
    """The index of a bar that was clicked."""

    def __init__(
        self,
        name: str,
        tooltip: str,
        *,
        windowed: bool = False,
        compact: bool = False,
        lettered: bool = True,
    ) -> None:
        super().__init__(name, tooltip)
        self._windowed, self._compact = windowed, compact
        self._footed = True
        self._may_letter = lettered
        self.bars = Bars(np.zeros(1))
        self._title, self._caption = name, ""
        self._across = Span(-0.5, 0.5)
        self._up = Span(-1.0, 1.0)
        self.reached = 0
        self._marked: frozenset[int] = frozenset()
        self._window: BarWindow | None = None
        self._glide = Glide(self)
        self._hovered = -1

    # ---------------------------------------------------------------- what it shows

    def set_bars(
        self,
        bars: Bars,
        *,
        across: Span | None = None,
        up: Span | None = None,
        reached: int | None = None,
    ) -> None:
        """Show numbers, without a signal.

        Parameters
        ----------
        bars : Bars
        across, up : Span, optional
            The samples and the values at the edges; by default what the bars need.
        reached : int, optional
            Bars from this one on are not worked out yet: only their places are shown.
        """
        last = bars.place(len(bars.values) - 1)
        half, count = bars.pitch / 2, len(bars.values)
        across = across or Span(bars.start - half, last + half)
        up, reached = up or fit(bars.values), count if reached is None else reached
        if bars == self.bars and (across, up) == (self._across, self._up):
            first, last = sorted((min(reached, count), min(self.reached, count)))
            if first < last:
                self._redraw(bars.place(first), bars.place(last - 1))
        else:
            self.update()
        self.bars, self._across, self._up = bars, across, up
        self.reached = reached

    def set_title(self, title: str, caption: str) -> None:
        """Show a title on the left and a muted caption on the right."""
        if (title, caption) != (self._title, self._caption):
            self._title, self._caption = title, caption
            self.setAccessibleDescription(f"{title}, {caption}")
            self.update()

    def set_footed(self, footed: bool) -> None:
        """Write the places below, or leave them to a plot under this one."""
        if footed != self._footed:
            self._footed = footed
            self.updateGeometry()
            self.update()

    def set_marked(self, indices: frozenset[int]) -> None:
        """Show bars in the highlight colour."""
        for index in indices ^ self._marked:
            self._redraw(self.bars.place(index), self.bars.place(index))
        self._marked = indices

    def set_window(self, window: BarWindow | None, *, glide: bool = False) -> None:
        """Lay a kernel over the bars; it glides there from where it was if asked to."""
        before = self._window
        self._window = window
        if glide and before and window and len(before.taps) == len(window.taps):
            self._glide.begin(before.taps[0] - window.taps[0])
        else:
            self._glide.end()
        if window != before:
            for each in filter(None, (before, window)):
                self._redraw(each.taps[0], each.taps[-1], each.step)
            if not (before and window) or before.padding != window.padding:
                self.update()

    def _redraw(self, first: float, last: float, step: float = 1.0) -> None:
        """Paint the columns of pixels anew from one place to another.

        ``step`` is the distance of the places whose columns reach as far as the next.
        """
        axes, margin = self.axes, theme.current().px(4)
        half = max(step, self.bars.pitch) / 2
        left, right = axes.x(first - half) - margin, axes.x(last + half) + margin
        self.update(QRect(int(left), 0, int(right - left) + 2, self.height()))

    @property
    def pointed(self) -> int:
        """The bar under the pointer whose number is known, −1 for none."""
        return self._hovered if self._hovered < self.reached else -1

    def describe(self, index: int) -> str:
        """Return a number in words, in full."""
        value = numbers.plain(self.bars.values[index])
        return f"{self.bars.name(index)} = {value}"

    # ---------------------------------------------------------------- places

    @property
    def axes(self) -> Axes:
        """Where the bars are."""
        px = theme.current().px
        head, foot = self._edges()
        top = px(head)
        width, height = self.width() - px(LEFT + 4), self.height() - top - px(foot)
        rect = QRectF(px(LEFT), top, max(1, width), max(1, height))
        up, room = self._up, px(NUMBER)
        if self._lettered(width) and height > 3 * room:
            extra = room * up.length / (height - 2 * room)
            up = Span(up.low - extra * (up.low < 0), up.high + extra * (up.high > 0))
        return Axes(rect, self._across, up)

    def _lettered(self, width: float) -> bool:
        spacing = width / self._across.length * self.bars.pitch
        return self._may_letter and spacing >= theme.current().px(LETTERED)

    def _edges(self) -> tuple[int, int]:
        if self._compact:
            return 2, 2
        return HEAD + (CHIPS if self._windowed else 0), FOOT if self._footed else 2

    def index_at(self, x: float) -> int:
        """Return the bar nearest to a pixel, −1 outside."""
        if not self.axes.rect.left() <= x <= self.axes.rect.right():
            return -1
        place = (self.axes.place(x) - self.bars.start) / self.bars.pitch
        index = round(place)
        return index if 0 <= index < len(self.bars.values) else -1

    # ---------------------------------------------------------------- Qt

    def minimumSizeHint(self) -> QSize:
        """Do with a few lines of pixels under the title."""
        px = theme.current().px
        width = 110 if self._compact else 200
        return QSize(px(width), px(sum(self._edges()) + SHORTEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the window, the frame, the bars and the kernel over them."""
        axes, bars = self.axes, self.bars
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._window:
                draw_window(painter, axes, self._window, self._glide.offset)
            if self._compact:
                marked, height = self._marked, self.height()
                bar_drawing.draw_columns(painter, axes, bars, marked, height)
            draw_levels(painter, axes)
            shown = self._shown(event.rect())
            bar_drawing.draw_bars(
                painter, axes, bars, self.reached, self._marked, shown
            )
            if self._lettered(axes.rect.width()):
                bar_drawing.draw_values(
                    painter, axes, bars, self.reached, self._marked, shown
                )
            if not self._compact:
                draw_title(painter, axes, self._title, self._caption)
                if self._footed:
                    bar_drawing.draw_places(painter, axes, bars)
            if self._window:
                height = theme.current().px(CHIPS)
                draw_chips(painter, axes, self._window, self._glide.offset, height)

    def _shown(self, rect: QRect) -> range:
        """Return the bars that reach into a rectangle, and one more at each end."""
        axes, bars = self.axes, self.bars
        first, last = (
            math.floor((axes.place(x) - bars.start) / bars.pitch)
            for x in (rect.left(), rect.right())
        )
        end = max(0, min(len(bars.values), last + 3))
        return range(max(0, first - 1), end)

    def event(self, event: QEvent) -> bool:
        """Tell the number under the pointer in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.index_at(event.pos().x())
            first = [self.describe(index)] if 0 <= index < self.reached else []
            text = "\n".join([*first, self.toolTip()])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which bar was clicked."""
        index = self.index_at(event.position().x())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the bar under the pointer."""
        self._hover(self.index_at(event.position().x()))

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing move that nobody sees."""
        self._glide.end()
        super().hideEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer has left."""
        self._hover(-1)

    def _hover(self, index: int) -> None:
        if index != self._hovered:
            self._hovered = index
            self.hovered.emit(index)
