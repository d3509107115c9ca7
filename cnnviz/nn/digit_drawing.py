"""Draw generated digits: strokes, bent and slanted at random, under a pen of its own.

One call draws many pictures at once: the strokes of all become one list of straight
pieces, and all pieces of one width are drawn in one go on a sheet of many pictures.
What it knows of digits is in `digit_styles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cnnviz.nn.digit_styles import curves, styles
from cnnviz.ops.handwriting import BOX, centre

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Ints = NDArray[np.int64]

FINE = 4  # rows and columns on the sheet for each of the picture's
MARGIN = 2  # pixels around the box, where a neighbour's ink would end
TILE = (BOX + 2 * MARGIN) * FINE
SUBPIXEL_BITS = 4


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Straight pieces of strokes, those of one picture in a row.

    Attributes
    ----------
    ends : float32 (M, 2, 2)
        x and y of both ends.
    owner : int64 (M,)
        The picture of each piece, rising.
    along : float32 (M,)
        Where in its picture's strokes a piece lies, 0 to 1.
    """

    ends: Floats
    owner: Ints
    along: Floats


def draw(labels: Ints, rng: Generator) -> NDArray[np.uint8]:
    """Draw one digit for each label.

    Parameters
    ----------
    labels : int64 (N,), 0 to 9
    rng : numpy.random.Generator

    Returns
    -------
    pictures : uint8 (N, 28, 28)
        0 paper to 255 ink, boxed and centred as MNIST's.
    """
    order = rng.permutation(len(labels))  # or the first pictures share a style
    order = order[np.argsort(labels[order], kind="stable")]
    pieces = _strokes(labels[order], rng)
    count = len(labels)
    pen = np.exp(rng.normal(0.62, 0.38, count)).clip(0.9, 7.0).astype(np.float32)
    ends, width = _inked(_bent(pieces, count, rng), pieces, pen, rng)
    boxes = _scanned(_sheet(ends, width, pieces.owner, count), rng)
    pictures = np.empty((count, 28, 28), np.uint8)
    pictures[order] = centre(boxes)
    return pictures


def _strokes(labels: Ints, rng: Generator) -> _Pieces:
    """Choose a style for each of the sorted labels and shake its knots."""
    ends, owners, alongs = [], [], []
    done = 0
    for digit, many in enumerate(np.bincount(labels, minlength=10)):
        ways, chances = styles(digit)
        for way, count in zip(ways, rng.multinomial(many, chances), strict=True):
            shake = np.exp(rng.normal(-3.6, 0.4, (count, 1, 1)))
            knots = way.knots + shake * rng.normal(0, 1, (count, *way.knots.shape))
            smooth = way.smooth * rng.uniform(0.9, 1.4, (count, len(way.smooth)))
            smooth += (way.smooth == 0) * rng.uniform(-0.1, 0.9, smooth.shape).clip(0)
            path = curves(
                knots.astype(np.float32), smooth.astype(np.float32), way.first
            )
            pair = np.stack([path[:, :, :-1], path[:, :, 1:]], axis=3)
            pair = pair.reshape(count, (path.shape[2] - 1) * path.shape[1], 2, 2)
            ends.append(pair.reshape(-1, 2, 2))
            owners.append(np.repeat(np.arange(done, done + count), pair.shape[1]))
            alongs.append(np.tile(np.linspace(0, 1, pair.shape[1]), count))
            done += count
    return _Pieces(
        np.concatenate(ends).astype(np.float32),
        np.concatenate(owners),
        np.concatenate(alongs).astype(np.float32),
    )


