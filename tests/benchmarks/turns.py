"""Times as ratios: the sides take turns, so that a busy machine slows all of them."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

# Times mean something only on a machine that does nothing else.
timed = pytest.mark.skipif(
    "not config.getoption('benchmark_enable')", reason="asked for by --benchmark-enable"
)


def duration(run: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def take_turns(
    ours: Callable[[], float], yardstick: Callable[[], float], rounds: int
) -> list[tuple[float, float]]:
    """Ask both for their seconds, round after round; the first round is practice.

    Every other round begins with the other side, as each finds the caches full of what
    the one before it left there.
    """
    result = []
    for number in range(rounds + 1):
        if number % 2:
            other = yardstick()
            result.append((ours(), other))
        else:
            result.append((ours(), yardstick()))
    return result[1:]


def compare(
    ours: Callable[[], float], yardstick: Callable[[], float], rounds: int
) -> tuple[float, float, float]:
    """Return both medians, and the median of the ratios of ours to the yardstick."""
    turns = take_turns(ours, yardstick, rounds)
    own, other = (statistics.median(column) for column in zip(*turns, strict=True))
    return own, other, statistics.median(a / b for a, b in turns)
