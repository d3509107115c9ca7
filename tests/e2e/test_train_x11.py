"""Train in a real window: choose data, start, pause, rewind, close, reopen, go on.

Nothing here calls the program; the screen is looked at, and the run on disk is read.
"""

from __future__ import annotations

import shutil
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from desktop import App, Desktop, until

from cnnviz.nn import digits, idx, recording
from cnnviz.palette import LIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desktop import Pixels

pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(
        not (shutil.which("Xvfb") and shutil.which("xdotool")),
        reason="needs Xvfb and xdotool",
    ),
]

ACCENT = tuple(bytes.fromhex(LIGHT.accent[1:]))
CONTROLS = np.s_[60:140, 200:480]
PLOTS = np.s_[60:148, 500:1240]
"""The curves, without the names below them."""
MAPS = np.s_[300:600, 700:1270]
REWIND = np.s_[600:720, 500:1270]
LONG = 60
"""Seconds that a training may take on a busy machine."""


@pytest.fixture(scope="module")
def desktop(x_display: dict[str, str]) -> Iterator[Desktop]:
    result = Desktop(x_display)
    yield result
    result.close()


@pytest.fixture
def launch(desktop: Desktop, home: Path) -> Iterator[Callable[[], App]]:
    started: list[App] = []

    def launch() -> App:
        settings = home / "config" / "settings.ini"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("[General]\ntheme=light\n")
        started.append(App(desktop, home=home))
        started[-1].take_over()
        return started[-1]

    yield launch
    for app in started:
        app.process.kill()
        app.process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write generated digits as MNIST's four files."""
    place = tmp_path / "our digits"
    place.mkdir()
    for name, count, seed in (("train", 15_000, 1), ("t10k", 500, 2)):
        split = digits.generate(count, seed)
        idx.write(place / f"{name}-images-idx3-ubyte", split.images[:, 0])
        labels = split.labels.astype(np.uint8)
        idx.write(place / f"{name}-labels-idx1-ubyte", labels)
    return place


def places(pixels: Pixels, rgb: tuple[int, ...] = ACCENT) -> Pixels:
    return (pixels == rgb).all(axis=2)


def start_button(desktop: Desktop) -> tuple[int, int]:
    """Return the middle of the one large blue button, once it can be pressed."""

    def found() -> tuple[int, int] | None:
        blue = places(desktop.pixels()[CONTROLS])
        rows = np.flatnonzero(blue.sum(axis=1) > 150)
        if rows.size < 20:
            return None
        columns = np.flatnonzero(blue[rows[2]])
        left = int(columns.min() + columns.max()) // 2
        return left + 200, 60 + int(rows.min() + rows.max()) // 2

    return until(found, "the button can be pressed", LONG)


def drawn(desktop: Desktop) -> int:
    """Return how many pixels the curves cover, more than half of each.

    Hardly any has just their colour: their edges are smooth, and they are no wider than
    two pixels. How many do depends on where the batches happen to lie.
    """
    red, _, blue = np.moveaxis(desktop.pixels()[PLOTS].astype(int), 2, 0)
    return int((blue - red > (ACCENT[2] - ACCENT[0]) / 2).sum())


def rail(pixels: Pixels) -> tuple[int, int, int]:
    """Return the row of the rewind slider, and the ends of its blue line."""
    blue = places(pixels[REWIND])
    row = int(blue.sum(axis=1).argmax())
    columns = np.flatnonzero(blue[row])
    return 600 + row, 500 + int(columns.min()), 500 + int(columns.max())


def look_back_while_it_trains(desktop: Desktop, home: Path) -> float:
    """Drag the handle to the first weights, look at them for a while, and let go.

    Return the seconds that ten batches took meanwhile.
    """
    row, left, right = rail(desktop.pixels())
    way = (word for x in range(right, left, -20) for word in ("mousemove", x, row))
    desktop.do("mousemove", right - 4, row, "mousedown", 1, *way)
    desktop.do("mousemove", left, row, "mouseup", 1)
    first = desktop.still(1.0, MAPS)
    done, curve = steps(home), desktop.pixels()[PLOTS]
    began = time.monotonic()
    until(lambda: steps(home) > done + 10, "it trains on meanwhile", LONG)
    seconds = time.monotonic() - began
    until(lambda: not np.array_equal(desktop.pixels()[PLOTS], curve), "the curve grows")
    np.testing.assert_array_equal(desktop.pixels()[MAPS], first)
    desktop.click(right, row)
    until(
        lambda: not np.array_equal(desktop.pixels()[MAPS], first),
        "the maps are those of now",
    )
    now = desktop.pixels()[MAPS]
    until(lambda: not np.array_equal(desktop.pixels()[MAPS], now), "and live")
    return seconds


def steps(home: Path) -> int:
    """Return how many batches the run on disk has."""
    found = recording.runs(home / "data" / "runs")
    return found[0].steps().step if found else 0


@pytest.mark.usefixtures("generated")
def test_train_pause_rewind_close_reopen_and_go_on(desktop, launch, folder, home):
    app = launch()
    desktop.still()
    desktop.press("ctrl+4")
    # Nothing else goes on while the dialog is written in.
    x, y = start_button(desktop)
    # The choice of data lies there, and its list over the words below it.
    words = np.s_[y + 210 : y + 226, 210:460]
    closed = desktop.pixels()[words]
    desktop.click(x, y + 188)
    until(lambda: not np.array_equal(desktop.pixels()[words], closed), "it opens")
    desktop.press("End", "Return")
    app.answer("Open a data set", folder)
    desktop.still(1.0, words)
    x, y = start_button(desktop)
    before = drawn(desktop)
    desktop.click(x, y)
    until(lambda: drawn(desktop) > before + 20, "the curve grows", LONG)
    until(lambda: steps(home) > 20, "snapshots are taken", LONG)
    ten_batches = look_back_while_it_trains(desktop, home)
    desktop.press("space")
    # The batch under way ends first, which on a busy machine takes a while.
    shown = desktop.still(min(max(1.0, ten_batches), 10.0))
    done = steps(home)

    row, left, _ = rail(shown)
    desktop.click(left + 2, row)
    until(
        lambda: not np.array_equal(desktop.pixels()[MAPS], shown[MAPS]),
        "the maps are those of the first weights",
    )
    assert steps(home) == done, "looking back trains nothing"
    curves = desktop.pixels()[PLOTS]
    desktop.press("ctrl+q")
    assert app.ended() == (0, "", "")

    again = launch()
    until(
        lambda: np.array_equal(desktop.pixels()[PLOTS], curves),
        "the curves are there again",
        LONG,
    )
    assert steps(home) == done
    start_button(desktop)
    desktop.press("space")
    until(lambda: steps(home) > done, "the run goes on where it was", LONG)
    began = time.monotonic()
    again.close_window()
    assert again.ended() == (0, "", "")
    assert time.monotonic() - began < 10, "it takes two seconds on a quiet machine"
    (run,) = recording.runs(home / "data" / "runs")
    assert run.checkpoint().step == run.steps().step
