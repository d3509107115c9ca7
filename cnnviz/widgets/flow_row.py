"""Widgets side by side, in as many lines as the width asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz import theme
from cnnviz.widgets.flowing import Flowing, in_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


class FlowRow(Flowing):
    """A row that breaks into lines; hidden widgets take no room.

    Parameters
    ----------
    widgets : sequence of QWidget
        From left to right.
    """

    def __init__(self, widgets: Sequence[QWidget]) -> None:
        super().__init__()
        self._widgets = tuple(widgets)
        for widget in widgets:
            widget.setParent(self)

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the widgets take in a width; put them there."""
        px = theme.current().px
        shown = [widget for widget in self._widgets if not widget.isHidden()]
        return in_lines(shown, width, px(16), px(8), move=move)
