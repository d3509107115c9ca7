"""The fixed codes of LeNet-5's output layer: digits drawn on 7 × 12 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 7, 12

# Drawn after LeCun et al. 1998, "Gradient-based learning applied to document
# recognition", figure 3: # is +1, everything else −1.
_DIGITS = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...##..  .#####.  #######  .....#.  #######  ..####.  #######  .#####.  .#####.
.##.##.  ..###..  ##...##  ....##.  ....##.  ##.....  .##....  ##...##  ##...##  ##...##
##...##  ...##..  .....##  ...##..  ...###.  ##.....  ##.....  .....##  ##...##  ##...##
##...##  ...##..  .....##  ..####.  ..#.##.  ######.  ##.....  ....##.  ###.##.  ##...##
##...##  ...##..  ....##.  .....##  .##.##.  ##...##  ######.  ....##.  .####..  .######
##...##  ...##..  ..###..  .....##  ##..##.  .....##  ##...##  ...##..  ##.####  .....##
##...##  ...##..  .##....  .....##  #######  .....##  ##...##  ...##..  ##...##  .....##
.##.##.  ...##..  ##.....  ##...##  ....##.  ##...##  ##...##  ..##...  ##...##  ....##.
..###..  .######  #######  .#####.  ....##.  .#####.  .#####.  ..##...  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


def class_codes(classes: int, inputs: int) -> NDArray[np.float32]:
    """Return a code of ±1 for each class.

    Ten classes and 84 inputs have the digits of LeNet-5. Other numbers, of which the
    paper says nothing, have random codes, always the same ones.

    Returns
    -------
    float32 (classes, inputs)
    """
    if (classes, inputs) == (10, WIDTH * HEIGHT):
        bits = digits()
    else:
        bits = np.random.default_rng(1998).random((classes, inputs)) < 0.5
    return np.where(bits, np.float32(1), np.float32(-1)).reshape(classes, inputs)


def digits() -> NDArray[np.bool_]:
    """Return the ten drawings, bool (10, 12, 7)."""
    rows = [line.split() for line in _DIGITS.split("\n") if line]
    return np.array([[[c == "#" for c in row[n]] for row in rows] for n in range(10)])
