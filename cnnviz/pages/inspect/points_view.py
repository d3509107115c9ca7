"""Test pictures as points: which ones a layer takes for alike, from pixels on."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QVBoxLayout

from cnnviz import theme
from cnnviz.errors import absent
from cnnviz.nn.terms import INPUT
from cnnviz.pages.inspect import mapping
from cnnviz.pages.inspect.asking_view import AskingView
from cnnviz.pages.inspect.small_controls import Progress, button
from cnnviz.widgets.controls import Choice, Segmented, named
from cnnviz.widgets.fields import NumberField
from cnnviz.widgets.flow_row import FlowRow
from cnnviz.widgets.scatter_plot import GLIDE, ScatterPlot

if TYPE_CHECKING:
    from cnnviz.pages.inspect.mapping import Mapped
    from cnnviz.pages.inspect.state import State

METHODS = (("pca", "PCA"), ("tsne", "t-SNE"))

NOTHING = np.zeros((0, 2), np.float32)

REST = 500
"""Milliseconds that a map stands before the points go on."""


class PointsView(AskingView):
    """One plane of points for each layer, and the way from one to the next."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._mapped: Mapped | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(GLIDE + REST)
        self._clock.timeout.connect(self._advance)
        self._make_controls()
        self._plot = ScatterPlot("Points", "Each point is a test picture; click one")
        self._plot.hovered.connect(self._tell)
        self._plot.clicked.connect(self._pin)
        self._stopped = False
        self._progress = Progress("Points")
        self._progress.cancelled.connect(self._cancel)
        corner = QVBoxLayout(self._plot)  # in the line of the legend
        corner.setContentsMargins(0, 0, 0, 0)
        place = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        corner.addWidget(self._progress, 1, place)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self._row)
        column.addWidget(self._lacking)
        column.addWidget(self.sentence)
        column.addWidget(self._plot, 1)

    def _make_controls(self) -> None:
        edit = partial(self.edit_why, "mapping")
        self._layer = Choice(
            [("", [("", "Last", "")])], "Layer", "By whose output pictures are alike"
        )
        self._layer.chosen.connect(self._choose_layer)
        self._method = Segmented(METHODS, "Method", "How the plane is found")
        self._method.changed.connect(lambda key: edit(method=key))
        self._lacking = QLabel()
        self._lacking.setProperty("role", "muted")
        self._lacking.setWordWrap(True)
        self._lacking.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        if importlib.util.find_spec("openTSNE") is None:
            reason = absent("t-SNE maps", "openTSNE")
            self._method.set_reason("tsne", reason)
            self._lacking.setText(f"{reason} PCA works without.")
        else:
            self._lacking.hide()
        self._count = NumberField(
            "Pictures",
            "How many test pictures, drawn at random",
            low=100,
            high=5000,
            step=100,
            decimals=0,
        )
        self._count.changed.connect(
            lambda value, gesture: edit(gesture, count=round(value))
        )
        self._play = button(
            "From pixels to last layer",
            "Let the points go from layer to layer",
            self._toggle,
        )
        self._row = FlowRow(
            named("Layer", self._layer),
            self._method,
            named("Pictures", self._count),
            self._play,
        )

    # ---------------------------------------------------------------- asking

    def show_settings(self) -> None:
        """Show layer, method and number of pictures."""
        settings, inputs = self.state.why.mapping, self.inputs
        self._method.set_current(settings.method)
        self._count.set_value(settings.count)
        self._play.setVisible(settings.method == "pca")
        self._row.flow()
        if inputs is None:
            return
        names = mapping.layers(inputs.asked)
        options = [(name, inputs.asked.title(name), "") for name in names]
        self._layer.set_groups([("", options)])
        self._layer.set_current(mapping.chosen(inputs.asked, settings))
        self._show()

    def question(self) -> object:
        """Return what the points depend on; PCA maps all layers at once."""
        settings, inputs = self.state.why.mapping, self.inputs
        assert inputs is not None
        if inputs.missing:
            self._plot.set_placeholder(inputs.missing)
            return None
        layer = mapping.chosen(inputs.asked, settings)
        of = layer in mapping.stages(inputs.asked, "") and settings.method == "pca"
        key = "" if of else layer
        of_what = inputs.asked.key, id(inputs.data)
        return *of_what, settings.method, settings.count, key

    def ask(self) -> None:
        """Map the test pictures."""
        settings, inputs = self.state.why.mapping, self.inputs
        assert inputs is not None
        self._mapped, self._stopped = None, False
        self._plot.set_points(NOTHING)
        self._plot.set_placeholder("Asking the network about the test pictures …")
        self._plot.set_title("Points", "")
        layer = mapping.chosen(inputs.asked, settings)
        how = mapping.lay_out if settings.method == "tsne" else mapping.project
        self.stream.request(partial(how, self.kept, inputs, layer, settings.count))
        self._play.setEnabled(False)

    def take(self, found: Mapped) -> None:
        """Show the points as far as they are known."""
        assert self.inputs is not None and self.inputs.data is not None
        first = self._mapped is None
        self._mapped = found
        if first:
            data = self.inputs.data
            test = data.test
            self._plot.set_pictures(
                test.images[found.pictures], test.labels[found.pictures], data.classes
            )
        done = f"{found.done:,} of {found.total:,} {found.doing}"
        self._plot.set_placeholder(f"{done} …")
        self._progress.show_progress(found.done, found.total, done)
        self._show()

    def end(self) -> None:
        """Let the points go from layer to layer."""
        self._play.setEnabled(self._mapped is not None)
        self._progress.hide()

    def _cancel(self) -> None:
        self.stream.cancel()
        self._stopped = True
        self._progress.hide()
        self._plot.set_placeholder("Stopped: choose a layer to begin again.")
        self._show()

    def clear(self) -> None:
        """Show no points."""
        self._mapped = None
        self._plot.set_points(NOTHING)
        self._plot.set_placeholder("")
        self._plot.set_title("Points", "")

    def _show(self) -> None:
        found, inputs = self._mapped, self.inputs
        if found is None or inputs is None or inputs.data is None:
            return
        layer = mapping.chosen(inputs.asked, self.state.why.mapping)
        points = found.points.get(layer)
        if points is None:
            return
        self._plot.set_points(points)
        words = found.words[layer]
        if self._stopped:
            words = f"stopped after {found.done:,} of {found.total:,} {found.doing}"
        self._plot.set_title(inputs.asked.title(layer), words)
        number = min(self.state.index, len(inputs.data.test) - 1)
        here = np.flatnonzero(found.pictures == number)
        shown = len(here) and self.state.source == "test"
        self._plot.set_marked(int(here[0]) if shown else -1)

    # ---------------------------------------------------------------- acting

    def _choose_layer(self, key: str) -> None:
        self._rest()
        if self._stopped:
            self.forget()
        self.edit_why("mapping", layer=key)
        self.refresh()  # also if it is the layer that is chosen already

    def _toggle(self) -> None:
        if self._clock.isActive():
            self._rest()
            return
        if self.inputs is not None:
            self._clock.start()
            self._play.setText("Pause")
            self._go_to(INPUT)

    def _advance(self) -> None:
        if self.inputs is None:
            return
        names = mapping.stages(self.inputs.asked, "")
        layer = mapping.chosen(self.inputs.asked, self.state.why.mapping)
        if layer not in names:
            self._rest()
            return
        place = names.index(layer) + 1
        if place < len(names):
            self._go_to(names[place])
        if place >= len(names) - 1:
            self._rest()

    def _go_to(self, layer: str) -> None:
        self.edit_why("mapping", "from layer to layer", layer=layer)

    def _rest(self) -> None:
        self._clock.stop()
        self._play.setText("From pixels to last layer")

    def _pin(self, index: int) -> None:
        if self._mapped is not None:
            number = int(self._mapped.pictures[index])
            self.edited.emit(replace(self.state, source="test", index=number), "")

    def _tell(self, index: int) -> None:
        found, inputs = self._mapped, self.inputs
        if index < 0 or found is None or inputs is None or inputs.data is None:
            self.readout.emit("")
            return
        number = int(found.pictures[index])
        name = inputs.data.classes[inputs.data.test.labels[number]]
        self.readout.emit(f"test picture {number:,}, a {name}; click inspects it")

    def stop(self) -> None:
        """Rest, and stop asking."""
        self._rest()
        self._progress.hide()
        super().stop()

    def shut_down(self) -> None:
        """Cancel and join."""
        self._rest()
        super().shut_down()
