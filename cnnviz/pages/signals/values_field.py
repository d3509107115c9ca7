"""The line in which the values of a signal are read, typed and pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit

from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from cnnviz.ops.signals import Signal as Samples

TYPED = 256
"""A longer signal is not written into its field."""


class ValuesField(QLineEdit):
    """Shows a signal; what was refused stays to be mended until Esc or another."""

    typed = Signal(str)
    """Other values than those on show."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Values of the signal")
        self.setToolTip(
            "The values; type or paste others, such as 3 1 4 1 5, and press Enter. "
            "Esc brings back those that are on show"
        )
        self._signal: Samples | None = None
        self._refused = ""
        self.editingFinished.connect(self._finish)
        self.textEdited.connect(lambda _: self._mark(""))

    def show_signal(self, signal: Samples) -> None:
        """Show the values of a signal; of the same one a refused text stays."""
        if self._refused and signal == self._signal:
            return
        self._signal = signal
        self.restore()

    def refuse(self) -> None:
        """Keep what was typed, marked as no signal."""
        self._mark(self.text())

    def _shown(self) -> str:
        if self._signal is None or len(self._signal) > TYPED:
            return ""
        return " ".join(map(numbers.plain, self._signal.values))

    def restore(self) -> None:
        """Show the values of the signal in place of what was typed."""
        self._mark("")
        shown = self._shown()
        if shown != self.text():
            self.setText(shown)
            self.setCursorPosition(0)
        if self._signal is not None:
            self.setPlaceholderText(f"{len(self._signal):,} values")

    def _finish(self) -> None:
        text = self.text()
        if not text:
            self.restore()
        elif text not in (self._shown(), self._refused):
            self.typed.emit(text)

    def _mark(self, refused: str) -> None:
        if bool(refused) != bool(self._refused):
            self.setProperty("invalid", bool(refused))
            self.style().unpolish(self)
            self.style().polish(self)
        self._refused = refused

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Bring the values on show back with Esc."""
        if event.key() == Qt.Key.Key_Escape and self.text() != self._shown():
            self.restore()
        else:
            super().keyPressEvent(event)
