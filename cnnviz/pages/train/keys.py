"""The keys of the training: Space and the right arrow are its own after any click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QSlider, QWidget

from cnnviz.widgets.confusion_matrix import ConfusionMatrix
from cnnviz.widgets.gallery import Gallery
from cnnviz.widgets.mosaic import Mosaic
from cnnviz.widgets.run_plot import RunPlot

KINDS = QAbstractButton, QSlider, ConfusionMatrix, Gallery, Mosaic, RunPlot
"""What has a use for one of the keys, and needs no typing after a click."""


def leave_to_training(root: QWidget) -> None:
    """Let a click on what is in `root` leave the keys where they are; Tab goes there.

    Else one who clicks at a map and presses the right arrow would move a cursor in it.
    """
    for widget in (root, *root.findChildren(QWidget)):
        clicked = bool(widget.focusPolicy() & Qt.FocusPolicy.ClickFocus)
        if clicked and isinstance(widget, KINDS):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
