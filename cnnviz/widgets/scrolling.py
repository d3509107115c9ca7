"""A scroll bar that stands in a margin, seen or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from cnnviz import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QScrollArea

BAR, BESIDE = 10, 10
"""The width of a bar in pixels at text size 100 %, as the style sheet has it, and what
is free between it and the content."""


def keep_bar(area: QScrollArea) -> None:
    """Let the vertical bar keep its room where it has nothing to scroll.

    Parts whose height depends on their width could else ask for the bar, and with the
    width that it leaves them for no bar, and so on for ever.

    Parameters
    ----------
    area : QScrollArea
        With a widget that has its layout. The style sheet draws nothing of a bar that
        is disabled.
    """
    area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    bar = area.verticalScrollBar()
    bar.setEnabled(bar.minimum() < bar.maximum())
    bar.rangeChanged.connect(lambda low, high: bar.setEnabled(low < high))
    content = area.widget()
    if content is not None and (layout := content.layout()) is not None:
        margins = layout.contentsMargins()
        margins.setRight(theme.current().px(BESIDE))
        layout.setContentsMargins(margins)
