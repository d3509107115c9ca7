"""Asks before a file is opened that may run code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


def ask(parent: QWidget, name: str, trust: Callable[[], None]) -> None:
    """Ask whether a person trusts the origin of a file; call ``trust`` if so."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setText(
        f"“{name}” may run code when it is opened. Do you trust where it comes from?"
    )
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Open | buttons.Cancel)
    box.setDefaultButton(buttons.Cancel)
    for button in box.buttons():
        button.setIcon(QIcon())  # the style's are of another hand
    box.button(buttons.Open).clicked.connect(trust)
    box.open()
