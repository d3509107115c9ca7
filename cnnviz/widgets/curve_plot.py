"""A curve over its axis, filled to zero, with another one behind it to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import Axes, Span, extremes, ticks
from cnnviz.widgets.drawing import Drawing
from cnnviz.widgets.plot_frame import (
    FOOT,
    HEAD,
    LEFT,
    draw_levels,
    draw_place,
    draw_title,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# In pixels at text size 100 %.
PLACES_APART = 90
RIGHT = 16
SHORTEST = 28


class Curve(NamedTuple):
    """Points from left to right, both float64 (n,)."""

    places: Floats
    values: Floats


class CurvePlot(Drawing):
    """One curve with a title; tells the place under the pointer.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    """

    hovered = Signal(float)
    """The place under the pointer, NaN for none."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__(name, tooltip)
        nothing = np.zeros(0)
        self._curve = self._behind = Curve(nothing, nothing)
        self._across, self._up = Span(0.0, 1.0), Span(0.0, 1.0)
        self._title = self._caption = ""
        self._line: float | None = None

    def set_curve(
        self, curve: Curve, across: Span, up: Span, behind: Curve | None = None
    ) -> None:
        """Show a curve, and another one behind it as a muted line."""
        nothing = np.zeros(0)
        self._curve, self._behind = curve, behind or Curve(nothing, nothing)
        self._across, self._up = across, up
        self.update()

    def set_title(self, title: str, caption: str) -> None:
        """Show a title on the left and a muted caption on the right."""
        self._title, self._caption = title, caption
        self.setAccessibleDescription(f"{title}, {caption}")
        self.update()

    def set_line(self, place: float | None) -> None:
        """Draw an upright line in the highlight colour, or none."""
        self._line = place
        self.update()

    @property
    def axes(self) -> Axes:
        """Where the curve is."""
        px = theme.current().px
        width = self.width() - px(LEFT + RIGHT)
        height = self.height() - px(HEAD + FOOT)
        rect = QRectF(px(LEFT), px(HEAD), max(1, width), max(1, height))
        return Axes(rect, self._across, self._up)

    # ---------------------------------------------------------------- drawing

    def _draw_behind(self, painter: QPainter, axes: Axes) -> None:
        line = _polygon(self._behind, axes)
        crowded = line.size() > axes.rect.width()
        style = Qt.PenStyle.SolidLine if crowded else Qt.PenStyle.DotLine
        painter.setPen(QPen(theme.color("muted"), 1 if crowded else 1.5, style))
        painter.drawPolyline(line)

    def _draw_curve(self, painter: QPainter, axes: Axes) -> None:
        line = _polygon(self._curve, axes)
        if line.isEmpty():
            return
        area = QPolygonF(line)
        area.append(QPointF(line.last().x(), axes.y(0)))
        area.append(QPointF(line.first().x(), axes.y(0)))
        fill = theme.color("accent")
        fill.setAlphaF(0.22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Qt takes long over a wide line through many points.
        crowded = line.size() > axes.rect.width()
        painter.setPen(QPen(theme.color("accent"), 1 if crowded else 2))
        painter.drawPolyline(line)

    # ---------------------------------------------------------------- Qt

    def minimumSizeHint(self) -> QSize:
        """Do with a few lines of pixels under the title."""
        px = theme.current().px
        return QSize(px(200), px(HEAD + FOOT + SHORTEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, the curve behind, the curve and the line."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            axes = self.axes
            draw_title(painter, axes, self._title, self._caption)
            draw_levels(painter, axes)
            most = max(1, int(axes.rect.width() / theme.current().px(PLACES_APART)))
            for place in ticks(axes.across, most):
                draw_place(painter, axes, place, numbers.text(place))
            self._draw_behind(painter, axes)
            self._draw_curve(painter, axes)
            if self._line is not None:
                x = axes.x(self._line)
                painter.setPen(QPen(theme.color("highlight"), 2))
                painter.drawLine(QLineF(x, axes.rect.top(), x, axes.rect.bottom()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the place under the pointer."""
        rect, x = self.axes.rect, event.position().x()
        inside = rect.left() <= x <= rect.right()
        self.hovered.emit(self.axes.place(x) if inside else float("nan"))

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer has left."""
        self.hovered.emit(float("nan"))


def _polygon(curve: Curve, axes: Axes) -> QPolygonF:
    """Return the curve in pixels; a long one by the extremes of each pixel column."""
    places, values = curve
    columns = int(axes.rect.width())
    if len(values) > 2 * columns:
        places = np.repeat(np.linspace(places[0], places[-1], columns), 2)
        values = extremes(values, columns).T.ravel()
    points = zip(places.tolist(), values.tolist(), strict=True)
    return QPolygonF([axes.point(*point) for point in points])
