"""The canvas: what goes in beside what comes out, with one zoom and one hover."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.background import Latest, raise_again
from cnnviz.ops import colour
from cnnviz.pages.kernel_lab.show import CHANNEL_NAMES
from cnnviz.pages.kernel_lab.state import View
from cnnviz.palette import grey_table, sequential_table, signed_table
from cnnviz.widgets.histogram import Histogram
from cnnviz.widgets.image_view import ImageView, Viewport
from cnnviz.widgets.legend import Legend
from cnnviz.widgets.map_grid import MapGrid
from cnnviz.widgets.plane_view import MARGIN
from cnnviz.widgets.viewport import cells_to_plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QResizeEvent

    from cnnviz.ops.colour import Scale
    from cnnviz.pages.kernel_lab.show import Placed
    from cnnviz.widgets.overlay import Window
    from cnnviz.widgets.thumb import Thumb

BINS = 128

ROOMY = 320
"""Height of a pane with a histogram, in pixels at text size 100 %."""

BANK_SHARE = 2
"""Width of the maps of a bank, which share it, as a multiple of the input's."""


def table_of(scale: Scale) -> NDArray[np.uint8]:
    """Return the colours that belong to a scale in the current theme."""
    if scale.kind == "signed":
        return signed_table(theme.current().palette)
    return sequential_table() if scale.kind == "sequential" else grey_table()


def _world(placed: Placed) -> QRectF:
    """Return the region of the picture plane that an array covers with its padding."""
    rows, columns = placed.array.shape[:2]
    (top, bottom), (left, right) = placed.padding
    region = QRectF(-left, -top, left + columns + right, top + rows + bottom)
    return cells_to_plane(placed.origin, placed.step).mapRect(region)


