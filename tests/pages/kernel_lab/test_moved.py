"""A session file whose photograph is no longer where it was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from cnnviz import commands, session, theme
from cnnviz.codec import to_json
from cnnviz.ops.pipeline import Stage
from cnnviz.ops.samples import photograph_path
from cnnviz.pages.kernel_lab.state import State, beside
from cnnviz.settings import Settings
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

GONE = "/nowhere/gone.png"
SAVED = State(GONE, "colour", stages=(Stage(bias=3.0), Stage(activation="relu")))


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    """Make the window, with the Kernel Lab on show."""
    theme.apply(QApplication.instance(), "light", 100)
    win = Window(Settings("light"))
    qtbot.addWidget(win)
    win.restore_session()
    win.show()
    yield win
    win.shut_down()


def open_saved(window: Window, folder: Path, state: State) -> None:
    file = folder / "lesson.cnnviz"
    pages = {"kernel-lab": to_json(state)}
    session.write(session.Session("kernel-lab", pages), file)
    commands.open_session(file, window)


@pytest.mark.parametrize("picture", [GONE, "C:\\lessons\\gone.png"])
def test_a_photograph_that_moved_with_its_file_is_found(
    window, qtbot, tmp_path, picture
):
    there = tmp_path / "gone.png"
    shutil.copy(photograph_path("chelsea.png"), there)
    open_saved(window, tmp_path, replace(SAVED, picture=picture, pin=(9, 9)))
    qtbot.waitUntil(window.page.settled)
    assert window.page.state == replace(SAVED, picture=str(there), pin=(9, 9))
    assert window.page.banner.text() == ""


def test_a_photograph_that_is_where_it_was_is_preferred(window, qtbot, tmp_path):
    first = tmp_path / "first" / "gone.png"
    first.parent.mkdir()
    for path in (first, tmp_path / "gone.png"):
        shutil.copy(photograph_path("chelsea.png"), path)
    open_saved(window, tmp_path, replace(SAVED, picture=str(first)))
    qtbot.waitUntil(window.page.settled)
    assert window.page.state.picture == str(first)


@pytest.mark.parametrize("shown", ["sample:camera", "sample:letters"])
def test_a_file_whose_photograph_is_gone_opens_without_it(
    window, qtbot, tmp_path, shown
):
    window.page.open_paths([shown])
    qtbot.waitUntil(window.page.settled)
    open_saved(window, tmp_path, replace(SAVED, pin=(9, 9)))
    qtbot.waitUntil(window.page.settled)
    assert window.page.state == replace(SAVED, picture=shown)
    assert window.page.banner.text() == (
        "“gone.png” is missing, so another picture is on show: put it beside "
        "“lesson.cnnviz” and open that again, or open another picture."
    )
    window.page.undo()
    assert window.page.state == State(shown)


def test_a_camera_is_not_switched_on_in_the_place_of_a_photograph(tmp_path):
    data, missing = beside({"picture": GONE}, tmp_path, "camera:0")
    assert (data["picture"], missing) == (State().picture, "gone.png")
