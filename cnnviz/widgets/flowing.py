"""A widget whose height follows from its width, as that of wrapped words does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent


class Flowing(QWidget):
    """Puts its parts into whatever width it gets and asks for the height they take."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the parts take in a width; put them there."""
        raise NotImplementedError

    def flow(self) -> None:
        """Put the parts into the present width."""
        self.place(self.width(), move=True)
        self.updateGeometry()

    # ---------------------------------------------------------------- Qt

    def heightForWidth(self, width: int) -> int:
        """Return the height that the parts take in a width."""
        return self.place(width, move=False)

    def sizeHint(self) -> QSize:
        """Return the size at the present width."""
        return QSize(0, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Return the same: all of it is to be read."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Flow into the new width."""
        super().resizeEvent(event)
        self.flow()

    def changeEvent(self, event: QEvent) -> None:
        """Flow anew in another text size."""
        if event.type() == QEvent.Type.FontChange:
            self.flow()
        super().changeEvent(event)
