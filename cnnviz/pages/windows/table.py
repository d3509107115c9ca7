"""The table *value × weight = product* of one step, a column of blocks a channel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from cnnviz import theme
from cnnviz.pages.windows.mistakes import Clue
from cnnviz.pages.windows.words import number

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from cnnviz.ops.worked import Step
    from cnnviz.ops.worked_setting import Setting

# In pixels at text size 100 %.
LINE, CLOSE_LINE, GAP, CLOSE_GAP = 23, 20, 32, 22
TALLEST = 9
"""So many terms stand under each other before another column begins."""
TALLEST_POOL = 6
"""The same for pooling, whose lines are one number each."""


CLUELESS = Clue()
RIGHT, MIDDLE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True)
class Term:
    """One line of the table, as it is written."""

    cell: tuple[int, int, int]
    """Channel, row and column in the window."""
    value: str
    weight: str
    product: str
    counts: bool
    """Whether the product may be seen and is not zero."""
    chosen: bool
    """Whether it may be seen and is the largest, which goes on."""
    inside: bool
    astray: bool = False
    """Whether a wrong answer lost it."""


@dataclass(frozen=True)
class Channel:
    """The terms of one channel and what they add up to."""

    title: str
    terms: tuple[Term, ...]
    last: tuple[str, str]


@dataclass(frozen=True)
class Content:
    """All that the table shows; ``pooling`` leaves weights and products out."""

    channels: tuple[Channel, ...] = ()
    pooling: bool = False


def content(
    step: Step, setting: Setting, *, covered: bool = False, seen: Clue = CLUELESS
) -> Content:
    """Return the table of a step.

    Parameters
    ----------
    step : Step
    setting : Setting
    covered : bool
        Whether products and sums are left to be found.
    seen : Clue
        What may be seen of them all the same.
    """
    hidden = "?" if covered else ""
    blocks = []
    for channel in range(len(step.values)):
        terms = tuple(
            _term(step, (channel, *cell), hidden, seen)
            for cell in np.ndindex(*step.inside.shape)
        )
        name = {"max": "largest", "average": "sum"}.get(setting.mode, "sum")
        value = step.total if setting.mode == "max" else float(step.sums[channel])
        title = f"channel {channel + 1}" if len(step.values) > 1 else ""
        blocks.append(Channel(title, terms, (name, hidden or number(value))))
    return Content(tuple(blocks), setting.pooling)


def _term(step: Step, cell: tuple[int, int, int], hidden: str, seen: Clue) -> Term:
    product, astray = float(step.products[cell]), cell in seen.astray
    if seen.opened or astray:
        shown, secret = number(product), False
    else:
        shown, secret = hidden or number(product), bool(hidden)
    return Term(
        cell,
        number(float(step.values[cell])),
        number(float(step.weights[cell])),
        shown,
        bool(product) and not secret,
        cell[1:] == step.chosen and not hidden,
        bool(step.inside[cell[1:]]),
        astray,
    )


class _Block(NamedTuple):
    """Terms under each other: those of a channel from ``start`` on, and their place."""

    channel: Channel
    start: int
    stop: int
    x: float
    y: float

    @property
    def is_last(self) -> bool:
        return self.stop >= len(self.channel.terms)


class TermsOfStep(QWidget):
    """Draws a table, in as many columns as fit side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Terms of this window")
        self.setToolTip("Value × weight = product; muted values are padding or zeros")
        self.content = Content()
        self._room = 0
        self._widths = (0.0, 0.0, 0.0)
        self._blocks: list[_Block] = []
        self._rows = 1

    def show_content(self, shown: Content) -> None:
        """Show another table."""
        if shown != self.content:
            self.content = shown
            self._measure()
            self.setAccessibleDescription("; ".join(self.lines()))
            self.update()

    def fold(self, room: int) -> None:
        """Arrange the columns in a width of so many pixels."""
        if room != self._room:
            self._room = room
            self._arrange()
            self.update()

    def lines(self) -> list[str]:
        """Return every line as it is written."""
        lines = []
        for channel in self.content.channels:
            for term in channel.terms:
                if self.content.pooling:
                    lines.append(term.value)
                else:
                    lines.append(f"{term.value} × {term.weight} = {term.product}")
            lines.append(" ".join(channel.last))
        return lines

    # ---------------------------------------------------------------- measuring

    def _measure(self) -> None:
        ruler = QFontMetricsF(theme.font(15))
        bold = QFontMetricsF(theme.font(15, bold=True))
        terms = [term for channel in self.content.channels for term in channel.terms]
        lasts = [channel.last[1] for channel in self.content.channels]

        def widest(texts: list[str], head: str) -> float:
            least = QFontMetricsF(theme.font(13)).horizontalAdvance(head)
            return max(least, *(bold.horizontalAdvance(text) for text in texts))

        self._widths = (
            widest([term.value for term in terms], "picture"),
            widest([term.weight for term in terms], "kernel"),
            widest([*(term.product for term in terms), *lasts], "product"),
        )
        self._ends = ruler.horizontalAdvance("largest") + theme.current().px(16)
        self._arrange()

    def _line(self) -> int:
        close = len(self.content.channels) > 1
        return theme.current().px(CLOSE_LINE if close else LINE)

    def _sign(self) -> int:
        """Return the width of × and =, less where many channels want room."""
        return theme.current().px(20 if len(self.content.channels) > 1 else 34)

    def _width(self) -> float:
        if not self.content.pooling:
            return sum(self._widths) + 2 * self._sign()
        wide = max(self._widths[0], self._widths[2])
        alone = len(self.content.channels[0].terms) <= TALLEST_POOL
        return wide + (self._ends if alone else 0)

    def _arrange(self) -> None:
        """Place the blocks: columns of a channel side by side, channels in lines."""
        if not self.content.channels or not self._room:
            return
        gap = theme.current().px(CLOSE_GAP if self._titled() else GAP)
        width = self._width()
        count = len(self.content.channels[0].terms)
        most = max(1, int((self._room + gap) // (width + gap)))
        self._rows = TALLEST_POOL if self.content.pooling else TALLEST
        self._rows = min(count, max(self._rows, math.ceil(count / most)))
        columns = math.ceil(count / self._rows)
        self._rows = math.ceil(count / columns)
        self._blocks = []
        x = y = 0.0
        for channel in self.content.channels:
            if x and x + columns * (width + gap) - gap > self._room:
                x, y = 0.0, y + self._tall()
            for start in range(0, count, self._rows):
                stop = start + self._rows
                self._blocks.append(_Block(channel, start, stop, x, y))
                x += width + gap
        self.resize(self.sizeHint())

    def _titled(self) -> int:
        return int(bool(self.content.channels[0].title))

    def _tall(self) -> int:
        """Return the height of a block with its head and its sum."""
        return (self._rows + 2 + self._titled()) * self._line() + theme.current().px(10)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Return the room that all terms take."""
        if not self._blocks:
            return QSize(0, 0)
        right = max(block.x for block in self._blocks) + self._width()
        return QSize(math.ceil(right), math.ceil(self._blocks[-1].y) + self._tall())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw every block."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for block in self._blocks:
                self._draw_block(painter, block)
                if block.is_last:
                    self._draw_last(painter, block)

    def _draw_block(self, painter: QPainter, block: _Block) -> None:
        top = block.y
        if self._titled():
            if not block.start:
                box = QRectF(block.x, top, self._width(), self._line())
                self._text(painter, box, block.channel.title, "text", bold=True)
            top += self._line()
        heads = ("value",) if self.content.pooling else ("picture", "kernel", "product")
        for box, head in zip(self._columns(block.x, top), heads, strict=True):
            self._text(painter, box, head, "muted", flag=RIGHT, size=13)
        for term in block.channel.terms[block.start : block.stop]:
            top += self._line()
            self._draw_term(painter, self._columns(block.x, top), term)

    def _columns(self, left: float, top: float) -> list[QRectF]:
        """Return the boxes of the numbers of a line."""
        if self.content.pooling:
            return [QRectF(left, top, self._width(), self._line())]
        boxes = []
        for width in self._widths:
            boxes.append(QRectF(left, top, width, self._line()))
            left += width + self._sign()
        return boxes

    def _draw_term(self, painter: QPainter, boxes: list[QRectF], term: Term) -> None:
        ink = "text" if term.inside else "muted"
        if term.astray:
            tint = theme.color("error")
            tint.setAlphaF(0.25)
            painter.fillRect(boxes[0].united(boxes[-1]), tint)
        if self.content.pooling:
            role = "highlight_text" if term.chosen else ink
            self._text(
                painter, boxes[0], term.value, role, flag=RIGHT, bold=term.chosen
            )
            return
        product = "text" if term.counts else "muted"
        self._text(painter, boxes[0], term.value, ink, flag=RIGHT)
        self._text(painter, boxes[1], term.weight, "text", flag=RIGHT)
        self._text(
            painter, boxes[2], term.product, product, flag=RIGHT, bold=term.counts
        )
        for box, sign in zip(boxes, "×=", strict=False):
            between = QRectF(box.right(), box.top(), self._sign(), box.height())
            self._text(painter, between, sign, "muted", flag=MIDDLE)

    def _draw_last(self, painter: QPainter, block: _Block) -> None:
        px = theme.current().px
        top = block.y + (self._rows + 1 + self._titled()) * self._line() + px(6)
        name, value = block.channel.last
        box = self._columns(block.x, top)[-1]
        left = min(block.x, max(0.0, box.right() - self._widths[2] - self._ends))
        painter.setPen(QPen(theme.color("line"), px(2)))
        painter.drawLine(QPointF(left, top - px(2)), QPointF(box.right(), top - px(2)))
        self._text(painter, QRectF(left, top, self._ends, box.height()), name, "text")
        self._text(painter, box, value, "highlight_text", flag=RIGHT, bold=True)

    def _text(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        role: str,
        *,
        flag: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
        bold: bool = False,
        size: float = 15,
    ) -> None:
        painter.setFont(theme.font(size, bold=bold))
        painter.setPen(theme.color(role))
        painter.drawText(box, flag | Qt.AlignmentFlag.AlignVCenter, text)

    def changeEvent(self, event: QEvent) -> None:
        """Take the sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            if self.content.channels:
                self._measure()
            self.update()
        super().changeEvent(event)
