"""Start-up of the bundle against that of the checkout: to the first pixels on a screen.

Both are started on the same X server and take turns, so that a busy machine slows both.
What counts is the processor's time, as the wait for others on it is no program's own.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from desktop import Desktop, until
from turns import compare, timed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PAIRS = 9
MOST = 1.1

pytestmark = [
    pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs Xvfb"),
]


@pytest.fixture
def desktop(x_display: dict[str, str]) -> Iterator[Desktop]:
    result = Desktop(x_display)
    yield result
    result.close()


def first_pixels(
    desktop: Desktop, program: Sequence[str], home: Path, walls: list[float]
) -> float:
    """Return the processor's seconds from a start until the empty screen has a window.

    The seconds that passed are kept in ``walls``.
    """
    until(lambda: not desktop.pixels().any(), "the screen is empty")
    environment = {**desktop.environment, "CNNVIZ_HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    process = subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL)
    until(lambda: np.count_nonzero(desktop.pixels()) > 10_000, "a window is painted")
    walls.append(time.perf_counter() - begin)
    times = psutil.Process(process.pid).cpu_times()
    process.kill()
    process.wait()
    return times.user + times.system


@timed
@pytest.mark.timeout(600)
def test_first_paint_of_the_bundle_against_the_checkout(
    desktop, bundle, tmp_path, capsys
):
    walls: tuple[list[float], list[float]] = ([], [])
    programs = ((str(bundle / "cnnviz"),), (sys.executable, "-m", "cnnviz"))
    sides = (
        partial(first_pixels, desktop, program, tmp_path, wall)
        for program, wall in zip(programs, walls, strict=True)
    )
    frozen, source, ratio = compare(*sides, PAIRS)
    passed = " and ".join(f"{statistics.median(wall[1:]):.2f} s" for wall in walls)
    with capsys.disabled():
        print(
            f"\nfirst paint: bundle {frozen * 1000:.0f} ms of the processor, checkout "
            f"{source * 1000:.0f} ms, ratio {ratio:.2f} (at most {MOST}); passed: "
            f"{passed}"
        )
    assert ratio <= MOST
