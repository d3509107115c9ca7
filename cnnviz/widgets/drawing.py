"""What every plot and diagram has: a name, and a size that is shared out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtCore import QSize


class Drawing(QWidget):
    """Follows the pointer and takes the room that is left.

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
