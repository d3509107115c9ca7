"""Accuracy against epsilon: the first point at once, a prompt cancel, little memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from curve_side import PICTURES, POINTS
from turns import timed

SIDE = Path(__file__).with_name("curve_side.py")
FIRST_S, CANCEL_S, MOST_MB = 1.0, 1.0, 1500


@timed
@pytest.mark.timeout(600)
def test_the_curve_is_there_at_once_and_ends_when_told(capsys):
    said = subprocess.run(
        [sys.executable, str(SIDE)], capture_output=True, text=True, check=True
    )
    first, whole, cancel, memory = map(float, said.stdout.split())
    with capsys.disabled():
        print(
            f"\n{PICTURES:,} pictures at {POINTS} epsilons: first point after "
            f"{first:.2f} s (at most {FIRST_S:g}), all after {whole:.0f} s, cancelled "
            f"in {cancel:.2f} s (at most {CANCEL_S:g}), peak {memory:.0f} MB (under "
            f"{MOST_MB})"
        )
    assert first <= FIRST_S
    assert cancel <= CANCEL_S
    assert memory < MOST_MB
