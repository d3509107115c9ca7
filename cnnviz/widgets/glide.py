"""A distance that eases to zero: motion from where something was to where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QVariantAnimation

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

DURATION = 160
"""Milliseconds."""


class Glide(QVariantAnimation):
    """Repaints its widget while :attr:`offset` goes to 0.

    Parameters
    ----------
    widget : QWidget
        Nothing moves while it is hidden.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.offset = 0.0
        self.setDuration(DURATION)
        self.setEndValue(0.0)
        self.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self.valueChanged.connect(self._move)

    def begin(self, offset: float) -> None:
        """Start from a distance; from there on if one is still on the way."""
        self.stop()
        if self._widget.isVisible():
            self.setStartValue(offset + self.offset)
            self.start()

    def end(self) -> None:
        """Be there at once."""
        self.stop()
        self.offset = 0.0

    def _move(self, offset: float) -> None:
        self.offset = offset
        self._widget.update()
