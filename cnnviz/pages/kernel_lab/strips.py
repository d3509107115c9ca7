"""Beside the panes: every map of the pipeline, and every kernel of the stage."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops.colour import natural_scale, to_bgrx, value_range
from cnnviz.ops.pipeline import MAX_KERNELS, MAX_STAGES
from cnnviz.pages.kernel_lab.panes import table_of
from cnnviz.pages.kernel_lab.show import map_places, map_scale, step_title
from cnnviz.pages.kernel_lab.state import steps_of
from cnnviz.widgets.raster import to_image
from cnnviz.widgets.strip import MapStrip, Thumb

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cnnviz.ops.colour import Scale
    from cnnviz.pages.kernel_lab.compute import Run
    from cnnviz.pages.kernel_lab.compute import Thumb as Small
    from cnnviz.pages.kernel_lab.state import State, Step


class Strips(QWidget):
    """The maps of the pipeline over the kernels of the stage, if there are several.

    Attributes
    ----------
    state : State
        What edits start from; the page keeps it the present one.
    """

    edited = Signal(object)
    """A new state."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self._places: list[tuple[int, Step]] = []
        self.chain = MapStrip("Pipeline", "add a stage")
        self.chain.chosen.connect(self._choose_map)
        self.chain.added.connect(lambda: self._offer(self.state.add_stage))
        self.chain.removed.connect(self._remove_stage)
        self.bank = MapStrip("Kernels of this stage", "add a kernel")
        self.bank.chosen.connect(self.choose_kernel)
        self.bank.added.connect(lambda: self._offer(self.state.add_kernel))
        self.bank.removed.connect(
            lambda index: self._offer(lambda: self.state.remove_kernel(index))
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(4))
        self._parts = [
            _titled(title, strip)
            for title, strip in (("Stages", self.chain), ("Kernels", self.bank))
        ]
        for part in self._parts:
            column.addWidget(part)

    def show_run(self, state: State, run: Run) -> None:
        """Show the maps that a state has led to."""
        counts = len(map_places(state)), len(state.current.kernels)
        for part, count in zip(self._parts, counts, strict=True):
            part.setVisible(count > 1)
        self.setVisible(max(counts) > 1)
        if max(counts) > 1:
            self._show_chain(state, run)
            if state.stage < len(run.layers):
                self._show_bank(state, run)

    def _show_chain(self, state: State, run: Run) -> None:
        places = [place for place in map_places(state) if place[0] < len(run.layers)]
        self._places = places
        items = []
        for index, step in places:
            layer = run.layers[index]
            title = step_title(layer.stage, step)
            if step == "filtered":
                title = f"{index + 1} {title}"
            small = layer.thumbs[step]
            scale = map_scale(state, run, index, step)
            if state.scale == "map":
                # A few extremes of the whole map would leave its small copy blank.
                own = natural_scale(*value_range(small.array))
                scale = own if scale.kind != "colour" else replace(own, kind="colour")
            items.append(_thumb(small, scale, title))
        here = state.stage, state.shown_step
        if items:
            self.chain.set_items(items, places.index(here) if here in places else 0)
        self.chain.set_removable(len(state.stages) > 1)
        self.chain.set_extendable(len(state.stages) < MAX_STAGES and not run.reason)

    def _show_bank(self, state: State, run: Run) -> None:
        items = bank_items(state, run)
        self.bank.set_items(items, state.current.chosen)
        self.bank.set_removable(len(items) > 1)
        self.bank.set_extendable(len(items) < MAX_KERNELS)

    # ---------------------------------------------------------------- choices

    def _choose_map(self, place: int) -> None:
        stage, step = self._places[place]
        self._offer(lambda: replace(self.state, stage=stage, step=step, pin=None))

    def _remove_stage(self, place: int) -> None:
        self._offer(lambda: self.state.remove_stage(self._places[place][0]))

    def choose_kernel(self, index: int) -> None:
        """Choose another kernel of the stage."""
        self._offer(lambda: self.state.with_stage(self.state.current.choose(index)))

    def _offer(self, change: Callable[[], State]) -> None:
        with suppress(InputError):  # on show, but gone from the present state
            self.edited.emit(change())


def bank_items(state: State, run: Run) -> list[Thumb]:
    """Return what each kernel of the stage on the canvas passes on, as a picture."""
    layer = run.layers[state.stage]
    last = steps_of(layer.stage)[-1]
    names = [kernel.name for kernel in layer.stage.kernels]
    return [
        _thumb(small, map_scale(state, run, state.stage, last, small), name, caption)
        for name, caption, small in zip(
            names, short_names(names), layer.bank, strict=True
        )
    ]


def short_names(names: Sequence[str]) -> list[str]:
    """Return captions for kernels that tell each from the others.

    Of "Sobel, vertical edges" the first word is left, or beside another Sobel what sets
    it apart; kernels of the same name are numbered.
    """
    heads = [name.partition(",")[0] for name in names]
    apart = [name.partition(", ")[2].partition(" ")[0] for name in names]
    short = [
        tail if tail and heads.count(head) > 1 else head
        for head, tail in zip(heads, apart, strict=True)
    ]
    return [
        f"{place} {caption}" if short.count(caption) > 1 else caption
        for place, caption in enumerate(short, 1)
    ]


def _titled(title: str, strip: MapStrip) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.current().px(4))
    caption = QLabel(title)
    caption.setProperty("role", "caption")
    caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    column.addWidget(caption)
    column.addWidget(strip, 1)
    return part


def _thumb(small: Small, scale: Scale, title: str, caption: str = "") -> Thumb:
    table = table_of(scale)
    image = to_image(to_bgrx(small.array, scale, table)).copy()
    return Thumb(image, caption or title.partition(",")[0], title, (scale, table))
