"""Training with the window open, maps and curves live, and by ``cnnviz train``.

Both record it on disk: it is the same training.
"""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from test_training_speed import answers, on_card, side
from turns import compare, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS, BATCHES = 7, 60
LEAST = 0.95
STALL_MS = 100
RATE = 10


@contextmanager
def window(
    precision: str,
    device: str,
    batches: int,
    stalls: list[float],
    rates: list[float],
) -> Iterator[Callable[[], float]]:
    """Start the page in a process; a call returns the seconds of some batches."""
    with answers("window_side.py", (precision, device), batches) as ask:

        def seconds() -> float:
            taken, stall, frames = map(float, ask().split())
            stalls.append(stall)
            rates.append(frames / taken)
            return taken

        yield seconds


@timed
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("device", "batches"), [("cpu", BATCHES), pytest.param("cuda", 300, marks=on_card)]
)
def test_the_window_leaves_training_its_speed(device, batches, capsys):
    stalls: list[float] = []
    rates: list[float] = []
    with (
        window("float32", device, batches, stalls, rates) as ours,
        side("recorded", batches, device) as theirs,
    ):
        own, other, ratio = compare(ours, theirs, ROUNDS)
    with capsys.disabled():
        shown, bare = (1000 * seconds / batches for seconds in (own, other))
        print(
            f"\n{device}: training with the window {shown:.2f} ms a step, without "
            f"{bare:.2f} ms: {1 / ratio:.3f}× (at least {LEAST}×); maps "
            f"{statistics.median(rates):.1f} times a second (at least {RATE}); "
            f"longest stall of the window {max(stalls):.0f} ms, median "
            f"{statistics.median(stalls):.0f} ms (under {STALL_MS} ms)",
            end="",
        )
    assert 1 / ratio >= LEAST
    assert statistics.median(rates) >= RATE
    assert statistics.median(stalls) < STALL_MS
