"""Times as ratios: the sides take turns, so that a busy machine slows all of them."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Times mean something only on a machine that does nothing else.
timed = pytest.mark.skipif(
    "not config.getoption('benchmark_enable')", reason="asked for by --benchmark-enable"
)


def seconds(run: Callable[[], object]) -> float:
    """Time one call."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def take_turns(
    sides: Sequence[Callable[[], float]], rounds: int
) -> list[tuple[float, ...]]:
    """Ask every side for its seconds, round after round; the first round is practice."""
    return [tuple(side() for side in sides) for _ in range(rounds + 1)][1:]


def median_ratio(rounds: list[tuple[float, ...]], side: int, yardstick: int) -> float:
    """Return the median over the rounds of one side's time by another's."""
    return statistics.median(row[side] / row[yardstick] for row in rounds)


def medians(rounds: list[tuple[float, ...]]) -> list[float]:
    """Return the median seconds of each side."""
    return [statistics.median(column) for column in zip(*rounds, strict=True)]
