"""How much a picture may be shifted or turned: probabilities over a change's range."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from cnnviz import theme
from cnnviz.ops.changes import RANGES, changed
from cnnviz.pages.inspect import changing, networks
from cnnviz.pages.inspect.asking_view import AskingView, Kept
from cnnviz.pages.inspect.preparing import with_changes
from cnnviz.paths import runs_dir
from cnnviz.widgets.controls import Choice, Segmented, named
from cnnviz.widgets.flow_row import FlowRow
from cnnviz.widgets.heat_map import HeatMap
from cnnviz.widgets.probability_bars import percentage
from cnnviz.widgets.run_plot import RunPlot, Series, Span

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from cnnviz.nn.probing import Floats
    from cnnviz.pages.inspect.changing import Compared
    from cnnviz.pages.inspect.state import State

CHANGES = (
    ("shift-right", "Shift →"),
    ("shift-down", "Shift ↓"),
    ("rotate", "Rotate"),
    ("scale", "Scale"),
    ("noise", "Noise"),
)
ROLES = ("highlight", "accent", "green", "violet")
OTHERS = "others"
"""What the classes without a curve of their own are called together."""
SIDE = 128  # of a picture, in pixels at text size 100 %
PICTURES = 3


class ChangesView(AskingView):
    """Two networks' probabilities one over the other, and the picture as it changes."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self._beside = Kept()
        self._opened = changing.Opened()
        self._compared: Compared | None = None
        self._place: float | None = None
        self._offered = ""
        self._make_controls()
        self._plots = [
            RunPlot(title, "Probability of each class", percent=True, last=False)
            for title in ("This network", "Beside it")
        ]
        self._words = [QLabel(), QLabel()]
        for words in self._words:
            words.setProperty("role", "muted")
            words.setWordWrap(True)
        for plot in self._plots:
            plot.hovered.connect(self._point)
            plot.set_ranges(None, Span(0.0, 1.0))
        self._pictures = [
            HeatMap("", "The picture as both networks see it", legend=False)
            for _ in range(PICTURES)
        ]
        for number, picture in enumerate(self._pictures, 1):
            picture.setAccessibleName(f"Changed picture {number}")
        self._lay_out()

    def _make_controls(self) -> None:
        edit = partial(self.edit_why, "changing")
        self._change = Segmented(CHANGES, "Change", "What is done to the picture")
        self._change.changed.connect(lambda key: edit(change=key))
        self._other = Choice(
            [("", [(changing.DENSE, "Fully connected", "")])],
            "Compare with",
            "The network beside; by default the fully connected one",
            "Choose a network",
        )
        self._other.setMinimumContentsLength(14)
        self._other.chosen.connect(lambda key: edit(other=key))
        self._row = FlowRow(self._change, named("Compare with", self._other))

    def _lay_out(self) -> None:
        px = theme.current().px
        left = QVBoxLayout()
        left.setSpacing(px(12))
        for picture in self._pictures:
            picture.setMinimumWidth(px(SIDE))
            left.addWidget(picture, 1)
        right = QVBoxLayout()
        right.setSpacing(px(4))
        for plot, words in zip(self._plots, self._words, strict=True):
            right.addWidget(plot, 1)
            right.addWidget(words)
            right.addSpacing(px(8))
        row = QHBoxLayout()
        row.setSpacing(px(24))
        row.addLayout(left, 1)
        row.addLayout(right, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._row)
        column.addWidget(self.sentence)
        column.addLayout(row, 1)

    # ---------------------------------------------------------------- asking

    def show_settings(self) -> None:
        """Show the change and the network beside."""
        settings = self.state.why.changing
        self._change.set_current(settings.change)
        wanted = settings.other or changing.DENSE
        if wanted != self._offered:
            self._offer(wanted, settings.other)
        self._show_pictures()

    def _offer(self, wanted: str, chosen: str) -> None:
        """Offer the networks that there are now; reads the folder of runs."""
        groups = networks.groups(runs_dir(), wanted)
        if not chosen and not networks.shipped(changing.DENSE).is_file():
            groups = [group for group in groups if group[0] != "Opened"]
        none = ("", [("", "None yet", changing.HOW_TO_GET)])
        self._other.set_groups(groups or [none])
        self._other.set_current(wanted)
        self._offered = wanted

    def showEvent(self, event: QShowEvent) -> None:
        """Find the runs that were trained meanwhile."""
        self._offered = ""
        super().showEvent(event)

    def question(self) -> object:
        """Return what the curves depend on: not on how far this change goes now."""
        settings = self.state.why.changing
        neutral = RANGES[settings.change].neutral
        others = replace(self.state.changes, **{_field(settings.change): neutral})
        return self.inputs, settings, others

    @property
    def _picture(self) -> Floats:
        """The picture with every change of the state but the one on show."""
        assert self.inputs is not None
        change = self.state.why.changing.change
        return with_changes(self.inputs.picture, self.state.changes, change)

    @property
    def _now(self) -> float:
        """How far the change on show goes in the state."""
        return float(
            getattr(self.state.changes, _field(self.state.why.changing.change))
        )

    def ask(self) -> None:
        """Ask both networks over the whole range."""
        assert self.inputs is not None
        self._compared, self._place = None, None
        settings = self.state.why.changing
        self.stream.request(
            partial(
                changing.compare,
                self.kept,
                self._beside,
                self._opened,
                self.inputs,
                self._picture,
                settings,
            )
        )

    def take(self, compared: Compared) -> None:
        """Show the curves as far as they are known."""
        self._compared = compared
        found, inputs = compared.found, self.inputs
        assert inputs is not None
        classes = inputs.classes
        shown = changing.curved(found)
        limits = RANGES[found.change]
        across = Span(float(limits.low), float(limits.high))
        x = found.values.astype(np.float64)
        rest = changing.others(found, shown)
        for number, plot in enumerate(self._plots):
            there = number < len(found.probabilities)
            curves = found.probabilities[number] if there else None
            series = []
            for role, label in zip(ROLES, shown, strict=False):
                if curves is not None:
                    y = np.ascontiguousarray(curves[:, label])
                    series.append(Series(classes[label], x, y, role, smooth=False))
            if there and rest is not None:
                series.append(Series(OTHERS, x, rest[number], "muted", smooth=False))
            plot.set_series(series)
            plot.set_ranges(across, Span(0.0, 1.0))
            words = ""
            if there:
                words = changing.held(found, number, shown[0], classes[shown[0]])
            self._words[number].setText(words)
        self._plots[1].setVisible(not compared.refusal)
        self._show_pictures()
        if compared.refusal:
            self._words[1].setText(compared.refusal)
        unit = RANGES[found.change].unit
        for plot, title in zip(
            self._plots, ("This network", compared.other), strict=True
        ):
            plot.set_title(title, unit)

    def clear(self) -> None:
        """Show no curves."""
        self._compared = None
        for plot, words in zip(self._plots, self._words, strict=True):
            plot.set_series([])
            words.setText("")
        if self.inputs is None:
            for heat in self._pictures:
                heat.set_heat(None)
                heat.set_title("")

    # ---------------------------------------------------------------- pictures

    def _show_pictures(self) -> None:
        """Show the picture as it is now or at the pointer, between two others."""
        if self.inputs is None:
            return
        for plot in self._plots:
            plot.set_line(self._now if self._place is None else self._place)
        change = self.state.why.changing.change
        limits = RANGES[change]
        middle = self._now if self._place is None else self._place
        unchanged = self._picture
        shares = (0.25, None, 0.75)
        for heat, share in zip(self._pictures, shares, strict=True):
            span = limits.high - limits.low
            value = middle if share is None else limits.low + share * span
            picture = changed(unchanged, change, float(value))
            heat.set_picture(picture)
            heat.set_title(changing.amount(change, value))

    def _point(self, place: float) -> None:
        # Until the answer is there, the curves may still be those of another change.
        nowhere = math.isnan(place) or self._compared is None
        self._place = None if nowhere else place
        self._show_pictures()
        self.readout.emit(self._in_words())

    def _in_words(self) -> str:
        if self._place is None or self._compared is None or self.inputs is None:
            return ""
        found = self._compared.found
        index = int(np.abs(found.values - self._place).argmin())
        at = changing.amount(found.change, float(found.values[index]))
        parts = [f"{self.state.why.changing.change}: {at}"]
        for number, shares in enumerate(found.probabilities[:, index]):
            if not np.isnan(shares).any():
                name = self.inputs.classes[int(shares.argmax())]
                who = ("this network", "the other")[number]
                parts.append(f"{who} says {name}, {percentage(float(shares.max()))}")
        return " · ".join(parts)


def _field(change: str) -> str:
    return change.replace("-", "_")
