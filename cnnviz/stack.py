"""The pages: which there are, and those that have been made, one of them on show.

A page's module is imported when the page is first shown; this one knows no page by name
beyond the table below.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from os.path import isfile
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QStackedWidget

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cnnviz.pages.base import Page


@dataclass(frozen=True)
class Entry:
    """A page: its id, name, icon, the module whose ``create()`` makes it, its group.

    A folder with the file ``folder_with`` in it is opened on this page, whichever is on
    show.
    """

    id: str
    title: str
    icon: str
    module: str
    group: str = ""
    folder_with: str = ""


PAGES = (
    Entry("signals", "Signals", "signals", "cnnviz.pages.signals.page"),
    Entry("windows", "Windows", "windows", "cnnviz.pages.windows.page"),
    Entry("kernel-lab", "Kernel Lab", "kernel-lab", "cnnviz.pages.kernel_lab.page"),
    Entry(
        "train",
        "Train",
        "train",
        "cnnviz.pages.train.page",
        folder_with="run.json",
    ),
    Entry("inspect", "Inspect", "inspect", "cnnviz.pages.inspect.page"),
    Entry("lessons", "Lessons", "lessons", "cnnviz.pages.lessons.page", "Teach"),
)
"""Every page, in the order of the lecture."""


FIRST = "kernel-lab"
"""The page of the first start: a photograph says more than an empty table."""


class PageStack(QStackedWidget):
    """The pages that have been made.

    Attributes
    ----------
    entries : sequence of Entry
        The pages that there are; at least one.
    current : str
        The id of the page on show; empty before the first.
    saved : dict
        States by page id, as plain JSON, for pages that have not been made yet.
    """

    making = Signal()
    """A page is about to be made, which takes some tenths of a second."""

    made = Signal()
    """Those that were to be made have been, and laid out."""

    changed = Signal()
    """A page's state or history changed."""

    readout = Signal(str)
    """What a page says of the value under the pointer."""

    opened = Signal(str)
    """A page opened this file."""

    lesson_asked = Signal(str)
    """A page asks for the lesson in this file."""

    handed_over = Signal(str, object)
    """A page hands something over to the page of this id."""

    refused = Signal(str, str)
    """The saved state of this page could not be used, for this reason."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        super().__init__()
        self.entries = entries
        self.current = ""
        self.saved: dict[str, dict[str, Any]] = {}
        self._pages: dict[str, Page] = {}
        self._making = QTimer(self, singleShot=True)  # until the loop has laid it out
        self._making.timeout.connect(self.made)

    def has(self, key: str) -> bool:
        """Whether there is a page of this id."""
        return any(entry.id == key for entry in self.entries)

    def page_for(self, path: Path) -> str:
        """Return the id of the page that opens this path, whichever is on show.

        Empty if that is for the page on show to do.
        """
        folder = path.parent if isfile(path) else path
        for entry in self.entries:
            name = entry.folder_with
            if name and isfile(folder / name) and path in (folder, folder / name):
                return entry.id
        return ""

    def page(self, key: str) -> Page:
        """Return a page by its id; the first time it is made."""
        if key not in self._pages:
            entry = next(entry for entry in self.entries if entry.id == key)
            self.making.emit()
            self._making.start()
            page: Page = import_module(entry.module).create()
            self._pages[key] = page
            page.order_keys()
            self.addWidget(page)
            for field in page.findChildren(QLineEdit):
                field.setAcceptDrops(False)  # it would take a file for its name
            if key in self.saved:
                self._restore(key, page)
            page.changed.connect(self.changed)
            page.readout.connect(self.readout)
            page.recent.connect(self.opened)
            page.handed_over.connect(self.handed_over)
            page.lesson_asked.connect(self.lesson_asked)
        return self._pages[key]

    def show_page(self, key: str) -> None:
        """Put a page on show; the keys go back to where they were on it.

        At first they are the page's own, so that Tab goes to its first control; they
        stay where they are if that is on no page, such as on the rail.
        """
        page, focused = self.page(key), self.window().focusWidget()
        on_pages = focused is not None and self.isAncestorOf(focused)
        if on_pages and page.focusWidget() in (None, page):
            page.setFocus()  # before a page that knows better when it is shown
        self.setCurrentWidget(page)
        self.current = key

    def states(self) -> dict[str, dict[str, Any]]:
        """Return the states of all pages, those not made yet as they were saved.

        Raises
        ------
        InputError
            A page cannot keep what its state refers to.
        """
        made = {key: page.session_json() for key, page in self._pages.items()}
        return {**self.saved, **made}

    def shut_down(self) -> None:
        """Cancel and join the work of every page."""
        for page in self._pages.values():
            page.shut_down()

    def _restore(self, key: str, page: Page) -> None:
        try:
            page.restore(self.saved[key])
            page.history.forget()
        except InputError as error:
            self.refused.emit(key, str(error))