def _bent(pieces: _Pieces, count: int, rng: Generator) -> Floats:
    """Warp, slant, turn and stretch each picture's strokes."""

    def each(values: NDArray[np.float64]) -> Floats:
        return values.astype(np.float32)[pieces.owner][:, None]

    x, y = pieces.ends[..., 0], pieces.ends[..., 1]
    y = y + each(rng.normal(0, 0.25, count).clip(-0.6, 0.6)) * y * (1 - y)
    x = (x - 0.3) * (1 + each(rng.normal(0, 0.3, count)).clip(-0.6, 0.6) * (y - 0.5))
    for frequency in (2.0, 4.0, 8.0):  # smooth elastic warp, weaker where finer
        size = 0.16 / frequency
        waves = [each(rng.uniform(0, 2 * np.pi, count)) for _ in range(4)]
        swing = [each(rng.normal(0, size, count)) for _ in range(4)]
        bend_x = swing[0] * np.sin(frequency * y + waves[0])
        bend_x += swing[1] * np.sin(frequency * x + waves[1])
        y = y + swing[2] * np.sin(frequency * x + waves[2])
        y = y + swing[3] * np.sin(frequency * y + waves[3])
        x = x + bend_x
    x = x * each(np.exp(rng.normal(0, 0.24, count)))
    x = x - each(rng.normal(0.16, 0.24, count)) * (y - 0.5)
    angle = each(rng.normal(0, 0.12, count))
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)


def _inked(
    ends: Floats, pieces: _Pieces, pen: Floats, rng: Generator
) -> tuple[Floats, Ints]:
    """Fit strokes with their ink to the box; return ends and widths on a tile.

    The width changes along the strokes and with their direction, as a pen's does.
    """
    count, owner = len(pen), pieces.owner
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    low = np.minimum.reduceat(ends.min(axis=1), starts)
    high = np.maximum.reduceat(ends.max(axis=1), starts)
    size = (high - low).max(axis=1)
    run = ends[:, 1] - ends[:, 0]
    length = np.add.reduceat(np.hypot(run[:, 0], run[:, 1]), starts) / size
    # A broader pen would fill what the strokes enclose.
    narrow = BOX * (high - low).min(axis=1) / size
    room = np.where(length > 1.8, 0.5 + 0.3 * narrow, np.inf)
    pen = np.minimum(pen, np.minimum(room, 2.5 + 4 / length))
    scale = (BOX - pen) / size
    middle = (low + high) / 2
    ends = (ends - middle[owner][:, None]) * scale[owner][:, None, None]
    ends = (ends + (MARGIN + BOX / 2)) * FINE

    direction = np.arctan2(run[:, 1], run[:, 0])
    slope, wave = rng.uniform(0, np.pi, (2, count)).astype(np.float32)
    broad, press = rng.normal(0, 0.1, (2, count)).clip(-0.25, 0.25).astype(np.float32)
    change = 1 + broad[owner] * np.cos(2 * (direction - slope[owner]))
    change += press[owner] * np.sin(5 * pieces.along + wave[owner])
    width = np.rint(pen[owner] * FINE * change).clip(3, None)
    return ends.astype(np.float32), width.astype(np.int64)


def _sheet(ends: Floats, width: Ints, owner: Ints, count: int) -> NDArray[np.uint8]:
    """Draw pieces with round ends, each picture on its tile; (N, `TILE`, `TILE`)."""
    sheet = np.zeros((count * TILE, TILE), np.uint8)
    ends = ends.copy()
    ends[..., 1] += (owner * TILE)[:, None]
    fixed = np.rint(ends * (1 << SUBPIXEL_BITS)).astype(np.int32)
    order = np.argsort(width, kind="stable")
    values, starts = np.unique(width[order], return_index=True)
    for value, chosen in zip(values, np.split(order, starts[1:]), strict=True):
        cv2.polylines(
            sheet,
            list(fixed[chosen]),
            False,
            255,
            int(value),
            cv2.LINE_8,
            SUBPIXEL_BITS,
        )
    return sheet.reshape(count, TILE, TILE)


def _scanned(tiles: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """Reduce tiles to boxes (N, 20, 20), more or less sharp and dark."""
    count, small = len(tiles), TILE // FINE
    sheet = tiles.reshape(count * TILE, TILE)
    sharp = cv2.resize(sheet, (small, count * small), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(sharp, (3, 3), 0.8)
    share = rng.uniform(0, 1, count).astype(np.float32)[:, None, None]
    dark = rng.uniform(1.1, 1.9, count).astype(np.float32)[:, None, None]
    sharp, soft = (x.reshape(count, small, small) for x in (sharp, soft))
    mixed = (sharp * (1 - share) + soft * share) * dark
    inner = slice(MARGIN, MARGIN + BOX)
    boxes: NDArray[np.uint8] = np.rint(mixed.clip(0, 255)).astype(np.uint8)
    return boxes[:, inner, inner]
