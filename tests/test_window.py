"""The window: pages, menus, clipboard, drops, session, theme; and that all is named."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAction,
    QColor,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QImage,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QSpinBox,
    QTextEdit,
    QToolButton,
    QWidget,
)

from cnnviz import commands, session, settings, theme, window
from cnnviz.dialogs import Dialog, versions
from cnnviz.errors import InputError
from cnnviz.pages.base import Page
from cnnviz.session import Session, WindowSize
from cnnviz.settings import Settings
from cnnviz.stack import PAGES, Entry
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

CONTROLS = (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


@dataclass(frozen=True)
class State:
    number: int = 0


class Demo(Page):
    """A page that notes what the window asks of it."""

    title = "Demo"

    def __init__(self, key: str) -> None:
        super().__init__(State())
        self.id = key  # type: ignore[misc]
        self.asked: list[Any] = []
        self.field, self.spin = QLineEdit(), QSpinBox()
        self.controls.addWidget(self.field)
        self.controls.addWidget(self.spin)
        self.picture: QImage | None = QImage(3, 2, QImage.Format.Format_RGB32)
        self.picture.fill(QColor("#123456"))

    def set(self, number: int) -> None:
        self.edit(State(number))

    def show_state(self, old: State) -> None:
        pass

    def message(self) -> str:
        return " ".join(label.text() for label in self.banner.findChildren(QLabel))

    def open_paths(self, paths: list[str]) -> None:
        self.asked.append(("open", paths))
        if "bad.png" in paths[0]:
            raise InputError("That is no picture.")

    def paste(self, mime: QMimeData) -> bool:
        self.asked.append(("paste", mime.text()))
        return mime.hasImage() or mime.text() == "1 2"

    def copy_picture(self) -> QImage | None:
        return self.picture

    def pytorch(self) -> str:
        return "" if self.picture is None else "import torch"

    def shut_down(self) -> None:
        self.asked.append("shut down")


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> tuple[Entry, ...]:
    table = (
        Entry("one", "One", "kernel-lab", "demo_one"),
        Entry("two", "Two", "signals", "demo_two"),
        Entry("three", "Three", "lessons", "demo_three", "Teach"),
    )
    for entry in table:
        module = ModuleType(entry.module)
        module.create = lambda key=entry.id: Demo(key)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, entry.module, module)
    return table


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "settings.ini", tmp_path / "session.cnnviz"


@pytest.fixture
def make(qtbot: QtBot, entries, files) -> Iterator[Callable[..., Window]]:
    made = []

    def make(
        chosen: Settings | None = None, *, kept: bool = True, said: str = ""
    ) -> Window:
        chosen = chosen or Settings(theme="light")
        app = QApplication.instance()
        theme.apply(app, chosen.theme, chosen.text_size)
        places = files if kept else (None, None)
        result = Window(chosen, *places, entries)
        qtbot.addWidget(result)
        made.append(result)
        result.restore_session()
        if said:
            result.statusBar().showMessage(said)
        result.show()
        result.activateWindow()
        qtbot.waitUntil(result.isActiveWindow)
        return result

    yield make
    for each in made:
        each.shut_down()


def demo(win: Window) -> Demo:
    assert isinstance(win.page, Demo)
    return win.page


def action(win: Window, text: str) -> QAction:
    named = (a for a in win.findChildren(QAction) if a.text().replace("&", "") == text)
    return next(named)


# ---------------------------------------------------------------- pages


def test_a_page_is_made_when_it_is_first_shown(make):
    win = make()
    assert win.page.id == "one"
    assert win.pages.count() == 1
    first = win.page
    win.show_page("two")
    win.show_page("one")
    assert win.page is first
    assert win.pages.count() == 2


def test_it_tells_when_a_page_is_made_and_once_alone(make, qtbot):
    win = make()
    with qtbot.waitSignals([win.pages.making, win.pages.made], order="strict"):
        win.show_page("two")
    with qtbot.assertNotEmitted(win.pages.making):
        win.show_page("one")
        win.show_page("two")


def test_at_first_no_control_has_the_keys(make):
    win = make()
    assert win.windowTitle() == "cnnviz"
    assert QApplication.focusWidget() is win.pages
    win.focusNextChild()
    assert win.page.isAncestorOf(QApplication.focusWidget())


def test_a_page_that_a_key_opens_has_the_keys_and_tab_goes_into_it(make, qtbot):
    win = make()
    demo(win).spin.setFocus()
    qtbot.keyClick(win, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    second = demo(win)
    assert QApplication.focusWidget() is second
    for wanted in (second.field, second.spin, second._fold):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is wanted
    qtbot.keyClick(win, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is demo(win).spin, "where they were"
    qtbot.keyClick(win, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is second._fold


def test_the_rail_keeps_the_keys_and_tab_stops_at_its_page_alone(make, qtbot):
    win = make()
    buttons = {b.text(): b for b in win.rail.findChildren(QAbstractButton)}
    buttons["One"].setFocus()
    qtbot.keyClick(buttons["One"], Qt.Key.Key_Down)
    assert (win.page.id, QApplication.focusWidget()) == ("two", buttons["Two"])
    qtbot.keyClick(win, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    stops = [b for b in buttons.values() if b.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [buttons["Three"]]


def test_rail_and_keys_choose_pages(make, qtbot):
    win = make()
    buttons = {b.text(): b for b in win.findChildren(QAbstractButton)}
    qtbot.mouseClick(buttons["Three"], Qt.MouseButton.LeftButton)
    assert win.page.id == "three"
    qtbot.keyClick(win, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert win.page.id == "two"
    assert buttons["Two"].isChecked()
    buttons["Two"].setFocus()
    qtbot.keyClick(buttons["Two"], Qt.Key.Key_Up)
    assert win.page.id == "one"


def test_the_rail_folds_in_a_narrow_window(make, qtbot):
    win = make()
    button = next(b for b in win.findChildren(QAbstractButton) if b.text() == "One")
    heading = next(b for b in win.findChildren(QLabel) if b.text() == "Teach")
    win.resize(1280, 800)
    qtbot.waitUntil(lambda: button.width() > 100 and heading.isVisible())
    win.resize(1000, 800)
    qtbot.waitUntil(lambda: button.width() < 60 and not heading.isVisible())


def test_readout_and_device_are_in_the_status_bar(make):
    win = make()
    win.page.readout.emit("x 2, y 1, 160")
    win.set_device("CUDA, Card")
    shown = [label.text() for label in win.statusBar().findChildren(QLabel)]
    assert shown == ["x 2, y 1, 160", "CUDA, Card"]
    win.show_page("two")
    shown = [label.text() for label in win.statusBar().findChildren(QLabel)]
    assert shown == ["", "CUDA, Card"]


def test_a_message_of_the_start_never_lies_on_the_readout(make):
    win = make(said="The settings file could not be read")
    win.page.readout.emit("x 2, y 1, 160")
    label = next(
        each
        for each in win.statusBar().findChildren(QLabel)
        if each.text() == "x 2, y 1, 160"
    )
    assert win.statusBar().currentMessage()
    assert not label.isVisible()
    win.statusBar().clearMessage()
    assert label.isVisible()


def test_painted_is_emitted_once(qtbot, make):
    win = make()
    count: list[int] = []
    win.painted.connect(lambda: count.append(1))
    qtbot.waitUntil(lambda: win._was_painted)
    win.repaint()
    qtbot.wait(20)
    assert len(count) <= 1


def test_undo_and_redo_follow_the_page(make, qtbot):
    win = make()
    undo, redo = action(win, "Undo"), action(win, "Redo")
    assert not undo.isEnabled()
    assert not redo.isEnabled()
    demo(win).set(7)
    assert undo.isEnabled()
    qtbot.keyClick(win, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert demo(win).state == State(0)
    assert redo.isEnabled()
    qtbot.keyClick(win, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert demo(win).state == State(7)
    win.show_page("two")
    assert not undo.isEnabled()


# ---------------------------------------------------------------- clipboard


def test_copy_and_paste_work_on_the_page(make, qtbot):
    win = make()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(win, Qt.Key.Key_C, control)
    copied = QApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (3, 2)
    qtbot.keyClick(win, Qt.Key.Key_C, control | Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.clipboard().text() == "import torch"
    QApplication.clipboard().setText("1 2")
    qtbot.keyClick(win, Qt.Key.Key_V, control)
    assert demo(win).asked == [("paste", "1 2")]
    assert not demo(win).message()


def test_what_is_of_no_use_is_said(make):
    win = make()
    QApplication.clipboard().setText("nothing")
    demo(win).picture = None
    for name in ("Paste", "Copy picture", "Save picture as PNG…", "Copy as PyTorch"):
        demo(win).banner.show_message("")
        action(win, name).trigger()
        assert demo(win).message().strip(), name


@pytest.mark.parametrize("name", ["field", "spin"])
def test_a_focused_field_keeps_its_keys(make, qtbot, name):
    win = make()
    field = getattr(demo(win), name)
    edit = field if name == "field" else field.findChild(QLineEdit)
    win.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    QApplication.clipboard().setText("42")
    control = Qt.KeyboardModifier.ControlModifier
    edit.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_V, control)
    assert edit.text() == "42"
    demo(win).set(1)
    qtbot.keyClick(field, Qt.Key.Key_Z, control)
    assert demo(win).state == State(1)
    edit.setText("17")
    edit.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_C, control)
    assert QApplication.clipboard().text() == "17"
    assert demo(win).asked == []


# ---------------------------------------------------------------- files


def test_open_asks_and_hands_on(make, monkeypatch, tmp_path):
    win = make(Settings("light", 100, (str(tmp_path / "x" / "a.png"),)))
    seen = []

    def ask(parent, title, folder, kinds):
        seen.append((folder, kinds))
        return [str(tmp_path / "b.png")], ""

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", ask)
    action(win, "Open…").trigger()
    assert seen[0][0] == str(tmp_path / "x")
    assert "*.cnnviz" in seen[0][1]
    assert demo(win).asked == [("open", [str(tmp_path / "b.png")])]


def test_names_become_absolute(make, monkeypatch, tmp_path):
    win = make()
    monkeypatch.chdir(tmp_path)
    commands.open_paths(["a.png"], win)
    assert demo(win).asked == [("open", [str(tmp_path / "a.png")])]


def test_ten_recent_files_and_a_way_to_clear_them(make, files):
    win = make()
    for number in range(11):
        win.page.recent.emit(f"/pictures/{number} & co.png")
    menu = action(win, "Open recent").menu()
    menu.aboutToShow.emit()
    rows = [row for row in menu.actions() if not row.isSeparator()]
    assert len(rows) == 11
    assert rows[0].text() == "&1  10 && co.png"
    rows[1].trigger()
    assert demo(win).asked == [("open", ["/pictures/9 & co.png"])]
    assert settings.load(files[0])[0].recent[0] == "/pictures/10 & co.png"
    rows[-1].trigger()
    assert settings.load(files[0])[0].recent == ()
    menu.aboutToShow.emit()
    assert [row.isEnabled() for row in menu.actions() if row.text()] == [False]


def test_save_picture(make, monkeypatch, tmp_path):
    win = make()
    answer(monkeypatch, tmp_path / "map.png")
    action(win, "Save picture as PNG…").trigger()
    saved = QImage(str(tmp_path / "map.png"))
    assert saved.pixelColor(0, 0) == QColor("#123456")
    answer(monkeypatch, tmp_path / "no folder" / "map.png")
    action(win, "Save picture as PNG…").trigger()
    assert "cannot be saved" in demo(win).message()


def test_save_session_and_open_it_again(make, monkeypatch, tmp_path):
    win = make()
    path = tmp_path / "lesson.cnnviz"
    demo(win).set(5)
    answer(monkeypatch, path)
    action(win, "Save session…").trigger()
    data = json.loads(path.read_text("utf-8"))
    assert (data["format"], data["version"], data["page"]) == ("cnnviz", 1, "one")
    assert data["pages"] == {"one": {"number": 5}}
    assert win.settings.recent == (str(path),)
    demo(win).set(6)
    win.show_page("two")
    commands.open_paths([str(path)], win)
    assert win.page.id == "one"
    assert demo(win).state == State(5)
    win.page.undo()
    assert demo(win).state == State(6)


def test_nothing_happens_without_an_answer(make, monkeypatch):
    win = make()
    answer(monkeypatch, None)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    for name in ("Open…", "Save session…", "Save picture as PNG…"):
        action(win, name).trigger()
    assert demo(win).asked == []
    assert not demo(win).message()


def answer(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    """Answer the next save dialogs."""
    monkeypatch.setattr(QFileDialog, "exec", lambda self: int(path is not None))
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda self: [str(path)])


def good(**changes: Any) -> str:
    data = {"format": "cnnviz", "version": 1, "page": "one", "pages": {"one": {}}}
    return json.dumps({**data, **changes})


BAD_SESSIONS = {
    "empty": "",
    "truncated": good()[:30],
    "no JSON": "\x89PNG",
    "deep": "[" * 100_000,
    "foreign": '{"format": "other", "version": 1}',
    "a list": "[1, 2]",
    "newer": good(version=2),
    "no version": good(version=None),
    "pages no dict": good(pages=[]),
    "state no dict": good(pages={"one": 5}),
    "page no text": good(page=7),
    "window no numbers": good(window={"width": "wide"}),
    "bad state": good(pages={"one": {"number": "many"}}),
}


@pytest.mark.parametrize("text", BAD_SESSIONS.values(), ids=BAD_SESSIONS)
def test_a_bad_file_is_refused_in_a_sentence(make, tmp_path, text):
    win = make()
    demo(win).set(3)
    path = tmp_path / "bad.cnnviz"
    path.write_text(text, "utf-8")
    action_like_drop(win, path)
    assert demo(win).message().strip()
    assert demo(win).state == State(3)
    assert win.settings.recent == ()


def test_a_file_for_an_unknown_page_is_refused(make, tmp_path):
    win = make()
    path = tmp_path / "later.cnnviz"
    path.write_text(good(pages={"dreams": {}}, page="dreams"), "utf-8")
    action_like_drop(win, path)
    assert "does not have" in demo(win).message()


def test_a_file_without_a_page_is_not_said_to_be_newer(make, tmp_path):
    win = make()
    path = tmp_path / "none.cnnviz"
    path.write_text(good(pages={}, page="one"), "utf-8")
    action_like_drop(win, path)
    assert "“none.cnnviz” holds no state of a page" in demo(win).message()


def action_like_drop(win: Window, *paths: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    drop(win, mime)


def drop(win: Window, mime: QMimeData) -> QDropEvent:
    """Drag something over the middle of the window and drop it."""
    place = win.rect().center()
    how = (
        Qt.DropAction.MoveAction | Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    handle = win.windowHandle()
    QApplication.sendEvent(handle, QDragEnterEvent(place, *how))
    event = QDropEvent(QPointF(place), *how)
    QApplication.sendEvent(handle, event)
    return event


def test_files_can_be_dropped_and_are_never_moved(make, tmp_path):
    win = make()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(tmp_path / name) for name in ("a.png", "b.png")])
    event = drop(win, mime)
    assert event.isAccepted()
    assert event.dropAction() == Qt.DropAction.CopyAction
    names = [str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert demo(win).asked == [("open", names)]
    assert not demo(win).field.acceptDrops()


def test_a_refused_file_is_explained(make, tmp_path):
    win = make()
    action_like_drop(win, tmp_path / "bad.png")
    assert "no picture" in demo(win).message()


def test_a_picture_from_a_browser_can_be_dropped(make):
    win = make()
    mime = QMimeData()
    mime.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    mime.setUrls([QUrl("https://example.org/cat.png")])
    drop(win, mime)
    assert demo(win).asked[0][0] == "paste"
    assert not demo(win).message()


def test_a_web_address_and_a_useless_text_are_explained(make):
    win = make()
    mime = QMimeData()
    mime.setUrls([QUrl("https://example.org/cat.png")])
    drop(win, mime)
    assert "web address" in demo(win).message()
    mime = QMimeData()
    mime.setText("prose")
    drop(win, mime)
    assert "cannot use" in demo(win).message()


# ---------------------------------------------------------------- session


def test_session_comes_back(make, files):
    win = make()
    demo(win).set(5)
    win.show_page("two")
    demo(win).set(6)
    win.resize(1111, 777)
    win.close()
    again = make()
    assert again.page.id == "two"
    assert demo(again).state == State(6)
    assert (again.width(), again.height()) == (1111, 777)
    again.close()  # page one was not even made this time
    third = make()
    third.show_page("one")
    assert demo(third).state == State(5)


def test_a_change_is_saved_soon_and_at_most_once_a_while(make, files, qtbot):
    win = make()
    assert window.SAVE_AFTER <= 5000
    win._saving.setInterval(30)
    qtbot.waitUntil(lambda: not win._saving.isActive(), timeout=5000)
    demo(win).set(1)
    demo(win).set(2)
    qtbot.waitUntil(lambda: states(files[1]) == {"one": {"number": 2}})
    assert not win._saving.isActive()


def states(file: Path) -> dict[str, Any]:
    return dict(session.read(file).pages) if file.exists() else {}


@pytest.mark.parametrize("text", BAD_SESSIONS.values(), ids=BAD_SESSIONS)
def test_a_bad_session_is_kept_beside_and_explained(make, files, text):
    files[1].write_text(text, "utf-8")
    win = make()
    kept = files[1].with_name("session.cnnviz.bad")
    assert kept.name in demo(win).message()
    assert demo(win).state == State(0)
    win.close()
    assert kept.read_text("utf-8") == text
    assert states(files[1])


def test_a_session_that_cannot_be_saved_is_said_and_no_more(make, files):
    win = make()
    files[1].mkdir()
    win.save_session()
    assert "cannot be saved" in win.statusBar().currentMessage()


def test_a_session_of_a_page_that_is_gone_shows_the_first(make, files):
    session.write(Session("dreams", {"dreams": {"a": 1}}), files[1])
    win = make()
    assert win.page.id == "one"
    win.close()
    assert states(files[1])["dreams"] == {"a": 1}


def test_a_maximized_window_comes_back_so(make, files, qtbot):
    session.write(Session("one", {}, WindowSize(900, 700, True)), files[1])
    win = make()
    qtbot.waitUntil(win.isMaximized)
    assert win.measure() == WindowSize(900, 700, True)


def test_nothing_is_kept_without_files(make, files):
    win = make(kept=False)
    demo(win).set(1)
    win.change(replace(win.settings, text_size=150))
    win.close()
    assert not files[0].exists()
    assert not files[1].exists()


def test_shut_down_reaches_every_page(make):
    win = make()
    first = demo(win)
    win.show_page("two")
    win.shut_down()
    assert first.asked == demo(win).asked == ["shut down"]


# ---------------------------------------------------------------- looks


def test_theme_and_text_size_are_chosen_shown_and_kept(make, files, qtbot):
    win = make()
    menu = action(win, "Theme").menu()
    next(row for row in menu.actions() if "Dark" in row.text()).trigger()
    qtbot.waitUntil(lambda: theme.current().palette.name == "dark")
    action(win, "Larger text").trigger()
    action(win, "Larger text").trigger()
    action(win, "Smaller text").trigger()
    qtbot.waitUntil(lambda: theme.current().text_size == 110)
    assert settings.load(files[0])[0] == Settings("dark", 110)
    menu.aboutToShow.emit()
    marks = {row.text(): row.isChecked() for row in menu.actions()}
    assert [text for text, checked in marks.items() if checked] == ["&Dark"]
    for name, end in (("Larger text", 200), ("Smaller text", 80)):
        for _ in theme.TEXT_SIZES:
            action(win, name).trigger()
        qtbot.waitUntil(lambda end=end: theme.current().text_size == end)
    action(win, "Normal text").trigger()
    qtbot.waitUntil(lambda: theme.current().text_size == 100)


def test_a_key_held_down_changes_the_looks_once(make, monkeypatch, qtbot):
    win = make()
    seen: list[int] = []
    monkeypatch.setattr(theme, "apply", lambda app, choice, size: seen.append(size))
    for _ in range(3):
        action(win, "Larger text").trigger()
    qtbot.waitUntil(lambda: bool(seen))
    QApplication.processEvents()
    assert seen == [win.settings.text_size] == [150]


def test_the_theme_follows_the_system(make, monkeypatch, qtbot):
    win = make(Settings("system"))
    seen: list[str] = []
    monkeypatch.setattr(theme, "apply", lambda app, choice, size: seen.append(choice))
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert seen == ["system"]
    win.change(replace(win.settings, theme="light"))
    qtbot.waitUntil(lambda: len(seen) == 2)
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert seen == ["system", "light"]


def test_full_screen_and_back(make, qtbot):
    win = make()
    qtbot.keyClick(win, Qt.Key.Key_F11)
    qtbot.waitUntil(win.isFullScreen)
    qtbot.keyClick(win, Qt.Key.Key_F11)
    qtbot.waitUntil(lambda: not win.isFullScreen())


# ---------------------------------------------------------------- help


def test_about_tells_the_versions_and_copies_them(make, qtbot):
    win = make()
    win.set_device("CUDA, Card")
    action(win, "About cnnviz").trigger()
    dialog = win.findChild(Dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    for name in ("Python", "Qt", "PySide6", "numpy", "OpenCV", "torch", "CUDA, Card"):
        assert name in words
    button(dialog, "Copy").click()
    assert QApplication.clipboard().text() == f"{versions()}\nDevice CUDA, Card"
    button(dialog, "Close").click()


def test_shortcuts_lists_every_key(make):
    win = make()
    action(win, "Keyboard shortcuts").trigger()
    dialog = win.findChild(Dialog)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    for row in win.findChildren(QAction):
        for key in row.shortcuts():
            assert any(key.toString() in text for text in words), row.text()
    button(dialog, "Close").click()


def test_the_log_folder_opens(make, monkeypatch, home):
    win = make()
    opened: list[QUrl] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: bool(opened.append(url)) or True
    )
    action(win, "Open the log folder").trigger()
    assert opened[0].toLocalFile() == (home / "log").as_posix()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    action(win, "Open the log folder").trigger()
    assert str(home / "log") in demo(win).message()


def button(dialog: QWidget, text: str) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() == text)


# ---------------------------------------------------------------- everything is named


@pytest.fixture
def real(qtbot: QtBot, generated: None) -> Iterator[Window]:
    """Make the window with all its pages, each shown once."""
    theme.apply(QApplication.instance(), "light", 100)
    win = Window(Settings("light"))
    qtbot.addWidget(win)
    win.restore_session()
    win.show()
    try:
        for entry in PAGES:
            win.show_page(entry.id)
            qtbot.waitUntil(win.page.settled, timeout=60_000)
        yield win
    finally:
        win.shut_down()


def interactive(root: QWidget) -> Iterator[QWidget]:
    """Walk the widgets that a person operates, without Qt's own inner ones."""
    for widget in root.findChildren(QWidget):
        if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar):
            continue
        inner = isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
        ours = type(widget).__module__.startswith("cnnviz.")
        focusable = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if (isinstance(widget, CONTROLS) and not inner) or (ours and focusable):
            yield widget


