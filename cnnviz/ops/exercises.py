"""Random exercises from a seed: the same seed gives the same sheet everywhere.

Only ``random.Random.random`` is drawn from, whose sequence Python promises to keep.
"""

from __future__ import annotations

from random import Random
from typing import Literal

from cnnviz.ops.worked_setting import Mode, Plane, Setting

Difficulty = Literal["easy", "medium", "hard"]

POOLINGS: tuple[Mode, ...] = ("max", "average")
HARD: tuple[Mode, ...] = ("correlation", "convolution", "transposed")


def exercise(difficulty: Difficulty, seed: int) -> Setting:
    """Return the numbers of an exercise.

    Easy ones have one channel, a 2 × 2 kernel of −1, 0 and 1 and single digits; medium
    ones a 3 × 3 kernel, negative values, stride or padding, or pooling; hard ones two
    channels with a bias and ReLU, a flip, holes or a transposed convolution.

    Parameters
    ----------
    difficulty : {"easy", "medium", "hard"}
    seed : int
        From 0.
    """
    rng = Random(3 * seed + ("easy", "medium", "hard").index(difficulty))
    for _ in range(20):  # neighbouring seeds start alike
        rng.random()
    return {"easy": _easy, "medium": _medium, "hard": _hard}[difficulty](rng)


def _whole(rng: Random, low: int, high: int) -> int:
    """Return a whole number from low to high."""
    return low + int(rng.random() * (high - low + 1))


def _plane(rng: Random, rows: int, columns: int, low: int, high: int) -> Plane:
    return tuple(
        tuple(float(_whole(rng, low, high)) for _ in range(columns))
        for _ in range(rows)
    )


def _kernel(rng: Random, side: int, most: int) -> Plane:
    """Return a kernel that is not zero throughout."""
    kernel = _plane(rng, side, side, -most, most)
    return kernel if any(map(any, kernel)) else _kernel(rng, side, most)


def _easy(rng: Random) -> Setting:
    image = _plane(rng, 3, 3, 0, 5)
    return Setting("correlation", (image,), ((_kernel(rng, 2, 1),),))


def _medium(rng: Random) -> Setting:
    kind = _whole(rng, 0, 3)
    if kind == 0:
        image, kernel = _plane(rng, 4, 4, -9, 9), _plane(rng, 2, 2, 1, 1)
        mode = POOLINGS[_whole(rng, 0, 1)]
        return Setting(mode, (image,), ((kernel,),), stride=(2, 2))
    image, kernel = _plane(rng, 5, 5, -3, 9), _kernel(rng, 3, 2)
    stride, padding = ((1, 0), (2, 1), (2, 0))[kind - 1]
    return Setting(
        "correlation",
        (image,),
        ((kernel,),),
        stride=(stride, stride),
        padding=(padding, padding),
    )


def _hard(rng: Random) -> Setting:
    mode = HARD[_whole(rng, 0, 2)]
    if mode == "transposed":
        image, kernel = _plane(rng, 3, 3, -3, 5), _kernel(rng, 3, 2)
        padding = _whole(rng, 0, 1)
        return Setting(
            mode, (image,), ((kernel,),), stride=(2, 2), padding=(padding, padding)
        )
    dilation = _whole(rng, 1, 2)
    side = 5 if dilation == 2 else 4
    channels = tuple(_plane(rng, side, side, -4, 6) for _ in range(2))
    kernels = tuple(_kernel(rng, 2, 3) for _ in range(2))
    return Setting(
        mode,
        channels,
        (kernels,),
        (float(_whole(rng, -5, 5)),),
        dilation=(dilation, dilation),
        relu=True,
    )
