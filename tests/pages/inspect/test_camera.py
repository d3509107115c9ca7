"""The camera of the Inspect page: a film in its place, read by OpenCV as one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from page_for_tests import PATIENCE, draw, outputs, press, settle
from PIL import Image

from cnnviz.errors import InputError
from cnnviz.pages import pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from PySide6.QtWidgets import QPushButton
    from pytestqt.qtbot import QtBot

    from cnnviz.ops.images import Picture
    from cnnviz.pages.inspect.page import InspectPage

    Make = Callable[..., InspectPage]

FRAMES = 50


@pytest.fixture(autouse=True)
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a film in the place of camera 0: a bar that wanders over paper."""
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 25, (96, 72))
    for number in range(FRAMES):
        frame = np.full((72, 96, 3), 235, np.uint8)
        left = 20 + number
        frame[12:60, left : left + 6] = 20
        writer.write(frame)
    writer.release()
    frames = pictures.images.camera_frames

    def again(source: int | str) -> Generator[Picture, None, None]:
        assert source == 0
        while True:
            with suppress(InputError):  # at the film's end
                yield from frames(path)

    monkeypatch.setattr(pictures.images, "camera_frames", again)


def camera(page: InspectPage) -> QPushButton:
    return page._controls._camera


def filming(page: InspectPage, qtbot: QtBot) -> None:
    """Switch the camera on and wait for two of its pictures."""
    first = page.state.drawing
    press(page, "Camera")
    qtbot.waitUntil(lambda: page.state.drawing != first, timeout=PATIENCE)
    second = page.state.drawing
    qtbot.waitUntil(lambda: page.state.drawing != second, timeout=PATIENCE)
    assert camera(page).text() == "Take picture"


def stays_off(page: InspectPage, qtbot: QtBot) -> None:
    """Check that no picture of the camera comes any more."""
    assert not page._incoming.filming and page._incoming._loader._camera is None
    assert (camera(page).text(), camera(page).isChecked()) == ("Camera", False)
    state = page.state
    settle(qtbot, page)
    assert page.state == state


def test_a_digit_before_the_camera_is_drawn_and_answered_live(
    page: Make, qtbot: QtBot
) -> None:
    shown = page()
    before, maps = shown.state, outputs(shown)["conv1"]
    filming(shown, qtbot)
    press(shown, "Camera")  # which says “Take picture” now
    settle(qtbot, shown)
    stays_off(shown, qtbot)
    rows, columns = np.nonzero(shown.state.sheet > 127)
    assert 120 < np.ptp(rows) < 160 and np.ptp(columns) < 40, "a bar"
    assert not np.array_equal(outputs(shown)["conv1"], maps)
    while shown.can_undo():
        shown.undo()
    assert shown.state == before


def test_a_stroke_ends_the_filming_and_stays(page: Make, qtbot: QtBot) -> None:
    shown = page()
    filming(shown, qtbot)
    draw(qtbot, shown, [((0.1, 0.95), (0.5, 0.95), (0.9, 0.95))])
    assert shown.state.sheet[266, 140] == 255
    stays_off(shown, qtbot)


def test_undo_and_another_source_end_the_filming(
    page: Make, qtbot: QtBot, test_set: str
) -> None:
    shown = page()
    before = shown.state
    filming(shown, qtbot)
    shown.undo()
    assert shown.state == before
    stays_off(shown, qtbot)
    filming(shown, qtbot)
    shown.edit(replace(shown.state, source="test", data=test_set))
    assert shown.state.source == "test"
    stays_off(shown, qtbot)


def test_a_file_ends_the_filming(page: Make, qtbot: QtBot, tmp_path: Path) -> None:
    pixels = np.full((60, 80), 240, np.uint8)
    pixels[10:50, 10:16] = 15
    Image.fromarray(pixels).save(tmp_path / "one.png")
    shown = page()
    filming(shown, qtbot)
    shown.open_paths([str(tmp_path / "one.png")])
    assert camera(shown).text() == "Camera"
    qtbot.waitUntil(lambda: shown.state.sheet[140, 45] > 200, timeout=PATIENCE)
    stays_off(shown, qtbot)


def test_another_page_ends_the_filming(page: Make, qtbot: QtBot) -> None:
    shown = page()
    filming(shown, qtbot)
    shown.hide()
    assert shown._incoming._loader._camera is None
    assert camera(shown).text() == "Camera"


def test_no_camera_is_a_sentence(
    page: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    frames = pictures.images.camera_frames
    monkeypatch.setattr(pictures.images, "camera_frames", lambda _: frames(97))
    shown = page()
    before = shown.state
    press(shown, "Camera")
    qtbot.waitUntil(lambda: "No camera answers" in shown.banner.text())
    assert (camera(shown).text(), camera(shown).isChecked()) == ("Camera", False)
    assert shown.state == before and not shown.can_undo()