class Pane(QWidget):
    """One array under its title and over its histogram and legend."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.note = QLabel()
        self.note.setProperty("role", "muted")
        self.note.setMinimumWidth(1)  # no pane is wider for the sake of its note
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.view = ImageView()
        self.view.setAccessibleName(name)
        self.legend = Legend()
        self.histogram = Histogram()
        self._counted = True
        self._shown: Placed | None = None
        self._world = QRectF(0, 0, 1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(4))
        header = QHBoxLayout()
        header.addWidget(self.title, 1)
        header.addWidget(self.note)
        column.addLayout(header)
        column.addWidget(self.view, 1)
        column.addWidget(self.histogram)
        column.addWidget(self.legend)
        column.addStretch()

    def set_world(self, world: QRectF) -> None:
        """Set what fit shows of the picture plane."""
        self._world = world
        self.view.set_world(world)
        self._limit()

    def _limit(self) -> None:
        """Keep the legend close to a wide picture: give it no more than it fills."""
        margin = 2 * theme.current().px(MARGIN)
        filled = (self.width() - margin) * self._world.height() / self._world.width()
        self.view.setMaximumHeight(math.ceil(filled) + margin)

    def show_placed(self, placed: Placed) -> None:
        """Show an array; its words wait for :meth:`caption`."""
        if self._shown is None:
            self._show_scale(True)
        self._shown = placed
        table = table_of(placed.scale)
        self.view.set_image(
            placed.array, placed.scale, table, origin=placed.origin, step=placed.step
        )

    def caption(self) -> None:
        """Bring title and legend up to date; the histogram waits for :meth:`count`."""
        if self._shown is None:
            return
        self.title.setText(self._shown.title)
        self.note.setText(self._shown.note)
        self._fit_header()
        self.legend.set_scale(self._shown.scale, table_of(self._shown.scale))

    def clear(self, reason: str) -> None:
        """Show a sentence in the array's place, and nothing of the last one."""
        self._shown = None
        self.note.clear()
        self.view.clear(reason)
        self._show_scale(False)

    def set_counted(self, counted: bool) -> None:
        """Show the histogram, or leave its room to the picture."""
        self._counted = counted
        self.histogram.setVisible(counted and self._shown is not None)

    def _show_scale(self, shown: bool) -> None:
        self.legend.setVisible(shown)
        self.histogram.setVisible(shown and self._counted)

    def _fit_header(self) -> None:
        """Leave the note out where title and note don't both fit."""
        titles = self.title.sizeHint().width() + theme.current().px(12)
        self.note.setVisible(titles + self.note.sizeHint().width() <= self.width())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit header and picture to the width."""
        super().resizeEvent(event)
        self._fit_header()
        self._limit()

    @property
    def placed(self) -> Placed | None:
        """What is on show."""
        return self._shown

    def covers(self, new: Placed) -> bool:
        """Whether an array has the size and the place of the one on show."""
        old = self._shown
        if old is None or old.array.shape != new.array.shape:
            return False
        return (old.origin, old.step) == (new.origin, new.step)

    def show_counts(self, placed: Placed, counts: NDArray[np.int64]) -> None:
        """Show the histogram of an array, if that is still the one on show.

        The legend says how many of its values share the colour of an end.
        """
        if self._shown is not placed:
            return
        scale, table = placed.scale, table_of(placed.scale)
        self.histogram.set_counts(counts, scale.low, scale.high, scale, table)
        outside = placed.array.size - int(counts.sum())
        lie = "value lies" if outside == 1 else "values lie"
        self.legend.set_scale(
            scale, table, f"{outside:,} {lie} outside" * bool(outside)
        )


def count(placed: Placed) -> NDArray[np.int64]:
    """Count the values of an array within its scale; fit for a thread."""
    return colour.counts(placed.array, BINS, placed.scale.low, placed.scale.high)


class Panes(QWidget):
    """One pair of panes, or three pairs with the channels side by side.

    Rows and columns in the signals are those of the array in the pane.
    """

    input_hovered = Signal(int, int)
    map_hovered = Signal(int, int, int)
    map_clicked = Signal(int, int, int)
    left = Signal()
    escaped = Signal()
    view_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.inputs = [Pane(f"Input, {n}", self) for n in CHANNEL_NAMES]
        self.maps = [Pane(f"Feature map, {n}", self) for n in CHANNEL_NAMES]
        self._world = QRectF(0, 0, 1, 1)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.current().px(20))
        self.bank = MapGrid("Feature maps of all kernels")
        self._grid.addWidget(self.bank, 0, 1)
        self._arranged = 0
        self._counter = Latest(self)
        self._counter.done.connect(self._show_counts)
        self._counter.failed.connect(raise_again)
        for channel, (before, after) in enumerate(
            zip(self.inputs, self.maps, strict=True)
        ):
            self._connect(before, after, channel)

    def _connect(self, before: Pane, after: Pane, channel: int) -> None:
        before.view.hovered.connect(self.input_hovered)
        after.view.hovered.connect(
            lambda row, column: self.map_hovered.emit(channel, row, column)
        )
        after.view.clicked.connect(
            lambda row, column: self.map_clicked.emit(channel, row, column)
        )
        for pane in (before, after):
            pane.view.left.connect(self.left)
            pane.view.escaped.connect(self.escaped)
            pane.view.viewport_changed.connect(self._share)

    # ---------------------------------------------------------------- content

    def show_arrays(
        self,
        before: Placed,
        after: Placed | None,
        *,
        split: bool,
        bank: Sequence[Thumb] = (),
        chosen: int = 0,
    ) -> None:
        """Show an input and a map, with three channels side by side if split.

        The maps of a bank, if there are any, stand in the map's place.
        """
        self._arrange(3 if split else 1)
        self.bank.set_items(bank, chosen)
        self.bank.setVisible(bool(bank))
        self.maps[0].setVisible(not bank)
        if (share := BANK_SHARE if bank else 1) != self._grid.columnStretch(1):
            self._grid.setColumnStretch(1, share)
        world = QRectF()
        for panes, placed in ((self.inputs, before), (self.maps, after)):
            if placed is not None:
                world = world.united(_world(placed))
                parts = placed.channels() if split else [placed]
                for pane, part in zip(panes, parts, strict=False):
                    pane.show_placed(part)
        if world != self._world:
            self._world = world
            for pane in (*self.inputs, *self.maps):
                pane.set_world(world)

    def paint_map(self, after: Placed | None) -> bool:
        """Paint a map before all else if only its values are new; say whether."""
        pane = self.maps[0]
        if after is None or self._arranged != 1 or not pane.covers(after):
            return False
        pane.show_placed(after)
        self.paint()
        return True

    def paint(self) -> None:
        """Paint the arrays at once, before anything is written about them."""
        self.maps[0].view.repaint()

    def caption(self) -> None:
        """Bring titles and legends up to date."""
        for pane in self._shown():
            pane.caption()

    def show_reason(self, text: str) -> None:
        """Say in the map's place why there is none."""
        for pane in self.maps:
            pane.clear(text)

    def count(self) -> None:
        """Bring the histograms up to date, in a thread."""
        shown = [(pane, pane.placed) for pane in self._shown() if pane.placed]
        self._counter.request(
            lambda: [(pane, placed, count(placed)) for pane, placed in shown if placed]
        )

    def _show_counts(
        self, answer: list[tuple[Pane, Placed, NDArray[np.int64]]]
    ) -> None:
        for pane, placed, counts in answer:
            pane.show_counts(placed, counts)

    @property
    def counting(self) -> bool:
        """Whether histograms are still to come."""
        return self._counter.busy

    def shut_down(self) -> None:
        """Join the thread that counts."""
        self._counter.shut_down()

    def show_view(self, view: View) -> None:
        """Zoom and pan every pane."""
        world = self._world
        viewport = Viewport(
            world.left() + view.x * world.width(),
            world.top() + view.y * world.height(),
            view.zoom,
        )
        for pane in (*self.inputs, *self.maps):
            pane.view.set_viewport(viewport)

    def mark(
        self, cell: tuple[int, int] | None, window: Window | None, *, pinned: bool
    ) -> None:
        """Frame one cell of the maps and its window in the inputs."""
        for pane in self.maps:
            pane.view.set_cell(cell, pinned)
        for pane in self.inputs:
            pane.view.set_window(window)

    # ---------------------------------------------------------------- private

    def _shown(self) -> list[Pane]:
        return [*self.inputs[: self._arranged], *self.maps[: self._arranged]]

    def _arrange(self, pairs: int) -> None:
        if pairs == self._arranged:
            return
        self._arranged = pairs
        for index, (before, after) in enumerate(
            zip(self.inputs, self.maps, strict=True)
        ):
            below = (1, index) if pairs == 3 else (0, 1)
            self._grid.addWidget(before, 0, index if pairs == 3 else 0)
            self._grid.addWidget(after, *below)
            self._grid.setColumnStretch(index, int(index < max(pairs, 2)))
            for pane in (before, after):
                pane.setVisible(index < pairs)
        self._count_if_roomy()
        self._grid.activate()

    def _count_if_roomy(self) -> None:
        """Leave the histograms out where pictures would be small for them."""
        rows = 2 if self._arranged == 3 else 1
        roomy = self.height() >= rows * theme.current().px(ROOMY)
        for pane in (*self.inputs, *self.maps):
            pane.set_counted(roomy)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show histograms where there is room."""
        super().resizeEvent(event)
        self._count_if_roomy()

    def _share(self, viewport: Viewport) -> None:
        world = self._world
        self.view_changed.emit(
            View(
                (viewport.x - world.left()) / world.width(),
                (viewport.y - world.top()) / world.height(),
                viewport.zoom,
            )
        )
