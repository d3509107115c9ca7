"""How one cell of a matrix is coloured and drawn."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from cnnviz import theme
from cnnviz.palette import grey_table, sequential_table, signed_table

if TYPE_CHECKING:
    from cnnviz.palette import Palette
    from cnnviz.widgets.grid import Values

Coloring = Literal["signed", "sequential", "grey"]

RADIUS = 6
FAINT = 1.15
"""A cell with less contrast to the surface gets a hairline."""


def colors(values: Values, limit: float | None, coloring: Coloring) -> list[QColor]:
    """Return the fill of every cell, row after row.

    Parameters
    ----------
    values : float array (rows, columns)
        The numbers; NaN is coloured as 0.
    limit : float or None
        The value at the end of the scale; None for the largest absolute value.
    coloring : {"signed", "sequential", "grey"}
        Diverging with zero in the neutral colour; cividis or black to white from 0.
    """
    if limit is None:
        limit = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    share = np.nan_to_num(values.ravel().astype(np.float64), nan=0.0)
    share = share.clip(-limit, limit) / limit if limit > 0 else np.zeros(share.shape)
    if coloring == "signed":
        entries = 128 + (127 * share).round().astype(int)
    else:
        entries = (255 * share.clip(0.0)).round().astype(int)
    fills = _fills(coloring, theme.current().palette)
    return [fills[entry] for entry in entries.tolist()]


@lru_cache
def _fills(coloring: Coloring, palette: Palette) -> list[QColor]:
    """Return the colours of a table: to make one a cell and step takes a while."""
    if coloring == "signed":
        table = signed_table(palette)
    else:
        table = sequential_table() if coloring == "sequential" else grey_table()
    return [QColor(red, green, blue) for blue, green, red in table[:, 0].tolist()]


def draw_cell(
    painter: QPainter, rect: QRect, fill: QColor, *, hatched: bool, edged: bool
) -> None:
    """Fill a cell; hatch it, or give a faint one a hairline, where asked to."""
    radius = _radius(rect)
    painter.setPen(Qt.PenStyle.NoPen)
    if radius < 1:
        painter.fillRect(rect, fill)  # ten times faster, and looks the same
    else:
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, radius, radius)
    if hatched:
        hatch = theme.text_on(fill)
        hatch.setAlphaF(0.22)
        painter.setBrush(QBrush(hatch, Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(rect, radius, radius)
    if edged and theme.contrast(fill, theme.color("surface")) < FAINT:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("line"), 1))
        edge = rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(edge, radius, radius)


def draw_number(painter: QPainter, rect: QRect, text: str, turned: float) -> None:
    """Write a number in the middle of a cell, upright where the painter is turned."""
    if not turned:
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
        return
    painter.save()
    painter.translate(rect.toRectF().center())
    painter.rotate(-turned)
    # Its diagonal is room enough at every angle.
    side = math.hypot(rect.width(), rect.height())
    box = QRectF(-side / 2, -side / 2, side, side)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()


def draw_blank(painter: QPainter, rect: QRect) -> None:
    """Draw the dashed outline of a cell whose number is not shown."""
    painter.setBrush(theme.color("surface"))
    painter.setPen(QPen(theme.color("muted"), 1, Qt.PenStyle.DotLine))
    radius, edge = _radius(rect), rect.toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(edge, radius, radius)


def draw_frame(painter: QPainter, rect: QRect, color: QColor) -> None:
    """Frame a cell; a ring of the surface keeps the frame apart from a like colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius, width = _radius(rect), theme.current().px(2)
    for inset, ink in ((1.4 * width, theme.color("surface")), (0.5 * width, color)):
        painter.setPen(QPen(ink, width))
        inner = rect.toRectF().adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(inner, radius - inset / 2, radius - inset / 2)


def _radius(rect: QRect) -> float:
    return min(theme.current().px(RADIUS), rect.width() / 6)
