"""The choice of data: what there is, how it is fetched, and how far that has come."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.controls import Choice, Section

FOLDER = "folder"
SOURCES = (
    ("mnist", "MNIST", "60,000 and 10,000 handwritten digits (LeCun et al. 1998)"),
    ("generated", "Generated digits", "Made by this program; no network is needed"),
    ("drawings", "Our drawings", "What was drawn on this page and kept"),
    (FOLDER, "Folder…", "Four idx files, or one sub-folder of pictures a class"),
)
LONGEST = 30  # characters of a folder's name
NAMED = {key for key, _, _ in SOURCES} - {FOLDER}


class DataBox(Section):
    """A choice of data, a line about it, and a bar while it is fetched or made."""

    chosen = Signal(str)
    """The id of a source that a person chose."""
    folder_asked = Signal()
    download_asked = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__("Data")
        self._choice = Choice((("", SOURCES),), "Data", "What the network learns from")
        self._choice.chosen.connect(self._choose)
        self._about = QLabel()
        self._about.setProperty("role", "caption")
        self._about.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the data")
        self._bar.setToolTip("How much of the data is there")
        self._download = _button("Download MNIST", "Fetch 11.6 MB and check them")
        self._download.clicked.connect(self.download_asked)
        self._cancel = _button("Cancel", "Stop fetching; what was there stays")
        self._cancel.clicked.connect(self.cancelled)
        self._holder = QWidget()
        column = QVBoxLayout(self._holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        for widget in (self._about, self._bar, self._download, self._cancel):
            column.addWidget(widget)
        self.add(self._choice)
        self.add(self._holder)
        self._source = "generated"
        self.show_ready("")

    def set_source(self, source: str) -> None:
        """Show a source, without a signal; a folder by its name."""
        if source != self._source:
            self._source = source
            self._choice.set_groups((("", options(source)),))
        self._choice.set_current(source)

    def show_ready(self, about: str) -> None:
        """Say what the data is."""
        self._show(about)

    def show_missing(self, sentence: str) -> None:
        """Say that MNIST is not here, with a button that fetches it."""
        self._show(sentence, download=True)

    def show_progress(self, about: str, done: int, total: int) -> None:
        """Show how much of it is there; `total` 0: nobody knows."""
        self._show(about, busy=True)
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _show(self, about: str, *, download: bool = False, busy: bool = False) -> None:
        self._about.setText(about)
        self._about.setVisible(bool(about))
        self._download.setVisible(download)
        self._bar.setVisible(busy)
        self._cancel.setVisible(busy)

    def _choose(self, key: str) -> None:
        if key == FOLDER:
            self._choice.set_current(self._source)
            self.folder_asked.emit()
        else:
            self.chosen.emit(key)


def options(source: str) -> tuple[tuple[str, str, str], ...]:
    """Return the choices, a folder that is the source among them."""
    if source in NAMED:
        return SOURCES
    name = Path(source).name or source
    own = source, short(name), f"The folder {source}"
    return (*SOURCES[:-1], own, SOURCES[-1])


def short(name: str) -> str:
    """Return a folder's name that a list has room for."""
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"


def _button(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button
