"""Zoom and pan: the one place that maps the picture plane to the screen.

All panes of a page share the picture plane. Its unit is one pixel of the picture: pixel
(r, c) covers rows r to r + 1 and columns c to c + 1. A pane shows a region of it, the
world, as large as it can ("fit"), and a viewport says where and how far to zoom in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QTransform

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF, QRectF


@dataclass(frozen=True)
class Viewport:
    """What part of its world a pane shows.

    Attributes
    ----------
    x, y : float
        Centre in the picture plane: column and row.
    zoom : float
        Magnification against fit, 1 or more.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True)
class View:
    """A viewport on a world, shown in an area of the screen.

    Attributes
    ----------
    wanted : Viewport
        Its centre may lie anywhere; see `viewport`.
    world : QRectF
        What fit shows, in the picture plane; not empty.
    area : QRectF
        Where it is shown, in logical pixels; not empty.
    """

    wanted: Viewport
    world: QRectF
    area: QRectF

    @property
    def fit(self) -> float:
        """Logical pixels a pixel of the picture at zoom 1."""
        across = self.area.width() / self.world.width()
        return min(across, self.area.height() / self.world.height())

    @property
    def scale(self) -> float:
        """Logical pixels a pixel of the picture."""
        return self.fit * self.wanted.zoom

    @property
    def viewport(self) -> Viewport:
        """The wanted one, moved to show no more beside the world than there must be."""
        world, wanted, seen = self.world, self.wanted, self.area.size() / self.scale
        return Viewport(
            _held(wanted.x, world.left(), world.right(), seen.width()),
            _held(wanted.y, world.top(), world.bottom(), seen.height()),
            wanted.zoom,
        )

    @property
    def transform(self) -> QTransform:
        """The map from the picture plane, x to the right, to logical pixels."""
        scale, middle, at = self.scale, self.area.center(), self.viewport
        return QTransform(
            scale, 0, 0, scale, middle.x() - scale * at.x, middle.y() - scale * at.y
        )

    def zoomed(self, zoom: float, about: QPointF) -> Viewport:
        """Return the viewport of another zoom, with one point of the screen at rest."""
        centre = self.transform.inverted()[0].map(about)
        centre += (self.area.center() - about) / (self.fit * zoom)
        return self.centred(centre, zoom)

    def panned(self, way: QPointF) -> Viewport:
        """Return the viewport after dragging the picture by so many logical pixels."""
        at = self.viewport
        way = way / self.scale
        return self._moved(Viewport(at.x - way.x(), at.y - way.y(), at.zoom))

    def centred(self, point: QPointF, zoom: float) -> Viewport:
        """Return the viewport about a point of the picture plane."""
        return self._moved(Viewport(point.x(), point.y(), zoom))

    def _moved(self, wanted: Viewport) -> Viewport:
        return replace(self, wanted=wanted).viewport


def cells_to_plane(
    origin: tuple[float, float], step: tuple[float, float]
) -> QTransform:
    """Return the map from an array's cells, x the column, to the picture plane.

    Parameters
    ----------
    origin : (row, column)
        Where in the picture plane cell (0, 0) begins.
    step : (rows, columns)
        How much of it a cell covers.
    """
    return QTransform(step[1], 0, 0, step[0], origin[1], origin[0])


def _held(centre: float, low: float, high: float, seen: float) -> float:
    if seen >= high - low:
        return (low + high) / 2
    return min(max(centre, low + seen / 2), high - seen / 2)
