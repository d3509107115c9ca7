"""The window: a rail of pages, the page on show, menus, status bar and session."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from cnnviz import commands, lessons, menus, session, settings, theme
from cnnviz.errors import InputError
from cnnviz.session import Session, WindowSize
from cnnviz.stack import FIRST, PAGES, PageStack
from cnnviz.widgets.lesson_bar import LessonBar
from cnnviz.widgets.rail import Rail

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtGui import (
        QCloseEvent,
        QDragEnterEvent,
        QDropEvent,
        QKeyEvent,
        QPaintEvent,
        QResizeEvent,
    )

    from cnnviz.pages.base import Page
    from cnnviz.session import Lesson
    from cnnviz.settings import Settings
    from cnnviz.stack import Entry

SAVE_AFTER = 2000
"""Milliseconds from a change to the saving of the session."""

EXPLAINED = 30_000
"""Milliseconds for which the status bar explains something at the start."""

FOLD_BELOW = 1100
"""Width in pixels, at text size 100 %, below which the rail shows icons alone."""

PRESENTED, PRESENTED_ON = 1.25, 720
"""The presenter mode's text is at least so many times larger, and on a screen higher
than 900 pixels as many times as it is higher than 720."""

_log = logging.getLogger(__name__)


class Window(QMainWindow):
    """The application's one window.

    Parameters
    ----------
    chosen : Settings
        The user's choices.
    settings_file, session_file : Path or None
        Where changes are kept; with ``None`` they are not.
    entries : sequence of Entry
        The pages; at least one.

    Attributes
    ----------
    lesson : Lesson or None
        The lesson whose task is on show.
    presenting : bool
        Whether the presenter mode is on.
    """

    painted = Signal()
    """Emitted once, when everything has been painted for the first time."""

    def __init__(
        self,
        chosen: Settings,
        settings_file: Path | None = None,
        session_file: Path | None = None,
        entries: Sequence[Entry] = PAGES,
    ) -> None:
        super().__init__()
        self.setWindowTitle("cnnviz")
        self.settings = chosen
        self.lesson: Lesson | None = None
        self.presenting = False
        self._before: tuple[Qt.WindowState, QSize] | None = None
        self._settings_file = settings_file
        self._session_file = session_file
        self._was_painted = False
        self._saving = QTimer(self, singleShot=True, interval=SAVE_AFTER)
        self._saving.timeout.connect(self.save_session)
        # A key held down asks for many text sizes, and each takes a moment to show. And
        # a page that has just been made keeps its type until it has been laid out.
        self._restyling = QTimer(self, singleShot=True)
        self._restyling.timeout.connect(self._restyle)
        self.pages = PageStack(entries)
        self.pages.changed.connect(self._note_change)
        self.pages.opened.connect(self.note_opened)
        self.pages.refused.connect(self._explain_refusal)
        self.pages.handed_over.connect(self.hand_over)
        self.pages.lesson_asked.connect(self._open_lesson)
        self._bar = LessonBar()
        self._bar.next_asked.connect(
            partial(commands.attempt, commands.next_lesson, self)
        )
        self._bar.close_asked.connect(partial(self.show_lesson, None))
        self.rail = Rail()
        self._fill_rail()
        self._lay_out()
        self._fill_status_bar()
        self._refresh_menus = menus.build(self)
        self.setAcceptDrops(True)
        hints = QApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)

    def _fill_rail(self) -> None:
        group = ""
        for number, entry in enumerate(self.pages.entries, 1):
            if entry.group != group:
                group = entry.group
                self.rail.add_heading(group)
            tip = f"{entry.title} (Ctrl+{number})"
            self.rail.add(entry.id, entry.title, entry.icon, tip)
        self.rail.chosen.connect(self.show_page)

    def _lay_out(self) -> None:
        line = QFrame()
        line.setProperty("role", "line")
        line.setFixedWidth(1)
        central = QWidget()
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(line)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.pages, 1)
        row.addLayout(column, 1)
        self.setCentralWidget(central)

    def _fill_status_bar(self) -> None:
        self._readout, self._device = QLabel(), QLabel("CPU")
        for label, name in (
            (self._readout, "What is under the pointer"),
            (self._device, "What torch computes on"),
        ):
            label.setProperty("role", "muted")
            label.setAccessibleName(name)
            label.setToolTip(name)
        self.statusBar().setSizeGripEnabled(False)
        self.statusBar().addWidget(self._readout, 1)
        self.statusBar().addPermanentWidget(self._device)
        self.pages.readout.connect(self._readout.setText)
        # Qt lets what is not on show yet stand under a message of the start.
        self.statusBar().messageChanged.connect(
            lambda message: self._readout.setHidden(bool(message))
        )

    # ---------------------------------------------------------------- pages

    @property
    def page(self) -> Page:
        """The page on show."""
        return self.pages.page(self.pages.current)

    def show_page(self, key: str) -> None:
        """Show a page by its id."""
        self.pages.show_page(key)
        self.rail.set_current(key)
        self._readout.clear()
        self._hide_parts()
        self._note_change()

    def hand_over(self, key: str, data: dict[str, Any]) -> None:
        """Show a page with what another page hands over to it."""
        try:
            self.pages.page(key).take_over(data)
        except InputError as error:
            self.page.show_message(str(error))
            return
        self.show_page(key)

    def show_lesson(self, lesson: Lesson | None) -> None:
        """Show the task of a lesson, or none any more."""
        self.lesson = lesson
        if lesson is None:
            self._bar.hide()
        else:
            follows = lessons.following(lesson) is not None
            self._bar.show_task(lesson.title, lesson.task, follows=follows)
        self._hide_parts()
        self._note_change()

    def _open_lesson(self, name: str) -> None:
        commands.attempt(partial(commands.open_lesson, name), self)

    def note_opened(self, name: str) -> None:
        """Put a file among the recent ones."""
        self.change(self.settings.opened(name))

    def _note_change(self) -> None:
        self._refresh_menus()
        if self._session_file and not self._saving.isActive():
            self._saving.start()

    def shut_down(self) -> None:
        """Cancel and join all work."""
        self._saving.stop()
        self._restyling.stop()
        self.pages.shut_down()

    # ---------------------------------------------------------------- session

    def measure(self) -> WindowSize:
        """Return the size that the window has when it does not fill the screen."""
        filled = self.isMaximized() or self.isFullScreen()
        size = self.normalGeometry().size() if filled else self.size()
        return WindowSize(size.width(), size.height(), self.isMaximized())

    def restore_session(self) -> None:
        """Show what the last session showed, or else the first page."""
        saved, message = Session(), ""
        if self._session_file and self._session_file.exists():
            try:
                saved = session.read(self._session_file)
            except InputError as error:
                message = session.set_aside(self._session_file, error)
        self.pages.saved = dict(saved.pages)
        size = saved.window.within(self._rooms())
        self.resize(size.width, size.height)
        self._fold_rail()  # the words could ask for more width than there is
        if saved.window.maximized:
            self.setWindowState(Qt.WindowState.WindowMaximized)
        first = FIRST if self.pages.has(FIRST) else self.pages.entries[0].id
        self.show_page(saved.page if self.pages.has(saved.page) else first)
        self.show_lesson(saved.lesson)
        self.pages.setFocus()  # and not the first control that there is
        if message:
            self.page.show_message(message)

    def _rooms(self) -> list[tuple[int, int]]:
        """Return what the screens have free, this window's first."""
        if QApplication.platformName() == "offscreen":
            return []  # there is no screen, though Qt has one of 800 × 800 pixels
        here = self.screen()
        screens = [here, *(each for each in QApplication.screens() if each != here)]
        sizes = [each.availableSize() for each in screens]
        return [(size.width(), size.height()) for size in sizes]

    def save_session(self) -> None:
        """Save the session; if that fails, say so in the status bar."""
        self._saving.stop()
        if self._session_file:
            try:
                states = self.pages.states()
                now = Session(self.pages.current, states, self.measure(), self.lesson)
                session.write(now, self._session_file)
            except InputError as error:
                _log.warning("%s", error)
                self.statusBar().showMessage(str(error))

    def explain(self, sentence: str) -> None:
        """Say something at the start, where nothing else is said already."""
        if self.page.banner.text():
            self.statusBar().showMessage(sentence, EXPLAINED)
        else:
            self.page.show_message(sentence)

    def _explain_refusal(self, key: str, reason: str) -> None:
        if self._session_file:
            message = session.set_aside(self._session_file, reason)
            self.pages.page(key).show_message(message)

    # ---------------------------------------------------------------- looks

    def present(self, presenting: bool) -> None:
        """Fill the screen, with larger text and without what the lesson hides."""
        if presenting != self.presenting:
            self.presenting = presenting
            self._restyling.start()

    def _hide_parts(self) -> None:
        hidden = self.lesson.hide if self.lesson and self.presenting else ()
        self.page.hide_parts(hidden)

    def change(self, chosen: Settings) -> None:
        """Take, keep and show other settings."""
        old, self.settings = self.settings, chosen
        if self._settings_file:
            settings.save(chosen, self._settings_file)
        if (old.theme, old.text_size) != (chosen.theme, chosen.text_size):
            self._restyling.start()

    def _restyle(self) -> None:
        """Show what was chosen last: the type first, then the room that it needs."""
        self.menuBar().setVisible(not self.presenting)
        self._apply_theme()
        self._hide_parts()
        if self.presenting and self._before is None:
            self._before = self.windowState(), self.size()
            self.setWindowState(self._before[0] | Qt.WindowState.WindowFullScreen)
        elif not self.presenting and self._before is not None:
            (state, size), self._before = self._before, None
            self.setWindowState(state)
            if state == Qt.WindowState.WindowNoState:
                self.resize(size)  # large type may have asked for more than the screen

    def _apply_theme(self) -> None:
        self._restyling.stop()
        application = cast("QApplication", QApplication.instance())
        size = self.settings.text_size
        if self.presenting:
            times = max(PRESENTED, self.screen().size().height() / PRESENTED_ON)
            size = min(theme.TEXT_SIZES[-1], round(times * size))
        theme.apply(application, self.settings.theme, size)
        self._fold_rail()

    def _follow_system(self) -> None:
        if self.settings.theme == "system":
            self._restyle()

    def _fold_rail(self) -> None:
        narrow = self.width() < theme.current().px(FOLD_BELOW)
        self.rail.set_folded(narrow or self.presenting)

    @property
    def device(self) -> str:
        """What torch computes on, in words."""
        return self._device.text()

    def set_device(self, words: str) -> None:
        """Say what torch computes on."""
        self._device.setText(words)

    # ---------------------------------------------------------------- Qt

    def closeEvent(self, event: QCloseEvent) -> None:
        """Save the session."""
        self.save_session()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files, pictures from a browser, and kernels as text."""
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or mime.hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        event.setDropAction(Qt.DropAction.CopyAction)  # a move would delete the file
        event.accept()
        commands.attempt(partial(commands.drop, event.mimeData()), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the presenter mode with an Esc that nothing else has a use for."""
        if event.key() == Qt.Key.Key_Escape and self.presenting:
            self.present(False)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell when everything has been painted for the first time."""
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room for the page."""
        self._fold_rail()
        super().resizeEvent(event)
