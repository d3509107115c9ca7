"""Widgets side by side, in as many lines as the width asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent

from cnnviz import theme
from cnnviz.widgets.flowing import Flowing, in_lines

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class FlowRow(Flowing):
    """A row that breaks into lines; hidden widgets take no room.

    Parameters
    ----------
    widgets : QWidget
        From left to right.
    gap : int
        Between two of them, half of it between lines, in pixels at text size 100 %.
    """

    def __init__(self, *widgets: QWidget, gap: int = 16) -> None:
        super().__init__()
        self._widgets, self._gap = widgets, gap
        for widget in widgets:
            widget.setParent(self)

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the widgets take in a width; put them there."""
        gap = theme.current().px(self._gap)
        shown = [widget for widget in self._widgets if not widget.isHidden()]
        return in_lines(shown, width, gap, gap // 2, move=move)

    def event(self, event: QEvent) -> bool:
        """Flow anew once a widget asks for another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.flow()
        return super().event(event)
