"""Small changes to a picture whose result a network should not mind: a shift, a turn.

Pictures are float32 (C, H, W) with values 0 to 1, as networks take them; what comes in
from beyond an edge is 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import cv2
import numpy as np

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Change = Literal["shift-down", "shift-right", "rotate", "scale", "noise"]
CHANGES: tuple[Change, ...] = get_args(Change)


@dataclass(frozen=True)
class Range:
    """What a slider of a change may be set to.

    Attributes
    ----------
    low, high : float
    neutral : float
        Where the picture stays as it is.
    unit : str
        ``"px"``, ``"°"``, ``"×"`` or nothing.
    """

    low: float
    high: float
    neutral: float
    unit: str

    def values(self, count: int) -> Floats:
        """Return so many values from the lowest to the highest, evenly spaced."""
        return np.linspace(self.low, self.high, count, dtype=np.float32)


RANGES: dict[Change, Range] = {
    "shift-down": Range(-10.0, 10.0, 0.0, "px"),
    "shift-right": Range(-10.0, 10.0, 0.0, "px"),
    "rotate": Range(-90.0, 90.0, 0.0, "°"),
    "scale": Range(0.5, 1.5, 1.0, "×"),
    "noise": Range(0.0, 1.0, 0.0, ""),
}


def changed(picture: Floats, change: Change, value: float, seed: int = 0) -> Floats:
    """Return a changed copy of a picture.

    Parameters
    ----------
    picture : float32 (C, H, W)
    change : str
        ``"rotate"`` turns by degrees about the middle, positive anticlockwise;
        ``"scale"`` multiplies the size about the middle; a shift is in pixels; all
        three interpolate linearly. ``"noise"`` adds normal noise of this standard
        deviation and clips to 0…1.
    value : float
        In the change's range; its neutral value gives the picture back unchanged.
    seed : int
        Draws the noise: the same pattern at every strength.

    Raises
    ------
    InputError
        The value lies outside the range.
    """
    limits = RANGES[change]
    if not limits.low <= value <= limits.high:
        raise InputError(
            f"A {change.replace('-', ' ')} of {value:g} does not work: choose "
            f"{limits.low:g} to {limits.high:g}."
        )
    if value == limits.neutral:
        return picture.copy()
    if change == "noise":
        pattern = np.random.default_rng(seed).standard_normal(picture.shape, np.float32)
        return np.clip(picture + np.float32(value) * pattern, 0, 1)
    height, width = picture.shape[1:]
    matrix = _matrix(change, value, ((width - 1) / 2, (height - 1) / 2))
    planes = [
        cv2.warpAffine(np.ascontiguousarray(plane), matrix, (width, height))
        for plane in picture
    ]
    return np.stack(planes).astype(np.float32, copy=False)


def _matrix(
    change: Change, value: float, middle: tuple[float, float]
) -> NDArray[np.float64]:
    match change:
        case "shift-down":
            return np.array([[1, 0, 0], [0, 1, value]], np.float64)
        case "shift-right":
            return np.array([[1, 0, value], [0, 1, 0]], np.float64)
        case "rotate":
            return np.asarray(cv2.getRotationMatrix2D(middle, value, 1.0), np.float64)
        case _:
            return np.asarray(cv2.getRotationMatrix2D(middle, 0.0, value), np.float64)
