"""The lessons that ship: none is stale, and every one shows what it says."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QWidget

from cnnviz import codec, commands, lessons, session
from cnnviz.errors import InputError
from cnnviz.session import Lesson, Session
from cnnviz.settings import Settings
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from pytestqt.qtbot import QtBot

SHOWN = {
    ("1-why-convolution", "signals"): "each hidden unit sees 3 of 7 inputs",
    ("1-why-convolution", "windows"): "Max pooling",
    ("2-one-dimension", "signals"): "window 1 of 48",
    ("3-two-dimensions", "windows"): "62 − 33 = 29",
    ("3-two-dimensions", "kernel-lab"): "the other 5 of the bank",
    ("4-layers", "windows"): "ReLU(4 + 1 + 2) = 7",
    ("4-layers", "kernel-lab"): "975",
    ("5-other-convolutions", "windows"): "Sum of stamps",
    ("5-other-convolutions", "kernel-lab"): "2·4 − 4·(3 − 1)",
    ("6-networks", "train"): "60,000",
    ("6-networks", "windows"): "= 3",
    ("7-uses", "inspect"): "It says 7",
    ("7-uses", "kernel-lab"): "Astronaut",
    ("8-mnist", "train"): "1,087,106",
    ("8-mnist", "inspect"): "10 layers, 1,087,106 parameters",
}
"""What is to be read on each page of each lesson."""

SCRIPT = Path(__file__).resolve().parents[1] / "packaging" / "lessons.py"


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("make_lessons", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def win(qtbot: QtBot) -> Iterator[Window]:
    result = Window(Settings(theme="light"))
    qtbot.addWidget(result)
    result.restore_session()
    result.resize(1280, 800)
    result.show()
    yield result
    result.shut_down()


def test_the_files_are_those_that_the_script_makes(script, tmp_path):
    script.make(tmp_path)
    made = {file.name: file.read_text("utf-8") for file in tmp_path.iterdir()}
    assert made == {file.name: file.read_text("utf-8") for file in lessons.files()}


def test_the_readme_calls_them_by_their_titles(script):
    readme = (SCRIPT.parents[1] / "README.md").read_text("utf-8")
    table = re.findall(r"^\| (\d) (.+?) \|", readme, re.M)
    titles = [made.lesson.title for made in script.LESSONS]
    assert table == [(str(number), title) for number, title in enumerate(titles, 1)]


def test_making_them_again_removes_what_is_no_more(script, tmp_path):
    (tmp_path / "9-old.cnnviz").write_text("{}")
    script.make(tmp_path)
    assert len(list(tmp_path.iterdir())) == 8


def test_there_is_one_for_each_section_of_the_lecture():
    assert [file.name[:2] for file in lessons.files()] == [f"{n}-" for n in range(1, 9)]
    for file in lessons.files():
        lesson = session.read(file).lesson
        assert lesson is not None
        assert lesson.sentence.endswith(".")
        assert lesson.task.endswith((".", "?"))


def test_each_is_followed_by_the_next_and_the_last_by_none():
    there = lessons.files()
    read = [session.read(file).lesson for file in there]
    assert [lessons.following(each) for each in read if each] == [*there[1:], None]
    assert lessons.following(Lesson("A teacher's own")) is None


@pytest.mark.usefixtures("generated")
@pytest.mark.parametrize("file", lessons.files(), ids=lambda file: file.stem)
def test_nothing_is_refused_and_every_page_shows_its_state(win, qtbot, file):
    saved = session.read(file)
    commands.open_lesson(str(file), win)
    assert win.pages.current == saved.page
    assert win.lesson == saved.lesson
    for key, state in saved.pages.items():
        win.show_page(key)
        qtbot.waitUntil(win.page.settled, timeout=60_000)
        assert win.page.banner.text() == ""
        kind = type(win.page.state)
        assert win.page.state == codec.from_json(kind, state)
        assert win.page.state_json() == state
        shown = SHOWN[file.stem, key]
        qtbot.waitUntil(lambda shown=shown: shown in words(win.page))
    assert (win.width(), win.height()) == (1280, 800)


def words(page: QWidget) -> str:
    """Return all that can be read on a page, without its markup."""
    texts = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    texts += [each.currentText() for each in page.findChildren(QComboBox)]
    texts += [each.accessibleName() for each in page.findChildren(QWidget)]
    return re.sub("<[^>]*>", "", "\n".join(texts))


def saved_states(number: int) -> dict[str, Any]:
    return dict(session.read(lessons.files()[number - 1]).pages)


def test_the_numbers_that_the_lessons_name():
    from cnnviz.nn.network import Network
    from cnnviz.pages.signals.state import State as Signals
    from cnnviz.pages.windows.state import State as Windows

    sharing = codec.from_json(Signals, saved_states(1)["signals"])
    assert (sharing.inputs, sharing.hidden, len(sharing.kernel)) == (7, 5, 3)
    by_hand = codec.from_json(Windows, saved_states(3)["windows"])
    assert by_hand.work.result.flat[0] == 62 - 33 == 29
    assert [by_hand.is_open(step) for step in range(4)] == [True, False, False, False]
    layer = codec.from_json(Windows, saved_states(4)["windows"])
    assert layer.work.result.shape == (6, 3, 3)
    go = codec.from_json(Windows, saved_states(6)["windows"])
    assert go.work.result.shape == (1, *go.setting.size)
    recipe = saved_states(8)["train"]["recipe"]
    network = codec.from_json(Network, recipe["network"])
    assert sum(network.parameters) == 1_087_106


def test_a_lesson_without_one_opens_as_any_session(win, tmp_path):
    commands.open_lesson(str(lessons.files()[1]), win)
    file = tmp_path / "mine.cnnviz"
    session.write(Session("signals", saved_states(1)), file)
    assert "lesson" not in json.loads(file.read_text("utf-8"))
    commands.open_session(file, win)
    assert win.lesson is None


@pytest.mark.parametrize(
    ("lesson", "part"),
    [
        ({"title": " "}, "no title"),
        ({"title": "x" * 81}, "title of this lesson has 81"),
        ({"title": "x", "task": "x" * 401}, "task of this lesson has 401"),
        ({"title": "x", "hide": ["rail"]}, "hide[0]"),
        ({"title": 7}, "title"),
        ({}, "incomplete"),
        ("lesson", "cannot be"),
    ],
)
def test_a_damaged_lesson_is_refused_in_a_sentence(tmp_path, lesson, part):
    file = tmp_path / "damaged.cnnviz"
    data = json.loads(lessons.files()[0].read_text("utf-8"))
    file.write_text(json.dumps({**data, "lesson": lesson}), "utf-8")
    with pytest.raises(InputError) as error:
        session.read(file)
    assert part in str(error.value)
    assert str(error.value).endswith(".")


def test_a_round_trip_keeps_the_lesson(tmp_path):
    lesson = Lesson("Title", "Sentence.", "Task?", ("controls", "explanation"))
    session.write(Session("one", {"one": {}}, lesson=lesson), tmp_path / "x.cnnviz")
    assert session.read(tmp_path / "x.cnnviz").lesson == lesson
