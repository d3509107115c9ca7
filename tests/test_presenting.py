"""Lessons in the window, the presenter mode, and the tour, by mouse and keys."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from cnnviz import commands, lessons, session, theme, tour
from cnnviz.pages.windows.quiz import Quiz
from cnnviz.pages.windows.story import Story
from cnnviz.settings import Settings
from cnnviz.stack import PAGES
from cnnviz.widgets.cards import Card
from cnnviz.widgets.lesson_bar import LessonBar
from cnnviz.widgets.spotlight import beside
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

QUICK = [entry for entry in PAGES if entry.id in ("signals", "windows", "lessons")]
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "settings.ini", tmp_path / "session.cnnviz"


@pytest.fixture
def make(qtbot: QtBot, files: tuple[Path, Path]) -> Iterator[Callable[[], Window]]:
    made: list[Window] = []

    def make() -> Window:
        theme.apply(application(), "light", 100)
        result = Window(Settings(theme="light"), *files, QUICK)
        qtbot.addWidget(result)
        made.append(result)
        result.restore_session()
        result.show()
        result.activateWindow()
        qtbot.waitUntil(result.isActiveWindow)
        return result

    yield make
    for each in made:
        each.present(False)
        each.shut_down()
    theme.apply(application(), "light", 100)


def application() -> QApplication:
    result = QApplication.instance()
    assert isinstance(result, QApplication)
    return result


@pytest.fixture
def win(make: Callable[[], Window]) -> Window:
    return make()


def bar(win: Window) -> LessonBar:
    return win.findChild(LessonBar)


def task(win: Window) -> str:
    return "" if bar(win).isHidden() else bar(win).findChild(QLabel).text()


def open_lesson(win: Window, number: int) -> None:
    commands.open_lesson(str(lessons.files()[number - 1]), win)


# ---------------------------------------------------------------- lessons


def test_a_card_for_each_lesson_opens_it_with_one_click(win, qtbot):
    win.show_page("lessons")
    cards = win.page.findChildren(Card)
    read = [session.read(file).lesson for file in lessons.files()]
    assert [card.accessibleName() for card in cards] == [each.title for each in read]
    for card, lesson in zip(cards, read, strict=True):
        texts = [label.text() for label in card.findChildren(QLabel)]
        assert {lesson.title, lesson.sentence, lesson.task} <= set(texts)
    qtbot.mouseClick(cards[0].button, Qt.MouseButton.LeftButton)
    assert win.page.id == "signals"
    assert win.page.state.view == "connections"
    assert read[0].title in task(win)
    assert read[0].task in task(win)
    assert win.settings.recent == ()
    qtbot.keyClick(win, Qt.Key.Key_Z, CONTROL)
    assert win.page.state.view == "steps"


@pytest.mark.parametrize(("width", "columns"), [(700, 2), (1100, 3), (1900, 4)])
def test_cards_share_the_width(win, qtbot, width, columns):
    win.show_page("lessons")
    win.resize(width + 184, 800)
    cards = win.page.findChildren(Card)
    qtbot.waitUntil(lambda: len({card.y() for card in cards[:columns]}) == 1)
    assert cards[columns].y() > cards[0].y()
    assert len({card.height() for card in cards[:columns]}) == 1
    for one, other in pairwise(cards):
        assert not one.geometry().intersects(other.geometry())


def test_next_and_close(win, qtbot):
    open_lesson(win, 1)
    buttons = bar(win).findChild(QPushButton), bar(win).findChild(QToolButton)
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert win.lesson.title == "One dimension"
    assert win.lesson.title in task(win)
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert win.lesson is None
    assert task(win) == ""
    assert win.page.state.view == "steps"


def test_after_the_last_lesson_there_is_no_next(win):
    last = session.read(lessons.files()[-1]).lesson
    win.show_lesson(last)
    assert bar(win).findChild(QPushButton).isHidden()
    commands.next_lesson(win)
    assert win.lesson is last


def test_a_task_is_words_and_no_markup(win):
    win.show_lesson(session.Lesson("a < b", task="Is 1 < 2 & <b>3</b>?"))
    assert "a &lt; b" in task(win)
    assert "&lt;b&gt;3" in task(win)


def test_the_lesson_is_still_open_at_the_next_start(make):
    first = make()
    open_lesson(first, 3)
    first.close()
    again = make()
    assert again.lesson == session.read(lessons.files()[2]).lesson
    assert again.lesson.title in task(again)
    assert again.page.id == "windows"


def test_a_damaged_lesson_is_explained_on_its_page(win, monkeypatch, tmp_path):
    (tmp_path / "1-x.cnnviz").write_text("{")
    good = lessons.files()[0]
    monkeypatch.setattr(lessons, "files", lambda: [tmp_path / "1-x.cnnviz", good])
    win.show_page("lessons")
    assert "“1-x.cnnviz” is damaged" in win.page.banner.text()
    assert len(win.page.findChildren(Card)) == 1
    open_lesson(win, 2)
    assert win.lesson.title == "Why convolution"


# ---------------------------------------------------------------- presenter mode


def test_presenting_hides_what_the_lesson_names_and_esc_brings_it_back(win, qtbot):
    open_lesson(win, 1)
    parts, before = win.page.parts, win.size()
    assert all(part.isVisible() for part in parts.values())
    qtbot.keyClick(win, Qt.Key.Key_F5)
    qtbot.waitUntil(win.isFullScreen)
    assert not parts["controls"].isVisible()
    assert parts["explanation"].isVisible()
    assert not win.menuBar().isVisible()
    assert theme.current().text_size >= 125
    assert win.settings.text_size == 100
    qtbot.keyClick(win, Qt.Key.Key_2, CONTROL)  # the keys of the hidden menus
    assert win.page.id == "windows"
    assert not win.page.parts["controls"].isVisible()
    win.page.setFocus()
    qtbot.keyClick(win.page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: theme.current().text_size == 100)
    assert not win.isFullScreen()
    assert win.menuBar().isVisible()
    assert win.page.parts["controls"].isVisible()
    qtbot.waitUntil(lambda: win.size() == before)


def test_keys_in_one_beat_restyle_once(win, qtbot, monkeypatch):
    sizes = []
    dress = theme.dress
    monkeypatch.setattr(
        theme,
        "dress",
        lambda app: (sizes.append(theme.current().text_size), dress(app)),
    )
    for _ in range(3):
        win.present(not win.presenting)
    qtbot.waitUntil(lambda: bool(sizes))
    assert len(sizes) == 1
    assert sizes[0] >= 125


def test_what_a_lesson_makes_and_hides_grows_with_the_type(win, qtbot):
    open_lesson(win, 1)  # makes the page Windows, on which nothing is covered
    win.present(True)
    qtbot.waitUntil(lambda: theme.current().text_size >= 125)
    open_lesson(win, 3)
    assert {
        part.font().pixelSize()
        for part in win.page.findChild(Quiz).children()
        if isinstance(part, QLabel)
    } == {theme.current().px(14)}


def test_esc_closes_a_message_first(win, qtbot):
    win.present(True)
    win.page.show_message("A sentence.")
    win.page.setFocus()
    qtbot.keyClick(win.page, Qt.Key.Key_Escape)
    assert win.presenting
    qtbot.keyClick(win.page, Qt.Key.Key_Escape)
    assert not win.presenting


def test_without_a_lesson_nothing_of_a_page_is_hidden(win):
    win.present(True)
    assert all(part.isVisible() for part in win.page.parts.values())
    open_lesson(win, 1)
    assert not win.page.parts["controls"].isVisible()
    win.show_lesson(None)
    assert win.page.parts["controls"].isVisible()


def test_the_words_of_windows_grow_with_the_type_and_change_their_ink(win, qtbot):
    win.show_page("windows")
    story = win.page.findChild(Story)
    plain = story.text()
    assert f"{theme.LIGHT.highlight_text}" in plain
    assert "font-size:26px" in plain
    win.change(replace(win.settings, theme="dark", text_size=150))
    qtbot.waitUntil(lambda: theme.DARK.highlight_text in story.text())
    assert "font-size:39px" in story.text()
    win.change(replace(win.settings, theme="light", text_size=100))
    qtbot.waitUntil(lambda: story.text() == plain)


def test_presenting_is_no_setting(make, files):
    first = make()
    first.present(True)
    first.close()
    again = make()
    assert not again.presenting
    assert again.settings.text_size == 100
    assert not again.isFullScreen()


# ---------------------------------------------------------------- tour


def test_the_tour_goes_on_and_back_by_keys_and_ends(win, qtbot):
    spotlight = tour.start(win)
    keyboard = QApplication.focusWidget
    assert spotlight.isAncestorOf(keyboard())
    for step in range(5):
        assert spotlight.step == step
        shown = spotlight.findChildren(QLabel)
        assert f"{step + 1} of 5" in [label.text() for label in shown]
        assert win.rect().contains(spotlight.geometry())
        qtbot.keyClick(keyboard(), Qt.Key.Key_Right)
    assert spotlight.isHidden()
    assert not win.isAncestorOf(keyboard()) or not spotlight.isAncestorOf(keyboard())
    again = tour.start(win)
    for key, step in (
        ("Right", 1),
        ("Enter", 2),
        ("Left", 1),
        ("Left", 0),
        ("Left", 0),
    ):
        qtbot.keyClick(keyboard(), Qt.Key[f"Key_{key}"])
        assert again.step == step
    qtbot.keyClick(keyboard(), Qt.Key.Key_Escape)
    assert again.isHidden()


def test_the_tour_by_its_buttons_keeps_the_keyboard_on_them(win, qtbot):
    spotlight = tour.start(win)
    buttons = {b.text(): b for b in spotlight.findChildren(QPushButton)}
    assert not buttons["Back"].isEnabled()
    qtbot.mouseClick(buttons["Next"], Qt.MouseButton.LeftButton)
    assert spotlight.step == 1
    seen = set()
    for _ in range(4):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.add(QApplication.focusWidget())
    assert seen == set(buttons.values())
    qtbot.mouseClick(buttons["Back"], Qt.MouseButton.LeftButton)
    assert spotlight.step == 0
    state = win.page.state
    qtbot.mouseClick(spotlight, Qt.MouseButton.LeftButton, pos=QPoint(600, 400))
    assert win.page.state == state
    win.resize(1000, 700)
    qtbot.waitUntil(lambda: spotlight.size() == win.size())
    qtbot.mouseClick(buttons["Skip"], Qt.MouseButton.LeftButton)
    assert spotlight.isHidden()


@pytest.mark.parametrize(
    ("part", "corner"),
    [
        (QRect(0, 0, 100, 600), (110, 250)),
        (QRect(700, 0, 300, 600), (490, 250)),
        (QRect(0, 0, 1000, 40), (400, 50)),
        (QRect(0, 500, 1000, 100), (400, 390)),
        (QRect(0, 0, 1000, 600), (790, 250)),
        (QRect(0, 0, 700, 600), (709, 250)),
        (QRect(0, 0, 900, 600), (790, 250)),
        (QRect(), (400, 250)),
    ],
    ids=["left", "right", "top", "bottom", "all", "wide", "wider", "none"],
)
def test_the_card_is_beside_what_it_speaks_of(part, corner):
    room = QRect(0, 0, 1000, 600)
    found = beside(part, QSize(200, 100), room, 10)
    assert abs(found.x() - corner[0]) <= 1
    assert abs(found.y() - corner[1]) <= 1
