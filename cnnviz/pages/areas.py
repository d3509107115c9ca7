"""The two areas of a page that scroll: its canvas and its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.widgets.scrolling import BAR, keep_bar

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

LEAST = 40
"""Height of an explanation at the least, in pixels at text size 100 %."""

MOST_ASKED = QSize(500, 540)
"""What a canvas may ask for at any text size: the window fits into 1280×800 pixels."""


class Roomy(QScrollArea):
    """Fills the room that there is, and scrolls where its content needs more.

    So no page asks for more than a small screen has, however large the text is.
    """

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content, self._spared, self._has_bar = content, 0, True
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        keep_bar(self)
        content.installEventFilter(self)

    def leave_bar(self) -> None:
        """Leave bar and margin to an area in it, which scrolls before this one does."""
        self._has_bar = False
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        if (layout := self._content.layout()) is not None:
            margins = layout.contentsMargins()
            margins.setRight(0)
            layout.setContentsMargins(margins)

    def spare(self, height: int) -> None:
        """Ask for so many pixels less than the content does."""
        self._spared = height
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Ask for what the content does, within limits."""
        bar = theme.current().px(BAR) if self._has_bar else 0
        least = self._content.minimumSizeHint() + QSize(bar, -self._spared)
        return least.boundedTo(MOST_ASKED)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask anew when what is in it asks anew."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the arrow keys to the page."""
        event.ignore()


class Folding(QScrollArea):
    """Scrolls its content only where there is no room for all of it."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.content = content
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        keep_bar(self)
        content.installEventFilter(self)

    def sizeHint(self) -> QSize:
        """Ask for the height that the content takes in this width."""
        # To ask for the viewport itself takes 10 ms, once: PySide looks for its class.
        width = self.maximumViewportSize().width()
        return QSize(width, self.content.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Ask for a line or two."""
        return QSize(0, theme.current().px(LEAST))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask anew when the content asks anew, or has another width."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return super().eventFilter(watched, event)
