"""The line that lies over a cell of a matrix while its number is typed."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLineEdit, QToolTip, QWidget

from cnnviz import theme


class CellField(QLineEdit):
    """A line over one cell, wide enough to type in.

    Parameters
    ----------
    parent : QWidget
        The matrix whose cells it lies over.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._matrix = parent
        self.editing = False
        self.setAccessibleName("New number")
        self.setToolTip("Enter takes the number, Esc keeps the old one")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setStyleSheet("padding: 0; min-height: 0;")
        self.textChanged.connect(lambda _: self._mark(invalid=False))
        self.hide()

    def open(self, cell: QRect, text: str) -> None:
        """Lie over a cell, with its text selected."""
        px, around = theme.current().px, self._matrix.rect()
        box = QRect(0, 0, max(cell.width(), px(76)), max(cell.height(), px(30)))
        box.moveCenter(cell.center())
        box.moveLeft(max(0, min(box.left(), around.width() - box.width())))
        box.moveTop(max(0, min(box.top(), around.height() - box.height())))
        self.setGeometry(box)
        self.setText(text)
        self.selectAll()
        self.editing = True
        self.show()
        self.setFocus()

    def leave(self) -> None:
        """Hide; a loss of focus after this is no end of editing."""
        self.editing = False
        self.hide()

    def refuse(self, reason: str) -> None:
        """Show that the text is no number, and why."""
        self._mark(invalid=True)
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), reason, self)

    def _mark(self, *, invalid: bool) -> None:
        self.setProperty("invalid", invalid)
        self.style().unpolish(self)
        self.style().polish(self)
