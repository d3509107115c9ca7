"""Why did it say that? Five pictures of which pixels speak for a class."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.pages.inspect import attributing
from cnnviz.pages.inspect.asking_view import AskingView, unbroken
from cnnviz.pages.inspect.small_controls import Progress
from cnnviz.widgets.controls import Choice, beside, named
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.flow_row import FlowRow
from cnnviz.widgets.heat_map import HeatMap
from cnnviz.widgets.probability_bars import percentage

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from cnnviz.pages.inspect.attributing import Found
    from cnnviz.pages.inspect.state import State

PREDICTED = "-1"
NARROW = 260  # in pixels at text size 100 %

TILES = {
    "picture": ("Picture", "What the network looks at"),
    "saliency": (
        "Saliency",
        "How steeply the score of the class rises or falls with each pixel: |∂s/∂x|",
    ),
    "product": (
        "Gradient × input",
        "Each pixel times the slope of the score there: x · ∂s/∂x",
    ),
    "integrated": (
        "Integrated gradients",
        "(x − x₀) · the mean of ∂s/∂x on the way from x₀ = 0 (black) to the picture x; "
        "it adds up to the difference of the two scores",
    ),
    "cam": (
        "Grad-CAM",
        "The maps of a layer, each weighed by its mean gradient, added, and only "
        "what is above 0",
    ),
    "occlusion": (
        "Occlusion",
        "How far the probability falls when a square on this pixel is covered",
    ),
}


class Tile(QWidget):
    """A heat, and a sentence of its formula with the numbers."""

    def __init__(self, title: str, tooltip: str) -> None:
        super().__init__()
        self.heat = HeatMap(title, tooltip)
        self._words = QLabel()
        self._words.setProperty("role", "caption")
        self._words.setWordWrap(True)
        self._words.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum
        )
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.heat, 1)
        self.progress = Progress(title)
        self._foot = QStackedWidget()
        self._foot.addWidget(self._words)
        self._foot.addWidget(self.progress)
        self._foot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addWidget(self._foot)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for the sentence: two lines, or three where they are short."""
        px = theme.current().px
        lines = 2 if self.width() >= px(NARROW) else 3
        self._foot.setFixedHeight(lines * px(17))
        super().resizeEvent(event)

    def say(self, words: str) -> None:
        """Show a sentence."""
        words = unbroken(words)
        self._words.setText(words)
        self._words.setToolTip(words)
        self._foot.setCurrentWidget(self._words)

    def show_progress(self, done: int, total: int) -> None:
        """Show how much is done in place of the sentence, until it is all."""
        running = done < total
        self._foot.setCurrentWidget(self.progress if running else self._words)
        self.progress.show_progress(done, total)


