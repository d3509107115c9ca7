"""Training with the window open, maps and curves live, and without a window."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from test_training_speed import side
from turns import compare, timed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROUNDS, BATCHES = 7, 60
LEAST = 0.95
STALL_MS = 100


@contextmanager
def window(precision: str, stalls: list[float]) -> Iterator[Callable[[], float]]:
    """Start the page in a process; a call returns the seconds of some batches."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, Path(__file__).with_name("window_side.py"), precision],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(root)},
        text=True,
    ) as process:

        def ask() -> float:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{BATCHES}\n")
            process.stdin.flush()
            seconds, stall = map(float, process.stdout.readline().split())
            stalls.append(stall)
            return seconds

        ask()
        stalls.clear()
        yield ask
        process.stdin.close()


@timed
@pytest.mark.timeout(600)
def test_the_window_leaves_training_its_speed(capsys):
    stalls: list[float] = []
    with window("float32", stalls) as shown, side("float32", BATCHES) as bare:
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