def nameless(root: QWidget) -> list[str]:
    """Describe the controls that lack an accessible name or a tooltip."""
    faults = []
    for widget in interactive(root):
        named = QAccessible.queryAccessibleInterface(widget)
        name = named.text(QAccessible.Text.Name) if named else widget.accessibleName()
        if not name.strip() or not widget.toolTip().strip():
            place = widget.mapTo(root, QPoint())
            faults.append(
                f"{type(widget).__name__} at {place.x()}, {place.y()}: "
                f"name “{name}”, tooltip “{widget.toolTip()}”"
            )
    return faults


def test_every_control_has_a_name_and_a_tooltip(real):
    assert len(list(interactive(real))) > 10
    assert nameless(real) == []


def test_every_control_of_the_dialogs_has_a_name_and_a_tooltip(make):
    win = make()
    for name in ("About cnnviz", "Keyboard shortcuts"):
        action(win, name).trigger()
        dialog = win.findChild(Dialog)
        assert nameless(dialog) == []
        dialog.close()
        dialog.setParent(None)


def test_tab_reaches_the_controls_of_a_page_before_its_fold(real):
    for entry in PAGES:
        page = real.pages.page(entry.id)
        stops, there = [], page.nextInFocusChain()
        while page.isAncestorOf(there):
            if there.focusPolicy() & Qt.FocusPolicy.TabFocus:
                stops.append(there)
            there = there.nextInFocusChain()
        at = stops.index(page._fold)
        controls = [s for s in stops if page.parts["controls"].isAncestorOf(s)]
        assert all(stops.index(control) < at for control in controls), entry.id


