"""Start-up of the bundle against that of the checkout: to the first pixels on a screen.

Both are started on the same X server and take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from desktop import Desktop, until
from turns import compare, timed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PAIRS = 9
MOST = 1.1

pytestmark = [
    pytest.mark.bundle,
    pytest.mark.x11,
    pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs Xvfb"),
]


@pytest.fixture
def desktop(x_display: dict[str, str]) -> Iterator[Desktop]:
    result = Desktop(x_display)
    yield result
    result.close()


def first_pixels(desktop: Desktop, program: Sequence[str], home: Path) -> float:
    """Return the seconds from a start until something is on the empty screen."""
    until(lambda: not desktop.pixels().any(), "the screen is empty")
    environment = {**desktop.environment, "CNNVIZ_HOME": str(home)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begin = time.perf_counter()
    process = subprocess.Popen(program, env=environment, stderr=subprocess.DEVNULL)
    until(lambda: np.count_nonzero(desktop.pixels()) > 10_000, "a window is painted")
    seconds = time.perf_counter() - begin
    process.kill()
    process.wait()
    return seconds


@timed
@pytest.mark.timeout(600)
def test_first_paint_of_the_bundle_against_the_checkout(
    desktop, bundle, tmp_path, capsys
):
    def seconds(*program: str) -> float:
        return first_pixels(desktop, program, tmp_path)

    frozen, source, ratio = compare(
        partial(seconds, str(bundle / "cnnviz")),
        partial(seconds, sys.executable, "-m", "cnnviz"),
        PAIRS,
    )
    with capsys.disabled():
        print(
            f"\nfirst paint: bundle {frozen * 1000:.0f} ms, checkout "
            f"{source * 1000:.0f} ms, ratio {ratio:.2f} (at most {MOST})"
        )
    assert ratio <= MOST
