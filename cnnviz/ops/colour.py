"""From float maps to bytes and colours, at OpenCV's speed.

Knows scales and tables of colours, not where a map came from or where it is drawn. A
map is reduced to the size of its place on the screen before it is coloured, so that a
large one costs little more than a small one.

Arrays are float32, (H, W) or (H, W, 3) in the order red, green, blue.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

import cv2
import numpy as np

from cnnviz.ops.filtering import share_out

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["grey", "signed", "sequential", "colour"]

# Beyond these the slope of a scale is no float32 any more.
SMALLEST = 256 * float(np.finfo(np.float32).tiny)
LARGEST = float(np.finfo(np.float32).max)

# Samples this close together miss nothing of a line one pixel wide.
SAMPLED = 1.1
SAMPLED_SIZE = 2**22

# So many values are worth a second thread.
SHARED_SIZE = 2**21

# calcHist answers in float32, which counts exactly up to here.
COUNTED_AT_ONCE = 2**24


@dataclass(frozen=True)
class Scale:
    """Which values the two ends of the colours mean.

    Attributes
    ----------
    low, high : float
        The ends, finite, low < high.
    kind : {"grey", "signed", "sequential", "colour"}
        ``"signed"`` spans ±max(−low, high) about the neutral colour of 0; the others
        run straight from low to high.
    """

    low: float
    high: float
    kind: Kind

    def __post_init__(self) -> None:
        """Refuse a scale that cannot be drawn."""
        if not -math.inf < self.low < self.high < math.inf:
            raise ValueError(f"not a scale: {self.low} to {self.high}")


def value_range(array: NDArray[np.float32]) -> tuple[float, float]:
    """Return the least and the greatest value."""
    if array.size < SHARED_SIZE:
        low, high, _, _ = cv2.minMaxLoc(_plane(array))
        return low, high
    ends: list[float] = []

    def look(part: NDArray[np.float32]) -> None:
        ends.extend(cv2.minMaxLoc(part)[:2])

    share_out(look, np.array_split(_plane(array), 2), shared=True)
    return min(ends), max(ends)


def natural_scale(low: float, high: float) -> Scale:
    """Return the scale that a map of this range gets if nobody chooses one.

    Returns
    -------
    Scale
        ``"signed"`` and symmetric about 0 if any value is negative, else
        ``"sequential"`` from 0. A map of zeros gets the limit 1.
    """
    limit = min(max(-low, high), LARGEST)
    if not limit > SMALLEST:
        limit = 1.0
    return Scale(-limit, limit, "signed") if low < 0 else Scale(0, limit, "sequential")


def to_bytes(array: NDArray[np.float32], scale: Scale) -> NDArray[np.uint8]:
    """Return each value's place on the scale, uint8 in the shape of the array.

    Signed scales put 0 at exactly 128 and the ends at 1 and 255, the others low at 0
    and high at 255; halves are rounded to even. Values outside go to the nearer end.
    """
    if scale.kind == "signed":
        limit = max(-scale.low, scale.high)
        low, high, slope, start = -limit, limit, 127 / limit, 128.0
    else:
        low, high = scale.low, scale.high
        slope = 255 / (high - low)
        start = -low * slope
    # Cut first: convertScaleAbs would mirror what lies below the first entry.
    inside = array.clip(low, high)
    return cast(
        "NDArray[np.uint8]", cv2.convertScaleAbs(inside, alpha=slope, beta=start)
    )


def to_bgrx(
    array: NDArray[np.float32], scale: Scale, table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Return the array in colour, as ``QImage.Format_RGB32`` wants it.

    Parameters
    ----------
    array : float32 array, (H, W) or (H, W, 3)
        A plane takes its colours from the table; red, green and blue are shown as such.
    scale : Scale
        Which values the ends mean.
    table : uint8 array, (256, 1, 3)
        Blue, green and red of each place on the scale.

    Returns
    -------
    uint8 array, (H, W, 4)
        Blue, green, red and 255; contiguous.
    """
    places = to_bytes(array, scale)
    if places.ndim == 3:
        return cast("NDArray[np.uint8]", cv2.cvtColor(places, cv2.COLOR_RGB2BGRA))
    # Looking up four bytes at once is four times as fast as applyColorMap and cvtColor.
    packed = cv2.cvtColor(table, cv2.COLOR_BGR2BGRA).view(np.int32).ravel()
    return cv2.LUT(places, packed).view(np.uint8).reshape(*places.shape, 4)


def reduce(array: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Average an array down to a size; an axis that is no longer stays as it is.

    Parameters
    ----------
    array : float32 array, (H, W) or (H, W, 3)
        A part of a larger array is fine.
    rows, columns : int
        The size wanted, 1 or more.

    Returns
    -------
    float32 array
        At most `rows` by `columns`; the array itself if nothing is to be done. Each
        value is the mean of the area that it covers, the edges of which are soft by a
        pixel or by a third of its width.
    """
    rows, columns = min(rows, array.shape[0]), min(columns, array.shape[1])
    # INTER_AREA by a whole number is many times as fast as by a fraction, and by two it
    # is fastest. So large arrays are halved while two values are left for each wanted
    # one, long ones averaged in blocks of at most a third of the way, and then a quick
    # interpolation, of no use to three channels, makes the size a whole multiple.
    while array.shape[0] >= 4 * rows and array.shape[1] >= 4 * columns:
        array = _block_means(array, 2, 2)
    down, across = array.shape[0] // rows // 3, array.shape[1] // columns // 3
    if max(down, across) > 1:
        array = _block_means(array, max(1, down), max(1, across))
    if array.ndim == 2 and array.size <= SAMPLED_SIZE:
        down = math.ceil(array.shape[0] / rows / SAMPLED)
        across = math.ceil(array.shape[1] / columns / SAMPLED)
        array = _resize(array, rows * down, columns * across, cv2.INTER_LINEAR)
    return _resize(array, rows, columns, cv2.INTER_AREA)


def counts(
    array: NDArray[np.float32], bins: int, low: float, high: float
) -> NDArray[np.int64]:
    """Count all values from low to high in bins of equal width.

    Parameters
    ----------
    array : float32 array, (H, W) or (H, W, 3)
        Every channel counts.
    bins : int
        How many.
    low, high : float
        Ends of the first and the last bin, low < high; values outside do not count.

    Returns
    -------
    int64 array, (bins,)
        A bin holds its lower end and not its upper one; the last holds both.
    """
    plane = _plane(array)
    parts = np.array_split(plane, 1 + plane.size // COUNTED_AT_ONCE)
    result = np.zeros(bins, np.int64)
    for part in parts:
        counted = cv2.calcHist([part], [0], None, [bins], [low, high])
        result += counted.ravel().astype(np.int64)
    result[-1] += cv2.countNonZero(cv2.inRange(plane, high, high))
    return result


def _plane(array: NDArray[np.float32]) -> NDArray[np.float32]:
    return array.reshape(array.shape[0], -1)


def _block_means(
    array: NDArray[np.float32], rows: int, columns: int
) -> NDArray[np.float32]:
    """Average whole blocks; what is left over at the far edges is left out."""
    height, width = array.shape[0] // rows, array.shape[1] // columns
    whole = array[: height * rows, : width * columns]
    return _resize(whole, height, width, cv2.INTER_AREA)


def _resize(
    array: NDArray[np.float32], rows: int, columns: int, how: int
) -> NDArray[np.float32]:
    if array.shape[:2] == (rows, columns):
        return array
    resized = cv2.resize(array, (columns, rows), interpolation=how)
    return cast("NDArray[np.float32]", resized)
