"""A section that is folded away until it is asked for."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from cnnviz import theme


class Folding(QWidget):
    """A heading to click, with controls under it that come and go.

    Parameters
    ----------
    title, tooltip : str
        The heading and what lies under it.
    """

    def __init__(self, title: str, tooltip: str) -> None:
        super().__init__()
        px = theme.current().px
        self._head = QToolButton()
        self._head.setText(title)
        self._head.setProperty("role", "heading")
        self._head.setToolTip(tooltip)
        self._head.setAccessibleName(title)
        self._head.setCheckable(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._content = QWidget()
        self._rows = QVBoxLayout(self._content)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(px(8))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(12), 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._head)
        column.addWidget(self._content)
        self._head.toggled.connect(self.set_open)
        self.set_open(False)

    def add(self, widget: QWidget) -> None:
        """Put a control under those that are there."""
        self._rows.addWidget(widget)

    def set_open(self, opened: bool) -> None:
        """Unfold or fold."""
        self._head.setChecked(opened)
        self._content.setVisible(opened)
        self._draw()

    def _draw(self) -> None:
        name = "chevron-up" if self._head.isChecked() else "chevron-down"
        self._head.setIcon(theme.icon(name))

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)
