"""The window's own dialogs: an error, about, keyboard shortcuts."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
import PySide6
from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnviz import __version__, theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Dialog(QDialog):
    """A title, a sentence, a body and a row of buttons that ends with Close.

    Parameters
    ----------
    parent : QWidget or None
        The window that it belongs to.
    title, text : str
        The heading, also the title of the window, and the sentence below it.
    body : QWidget
        What takes the room between the sentence and the buttons.
    """

    def __init__(
        self, parent: QWidget | None, title: str, text: str, body: QWidget
    ) -> None:
        super().__init__(parent)
        px = theme.current().px
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(px(480))
        self.setMaximumHeight(self.screen().availableSize().height() * 9 // 10)
        heading, sentence = QLabel(title), QLabel(text)
        heading.setProperty("role", "title")
        sentence.setWordWrap(True)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(px(8))
        self._buttons.addStretch(1)
        self.add_button("Close", "Close this dialog", self.close).setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(20), px(24), px(20))
        column.setSpacing(px(12))
        column.addWidget(heading)
        column.addWidget(sentence)
        column.addWidget(body, 1)
        column.addLayout(self._buttons)

    def add_button(
        self, text: str, tooltip: str, press: Callable[[], object]
    ) -> QPushButton:
        """Add a button to the left of those that are there."""
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setToolTip(tooltip)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: press())
        self._buttons.insertWidget(1, button)
        return button


class ErrorDialog(Dialog):
    """Says that something went wrong, and shows what on demand.

    Parameters
    ----------
    parent : QWidget or None
        The window that it belongs to.
    details : str
        The traceback and the versions.
    """

    def __init__(self, parent: QWidget | None, details: str) -> None:
        self._details = QPlainTextEdit(details)
        super().__init__(
            parent,
            "Something went wrong",
            "cnnviz met an error of its own. Your work is still here and you can go "
            "on. If it happens again, please copy the details and report them.",
            self._details,
        )
        self._details.setReadOnly(True)
        self._details.setMaximumBlockCount(2000)  # one error may come very often
        self._details.setAccessibleName("Details of the error")
        self._details.setToolTip("What happened, for those who mend it")
        self._details.setFont(theme.font(12))
        self._details.setMinimumHeight(theme.current().px(120))
        self._details.hide()
        self.add_button(
            "Copy details",
            "Copy what happened, for a report",
            lambda: _copy(self._details.toPlainText()),
        )
        self.add_button("Details", "Show or hide what happened", self._fold)

    def add(self, details: str) -> None:
        """Add one more error to the details."""
        self._details.appendPlainText(f"\n{details}")

    def _fold(self) -> None:
        self._details.setVisible(self._details.isHidden())
        self.adjustSize()


def versions() -> str:
    """Return what someone who is asked for help needs to know, a line each."""
    torch = sys.modules.get("torch")
    facts = {
        "cnnviz": __version__,
        "Python": platform.python_version(),
        "Qt": qVersion(),
        "PySide6": PySide6.__version__,
        "numpy": np.__version__,
        "OpenCV": cv2.__version__,
        "torch": getattr(torch, "__version__", "not loaded"),
        "System": platform.platform(),
    }
    return "\n".join(f"{name} {value}" for name, value in facts.items())


def about(parent: QWidget, device: str) -> Dialog:
    """Return the dialog that says what this is, with all versions to copy."""
    facts = f"{versions()}\nDevice {device}"
    text = "See and touch a convolutional neural network."
    dialog = Dialog(parent, "About cnnviz", text, _table(_pairs(facts)))
    dialog.add_button("Copy", "Copy the versions, for a report", lambda: _copy(facts))
    return dialog


def shortcuts(parent: QWidget, rows: Iterable[tuple[str, str]]) -> Dialog:
    """Return the dialog that lists (keys, what they do)."""
    body = QScrollArea()
    body.setWidgetResizable(True)
    body.setAccessibleName("Keyboard shortcuts")
    body.setToolTip("Every key that the menus name, and those of every page")
    table = _table(rows)
    body.setWidget(table)
    beside = body.verticalScrollBar().sizeHint().width()
    body.setMinimumWidth(table.sizeHint().width() + beside)
    text = "Every control can be reached with Tab and has its own help."
    return Dialog(parent, "Keyboard shortcuts", text, body)


def _pairs(facts: str) -> list[tuple[str, str]]:
    parts = (line.partition(" ") for line in facts.splitlines())
    return [(name, value) for name, _, value in parts]


def _table(rows: Iterable[tuple[str, str]]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(rows):
        label = QLabel(name)
        label.setProperty("role", "muted")
        grid.addWidget(label, row, 0)
        grid.addWidget(QLabel(value), row, 1)
    grid.setHorizontalSpacing(theme.current().px(24))
    return table


def _copy(text: str) -> None:
    QApplication.clipboard().setText(text)
