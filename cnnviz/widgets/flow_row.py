"""Widgets side by side, in as many lines as the width asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz import theme
from cnnviz.widgets.flowing import Flowing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


class FlowRow(Flowing):
    """A row that breaks into lines.

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
        left = top = bottom = 0
        for widget in self._widgets:
            size = widget.sizeHint()
            if left and left + size.width() > width:
                left, top = 0, bottom + px(8)
            if move:
                widget.setGeometry(left, top, min(size.width(), width), size.height())
            left += size.width() + px(16)
            bottom = max(bottom, top + size.height())
        return bottom
