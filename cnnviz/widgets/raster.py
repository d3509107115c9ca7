"""An array's visible part as a picture of exactly the screen's pixels.

Enlarged values are hard squares, with their number printed in them where there is room;
reduced ones are means. Coordinates are the device pixels of the window.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from cnnviz import theme
from cnnviz.ops import colour
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QFont, QTransform

    from cnnviz.ops.colour import Scale

# At text size 100 %: from this size on a cell holds its number.
NUMBERED = 40

# The size of the text against that of the cell, and its limits.
TEXT_SHARE = 0.2
SMALLEST_TEXT, LARGEST_TEXT = 12, 28


@dataclass(frozen=True, eq=False)
class Raster:
    """A picture and where it belongs.

    Attributes
    ----------
    image : QImage
        Format RGB32, one pixel a device pixel.
    pixels : uint8 array, (H, W, 4)
        The image's memory, kept alive with it.
    left, top : int
        Device pixel of the upper left corner.
    """

    image: QImage
    pixels: NDArray[np.uint8]
    left: int
    top: int


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """Return a picture that shares the memory of (H, W, 4) bytes; keep them alive."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)


def tops(cells: QTransform, rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the device pixels at which rows of cells begin."""
    return _nearest(cells.dy() + cells.m22() * rows)


def lefts(cells: QTransform, columns: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the device pixels at which columns of cells begin."""
    return _nearest(cells.dx() + cells.m11() * columns)


def snapped(cells: QTransform, left: int, top: int, right: int, bottom: int) -> QRect:
    """Return the device pixels of cells from left, top to before right, bottom."""
    across, dx, down, dy = cells.m11(), cells.dx(), cells.m22(), cells.dy()
    x, y = math.floor(dx + across * left + 0.5), math.floor(dy + down * top + 0.5)
    after_x = math.floor(dx + across * right + 0.5)
    after_y = math.floor(dy + down * bottom + 0.5)
    return QRect(x, y, after_x - x, after_y - y)


def font_in(cells: QTransform, share: float, ratio: float) -> QFont:
    """Return a font that grows with the cells it stands in, in device pixels."""
    unit = theme.current().px(100) / 100 * ratio
    size = share * min(cells.m11(), cells.m22()) / unit
    return theme.font(min(max(size, SMALLEST_TEXT), LARGEST_TEXT) * ratio)


def render(
    array: NDArray[np.float32],
    scale: Scale,
    table: NDArray[np.uint8],
    cells: QTransform,
    bounds: QRect,
    ratio: float,
) -> Raster | None:
    """Draw what of an array lies within the bounds.

    Parameters
    ----------
    array : float32 array, (H, W) or (H, W, 3)
        The values.
    scale, table
        Their colours, see :func:`cnnviz.ops.colour.to_bgrx`.
    cells : QTransform
        From cells (x is the column) to device pixels.
    bounds : QRect
        Device pixels that are on show.
    ratio : float
        Device pixels a logical pixel, for the size of the text.

    Returns
    -------
    Raster or None
        None if the array lies outside the bounds.
    """
    seen = cells.inverted()[0].mapRect(QRectF(bounds))
    first_row, last_row = _range(seen.top(), seen.bottom(), array.shape[0])
    first_column, last_column = _range(seen.left(), seen.right(), array.shape[1])
    if first_row >= last_row or first_column >= last_column:
        return None
    place = snapped(cells, first_column, first_row, last_column, last_row)
    left, top, height, width = place.left(), place.top(), place.height(), place.width()
    if height <= 0 or width <= 0:
        return None
    part = array[first_row:last_row, first_column:last_column]
    small = colour.to_bgrx(colour.reduce(part, height, width), scale, table)
    if small.shape[:2] == (height, width):
        return Raster(to_image(small), small, left, top)
    rows = tops(cells, np.arange(first_row, last_row + 1))
    columns = lefts(cells, np.arange(first_column, last_column + 1))
    pixels = _enlarge(small, rows, columns)
    image = to_image(pixels)
    if min(cells.m11(), cells.m22()) >= theme.current().px(NUMBERED) * ratio:
        font = font_in(cells, TEXT_SHARE, ratio)
        _print_numbers(image, part, small, rows, columns, font)
    return Raster(image, pixels, left, top)


def _nearest(places: NDArray[np.floating]) -> NDArray[np.int64]:
    """Round halves up, so that cells of a whole number of pixels stay equal."""
    floors: NDArray[np.floating] = np.floor(places + 0.5)
    return floors.astype(np.int64)


def _range(low: float, high: float, length: int) -> tuple[int, int]:
    return max(0, math.floor(low)), min(length, math.ceil(high))


def _enlarge(
    pixels: NDArray[np.uint8], rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Repeat pixels between the edges of their cells; leave a reduced axis alone."""
    packed = pixels.view(np.uint32)[..., 0]
    for axis, ends in ((1, columns), (0, rows)):
        length = packed.shape[axis]
        if length < ends[-1] - ends[0]:
            packed = packed.take(np.repeat(np.arange(length), np.diff(ends)), axis)
    result = np.ascontiguousarray(packed).view(np.uint8)
    return result.reshape(*packed.shape, 4)


def _print_numbers(
    image: QImage,
    values: NDArray[np.float32],
    colours: NDArray[np.uint8],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    font: QFont,
) -> None:
    metrics = QFontMetricsF(font)
    figure, line = metrics.horizontalAdvance("0"), metrics.height()
    with QPainter(image) as painter:
        painter.setFont(font)
        for row, column in np.ndindex(*values.shape[:2]):
            left, right = columns[column : column + 2] - columns[0]
            top, bottom = rows[row : row + 2] - rows[0]
            room = int(0.92 * (right - left) / figure)
            lines = _lines(np.atleast_1d(values[row, column]), room)
            if not lines or line * len(lines) > bottom - top:
                continue
            blue, green, red, _ = (int(c) for c in colours[row, column])
            painter.setPen(theme.text_on(QColor(red, green, blue)))
            place = QRectF(left, top, right - left, bottom - top)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "\n".join(lines))


def _lines(values: NDArray[np.float32], room: int) -> list[str]:
    """Write the values with the most digits, up to four, that leave all of them room.

    Room is counted in figures, which no other character is wider than.
    """
    for digits in (4, 3, 2, 1):
        lines = [numbers.approx(value, digits) for value in values]
        if max(map(len, lines)) <= room:
            return lines
    return []
