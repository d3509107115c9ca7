"""How much of a page's height its canvas keeps while the explanation scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from cnnviz.pages.base import Page

MESSAGES = QEvent.Type.Show, QEvent.Type.Hide


class Room(QObject):
    """Keeps a least height for one part of the canvas.

    Never so much that the window would have to grow or could not shrink, and less while
    a message is shown.

    Parameters
    ----------
    page : Page
    part : QWidget
        The part that takes what the others leave.
    wanted : callable
        Returns the height that it should keep, in pixels.
    """

    def __init__(self, page: Page, part: QWidget, wanted: Callable[[], int]) -> None:
        super().__init__(page)
        self._page, self._part, self._wanted = page, part, wanted
        page.banner.installEventFilter(self)

    def keep(self) -> None:
        """Take the present heights of page and parts into account."""
        page = self._page
        self.give_way()
        # From the inside out, or the page answers from before the last change: its
        # canvas scrolls, and hears of what is in it only with the next event.
        page.canvas.activate()
        page.roomy.updateGeometry()
        if (layout := page.layout()) is not None:
            layout.activate()
        room = page.height() - page.minimumSizeHint().height() + 1
        kept = max(1, min(self._wanted(), room))
        self._part.setMinimumHeight(kept)
        page.roomy.spare(kept - 1)
        page.leave_canvas(page.canvas.minimumSize().height())

    def give_way(self) -> None:
        """Ask for nothing, until what is about to come has its place."""
        self._part.setMinimumHeight(1)
        self._page.roomy.spare(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Share what a message leaves, or what it has left."""
        if event.type() in MESSAGES:
            self.keep()
        return super().eventFilter(watched, event)
