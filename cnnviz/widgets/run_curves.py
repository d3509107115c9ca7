"""Curves of a training, thinned out to the columns of pixels that they are drawn in.

Nothing here loops over points in Python: a curve of ten thousand is drawn again with
each frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from shiboken6 import VoidPtr

from cnnviz import theme
from cnnviz.ops.smoothing import exponential
from cnnviz.widgets.axes import Axes, Span, round_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


FAINT = 0.28
"""How opaque a raw line is behind its smooth one."""

# In pixels at text size 100 %: points further apart have dots.
DOT, DOTS_APART = 5, 12


@dataclass(frozen=True, eq=False)
class Series:
    """One quantity over the batches of a run.

    Attributes
    ----------
    name : str
        For the legend and the read-out.
    x : float64 (n,)
        Where, ascending.
    y : float32 (n,)
        How much; points that are not finite are not drawn.
    role : str
        The colour, by its name in the palette.
    smooth : bool
        Whether smoothing applies; else, as for one number an epoch, it is drawn as it
        is, with a dot at each point.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float32]
    role: str = "accent"
    smooth: bool = True


@dataclass(frozen=True, eq=False)
class Prepared:
    """The points of a series that can be drawn; all float64 (n,).

    Attributes
    ----------
    x, raw, smooth : arrays
        ``smooth`` is ``raw`` itself where nothing is smoothed.
    """

    x: Floats
    raw: Floats
    smooth: Floats


def prepare(series: Series, weight: float) -> Prepared:
    """Leave out what is not finite, and smooth."""
    x, y, finite = series.x, series.y, np.isfinite(series.y)
    if not finite.all():
        x, y = x[finite], y[finite]
    raw = y.astype(np.float64)
    if not series.smooth or weight == 0:
        return Prepared(x, raw, raw)
    return Prepared(x, raw, exponential(raw, weight))


def fitting(low: float, high: float, *, log: bool) -> Span:
    """Return a span with round ends that holds values from low to high, and 0.

    Parameters
    ----------
    low, high : float
        The least and the greatest value; with ``log`` their decimal logarithms.
    log : bool
        Whole powers of ten instead.
    """
    if log:
        first = math.floor(low + 1e-9)
        return Span(first, max(first + 1, math.ceil(high - 1e-9)))
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return Span(0.0, 1.0)
    step = round_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Span(float(f"{step * first:.12g}"), float(f"{step * last:.12g}"))


def thinned(
    x: Floats, y: Floats, axes: Axes, how: Literal["extremes", "means"]
) -> Floats:
    """Return a curve in pixels, at most two points for each column of them.

    Parameters
    ----------
    x, y : float64 (n,)
        Places, ascending, and values.
    axes : Axes
    how : {"extremes", "means"}
        The least and the greatest value of a column, so that no peak is lost, or the
        mean of each, which is enough of a smooth curve.

    Returns
    -------
    float64 (m, 2)
        Across and down.
    """
    return _thinned(_columns(x, axes), y, axes, how)


class _Columns(NamedTuple):
    """Places in pixels; and, if they are many, which are the first of their column."""

    across: Floats
    starts: NDArray[np.intp] | None


def _columns(x: Floats, axes: Axes) -> _Columns:
    across = axes.rect.left() + (x - axes.across.low) * axes.pitch
    if len(x) <= 2 * axes.rect.width():
        return _Columns(across, None)
    columns = np.floor(across)
    first = np.ones(len(x), bool)
    np.not_equal(columns[1:], columns[:-1], out=first[1:])
    return _Columns(columns, first.nonzero()[0])


def _thinned(
    columns: _Columns, y: Floats, axes: Axes, how: Literal["extremes", "means"]
) -> Floats:
    across, starts = columns
    scale = axes.rect.height() / axes.up.length
    down = axes.rect.bottom() - (y - axes.up.low) * scale
    if starts is None:
        return _points(across, down)
    middles = across[starts] + 0.5
    if how == "means":
        counts = np.diff(starts, append=len(y))
        return _points(middles, np.add.reduceat(down, starts) / counts)
    result = _points(middles.repeat(2), np.empty(2 * len(starts)))
    result[::2, 1] = np.minimum.reduceat(down, starts)
    result[1::2, 1] = np.maximum.reduceat(down, starts)
    return result


def _points(across: Floats, down: Floats) -> Floats:
    result = np.empty((len(across), 2))  # np.stack takes three times as long
    result[:, 0], result[:, 1] = across, down
    return result


def polygon(points: Floats) -> QPolygonF:
    """Return points (n, 2) as Qt draws them, copied at once and not one by one."""
    result = QPolygonF()
    result.resize(len(points))
    if len(points):
        # A QPointF is two doubles. PySide's stubs know neither this way to call VoidPtr
        # nor that it is a buffer.
        size = points.size * 8
        memory: Any = VoidPtr(result.data(), size, True)  # type: ignore[call-arg, arg-type]
        np.frombuffer(memory, np.float64)[:] = points.ravel()
    return result


def draw_series(
    painter: QPainter, axes: Axes, series: Series, points: Prepared, *, log: bool
) -> None:
    """Draw a series: its raw line faint and its smooth one over it, or only the one.

    With ``log`` the values are drawn by their decimal logarithms, where they have one.
    """
    color, hint = theme.color(series.role), QPainter.RenderHint.Antialiasing
    smoothed = points.smooth is not points.raw
    lines = _lines(axes, points, log)
    raw = polygon(lines[0])
    painter.setRenderHint(hint, not series.smooth)
    faint = QColor(color)
    faint.setAlphaF(FAINT if smoothed else 1.0)
    painter.setPen(QPen(faint, 1))
    painter.drawPolyline(raw)
    painter.setRenderHint(hint)
    painter.setPen(QPen(color, 1))
    if smoothed:
        _draw_thick(painter, polygon(lines[1]))
    elif not series.smooth:
        _draw_thick(painter, raw)
    if raw.size() * theme.current().px(DOTS_APART) < axes.rect.width():
        painter.setBrush(color)
        radius = theme.current().px(DOT) / 2
        for index in range(raw.size()):
            painter.drawEllipse(raw.at(index), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def _lines(axes: Axes, points: Prepared, log: bool) -> list[Floats]:
    """Return the raw line and, if there is one, the smooth one, in pixels."""
    kinds: list[tuple[Floats, Literal["extremes", "means"]]]
    kinds = [(points.raw, "extremes"), (points.smooth, "means")]
    if points.smooth is points.raw:
        kinds.pop()
    if log:
        some = [(y > 0, y, how) for y, how in kinds]
        return [
            thinned(points.x[on], np.log10(y[on]), axes, how) for on, y, how in some
        ]
    columns = _columns(points.x, axes)
    return [_thinned(columns, y, axes, how) for y, how in kinds]


def _draw_thick(painter: QPainter, line: QPolygonF) -> None:
    """Draw a line two pixels wide, a hundred times faster than Qt does."""
    apart = theme.current().px(1) / 2
    for across, down in ((apart, 0), (-apart, 0), (0, apart), (0, -apart)):
        painter.drawPolyline(line.translated(across, down))
