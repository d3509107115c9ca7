"""The numbers of the examples: pictures and kernels, one channel each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.ops.worked_setting import Plane


def plane(text: str) -> Plane:
    """Read rows separated by ``/`` of whole numbers separated by spaces."""
    return tuple(tuple(map(float, row.split())) for row in text.split("/"))


PICTURE = plane("0 50 0 29 / 0 80 31 2 / 33 90 0 75 / 0 9 0 95")
SOBEL = plane("-1 0 1 / -2 0 2 / -1 0 1")
LETTER_X = plane(
    "0 0 0 0 0 0 0 / 0 1 0 0 0 1 0 / 0 0 1 0 1 0 0 / 0 0 0 1 0 0 0 /"
    "0 0 1 0 1 0 0 / 0 1 0 0 0 1 0 / 0 0 0 0 0 0 0"
)
DIAGONAL = plane("1 0 0 / 0 1 0 / 0 0 1")
CONVOLVED = plane("1 1 1 1 1 / -1 0 -3 0 1 / 2 1 1 -1 0 / 0 -1 1 2 1 / 1 2 1 1 1")
CORNERS = plane("1 0 0 / 0 0 0 / 0 0 -1")
SHARED = plane("3 3 2 1 0 / 0 0 1 3 1 / 3 1 2 2 3 / 2 0 0 2 2 / 2 0 0 0 1")
SHARED_WEIGHTS = plane("0 1 2 / 2 2 0 / 0 1 2")
FEATURE = plane("1 1 1 0 0 / 0 1 1 1 0 / 0 0 1 1 1 / 0 0 1 1 0 / 0 1 1 0 0")
X_DETECTOR = plane("1 0 1 / 0 1 0 / 1 0 1")
STEPS = plane("1 3 2 4 / 5 6 1 2 / 7 2 9 0 / 4 8 3 5")
SMALL = plane("1 2 / 3 4")
STAMP = plane("1 2 1 / 2 4 2 / 1 2 1")
RED = plane("0 1 2 1 0 / 1 2 0 0 1 / 2 1 1 2 0 / 0 0 2 1 1 / 1 0 1 0 2")
GREEN = plane("1 0 1 2 1 / 0 1 2 1 0 / 1 0 0 2 2 / 2 1 0 1 0 / 0 2 1 0 1")
BLUE = plane("2 1 0 0 1 / 1 0 1 2 0 / 0 2 1 0 1 / 1 1 0 2 0 / 0 0 2 1 1")
NORTH = plane("1 2 1 / 0 0 0 / -1 -2 -1")
LAPLACE = plane("0 1 0 / 1 -4 1 / 0 1 0")
RELIEF = plane("0 1 1 / -1 0 1 / -1 -1 0")
MIRRORED = plane("0 0 1 / 0 1 0 / 1 0 0")
NOTHING = plane("0 0 0 / 0 0 0 / 0 0 0")
DIGIT = plane(
    "0 0 0 0 0 0 0 0 0 0 0 0 / 0 0 0 0 0 0 0 0 0 0 0 0 / 0 0 0 0 0 0 1 2 4 2 0 0 /"
    "0 0 0 2 4 6 8 9 9 8 0 0 / 0 0 2 9 9 6 1 2 9 6 0 0 / 0 0 7 8 3 0 0 4 8 2 0 0 /"
    "0 0 3 2 0 0 4 9 3 0 0 0 / 0 0 0 0 0 1 9 6 0 0 0 0 / 0 0 0 0 0 5 8 1 0 0 0 0 /"
    "0 0 0 0 4 9 1 0 0 0 0 0 / 0 0 0 2 8 3 0 0 0 0 0 0 / 0 0 0 5 6 0 0 0 0 0 0 0"
)
STROKE = plane("0 0 0 0 1 / 0 0 0 1 0 / 0 0 1 0 -1 / 0 1 0 -1 0 / 1 0 -1 0 0")
STONES = plane(
    "0 0 0 0 0 0 0 0 0 / 0 0 1 0 0 0 1 0 0 / 0 1 0 1 0 0 0 0 0 / 0 0 1 0 0 1 0 0 0 /"
    "0 0 0 0 1 0 1 0 0 / 0 0 0 1 0 1 0 0 0 / 0 0 0 0 0 0 0 1 0 / 0 0 1 1 0 0 1 1 0 /"
    "0 0 0 0 0 0 0 0 0"
)
BAR = plane("0 0 0 0 0 / -1 -1 -1 -1 -1 / 1 1 1 1 1 / 1 1 1 1 1 / -1 -1 -1 -1 -1")
TIGER = plane("0 0 0 0 0 / 0 0 1 0 0 / 0 1 0 1 0 / 0 0 0 0 0 / 0 0 0 0 0")
ONE = plane("2")

# Rows 198 to 209, columns 170 to 181 of the sample “Photographer”: the coat's edge.
# They begin at even numbers, so their pooled values are a piece of the pooled picture.
PHOTOGRAPH = plane(
    "30 33 35 39 57 214 251 217 207 206 216 217 /"
    "29 33 34 40 50 166 255 247 212 208 219 219 /"
    "32 33 32 36 48 113 251 255 221 213 229 224 /"
    "33 33 33 36 44 69 236 255 225 214 239 246 /"
    "33 33 35 36 41 54 196 254 228 228 252 250 /"
    "32 29 32 35 39 48 151 254 233 245 254 255 /"
    "30 31 33 35 39 45 100 246 239 249 255 255 /"
    "32 32 31 36 38 42 62 223 254 254 255 255 /"
    "32 30 31 32 37 40 51 189 254 249 253 253 /"
    "31 31 32 32 35 39 45 141 253 250 245 160 /"
    "30 30 29 32 32 34 41 81 240 247 206 63 /"
    "30 30 31 31 32 32 38 55 226 236 108 64"
)
# Small digits, so that 400 of them can be read, and a larger one in each window.
_LARGEST = {(3, 6): 7, (7, 14): 9, (15, 2): 6, (12, 17): 8}
TWENTY: Plane = tuple(
    tuple(
        float(_LARGEST.get((row, column), (7 * row + 5 * column + row * column) % 6))
        for column in range(20)
    )
    for row in range(20)
)
EIGHT: Plane = tuple(row[2:10] for row in DIGIT[2:10])
