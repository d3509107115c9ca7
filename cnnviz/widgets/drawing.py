"""What every plot and diagram has: a name, a size that is shared out, a theme."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget


class Drawing(QWidget):
    """Follows the pointer, takes the room that is left, and is drawn anew in a theme.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    """

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Ask for no more than the least: what is left is shared out."""
        return self.minimumSizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of another theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self.updateGeometry()
            self.update()
        super().changeEvent(event)
