"""Where points, the names of their classes and a legend stand in a scatter plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMarginsF, QPointF, QRectF, QSizeF
from PySide6.QtGui import QFontMetricsF

from cnnviz import theme
from cnnviz.widgets.plot_frame import HEAD
from cnnviz.widgets.spreading import spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.float64]

# In pixels at text size 100 %.
FOOT, MARGIN = 24, 12
LINE = 16
PLATE = 28
SWATCH, GAP = 10, 14
LOW = 320
"""With less height the legend stands on the right, where a square leaves room."""


def fitted(points: NDArray[np.float32], names: Sequence[str], size: QSizeF) -> Places:
    """Return points, float32 (N, 2), in pixels of a plot of a size, (N, 2).

    They are as large as the title and the legend allow, with one scale for both ways.
    """
    places: Places = points.astype(np.float64)
    if not len(places):
        return places
    area = _area(names, size)
    low, high = places.min(axis=0), places.max(axis=0)
    room = np.array([max(1.0, area.width()), max(1.0, area.height())])
    scale = float((room / np.maximum(high - low, 1e-12)).min())
    middle = np.array([area.center().x(), area.center().y()])
    places = middle + (places - (low + high) / 2) * np.array([scale, -scale])
    return places


def _area(names: Sequence[str], size: QSizeF) -> QRectF:
    px = theme.current().px
    area = QRectF(0, px(HEAD), size.width(), size.height() - px(HEAD + FOOT))
    if _on_the_right(names, size):
        area.setHeight(size.height() - px(HEAD))
        area.setRight(min(rect.left() for rect, _ in legend(names, size)))
    side = px(MARGIN)
    return area.marginsRemoved(QMarginsF(side, side, side, side))


def legend(names: Sequence[str], size: QSizeF) -> list[tuple[QRectF, str]]:
    """Return the entries of the legend in a plot of a size: where, and those with room.

    Parameters
    ----------
    names : sequence of str
        Of the classes.
    size : QSizeF
    """
    px, ruler = theme.current().px, QFontMetricsF(theme.font(12))
    if _on_the_right(names, size):
        widths = [ruler.horizontalAdvance(name) for name in names]
        left = size.width() - px(SWATCH + 6) - max(widths)
        high = min(px(FOOT), (size.height() - px(HEAD)) / len(names))
        entry = QSizeF(size.width() - left, high)
        tops = [px(HEAD) + n * high for n in range(len(names))]
        corners = [QPointF(left, top) for top in tops]
        return [(QRectF(at, entry), n) for at, n in zip(corners, names, strict=True)]
    left, found = 0.0, []
    for name in names:
        width = px(SWATCH + 6) + ruler.horizontalAdvance(name)
        if left + width > size.width():
            break
        found.append((QRectF(left, size.height() - px(FOOT), width, px(FOOT)), name))
        left += width + px(GAP)
    return found


def _on_the_right(names: Sequence[str], size: QSizeF) -> bool:
    """Whether the legend is to stand on the right, in lines that can be read."""
    px = theme.current().px
    lines = (size.height() - px(HEAD)) // px(LINE)
    return size.height() < px(LOW) and 0 < len(names) <= lines


def plates(
    places: Places, labels: NDArray[np.int64], names: Sequence[str], size: QSizeF
) -> dict[int, QRectF]:
    """Return where the names of the classes stand: at the middle of their points.

    Those that would touch stand beside each other.

    Parameters
    ----------
    places : float64 (N, 2)
        In pixels.
    labels : int64 (N,)
    names : sequence of str
        Of the classes.
    size : QSizeF
        Of the plot.
    """
    px, ruler = theme.current().px, QFontMetricsF(theme.font(20, bold=True))
    shown = [n for n in range(len(names)) if (labels == n).any()]
    if not shown:
        return {}
    widths = [ruler.horizontalAdvance(names[n]) + px(12) for n in shown]
    sizes = np.column_stack([widths, np.full(len(shown), px(PLATE))])
    middles = np.array([np.median(places[labels == n], axis=0) for n in shown])
    room = np.array([size.width(), size.height()], np.float64)
    corners = spread(middles, sizes, px(4), room) - sizes / 2
    return {
        n: QRectF(*corner, *size)
        for n, corner, size in zip(shown, corners, sizes, strict=True)
    }


def nearest(places: Places, place: QPointF, reach: float) -> int:
    """Return the point nearest to a place, −1 if none is within so many pixels."""
    if not len(places):
        return -1
    way = places - np.array([place.x(), place.y()])
    distances = np.square(way).sum(axis=1)
    found = int(distances.argmin())
    return found if distances[found] <= reach**2 else -1


def neighbour(places: Places, here: int, way: tuple[int, int]) -> int:
    """Return the nearest point in a direction, (right, down), or the present one."""
    apart = places - places[here]
    ahead = apart @ np.array(way, np.float64)
    aside = np.abs(apart @ np.array(way[::-1], np.float64))
    cost = np.where((ahead > 0) & (aside <= ahead), ahead + 2 * aside, np.inf)
    best = int(cost.argmin())
    return best if np.isfinite(cost[best]) else here
