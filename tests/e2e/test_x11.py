"""The whole job in a real window: xdotool has the mouse, and the screen is looked at.

Nothing here calls the program. The functions of ``cnnviz.ops`` only say which colour
must be on the screen.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import pytest
from desktop import SOURCE, App, Desktop, until
from PIL import Image

from cnnviz import session
from cnnviz.ops import colour
from cnnviz.ops.convolution import correlate
from cnnviz.ops.geometry import Geometry
from cnnviz.palette import LIGHT, signed_table
from cnnviz.session import Session, WindowSize

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

CONTROLS = np.s_[:, :480]
MAP = np.s_[60:500, 890:1270]
"""The feature map with its histogram and legend, in the window of 1280 by 800."""

SOBEL = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32)
DARK, BRIGHT = 60, 180
SIZE = 40, 60


@pytest.fixture(scope="module")
def desktop(x_display: dict[str, str]) -> Iterator[Desktop]:
    result = Desktop(x_display)
    yield result
    result.close()


@pytest.fixture(params=["source", pytest.param("bundle", marks=pytest.mark.bundle)])
def program(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Return the program as it is in the checkout, and as students get it."""
    if request.param == "source":
        return SOURCE
    return (str(request.getfixturevalue("bundle") / "cnnviz"),)


@pytest.fixture
def launch(
    desktop: Desktop, home: Path, program: tuple[str, ...]
) -> Iterator[Callable[..., App]]:
    started: list[App] = []

    def launch(*words: object, home: Path = home) -> App:
        settings = home / "config" / "settings.ini"
        if not settings.exists():
            settings.parent.mkdir(parents=True)
            settings.write_text("[General]\ntheme=light\n")
        started.append(App(desktop, *words, home=home, program=program))
        started[-1].take_over()
        return started[-1]

    yield launch
    for app in started:
        app.process.kill()
        app.process.communicate()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Return a picture file: dark on the left, bright on the right."""
    pixels = np.full(SIZE, DARK, np.uint8)
    pixels[:, SIZE[1] // 2 :] = BRIGHT
    Image.fromarray(pixels).save(tmp_path / "step edge.png")
    return tmp_path / "step edge.png"


def on_the_right(weight: float) -> tuple[int, ...]:
    """Return the colour of the map in the bright half, with the cell at this weight."""
    pixels = np.full(SIZE, DARK, np.float32)
    pixels[:, SIZE[1] // 2 :] = BRIGHT
    kernel = SOBEL.copy()
    kernel[1, 2] = weight
    values = correlate(pixels, kernel, Geometry((3, 3), padding="same"))
    scale = colour.natural_scale(*colour.value_range(values))
    bgrx = colour.to_bgrx(values, scale, signed_table(LIGHT))
    return tuple(map(int, bgrx[SIZE[0] // 2, SIZE[1] * 3 // 4, 2::-1]))


def share(pixels: Pixels, rgb: tuple[int, ...]) -> float:
    """Return which share of the pixels has exactly this colour."""
    return float((pixels == rgb).all(axis=2).mean())


def largest_weight(pixels: Pixels) -> tuple[int, int, Pixels]:
    """Find the kernel's one cell in full orange: its middle (x, y), and its number."""
    orange = tuple(map(int, signed_table(LIGHT)[-1, 0, ::-1]))
    rows, columns = np.nonzero((pixels[CONTROLS] == orange).all(axis=2))
    assert rows.size > 500, "no cell of a kernel is on the screen"
    x, y = (int(place.min() + place.max()) // 2 for place in (columns, rows))
    return x, y, pixels[y - 10 : y + 10, x - 25 : x + 25]


def shows_map(desktop: Desktop, weight: float) -> Pixels:
    """Wait for the picture's map with the cell at this weight; return the screen."""
    rgb = on_the_right(weight)
    until(lambda: share(desktop.pixels()[MAP], rgb) > 0.2, f"the map has {rgb}")
    return desktop.still()


def same(first: Pixels, second: Pixels) -> bool:
    return np.array_equal(first[MAP], second[MAP])


def weight_in(file: Path) -> float:
    stage = json.loads(file.read_text("utf-8"))["pages"]["kernel-lab"]["stages"][0]
    return float(stage["kernels"][0]["weights"][1][2])


def test_open_edit_see_save_quit_and_find_it_all_again(
    desktop, launch, picture, home, tmp_path
):
    app = launch(picture)
    before = shows_map(desktop, 2)
    x, y, _ = largest_weight(before)
    desktop.drag_up(x, y, 3 * 8)
    after = shows_map(desktop, 5)
    assert not same(before, after)
    *_, cell = largest_weight(after)

    desktop.press("ctrl+z")
    until(lambda: same(desktop.pixels(), before), "undo brings the old map back")
    desktop.press("ctrl+shift+z")
    until(lambda: same(desktop.pixels(), after), "redo brings the new map back")

    desktop.press("ctrl+s")
    app.answer("Save session", tmp_path / "lesson.cnnviz")
    until((tmp_path / "lesson.cnnviz").exists, "the session is saved")
    assert weight_in(tmp_path / "lesson.cnnviz") == 5
    desktop.press("ctrl+q")
    assert app.ended() == (0, "", "")

    for words, where in (
        ([], home),
        ([tmp_path / "lesson.cnnviz"], tmp_path / "another home"),
    ):
        again = launch(*words, home=where)
        found = shows_map(desktop, 5)
        assert same(found, after)
        np.testing.assert_array_equal(largest_weight(found)[2], cell)
        desktop.press("ctrl+q")
        assert again.ended() == (0, "", "")


def test_open_by_the_dialog_type_a_number_close_the_window(
    desktop, launch, picture, home
):
    app = launch()
    x, y, _ = largest_weight(desktop.still())
    desktop.press("ctrl+o")
    app.answer("Open", picture)
    shows_map(desktop, 2)
    desktop.click(x, y)
    desktop.write("7.5")
    desktop.press("Return")
    shows_map(desktop, 7.5)
    app.close_window()
    assert app.ended() == (0, "", "")
    file = home / "data" / "session.cnnviz"
    assert weight_in(file) == 7.5
    assert str(picture) in file.read_text("utf-8")


def test_a_damaged_session_is_explained_in_the_window(desktop, launch, home):
    file = home / "data" / "session.cnnviz"
    file.parent.mkdir(parents=True)
    file.write_text("{")
    app = launch()
    red = tuple(bytes.fromhex(LIGHT.error_soft[1:]))
    until(lambda: share(desktop.pixels(), red) > 0.01, "the banner is there")
    largest_weight(desktop.still())
    desktop.press("ctrl+q")
    code, _, error = app.ended()
    assert code == 0
    assert not error
    assert file.with_name("session.cnnviz.bad").read_text() == "{"


def test_a_window_of_a_larger_screen_fits_this_one(desktop, launch, home):
    file = home / "data" / "session.cnnviz"
    file.parent.mkdir(parents=True)
    session.write(Session(window=WindowSize(2560, 780)), file)
    app = launch()
    desktop.still()
    desktop.press("ctrl+q")
    assert app.ended()[0] == 0
    assert session.read(file).window == WindowSize(1280, 780)
