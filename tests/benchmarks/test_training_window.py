"""Training with the window open, maps and curves live, and by ``cnnviz train``.

Both record it on disk: it is the same training.
"""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from test_training_speed import answers, side
from turns import compare, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS, BATCHES = 7, 60
LEAST = 0.95
STALL_MS = 100


@contextmanager
def window(precision: str, stalls: list[float]) -> Iterator[Callable[[], float]]:
    """Start the page in a process; a call returns the seconds of some batches."""
    with answers("window_side.py", precision, BATCHES) as ask:

        def seconds() -> float:
            taken, stall = map(float, ask().split())
            stalls.append(stall)
            return taken

        yield seconds


@timed
@pytest.mark.timeout(600)
def test_the_window_leaves_training_its_speed(capsys):
    stalls: list[float] = []
    with window("float32", stalls) as shown, side("recorded", BATCHES) as bare:
        own, other, ratio = compare(shown, bare, ROUNDS)
    with capsys.disabled():
        print(
            f"\ntraining with the window {1000 * own / BATCHES:.1f} ms a step, without "
            f"{1000 * other / BATCHES:.1f} ms: {1 / ratio:.2f}× (at least {LEAST}×); "
            f"longest stall of the window {max(stalls):.0f} ms, median "
            f"{statistics.median(stalls):.0f} ms (under {STALL_MS} ms)",
            end="",
        )
    assert 1 / ratio >= LEAST
    assert statistics.median(stalls) < STALL_MS
