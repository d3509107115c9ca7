"""A person draws a seven with the mouse in a real window, and reads the answer.

Nothing here calls the program: xdotool has the mouse, the screen is looked at, and the
session that the window leaves tells what it said.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from desktop import App, Desktop, until

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

COLUMN = np.s_[:, 190:490]
"""The controls in the window of 1280 by 800."""

SEVEN = ((0.2, 0.15), (0.75, 0.13), (0.6, 0.5), (0.45, 0.9))


@pytest.fixture(scope="module")
def desktop(x_display: dict[str, str]) -> Iterator[Desktop]:
    result = Desktop(x_display)
    yield result
    result.close()


@pytest.fixture
def launch(desktop: Desktop, home: Path) -> Iterator[Callable[..., App]]:
    started: list[App] = []

    def launch(*words: object) -> App:
        settings = home / "config" / "settings.ini"
        settings.parent.mkdir(parents=True)
        settings.write_text("[General]\ntheme=light\n")
        started.append(App(desktop, *words, home=home))
        started[-1].take_over()
        return started[-1]

    yield launch
    for app in started:
        app.process.kill()
        app.process.communicate()


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def are(pixels: Pixels, colour: str) -> np.ndarray:
    return (pixels == rgb(colour)).all(axis=2)


def sheet_of(pixels: Pixels) -> tuple[int, int, int]:
    """Return left, top and side of the drawing pad: the largest white square."""
    rows = longest_run(are(pixels[COLUMN], LIGHT.text).sum(axis=1) > 8)
    assert len(rows) > 80, "a digit is on the pad at the start"
    row = int(rows[len(rows) // 2])
    drawn = ~are(pixels[:, :470], LIGHT.surface)
    frame = np.flatnonzero(drawn[row, 190:]) + 190
    left, right = int(frame.min()), int(frame.max())
    above = np.flatnonzero(drawn[: rows[0] - 4, left + 20])
    return left, int(above.max()), right - left


def longest_run(flags: np.ndarray) -> np.ndarray:
    """Return the places of the longest run of true values."""
    places = np.flatnonzero(flags)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return max(runs, key=len)


def highlighted_bar(pixels: Pixels) -> int:
    """Return the row of the screen where the answer's longest bar is."""
    bars = are(pixels[COLUMN], LIGHT.highlight).sum(axis=1)
    assert bars.max() > 80, "no class has a long bar"
    return int(np.flatnonzero(bars > 80).mean())


def test_draw_a_seven_and_read_it(desktop, launch, home) -> None:
    app = launch()
    desktop.press("ctrl+5")
    until(
        lambda: are(desktop.pixels()[COLUMN], LIGHT.highlight).sum() > 600,
        "the network answers about the digit of the start",
    )
    before = desktop.still()
    left, top, side = sheet_of(before)
    seven = highlighted_bar(before)

    desktop.click(left + side // 2, top + side // 2)
    desktop.press("Delete")
    until(
        lambda: not are(desktop.pixels()[COLUMN], LIGHT.highlight).any(),
        "an empty sheet has no answer",
    )
    points = [(left + round(x * side), top + round(y * side)) for x, y in SEVEN]
    words: list[object] = ["mousemove", *points[0], "mousedown", 1]
    for x, y in points[1:]:
        words += ["mousemove", x, y, "sleep", 0.05]
    desktop.do(*words, "mouseup", 1)
    until(
        lambda: are(desktop.pixels()[COLUMN], LIGHT.highlight).sum() > 600,
        "the drawing is answered",
    )
    after = desktop.still()
    assert abs(highlighted_bar(after) - seven) <= 2, "the bar of the 7 is the longest"

    desktop.press("ctrl+q")
    code, _, error = app.ended()
    assert (code, error) == (0, "")
    session = json.loads((home / "data" / "session.cnnviz").read_text("utf-8"))
    assert session["pages"]["inspect"]["drawing"]
    assert session["pages"]["inspect"]["source"] == "drawing"
