"""The table *value × weight = product* of one step, a column of blocks a channel."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from cnnviz import theme
from cnnviz.pages.windows.mistakes import Clue
from cnnviz.pages.windows.words import number

if TYPE_CHECKING:
    from collections.abc import Iterator

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
LEFT, MIDDLE, RIGHT = (
    across | Qt.AlignmentFlag.AlignVCenter
    for across in (
        Qt.AlignmentFlag.AlignLeft,
        Qt.AlignmentFlag.AlignHCenter,
        Qt.AlignmentFlag.AlignRight,
    )
)


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
    x: int
    y: int

    @property
    def is_last(self) -> bool:
        return self.stop >= len(self.channel.terms)


class _Text(NamedTuple):
    """A text in its box, in pixels; an empty one fills the box instead."""

    x: int
    y: int
    width: int
    height: int
    text: str
    role: str
    flag: Qt.AlignmentFlag = RIGHT
    bold: bool = False
    size: int = 15
    opacity: float = 1.0

    def rect(self) -> QRect:
        return QRect(*self[:4])

    def draw(self, painter: QPainter) -> None:
        box, ink = self.rect(), theme.color(self.role)
        if not self.text:
            ink.setAlphaF(self.opacity)
            painter.fillRect(box, ink)
            return
        painter.setFont(theme.font(self.size, bold=self.bold))
        painter.setPen(ink)
        painter.drawText(box, self.flag, self.text)


class TermsOfStep(QWidget):
    """Draws a table, in as many columns as fit side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Terms of this window")
        self.setToolTip("Value × weight = product; muted values are padding or zeros")
        self.content = Content()
        self._room = 0
        self._widths = (0, 0, 0)
        self._ends = self._line = self._sign = 0
        self._blocks: list[_Block] = []
        self._rows = 1
        self._texts: dict[_Text, None] = {}

    def show_content(self, shown: Content) -> None:
        """Show another table; only the texts that differ are painted anew."""
        if shown != self.content:
            self.content = shown
            self._measure()
            self.setAccessibleDescription("; ".join(self.lines()))
            self._write()

    def fold(self, room: int) -> None:
        """Arrange the columns in a width of so many pixels."""
        if room != self._room:
            self._room = room
            self._arrange()
            self._write()

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
        lasts = {channel.last[1] for channel in self.content.channels}

        def widest(texts: set[str], head: str) -> int:
            least = QFontMetricsF(theme.font(13)).horizontalAdvance(head)
            most = max(bold.horizontalAdvance(text) for text in texts)
            return math.ceil(max(least, most))

        self._widths = (
            widest({term.value for term in terms}, "picture"),
            widest({term.weight for term in terms}, "kernel"),
            widest({term.product for term in terms} | lasts, "product"),
        )
        width = math.ceil(ruler.horizontalAdvance("largest"))
        px, close = theme.current().px, len(self.content.channels) > 1
        self._ends = width + px(16)
        self._line = px(CLOSE_LINE if close else LINE)
        # Less room for × and = where many channels want some.
        self._sign = px(20 if close else 34)
        self._arrange()

    def _width(self) -> int:
        if not self.content.pooling:
            return sum(self._widths) + 2 * self._sign
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
        x = y = 0
        for channel in self.content.channels:
            if x and x + columns * (width + gap) - gap > self._room:
                x, y = 0, y + self._tall()
            for start in range(0, count, self._rows):
                stop = start + self._rows
                self._blocks.append(_Block(channel, start, stop, x, y))
                x += width + gap
        self.resize(self.sizeHint())

    def _titled(self) -> int:
        return int(bool(self.content.channels[0].title))

    def _tall(self) -> int:
        """Return the height of a block with its head and its sum."""
        return (self._rows + 2 + self._titled()) * self._line + theme.current().px(10)

    # ---------------------------------------------------------------- writing

    def _write(self) -> None:
        """Write all texts, and paint those places anew where another one stands."""
        before, self._texts = self._texts, dict.fromkeys(self._written())
        for text in before.keys() ^ self._texts.keys():
            self.update(text.rect())

    def _written(self) -> Iterator[_Text]:
        for block in self._blocks:
            yield from self._block_of(block)
            if block.is_last:
                yield from self._last_of(block)

    def _block_of(self, block: _Block) -> Iterator[_Text]:
        top, line = block.y, self._line
        if self._titled():
            if not block.start:
                box = block.x, top, self._width(), line
                yield _Text(*box, block.channel.title, "text", LEFT, bold=True)
            top += line
        heads = ("value",) if self.content.pooling else ("picture", "kernel", "product")
        for (left, width), head in zip(self._columns(block.x), heads, strict=True):
            yield _Text(left, top, width, line, head, "muted", size=13)
        for term in block.channel.terms[block.start : block.stop]:
            top += line
            yield from self._term_of(block.x, top, term)

    def _term_of(self, x: int, top: int, term: Term) -> Iterator[_Text]:
        columns, line = self._columns(x), self._line
        ink = "text" if term.inside else "muted"
        if term.astray:
            yield _Text(x, top, self._width(), line, "", "error", opacity=0.25)
        if self.content.pooling:
            ((left, width),) = columns
            role = "highlight_text" if term.chosen else ink
            yield _Text(left, top, width, line, term.value, role, bold=term.chosen)
            return
        (a, wide), (b, broad), (c, width) = columns
        product, sign = "text" if term.counts else "muted", self._sign
        yield _Text(a, top, wide, line, term.value, ink)
        yield _Text(a + wide, top, sign, line, "×", "muted", MIDDLE)
        yield _Text(b, top, broad, line, term.weight, "text")
        yield _Text(b + broad, top, sign, line, "=", "muted", MIDDLE)
        yield _Text(c, top, width, line, term.product, product, bold=term.counts)

    def _last_of(self, block: _Block) -> Iterator[_Text]:
        px, line, (name, value) = theme.current().px, self._line, block.channel.last
        top = block.y + (self._rows + 1 + self._titled()) * line + px(6)
        left, width = self._columns(block.x)[-1]
        right = left + width
        start = min(block.x, max(0, right - self._widths[2] - self._ends))
        yield _Text(start, top - px(3), right - start, px(2), "", "line")
        yield _Text(start, top, self._ends, line, name, "text", LEFT)
        yield _Text(left, top, width, line, value, "highlight_text", bold=True)

    def _columns(self, left: int) -> list[tuple[int, int]]:
        """Return left edge and width of the numbers of a line."""
        if self.content.pooling:
            return [(left, self._width())]
        columns = []
        for width in self._widths:
            columns.append((left, width))
            left += width + self._sign
        return columns

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Return the room that all terms take."""
        if not self._blocks:
            return QSize(0, 0)
        right = max(block.x for block in self._blocks) + self._width()
        return QSize(right, self._blocks[-1].y + self._tall())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the texts of the places that are to be painted anew."""
        region = event.region()
        with QPainter(self) as painter:
            for text in self._texts:
                if region.intersects(text.rect()):
                    text.draw(painter)

    def changeEvent(self, event: QEvent) -> None:
        """Take the sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            if self.content.channels:
                self._measure()
                self._write()
            self.update()
        super().changeEvent(event)