class AttributionView(AskingView):
    """The picture, and beside it what its pixels have to do with a class."""

    raw = True

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.tiles = {key: Tile(*words) for key, words in TILES.items()}
        for tile in self.tiles.values():
            tile.heat.hovered.connect(partial(self._point, tile.heat))
        self._make_controls()
        grid = QGridLayout()
        px = theme.current().px
        grid.setHorizontalSpacing(px(24))
        grid.setVerticalSpacing(px(8))
        for number, tile in enumerate(self.tiles.values()):
            grid.addWidget(tile, number // 3, number % 3)
        for index in range(3):
            grid.setColumnStretch(index, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._row)
        column.addWidget(self.sentence)
        column.addLayout(grid, 1)

    def _make_controls(self) -> None:
        edit = partial(self.edit_why, "attributing")
        options = [(PREDICTED, "Predicted", "")]
        self._class = Choice([("", options)], "Class", "The class that is explained")
        self._class.chosen.connect(lambda key: edit(target=int(key)))
        self._layer = Choice([("", [("", "None", "")])], "Layer", "For Grad-CAM")
        self._layer.chosen.connect(lambda key: edit(layer=key))
        self._fields = {}
        for name, tip, high, decimals in (
            ("window", "Side of the covered square, in pixels", 64, 0),
            ("stride", "Pixels from one covered square to the next", 64, 0),
            ("fill", "What is put in its place: 0 is black, 1 is white", 1, 2),
        ):
            field = NumberField(
                name.capitalize(),
                tip,
                low=0 if decimals else 1,
                high=high,
                step=0.1 if decimals else 1,
                decimals=decimals,
            )
            field.changed.connect(partial(self._set_field, name))
            self._fields[name] = field
        self.tiles["occlusion"].progress.cancelled.connect(self._cancel)
        named_fields = []
        for label, name in (("Cover", "window"), ("every", "stride"), ("by", "fill")):
            self._fields[name].setFixedWidth(theme.current().px(60))
            named_fields.append(named(label, self._fields[name]))
        self._row = FlowRow(
            named("Class", self._class),
            named("Grad-CAM of", self._layer),
            beside(*named_fields),
        )

    def _set_field(self, name: str, value: float, gesture: str) -> None:
        whole = value if name == "fill" else round(value)
        self.edit_why("attributing", gesture, **{name: whole})

    # ---------------------------------------------------------------- asking

    def show_settings(self) -> None:
        """Show class, layer and covered square."""
        settings, inputs = self.state.why.attributing, self.inputs
        if inputs is not None:
            most = min(max(inputs.picture.shape[1:]), 64)
            for name in ("window", "stride"):
                self._fields[name].set_highest(most)
        for name, field in self._fields.items():
            field.set_value(getattr(settings, name))
        if inputs is None:
            return
        names = [(str(n), name, "") for n, name in enumerate(inputs.classes)]
        self._class.set_groups([("", [(PREDICTED, "Predicted", ""), *names])])
        self._class.set_current(str(settings.target))
        layers = attributing.mapped_layers(inputs.asked)
        self._layer.setEnabled(bool(layers))
        options = [(name, inputs.asked.title(name), "") for name in layers]
        self._layer.set_groups([("", options or [("", "None", "")])])
        layer = attributing.chosen_layer(inputs.asked, settings.layer)
        self._layer.set_current(layer)

    def question(self) -> object:
        """Return what the answer depends on."""
        return self.inputs, self.state.why.attributing

    def ask(self) -> None:
        """Explain the class."""
        inputs, settings = self.inputs, self.state.why.attributing
        assert inputs is not None
        unit = inputs.asked.unit(inputs.picture)
        self.tiles["picture"].heat.set_picture(unit)
        make = partial(attributing.attribute, self.kept, inputs, settings)
        self.stream.request(make)

    def clear(self) -> None:
        """Show empty frames."""
        for key, tile in self.tiles.items():
            if key != "picture" or self.inputs is None:
                tile.heat.set_heat(None)
            tile.heat.set_title(TILES[key][0])
            tile.say("")

    def take(self, found: Found) -> None:
        """Show what is known so far."""
        assert self.inputs is not None
        picture, classes = self.inputs.picture, self.inputs.classes
        name = classes[found.target]
        answer = found.prediction
        share = percentage(float(answer.probabilities[found.target]))
        self._tell("picture", f"The answer is {classes[answer.label]}.")
        self.tiles["picture"].heat.set_title("Picture", f"{name}: {share}")
        known = attributing.described(
            found, name, self._layer_title, self.inputs.asked.nothing
        )
        for key, part, words in known:
            signed = key not in ("saliency", "cam")
            self.tiles[key].heat.set_heat(part, picture, signed=signed)
            self._tell(key, words)
        for key, words in found.refusals.items():
            self.tiles[key].heat.set_heat(None)
            self._tell(key, words)
        if found.occlusion is not None:
            covered = found.occlusion
            self.tiles["occlusion"].show_progress(covered.done, covered.total)

    @property
    def _layer_title(self) -> str:
        assert self.inputs is not None
        asked, wanted = self.inputs.asked, self.state.why.attributing.layer
        layer = attributing.chosen_layer(asked, wanted)
        return asked.title(layer) if layer else ""

    def _tell(self, key: str, words: str) -> None:
        self.tiles[key].say(words)

    def _cancel(self) -> None:
        self.stream.cancel()
        self.tiles["occlusion"].show_progress(0, 0)

    # ---------------------------------------------------------------- pointing

    def _point(self, source: HeatMap, cell: Any) -> None:
        for tile in self.tiles.values():
            tile.heat.set_mark(cell)
        self.readout.emit("" if cell is None else source.describe(cell))
