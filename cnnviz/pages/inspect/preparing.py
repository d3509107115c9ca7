"""From what a person drew, chose or opened to the picture that a network sees."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import cv2
import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops import changes, handwriting
from cnnviz.ops.changes import RANGES
from cnnviz.ops.handwriting import Prepared, Steps
from cnnviz.pages.inspect.state import SIDE, Changes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.nn.network import Shape

    Bytes = NDArray[np.uint8]
    Floats = NDArray[np.float32]

DRAWABLE: Shape = (1, handwriting.FIELD, handwriting.FIELD)
"""What a network must take so that a drawing can be made ready for it."""

PAPER = 40
"""Of 255: how far from the paper's grey a pixel of a photograph must lie to be ink."""


@dataclass(frozen=True, eq=False)
class Wish:
    """A picture, and what is to be done with it.

    Attributes
    ----------
    sheet : uint8 (280, 280) or None
        A drawing, ink 255 on 0, or ...
    pixels : uint8 (C, H, W) or None
        ... a picture that is used as it is, or ...
    values : float32 array or None
        ... what a network is given untouched.
    steps : Steps
        For a drawing.
    normalise : bool
    changes : Changes
    """

    sheet: Bytes | None = None
    pixels: Bytes | None = None
    values: Floats | None = None
    steps: Steps = field(default_factory=Steps)
    normalise: bool = True
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, eq=False)
class Ready:
    """The picture as the network sees it, and the way there.

    Attributes
    ----------
    prepared : Prepared or None
        The steps of a drawing.
    values : float32 (C, H, W)
        0 to 1; to 255 where it was not normalised.
    unchanged : float32 (C, H, W) or None
        0 to 1, before it was shifted and so on; None for an example of others.
    """

    prepared: Prepared | None
    values: Floats
    unchanged: Floats | None = None

    @property
    def pixels(self) -> Bytes:
        """The picture as bytes (C, H, W), for the screen and for pinning."""
        values = self.values
        if values.ndim != 3:
            values = values.reshape(1, 1, -1) if values.ndim < 2 else values[None]
        if values.ndim != 3:
            values = values.reshape(1, values.shape[0] * values.shape[1], -1)
        low, high = float(values.min(initial=0)), float(values.max(initial=0))
        if low < 0:  # normalised otherwise: from its least to its largest value
            values = (values - low) / ((high - low) or 1.0)
        elif high > 1:
            values = values / max(255.0, high)
        whole: Bytes = np.rint(np.clip(values * 255, 0, 255)).astype(np.uint8)
        return whole


def make_ready(wish: Wish) -> Ready:
    """Do all that a wish says.

    Raises
    ------
    InputError
        There is no ink in the drawing, or no picture at all.
    """
    prepared = None
    if wish.values is not None:
        return Ready(None, wish.values)
    if wish.sheet is not None:
        prepared = handwriting.prepare(255 - wish.sheet, wish.steps)
        pixels = prepared.picture[None]
    elif wish.pixels is not None:
        pixels = wish.pixels
    else:
        raise InputError("There is no picture yet: draw a digit or open one.")
    values = pixels.astype(np.float32) / np.float32(255)
    after = with_changes(values, wish.changes)
    seen = after if wish.normalise else after * np.float32(255)
    return Ready(prepared, seen, values)


def with_changes(values: Floats, wanted: Changes, without: str = "") -> Floats:
    """Return a picture, float32 (C, H, W), changed in every way but perhaps one."""
    if wanted == Changes():
        return values
    for each in fields(Changes):
        name = next(key for key in RANGES if key.replace("-", "_") == each.name)
        amount = getattr(wanted, each.name)
        if amount != RANGES[name].neutral and name != without:
            values = changes.changed(values, name, amount)
    return values


def fitted(pixels: NDArray[np.float32], shape: Shape) -> Bytes:
    """Scale a picture of any size to the shape that a network takes.

    Parameters
    ----------
    pixels : float32 (H, W) or (H, W, 3), 0 to 255
    shape : (channels, rows, columns)

    Raises
    ------
    InputError
        The network takes neither grey nor colour pictures.
    """
    channels, rows, columns = shape
    if channels not in (1, 3):
        raise InputError(
            f"This network takes {channels} channels, and a picture has one or three."
        )
    colour = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    small = cv2.resize(colour, (columns, rows), interpolation=cv2.INTER_AREA)
    whole = np.rint(np.clip(small, 0, 255)).astype(np.uint8)
    if channels == 3:
        return np.ascontiguousarray(whole.transpose(2, 0, 1))
    return _grey(whole)[None]


def to_sheet(pixels: NDArray[np.float32]) -> Bytes:
    """Make a picture of a digit a drawing: ink 255 on 0, (280, 280).

    The commonest grey is taken for the paper, be it light or dark; what is near it
    becomes clean paper, so that the shade of a photograph is not taken for ink.

    Parameters
    ----------
    pixels : float32 (H, W) or (H, W, 3), 0 to 255

    Raises
    ------
    InputError
        There is nothing on the paper.
    """
    height, width = pixels.shape[:2]
    scale = SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shrinks = scale < 1
    how = cv2.INTER_AREA if shrinks else cv2.INTER_NEAREST_EXACT
    small = cv2.resize(pixels, size, interpolation=how)
    grey = _grey(np.rint(np.clip(small, 0, 255)).astype(np.uint8)).astype(np.float32)
    paper = float(np.median(grey))
    away = paper - grey if paper >= 128 else grey - paper
    most = float(away.max())
    if most < PAPER:
        raise InputError(
            "No ink stands out in this picture; take one of dark ink on light paper."
        )
    floor = min(PAPER, most / 4)
    ink = np.clip((away - floor) / (most - floor), 0, 1) * 255
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - size[1]) // 2, (SIDE - size[0]) // 2
    sheet[top : top + size[1], left : left + size[0]] = np.rint(ink)
    return sheet


def _grey(pixels: Bytes) -> Bytes:
    if pixels.ndim == 2:
        return pixels
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8)
