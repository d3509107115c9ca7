"""Ten digits as a hand draws them: strokes in a unit square, columns before rows."""

from __future__ import annotations

import numpy as np


def arc(
    x: float, y: float, across: float, down: float, start: float, end: float
) -> list[tuple[float, float]]:
    """Return points of an ellipse about (x, y), from one angle to another in degrees.

    0 is to the right and 90 is down, as on a screen.
    """
    angles = np.radians(np.linspace(start, end, 16))
    return [
        (x + across * float(np.cos(a)), y + down * float(np.sin(a))) for a in angles
    ]


STROKES: dict[int, list[list[tuple[float, float]]]] = {
    0: [arc(0.5, 0.5, 0.32, 0.48, -90, 270)],
    1: [[(0.55, 0.02), (0.52, 0.3), (0.49, 0.65), (0.46, 0.98)]],
    2: [
        [
            *arc(0.48, 0.28, 0.34, 0.26, 195, 375),
            (0.6, 0.62),
            (0.3, 0.85),
            (0.12, 0.96),
            (0.5, 0.94),
            (0.9, 0.96),
        ]
    ],
    3: [
        [
            *arc(0.45, 0.26, 0.33, 0.24, 200, 440),
            *arc(0.45, 0.73, 0.36, 0.25, -80, 160),
        ]
    ],
    4: [
        [(0.3, 0.04), (0.2, 0.3), (0.12, 0.56), (0.5, 0.58), (0.9, 0.55)],
        [(0.72, 0.1), (0.68, 0.5), (0.64, 0.98)],
    ],
    5: [
        [
            (0.8, 0.04),
            (0.3, 0.05),
            (0.26, 0.25),
            (0.23, 0.44),
            *arc(0.46, 0.68, 0.33, 0.28, -125, 150),
        ]
    ],
    6: [
        [
            (0.68, 0.03),
            (0.42, 0.22),
            (0.24, 0.5),
            (0.2, 0.72),
            *arc(0.48, 0.74, 0.28, 0.23, 180, -185),
        ]
    ],
    7: [
        [
            (0.1, 0.07),
            (0.5, 0.05),
            (0.86, 0.06),
            (0.7, 0.35),
            (0.52, 0.68),
            (0.42, 0.98),
        ]
    ],
    8: [
        [
            *arc(0.5, 0.26, 0.25, 0.23, 60, -240),
            (0.36, 0.44),
            *arc(0.5, 0.74, 0.3, 0.24, -60, 240),
            (0.63, 0.46),
        ]
    ],
    9: [
        [
            *arc(0.48, 0.28, 0.28, 0.25, -20, -340),
            (0.74, 0.3),
            (0.7, 0.62),
            (0.58, 0.98),
        ]
    ],
}

PLACES = {
    0: (0.08, 0.1, 0.5),
    1: (0.55, 0.3, 0.6),
    2: (0.3, 0.05, 0.45),
    3: (0.05, 0.4, 0.5),
    4: (0.45, 0.45, 0.5),
    5: (0.2, 0.2, 0.75),
    6: (0.5, 0.08, 0.4),
    7: (0.1, 0.5, 0.42),
    8: (0.48, 0.1, 0.48),
    9: (0.15, 0.12, 0.8),
}
"""Where each is drawn: left, top and size, as shares of the sheet. None is centred."""


def placed(digit: int) -> list[list[tuple[float, float]]]:
    """Return a digit's strokes as shares of the sheet."""
    left, top, size = PLACES[digit]
    return [
        [(left + size * x, top + size * y) for x, y in stroke]
        for stroke in STROKES[digit]
    ]
