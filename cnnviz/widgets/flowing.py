"""A widget whose height follows from its width, as that of wrapped words does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtGui import QResizeEvent


class Flowing(QWidget):
    """Puts its parts into whatever width it gets and asks for the height they take."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._height = -1

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the parts take in a width; put them there."""
        raise NotImplementedError

    def flow(self) -> None:
        """Put the parts into the present width; ask for room if they take another."""
        height = self.place(self.width(), move=True)
        if height != self._height:
            self._height = height
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
        self._height = -1  # the layout may remember another one for this width
        self.flow()

    def changeEvent(self, event: QEvent) -> None:
        """Flow anew in another text size."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.flow()
        super().changeEvent(event)


def in_lines(
    widgets: Iterable[QWidget], width: int, gap: int, below: int, *, move: bool
) -> int:
    """Return the height of widgets side by side that break into lines; put them there.

    Those of a line are centred on its middle.

    Parameters
    ----------
    widgets : iterable of QWidget
        From left to right, each of the size that it asks for.
    width : int
        Of a line, in pixels.
    gap, below : int
        Pixels between two of them, and between two lines.
    move : bool
        Whether they are moved, too.
    """
    lines: list[list[tuple[QWidget, QRect]]] = []
    left = 0
    for widget in widgets:
        size = widget.sizeHint()
        if not lines or left + size.width() > width:
            lines.append([])
            left = 0
        place = QRect(left, 0, min(size.width(), width), size.height())
        lines[-1].append((widget, place))
        left += size.width() + gap
    top = 0
    for line in lines:
        height = max(place.height() for _, place in line)
        for widget, place in line if move else ():
            place.translate(0, top + (height - place.height()) // 2)
            widget.setGeometry(place)
        top += height + below
    return max(0, top - below)