def test_the_walk_finds_what_lacks_a_name(qtbot):
    root = QWidget()
    qtbot.addWidget(root)
    QPushButton("words but no tooltip", root)
    spin = QSpinBox(root)
    spin.setToolTip("a tooltip but no name")
    assert len(nameless(root)) == 2


def test_every_action_is_in_a_menu_or_has_a_key_of_its_own(real):
    menus = real.menuBar().findChildren(QMenu)
    for button in (*real.findChildren(QToolButton), *real.findChildren(QPushButton)):
        if button.menu() and button.focusPolicy() & Qt.FocusPolicy.TabFocus:
            menus.append(button.menu())
    in_menus = {row for menu in menus for row in [*menu.actions(), menu.menuAction()]}
    for row in real.findChildren(QAction):
        internal = not row.text() or row.isSeparator()
        assert internal or row in in_menus or row.shortcuts(), row.text()
        assert internal or row.toolTip(), row.text()


def test_a_menu_that_was_open_shares_its_keys_with_no_other(real):
    (menu,) = (m for m in real.findChildren(QMenu) if m.title() == "&Page")
    for _ in range(3):
        menu.aboutToShow.emit()  # which fills it anew
    keys = [key.toString() for row in real.actions() for key in row.shortcuts()]
    assert "Ctrl+1" in keys
    assert len(keys) == len(set(keys))


def test_no_key_does_two_things(real):
    keys = [
        key.toString(QKeySequence.SequenceFormat.PortableText)
        for row in real.findChildren(QAction)
        for key in row.shortcuts()
    ]
    assert sorted(set(keys)) == sorted(keys)
