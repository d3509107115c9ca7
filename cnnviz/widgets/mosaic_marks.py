"""Frames around maps of a mosaic, around their cells, and around windows in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QPoint, QRect

from cnnviz import theme
from cnnviz.widgets.overlay import CONTRAST, fill_around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from cnnviz.widgets.tiling import Place, Tiling

Block: TypeAlias = tuple[int, int, int, int, int]
"""Map, first row and column, last row and column: cells that are framed together."""


def draw_mark(
    painter: QPainter,
    tiling: Tiling,
    corner: QPoint,
    place: Place | int | None,
    role: str,
    width: int,
) -> None:
    """Frame a map, or a map and one of its cells, in a colour of the palette.

    Parameters
    ----------
    tiling : Tiling
        Where the maps lie, from `corner` on, in device pixels.
    place : (map, row, column), or the map alone, or None for nothing
    width : int
        Of the frame, in device pixels.
    """
    if place is None:
        return
    index = place if isinstance(place, int) else place[0]
    rect = QRect(*tiling.map_corner(index), tiling.width, tiling.height)
    fill_around(painter, rect.translated(corner), width, theme.color(role))
    if not isinstance(place, int) and tiling.map_height * tiling.map_width > 1:
        cell = QRect(*tiling.cell_box(place)).translated(corner)
        edge = max(1, width // 2)
        fill_around(painter, cell, width + edge, CONTRAST)
        fill_around(painter, cell, width, theme.color(role))


def draw_blocks(
    painter: QPainter,
    tiling: Tiling,
    corner: QPoint,
    blocks: Sequence[Block],
    width: int,
) -> None:
    """Frame windows in maps, cut off where a map ends; see :func:`draw_mark`."""
    last_row, last_column = tiling.map_height - 1, tiling.map_width - 1
    for index, top, left, bottom, right in blocks:
        first = (max(0, top), max(0, left))
        last = (min(last_row, bottom), min(last_column, right))
        if index >= tiling.count or first[0] > last[0] or first[1] > last[1]:
            continue
        box = QRect(*tiling.cell_box((index, *first)))
        box = box.united(QRect(*tiling.cell_box((index, *last))))
        fill_around(painter, box.translated(corner), width, theme.color("highlight"))
