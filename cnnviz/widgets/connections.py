"""Units and the lines between them: local and shared beside fully connected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)

from cnnviz import theme
from cnnviz.widgets.drawing import Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator

# Told apart by people who see few colours, and on light and dark grounds.
SHARED = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#B8860B",
    "#7B61C9",
    "#8C8C8C",
)
# In pixels at text size 100 %.
LARGEST_UNIT, SIDE, HEAD, FOOT = 22, 12, 30, 30


@dataclass(frozen=True)
class Link:
    """A line from an input to a hidden unit, and the weight it carries, from 0."""

    source: int
    target: int
    weight: int


@dataclass(frozen=True)
class Network:
    """One layer of a network, drawn.

    Attributes
    ----------
    inputs, hidden : int
    links : tuple of Link
    shared : bool
        Whether links with the same weight share it, and so a colour.
    title, caption : str
        Over and under the drawing.
    """

    inputs: int
    hidden: int
    links: tuple[Link, ...]
    shared: bool
    title: str
    caption: str


def local(
    inputs: int, taps: tuple[int, ...], stride: int, order: tuple[int, ...]
) -> tuple[Link, ...]:
    """Return the links of a layer whose units share one kernel.

    Parameters
    ----------
    inputs : int
    taps : tuple of int
        The inputs of the first unit, from 0.
    stride : int
        Inputs from one unit to the next.
    order : tuple of int
        The weight at each tap.
    """
    units = range((inputs - 1 - taps[-1]) // stride + 1)
    return tuple(
        Link(tap + stride * unit, unit, weight)
        for unit in units
        for tap, weight in zip(taps, order, strict=True)
    )


def full(inputs: int, hidden: int) -> tuple[Link, ...]:
    """Return the links of a layer in which every pair has a weight of its own."""
    return tuple(
        Link(source, target, target * inputs + source)
        for target in range(hidden)
        for source in range(inputs)
    )


def shared_color(weight: int) -> QColor:
    """Return the colour of a shared weight."""
    return QColor(SHARED[weight % len(SHARED)])


class ConnectionsDiagram(Drawing):
    """Inputs below, hidden units above, and every link between them.

    The links of one unit stand out.
    """

    chosen = Signal(int)
    """The hidden unit under the pointer."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__(name, tooltip)
        self._network = Network(1, 1, (), False, "", "")
        self._current = 0

    def set_network(self, network: Network, current: int) -> None:
        """Show a layer and the unit whose links stand out, without a signal."""
        self._network, self._current = network, current
        self.setAccessibleDescription(f"{network.title}: {network.caption}")
        self.update()

    # ---------------------------------------------------------------- places

    @property
    def radius(self) -> float:
        """The radius of a unit in pixels."""
        px, most = theme.current().px, max(self._network.inputs, self._network.hidden)
        room = (self.width() - 2 * px(SIDE)) / most
        return min(px(LARGEST_UNIT), 0.42 * room)

    def input_at(self, index: int) -> QPointF:
        """Return the middle of an input."""
        y = self.height() - theme.current().px(FOOT) - self.radius - 2
        return QPointF(self._across(index, self._network.inputs), y)

    def hidden_at(self, index: int) -> QPointF:
        """Return the middle of a hidden unit, over its inputs."""
        y = theme.current().px(HEAD) + self.radius + 2
        mine = [link.source for link in self._network.links if link.target == index]
        if self._network.shared and mine:
            middle = (mine[0] + mine[-1]) / 2
            return QPointF(self._across(middle, self._network.inputs), y)
        return QPointF(self._across(index, self._network.hidden), y)

    def _across(self, index: float, count: int) -> float:
        side = theme.current().px(SIDE)
        room = (self.width() - 2 * side) / max(
            self._network.inputs, self._network.hidden
        )
        return self.width() / 2 + (index - (count - 1) / 2) * room

    # ---------------------------------------------------------------- drawing

    def _pens(self) -> Iterator[tuple[Link, QPen]]:
        """Yield the links, those of the current unit last, with their pens."""
        px = theme.current().px
        for now in (False, True):
            for link in self._network.links:
                if (link.target == self._current) is not now:
                    continue
                if self._network.shared:
                    color = shared_color(link.weight)
                    color.setAlphaF(1.0 if now else 0.55)
                else:
                    color = theme.color("highlight" if now else "muted")
                    color.setAlphaF(1.0 if now else 0.35)
                thin = 2 if self._network.shared else 1
                yield link, QPen(color, px(4) if now else px(thin))

    def _draw_unit(
        self, painter: QPainter, middle: QPointF, text: str, *, marked: bool
    ) -> None:
        radius = self.radius
        painter.setPen(QPen(theme.color("highlight" if marked else "muted"), 2))
        painter.setBrush(theme.color("surface"))
        painter.drawEllipse(middle, radius, radius)
        box = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        if radius >= theme.current().px(11):
            painter.setPen(theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the links, the units over them, and the words."""
        network = self._network
        sources = {
            link.source for link in network.links if link.target == self._current
        }
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for link, pen in self._pens():
                painter.setPen(pen)
                painter.drawLine(
                    QLineF(self.input_at(link.source), self.hidden_at(link.target))
                )
            size = max(12.0, min(15.0, self.radius / theme.current().px(1) * 0.9))
            painter.setFont(theme.font(size, bold=True))
            for index in range(network.inputs):
                marked = index in sources
                name = f"x{_below(index + 1)}"
                self._draw_unit(painter, self.input_at(index), name, marked=marked)
            for index in range(network.hidden):
                marked = index == self._current
                name = f"h{_below(index + 1)}"
                self._draw_unit(painter, self.hidden_at(index), name, marked=marked)
            self._draw_words(painter)

    def _draw_words(self, painter: QPainter) -> None:
        px, flags = theme.current().px, Qt.AlignmentFlag.AlignHCenter
        wide = QFontMetricsF(theme.font(14, bold=True)).horizontalAdvance
        narrow = wide(self._network.title) > self.width()
        painter.setFont(theme.font(12 if narrow else 14, bold=True))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(0, 0, self.width(), px(20)), flags, self._network.title)
        painter.setFont(theme.font(14))
        painter.setPen(theme.color("muted"))
        foot = QRectF(0, self.height() - px(22), self.width(), px(22))
        painter.drawText(foot, flags, self._network.caption)

    # ---------------------------------------------------------------- Qt

    def minimumSizeHint(self) -> QSize:
        """Return a size at which twelve units can be told apart."""
        return QSize(1, 1) * theme.current().px(140)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the hidden unit nearest to the pointer, in the upper half."""
        point = event.position()
        if point.y() > self.height() / 2 or not self._network.hidden:
            return
        nearest = min(
            range(self._network.hidden),
            key=lambda index: abs(self.hidden_at(index).x() - point.x()),
        )
        if nearest != self._current:
            self.chosen.emit(nearest)


def _below(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
