"""The window is closed while work goes on: the program ends, at once and in peace."""

from __future__ import annotations

import os
import random
import statistics
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from mirrors import serving
from PIL import Image

from cnnviz import session
from cnnviz.nn import recording
from reliability.closing_side import HANDS
from reliability.figures import report
from reliability.inside import launch, prepare_home, troubles

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMES, SOME = 50, 2
MOST_SECONDS = 2.0

LATEST = {"training": 3.0, "download": 1.0, "camera": 1.0, "dream": 3.0, "export": 5.0}
"""Seconds from the beginning of the work to the close, at most."""

HABITS = ("silent", "stalls", "drips")
NAME = "train-labels-idx1-ubyte.gz"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of noise, long enough for a close in its midst."""
    path = tmp_path_factory.mktemp("film") / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    for shift in range(600):
        writer.write(np.roll(noise, shift, axis=1))
    writer.release()
    return path


@contextmanager
def what(work: str, number: int, film: Path, folder: Path) -> Iterator[object]:
    """Give the work what it works with: a film, a server, a file to write."""
    if work == "download":
        with serving({NAME: bytes(28_881)}) as server:
            yield server.url(HABITS[number % len(HABITS)])
    else:
        yield film if work == "camera" else folder / "steps.gif"


def close_once(
    work: str, seconds: float, thing: object, home: Path
) -> tuple[float, str]:
    """Return the seconds from the close to the end, and what went wrong."""
    prepare_home(home)
    environment = {
        **os.environ,
        "CNNVIZ_HOME": str(home),
        "QT_QPA_PLATFORM": "offscreen",
        "NO_PROXY": "*",
    }
    process = launch("closing_side", work, seconds, thing, environment=environment)
    try:
        asked = process.stdout.readline()
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    taken = time.monotonic() - float(asked or "nan")
    wrong = [f"exit code {process.returncode}"] if process.returncode else []
    return taken, "\n".join([*wrong, out, err, *troubles(home)]).strip()


@pytest.mark.parametrize("work", HANDS)
def test_the_window_is_closed_meanwhile(
    work: str, long: bool, film: Path, digits_file: Path, tmp_path: Path
) -> None:
    taken = []
    for number in range(TIMES if long else SOME):
        home = tmp_path / str(number)
        generated = home / "data" / digits_file.parent.name
        generated.mkdir(parents=True)
        os.link(digits_file, generated / digits_file.name)
        seconds = random.Random(f"{work} {number}").uniform(0, LATEST[work])
        with what(work, number, film, home) as thing:
            lasted, wrong = close_once(work, seconds, thing, home)
        assert not wrong, f"closed after {seconds:.3f} s of {work}: {wrong}"
        assert session.read(home / "data" / "session.cnnviz").page
        if work == "training":
            (run,) = recording.runs(home / "data" / "runs")
            saved = run.checkpoint()
            assert saved is not None
            assert saved.step == run.steps().step > 3
        if work == "export" and Path(str(thing)).exists():
            with Image.open(str(thing)) as whole:
                assert whole.n_frames == 100
        taken.append(lasted)
    report(
        f"closing-{work}",
        closings=len(taken),
        median_seconds=round(statistics.median(taken), 2),
        longest_seconds=round(max(taken), 2),
    )
    assert max(taken) < MOST_SECONDS
