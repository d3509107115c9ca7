"""Every layer's maps and filters of the pinned picture, as the network is now."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.ops.colour import Scale
from cnnviz.pages.train import tiles
from cnnviz.pages.train.digit_box import DigitBox
from cnnviz.pages.train.keys import leave_to_training
from cnnviz.widgets.controls import Segmented, named
from cnnviz.widgets.flow_row import FlowRow
from cnnviz.widgets.mosaic import Mosaic
from cnnviz.widgets.probability_bars import ProbabilityBars

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.events import Watched
    from cnnviz.nn.network import Network
    from cnnviz.pages.train.state import State
    from cnnviz.widgets.mosaic_image import Scaling

LAYERS = (("main", "Main"), ("all", "All"))
SCALES = (("map", "Map"), ("layer", "Layer"), ("all", "All"))
WEIGHTS = (("weights", "Filters"), ("gradients", "Gradients"))
# In pixels at text size 100 %.
LEFT, BARS = 168, (165, 280)
NARROWEST, LOWEST = 110, 96


class MapsView(QWidget):
    """The pinned picture, the answer, and a mosaic for each layer."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""
    readout = Signal(str)

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._tiles: list[tiles.Tile] = []
        self._mosaics: list[Mosaic] = []
        self._seen: Watched | None = None
        self._network: Network | None = None
        self._true: int | None = None
        self._room = 0
        self.digit = DigitBox()
        self.digit.chosen.connect(self._choose)
        self.bars = ProbabilityBars("Answer", "The share that each class gets")
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.current().px(16))
        self._lay_out()

    def _lay_out(self) -> None:
        px = theme.current().px
        self._left = QWidget()
        self._left.setFixedWidth(px(LEFT))
        self.bars.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding
        )
        self.bars.setMinimumHeight(px(BARS[0]))
        self.bars.setMaximumHeight(px(BARS[1]))
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(px(8))
        left.addWidget(self.digit, 2)
        left.addWidget(self.bars, 3)
        left.addStretch()
        self._back = self._make_back()
        self._layers = Segmented(LAYERS, "Layers", "Which layers have maps on show")
        self._layers.changed.connect(lambda key: self._edit(layers=key, opened=""))
        self._weights = Segmented(
            WEIGHTS, "Weights", "The filters, or the gradients of the last batch"
        )
        self._weights.changed.connect(
            lambda key: self._edit(gradients=key == "gradients", opened="")
        )
        self._scaling = Segmented(
            SCALES,
            "One scale for",
            "One map, one layer or all share a scale of colours",
        )
        self._scaling.changed.connect(lambda key: self._edit(scaling=key))
        right = QVBoxLayout()
        right.setSpacing(px(8))
        self._which = named("Layers", self._layers)
        scaling = named("Scale", self._scaling)
        self._choices = FlowRow(self._back, self._which, self._weights, scaling)
        right.addWidget(self._choices)
        right.addLayout(self._grid, 1)
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reason.hide()
        right.addWidget(self._reason, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(20))
        row.addWidget(self._left)
        row.addLayout(right, 1)

    def _make_back(self) -> QPushButton:
        back = QPushButton("← All maps")
        back.setAccessibleName("All maps")
        back.setToolTip("Show the maps of all layers again (Esc)")
        back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        back.clicked.connect(lambda: self._edit(opened=""))
        back.hide()
        return back

    # ---------------------------------------------------------------- state

    def set_state(self, state: State, network: Network) -> None:
        """Show a state's choice of the maps of a network."""
        self._state = state
        if network != self._network:
            self._network, self._seen = network, None  # what was seen is another's
            self.bars.set_probabilities(None)
        self._layers.set_current(state.layers)
        self._weights.set_current("gradients" if state.gradients else "weights")
        self._scaling.set_current(state.scaling)
        found = tiles.tiles(
            network, every_layer=state.layers == "all", gradients=state.gradients
        )
        chosen = [tile for tile in found if tile.key == state.opened] or found
        self._back.setVisible(len(chosen) < len(found))
        self._which.setVisible(len(chosen) == len(found))
        self._choices.flow()
        self._reason.setText(network.why_invalid() or "")
        self._reason.setVisible(not found)
        if chosen != self._tiles:
            self._tiles = chosen
            self._make_mosaics()
        self._fill()

    def show_picture(
        self, picture: NDArray[np.uint8], number: int, data: Dataset | None
    ) -> None:
        """Show the pinned picture, uint8 (C, H, W), and its number in the test set."""
        words, self._true = "drawn" if self._state.drawing else "generated", None
        if data is not None and not self._state.drawing:
            self._true = int(data.test.labels[number])
            words = f"a {data.classes[self._true]}"
        count = len(data.test) if data else 0
        self.digit.set_picture(picture, words, number, count)

    def show_seen(self, seen: Watched) -> None:
        """Show the maps and weights of what the network makes of the pinned picture.

        The answer waits for :meth:`show_answer`: nobody reads thirty a second.
        """
        before = self._seen
        if before is None or seen.weights:
            self._seen = seen
            self._fill()
        else:
            self._seen = replace(
                seen, weights=before.weights, gradients=before.gradients
            )
            self._fill(only="output")

    def show_answer(self, data: Dataset | None) -> None:
        """Show what the network says that the picture is, by what was seen last."""
        seen = self._seen
        if seen is None:
            return
        names = data.classes if data else ()
        if len(names) != len(seen.probabilities):
            names = tuple(map(str, range(len(seen.probabilities))))
        self.bars.set_names(names)
        self.bars.set_probabilities(seen.probabilities, self._true)
        for number, mosaic in enumerate(self._mosaics):
            if mosaic.pointed is not None:
                self._read_out(number, *mosaic.pointed)  # its value is another now

    def _edit(self, **fields: Any) -> None:
        self.edited.emit(replace(self._state, **fields), "")

    def _choose(self, number: int, gesture: str) -> None:
        self.edited.emit(replace(self._state, digit=number, drawing=""), gesture)

    # ---------------------------------------------------------------- mosaics

    def _make_mosaics(self) -> None:
        while len(self._mosaics) > len(self._tiles):
            mosaic = self._mosaics.pop()
            self._grid.removeWidget(mosaic)
            mosaic.hide()
            mosaic.deleteLater()
        while len(self._mosaics) < len(self._tiles):
            self._mosaics.append(self._make_mosaic(len(self._mosaics)))
        for tile, mosaic in zip(self._tiles, self._mosaics, strict=True):
            mosaic.setAccessibleName(tile.title)
            mosaic.set_title(tile.title, tile.caption)
            mosaic.clear("")
        self.readout.emit("")
        self._arrange()

    def set_room(self, height: int) -> None:
        """Take note of the pixels that can be seen at once.

        They lead the mosaics' places, for the view's own height follows from these.
        """
        if height != self._room:
            self._room = height
            self._arrange()

    def _make_mosaic(self, number: int) -> Mosaic:
        mosaic = Mosaic("Maps")
        # More of them must not widen the window.
        mosaic.setMinimumSize(1, theme.current().px(LOWEST))
        leave_to_training(mosaic)
        mosaic.setToolTip(
            "Point at a value to read it; a double click, or a click on the title, "
            "enlarges a layer"
        )
        mosaic.hovered.connect(partial(self._read_out, number))
        mosaic.left.connect(lambda: self.readout.emit(""))
        mosaic.opened.connect(partial(self._open, number))
        mosaic.doubled.connect(partial(self._open, number))
        return mosaic

    def _arrange(self) -> None:
        px, count = theme.current().px, len(self._mosaics)
        width = max(1, self.width() - px(LEFT + 20))
        height = max(1, self._room)
        columns = tiles.best_columns(count, width, height, px(NARROWEST))
        rows = -(-count // columns)
        # The grid grows with what is put into it below.
        for n in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(n, 1 if n < columns else 0)
        for n in range(max(rows, self._grid.rowCount())):
            self._grid.setRowStretch(n, 1 if n < rows else 0)
        for number, mosaic in enumerate(self._mosaics):
            # A layer's filters stand under its maps where there are two rows.
            place = divmod(number, rows)[::-1] if rows == 2 else divmod(number, columns)
            self._grid.addWidget(mosaic, *place)

    def _fill(self, only: tiles.Source | None = None) -> None:
        seen = self._seen
        if seen is None or self.isHidden():
            return
        limit = 0.0
        if self._state.scaling == "all":
            limit = tiles.common_limit(self._tiles, seen)
        for tile, mosaic in zip(self._tiles, self._mosaics, strict=True):
            if only not in (None, tile.source):
                continue
            maps = tile.maps(seen)
            if maps is None:
                late = "Gradients are seen while it trains: those of the last batch."
                mosaic.clear(late if tile.source == "gradient" else "")
            else:
                mosaic.set_maps(
                    maps, scale=self._scale(tile, limit), signed=tile.signed
                )

    def _scale(self, tile: tiles.Tile, limit: float) -> Scaling:
        if self._state.scaling != "all" or tile.source != "output" or not limit:
            return "map" if self._state.scaling == "map" else "layer"
        low = -limit if tile.signed else 0.0
        return Scale(low, limit, "signed" if tile.signed else "sequential")

    def _read_out(self, number: int, index: int, row: int, column: int) -> None:
        tile, mosaic = self._tiles[number], self._mosaics[number]
        words = mosaic.describe((index, row, column))
        self.readout.emit(f"{tile.title}, {words}")

    def _open(self, number: int) -> None:
        opened = "" if self._state.opened else self._tiles[number].key
        self._edit(opened=opened)

    # ---------------------------------------------------------------- Qt

    def hasHeightForWidth(self) -> bool:
        """Take any height, though the row of choices breaks where it is narrow."""
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the mosaics into as many columns as show them largest."""
        super().resizeEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        """Point at nothing any more."""
        super().hideEvent(event)
        self.readout.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show all layers again with Esc."""
        if event.key() == Qt.Key.Key_Escape and self._state.opened:
            self._edit(opened="")
        else:
            super().keyPressEvent(event)
