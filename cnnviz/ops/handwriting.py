"""Prepare a drawing the way MNIST was prepared, one step after the other.

As MNIST's page says (LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist) and
LeCun et al. 1998, "Gradient-based learning applied to document recognition", III.A: its
size is normalised to fit a box of 20 × 20 pixels, aspect ratio kept and anti-aliased,
then its centre of mass becomes the middle of a field of 28 × 28. All but 15 of MNIST's
60,000 training pictures come out of these steps as they went in.

A drawing is grey, 0 ink to 255 paper, until its last step inverts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

BOX = 20
FIELD = 28
MIDDLE = 14
"""Row and column, counted from 0, where MNIST has its centres of mass."""


@dataclass(frozen=True)
class Steps:
    """Which steps are taken; MNIST took all.

    Attributes
    ----------
    crop : bool
        Keep the ink's bounding box only.
    scale : bool
        Shrink or enlarge to fit 20 × 20, aspect ratio kept. Without it the picture is
        stretched over all of 28 × 28, as a picture of any size often is.
    centre : bool
        Move the centre of mass to the middle. Without it the box is in the middle.
    invert : bool
        Make ink 255 and paper 0.
    """

    crop: bool = True
    scale: bool = True
    centre: bool = True
    invert: bool = True


@dataclass(frozen=True, eq=False)
class Prepared:
    """A drawing after each step; a step that is off hands on what it was given.

    Attributes
    ----------
    cropped : uint8 (h, w)
        0 ink to 255 paper.
    scaled : uint8 (h, w)
        Longer side 20; 28 × 28 where the step is off.
    centred : uint8 (28, 28)
        0 ink to 255 paper.
    picture : uint8 (28, 28)
        For the network: 0 paper to 255 ink, or `centred` where the step is off.
    """

    cropped: Grey
    scaled: Grey
    centred: Grey
    picture: Grey


def prepare(drawing: NDArray[Any], steps: Steps = Steps()) -> Prepared:
    """Take the steps from a drawing to a picture for the network.

    Parameters
    ----------
    drawing : (H, W), whole or decimal numbers
        0 ink to 255 paper; half-tones are ink's edges.
    steps : Steps

    Raises
    ------
    InputError
        If there is no ink, also where the drawing is empty; or the array is no grey
        picture from 0 to 255.
    """
    ink = 255 - _grey(drawing)
    if not ink.any():
        raise InputError("There is no ink in the drawing; draw a digit first.")
    cropped = crop(ink) if steps.crop else ink
    if steps.scale:
        scaled = fit(cropped)
    else:
        scaled = _resized(cropped, FIELD, FIELD)
    if steps.centre and scaled.any():
        field = centre(scaled[None])[0]
    else:
        field = _placed(scaled[None])[0]
    picture = field if steps.invert else 255 - field
    return Prepared(255 - cropped, 255 - scaled, 255 - field, picture)


def crop(ink: Grey) -> Grey:
    """Return the smallest part (h, w) of ink (H, W) that holds all that is not 0."""
    left, top, width, height = cv2.boundingRect(ink)
    return ink[top : top + height, left : left + width]


def fit(ink: Grey) -> Grey:
    """Scale ink (H, W) so that its longer side is 20 pixels, anti-aliased."""
    height, width = ink.shape
    scale = BOX / max(height, width)
    return _resized(ink, max(1, round(height * scale)), max(1, round(width * scale)))


def centre(boxes: Grey) -> Grey:
    """Move the centre of mass of pictures to the middle of a field of 28 × 28.

    The move is one of whole pixels, as MNIST's: a centre of mass ends at least 13.5 and
    below 14.5 pixels from the first row's and column's centre. Ink that it moves beyond
    the edge is lost, which takes most of its mass at one end of a long box.

    Parameters
    ----------
    boxes : uint8 (N, h, w), h and w at most 28
        Ink 255; some in each.

    Returns
    -------
    fields : uint8 (N, 28, 28)
    """
    count, height, width = boxes.shape
    # Whole numbers up to 28 · 28 · 255 · 28: exact, so that ties go one way only.
    rows = boxes.sum(axis=2, dtype=np.int64)
    columns = boxes.sum(axis=1, dtype=np.int64)
    mass = rows.sum(axis=1)
    top = _shift(rows @ np.arange(height), mass)
    left = _shift(columns @ np.arange(width), mass)
    room = np.zeros((count, 3 * FIELD, 3 * FIELD), np.uint8)
    room[:, FIELD : FIELD + height, FIELD : FIELD + width] = boxes
    fields = np.empty((count, FIELD, FIELD), np.uint8)
    starts = zip((FIELD - top).tolist(), (FIELD - left).tolist(), strict=True)
    for n, (row, column) in enumerate(starts):
        fields[n] = room[n, row : row + FIELD, column : column + FIELD]
    return fields


def _shift(moment: NDArray[np.int64], mass: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the least whole s with moment / mass + s at least 13.5."""
    return -((2 * moment - (2 * MIDDLE - 1) * mass) // (2 * mass))


def _placed(boxes: Grey) -> Grey:
    count, height, width = boxes.shape
    fields = np.zeros((count, FIELD, FIELD), np.uint8)
    top, left = (FIELD - height) // 2, (FIELD - width) // 2
    fields[:, top : top + height, left : left + width] = boxes
    return fields


def _resized(ink: Grey, height: int, width: int) -> Grey:
    shrinks = height <= ink.shape[0] and width <= ink.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, (width, height), interpolation=how), np.uint8)


def _grey(drawing: NDArray[Any]) -> Grey:
    if drawing.ndim != 2 or drawing.dtype.kind not in "uif":
        raise InputError("A drawing has rows and columns of grey; draw it in one grey.")
    if drawing.dtype == np.uint8:
        return drawing
    values = drawing.astype(np.float64)
    if not ((values >= 0) & (values <= 255)).all():
        raise InputError(
            "The drawing holds values outside 0 (ink) to 255 (paper); scale them first."
        )
    return np.rint(values).astype(np.uint8)
