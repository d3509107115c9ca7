"""The layers of the network: all, one, one map, one value with its neighbours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.pages.inspect import sight, tiles, words
from cnnviz.pages.inspect.breadcrumb import Breadcrumb
from cnnviz.pages.inspect.sheets import Sheets
from cnnviz.pages.inspect.state import same
from cnnviz.pages.inspect.wall import Wall
from cnnviz.widgets.controls import Choice, Segmented, named
from cnnviz.widgets.flow_row import FlowRow

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from cnnviz.nn.arithmetic import Place
    from cnnviz.pages.inspect.stages import Seen
    from cnnviz.pages.inspect.state import State

LAYERS = (("main", "Main layers"), ("all", "All layers"))
SCALES = (("map", "A map"), ("layer", "A layer"), ("all", "All"))
ACTIVATED = (("before", "Before activation"), ("after", "After"))
ORDERS = (("number", "In order"), ("strength", "Strongest first"))
FILTERS = (("off", "Maps"), ("on", "With filters"))
SHOWN = (
    ("0", "All maps", "Show every map of the layer"),
    ("4", "Strongest 4", "The maps with the largest absolute values"),
    ("16", "Strongest 16", "The maps with the largest absolute values"),
    ("64", "Strongest 64", "The maps with the largest absolute values"),
)

LEAST = 128
"""Height that maps do with, in pixels at text size 100 %; with less they scroll."""

SHOWN_FIELDS = (
    "layer",
    "place",
    "layers",
    "scaling",
    "order",
    "strongest",
    "filters",
    "activated",
    "compare",
)
"""Fields of a state that change what is on show of the same answer."""


class _Stack(QStackedWidget):
    """Asks for the height in which the maps of an overview can be read, and no more."""

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        current = self.currentWidget()
        least = current.minimumSizeHint().height() if isinstance(current, Wall) else 0
        return QSize(0, max(theme.current().px(LEAST), least))


class LayersView(QWidget):
    """What a state shows of the layers."""

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""
    readout = Signal(str)
    pointed = Signal(str, object)
    """The layer and the place under the pointer; an empty name for none."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state
        self._is_set = False
        self._seen: Seen | None = None
        self._other: Seen | None = None
        self._crumbs = Breadcrumb()
        self._crumbs.gone.connect(self._go)
        self.wall = Wall()
        self.wall.hovered.connect(self._hover)
        self.wall.clicked.connect(self._click)
        self.wall.opened.connect(self._open)
        self.wall.left.connect(self._leave)
        self.wall.zoomed_out.connect(self._go_out)
        self.sheets = Sheets()
        self.sheets.zoomed_out.connect(self._go_out)
        self.sheets.hovered.connect(self._hover_sheet)
        self.sheets.clicked.connect(self._click_sheet)
        self.sheets.left.connect(self._leave)
        self._sentence = QLabel()
        self._sentence.setProperty("role", "muted")
        self._sentence.setWordWrap(True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = _Stack()
        for widget in (self.wall, self.sheets, self._sentence):
            self._stack.addWidget(widget)
        self._stack.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self._crumbs)
        self._controls = self._bar()
        column.addWidget(self._controls)
        column.addWidget(self._stack, 1)
        self.set_state(state)

    def _bar(self) -> FlowRow:
        self._layers = Segmented(LAYERS, "Layers", "Which layers have maps on show")
        self._layers.changed.connect(lambda key: self._edit(layers=key))
        self._scaling = Segmented(
            SCALES, "One scale for", "What shares one scale of colours"
        )
        self._scaling.changed.connect(lambda key: self._edit(scaling=key))
        self._activated = Segmented(
            ACTIVATED,
            "Activation",
            "Maps before or after the activation behind their layer",
        )
        self._activated.changed.connect(
            lambda key: self._edit(activated=key == "after")
        )
        self._order = Segmented(
            ORDERS, "Order", "Maps by their number, or by their largest absolute value"
        )
        self._order.changed.connect(lambda key: self._edit(order=key))
        self._filters = Segmented(
            FILTERS, "Filters", "Whether the kernels of the layer are beside its maps"
        )
        self._filters.changed.connect(lambda key: self._edit(filters=key == "on"))
        self._shown = Choice(
            (("", SHOWN),), "How many maps", "Show all maps or only the strongest"
        )
        self._shown.setMinimumContentsLength(12)
        self._shown.chosen.connect(lambda key: self._edit(strongest=int(key)))
        return FlowRow(
            self._layers,
            self._order,
            self._shown,
            self._filters,
            self._activated,
            named("One scale for", self._scaling),
            gap=12,
        )

    # ---------------------------------------------------------------- state

    def set_state(self, state: State) -> None:
        """Show the level and the settings of a state."""
        old, self._state = self._state, state
        if self._is_set and same(old, state, *SHOWN_FIELDS):
            return  # a stroke of the pen changes none of it
        self._is_set = True
        self._layers.set_current(state.layers)
        self._scaling.set_current(state.scaling)
        self._order.set_current(state.order)
        self._activated.set_current("after" if state.activated else "before")
        self._filters.set_current("on" if state.filters else "off")
        self._shown.set_current(str(state.strongest))
        one = bool(state.layer) and not state.place
        has = self._seen is None or self._seen.activation(state.layer) is not None
        self._layers.setVisible(not state.layer)
        self._activated.setVisible(not state.layer or has)
        for widget in (self._order, self._shown, self._filters):
            widget.setVisible(one)
        self._controls.flow()
        self._fill()

    def show_seen(self, seen: Seen | None, other: Seen | None, sentence: str) -> None:
        """Show what the network made of the picture, or why it made nothing."""
        renewed = (self._seen is None) != (seen is None) or (
            seen is not None
            and self._seen is not None
            and seen.stages != self._seen.stages
        )
        self._seen, self._other = seen, other
        self._sentence.setText(sentence)
        if renewed:
            self._is_set = False
            self.set_state(self._state)
        else:
            self._fill()

    def _fill(self) -> None:
        seen, state = self._seen, self._state
        self._crumbs.set_crumbs(sight.crumbs(seen, state.layer, state.place))
        if seen is None:
            self._stack.setCurrentWidget(self._sentence)
            return
        if state.layer and seen.stage(state.layer) is None:
            state = state.at()
        if state.layer and not state.place:
            self._stack.setCurrentWidget(self.sheets)
            found = tiles.layer(seen, self._other, state)
            kernels = tiles.filters(seen, state) if state.filters else None
            self.sheets.set_tiles([*found, *([kernels] if kernels else [])])
            return
        self._stack.setCurrentWidget(self.wall)
        if state.layer:
            found = tiles.around(seen, self._other, state)
            self.wall.set_tiles(found, in_a_row=True)
        else:
            self.wall.set_tiles(tiles.overview(seen, self._other, state))
        self.wall.pin(state.layer, state.place)
        if seen.is_value(state.layer, state.place):
            self._link(state.layer, state.place)

    def _link(self, layer: str, place: Place) -> None:
        """Frame the window of the pinned value, and what it feeds."""
        for tile in self.wall.tiles:
            if self._seen is not None and tile.layer == layer and not tile.which:
                self.wall.link(self._seen, tile, place, edges=False)

    # ---------------------------------------------------------------- acting

    def _edit(self, **fields: Any) -> None:
        self.edited.emit(replace(self._state, **fields), "")

    def _go(self, layer: str, place: Place) -> None:
        self.edited.emit(self._state.at(layer, place), "")

    def _hover(self, number: int, place: Place) -> None:
        tile, seen = self.wall.tiles[number], self._seen
        if seen is None:
            return
        self.wall.link(seen, tile, place, edges=True)
        self._say(tile, place)

    def _hover_sheet(self, number: int, place: Place) -> None:
        self._say(self.sheets.tiles[number], place)

    def _say(self, tile: tiles.Tile, place: Place) -> None:
        if self._seen is None:
            return
        self.readout.emit(words.readout(self._seen, tile, place))
        if tile.which != tiles.FILTERS:
            self.pointed.emit(tile.layer, place)

    def _leave(self) -> None:
        self.wall.unlink()
        self.readout.emit("")
        self.pointed.emit("", ())
        seen, state = self._seen, self._state
        if seen is not None and seen.is_value(state.layer, state.place):
            self._link(state.layer, state.place)

    def _click(self, number: int, place: Place) -> None:
        tile = self.wall.tiles[number]
        if tile.which != tiles.FILTERS:
            self._go(tile.layer, place)

    def _click_sheet(self, number: int, place: Place) -> None:
        tile = self.sheets.tiles[number]
        if tile.which != tiles.FILTERS:
            self._go(tile.layer, place)

    def _open(self, number: int) -> None:
        self._go(self.wall.tiles[number].layer, ())

    def _go_out(self) -> None:
        if self._state.layer:
            self.edited.emit(self._state.out(), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back a level with Esc."""
        if event.key() == Qt.Key.Key_Escape and self._state.layer:
            self._go_out()
        else:
            super().keyPressEvent(event)
