"""The whole page: a person at its real controls, and the arrays that are on show."""

from __future__ import annotations

import os
import random
import re
import threading
import time
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDropEvent, QImage, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QRadioButton,
    QSlider,
    QWidget,
)

from cnnviz import commands, session, theme
from cnnviz.codec import to_json
from cnnviz.errors import InputError
from cnnviz.ops import colour, images, kernels
from cnnviz.ops.pipeline import MAX_KERNELS, MAX_STAGES, Maps, Pool, Stage, run_stage
from cnnviz.pages import pictures
from cnnviz.pages.kernel_lab import page as page_module
from cnnviz.pages.kernel_lab.compute import run as run_pipeline
from cnnviz.pages.kernel_lab.controls import OPEN, Controls
from cnnviz.pages.kernel_lab.page import REST, KernelLab, create
from cnnviz.pages.kernel_lab.state import State, View
from cnnviz.pages.kernel_lab.strips import short_names
from cnnviz.palette import DARK, LIGHT, signed_table
from cnnviz.settings import Settings
from cnnviz.widgets import gestures, numbers
from cnnviz.widgets.image_view import ImageView
from cnnviz.widgets.map_grid import MapGrid
from cnnviz.widgets.matrix import MatrixView
from cnnviz.widgets.matrix_editor import DRAG_STEP, MatrixEditor
from cnnviz.widgets.strip import MapStrip
from cnnviz.widgets.terms_panel import TermsPanel
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pytestqt.qtbot import QtBot

    Array = NDArray[np.float32]

KEYS = Qt.Key
LEFT = Qt.MouseButton.LeftButton
SIDES = "Input", "Feature map"
CHANNELS = "Red", "Green", "Blue"
MATRICES = "Window", "Kernel", "Products"
SENTENCE = re.compile(r"sum (?P<sum>\S+), bias (?P<bias>\S+)")
SIZE = 24, 31


# ---------------------------------------------------------------- what must be seen


def run(state: State) -> tuple[Array, Array, Maps]:
    """Return the picture, what goes into the stage on the canvas, and its maps."""
    source = images.open_source(state.picture)
    picture = source.grey if state.channels == "grey" else source.colour
    array = picture
    for stage in state.stages[: state.stage]:
        array = run_stage(array, stage).pooled
    return picture, array, run_stage(array, state.current)


def expected(state: State) -> tuple[Array, Array]:
    """Return what must be on the left and on the right."""
    picture, array, maps = run(state)
    left = picture if state.left == "picture" else array
    return left, getattr(maps, state.shown_step)


def read(controls: QWidget) -> dict[tuple[str, str], object]:
    """Return what every visible control says, by its class and name."""
    readers: dict[type[QWidget], Callable[[Any], object]] = {
        QComboBox: lambda box: box.currentText() or box.placeholderText(),
        QAbstractSpinBox: lambda field: field.text(),
        QRadioButton: lambda button: button.isChecked(),
        QSlider: lambda slider: slider.value(),
        MatrixEditor: lambda editor: editor.values.tolist(),
    }
    return {
        (kind.__name__, widget.accessibleName()): reader(widget)
        for kind, reader in readers.items()
        for widget in controls.findChildren(kind)
        if widget.isVisibleTo(controls)
    }


class Lab:
    """The page, and what a person does at it."""

    def __init__(self, page: KernelLab, bot: QtBot) -> None:
        self.page, self.bot = page, bot
        self._twin = Controls(State())
        bot.addWidget(self._twin)
        bot.addWidget(page)
        page.resize(1100, 780)
        page.show()
        self.settle()

    @property
    def state(self) -> State:
        state: State = self.page.state
        return state

    def settle(self) -> None:
        self.bot.waitUntil(self.page.settled, timeout=30_000)

    def find(self, kind: type[Any], name: str) -> Any:
        """Return the visible widget with an accessible name."""
        QApplication.processEvents()  # shows what has just been made
        named = (w for w in self.page.findChildren(kind) if w.accessibleName() == name)
        return next(w for w in named if w.isVisibleTo(self.page))

    def views(self, side: str) -> list[ImageView]:
        """Return the panes on show; ``side`` is "Input" or "Feature map"."""
        found = [
            view
            for channel in CHANNELS
            for view in self.page.findChildren(ImageView)
            if view.accessibleName() == f"{side}, {channel}"
        ]
        return [view for view in found if view.isVisibleTo(self.page)]

    @property
    def map(self) -> ImageView:
        return self.views("Feature map")[0]

    def message(self) -> str:
        return self.page.banner.text()

    # ------------------------------------------------------------ doing

    def choose(self, name: str, key: str) -> None:
        """Take an item of a list, as Qt reports a click on it."""
        box = self.find(QComboBox, name)
        box.setCurrentIndex(box.findData(key))
        box.activated.emit(box.currentIndex())

    def pick(self, name: str) -> None:
        """Click on a segment, "Channels: Colour"."""
        self.bot.mouseClick(self.find(QRadioButton, name), LEFT)

    def press(self, title: str) -> None:
        buttons = self.page.findChildren(QPushButton)
        self.bot.mouseClick(next(b for b in buttons if b.text() == title), LEFT)

    def number(self, name: str, text: object) -> None:
        """Type into a field."""
        field = self.find(QAbstractSpinBox, name)
        field.selectAll()
        self.bot.keyClicks(field, str(text))
        self.bot.keyClick(field, KEYS.Key_Return)

    @property
    def kernel(self) -> MatrixEditor:
        editor: MatrixEditor = self.find(MatrixEditor, "Weights of the kernel")
        return editor

    def type_cell(self, cell: tuple[int, int], text: str) -> None:
        editor = self.kernel
        self.bot.mouseClick(editor, LEFT, pos=editor.cell_rect(cell).center())
        self.bot.keyClicks(editor, text[0])
        self.bot.keyClicks(editor.focusWidget(), text[1:])
        self.bot.keyClick(editor.focusWidget(), KEYS.Key_Return)

    def drag_cell(self, cell: tuple[int, int], steps: int) -> None:
        editor = self.kernel
        start = editor.cell_rect(cell).center()
        self.bot.mousePress(editor, LEFT, pos=start)
        for step in range(1, abs(steps) + 1):
            way = -DRAG_STEP * step if steps > 0 else DRAG_STEP * step
            self.bot.mouseMove(editor, start + QPoint(0, way))
        self.bot.mouseRelease(editor, LEFT, pos=start)

    def small(self, name: str) -> MapStrip:
        strip: MapStrip = self.find(MapStrip, name)
        return strip

    def take(self, name: str, place: int) -> None:
        """Click on a small picture, or on the plus after the last."""
        strip = self.small(name)
        self.bot.mouseClick(strip, LEFT, pos=strip.item_rect(place).center())

    def place(self, view: ImageView, row: float, column: float) -> QPoint:
        """Return where the middle of a cell is on the screen."""
        middle = QPointF(column + 0.5, row + 0.5)
        return view.cells_to_pane().map(middle).toPoint()

    def hover(self, row: int, column: int, view: ImageView | None = None) -> None:
        view = view or self.map
        self.bot.mouseMove(view, self.place(view, row, column))

    def click(self, row: int, column: int, view: ImageView | None = None) -> None:
        view = view or self.map
        self.bot.mouseClick(view, LEFT, pos=self.place(view, row, column))

    def turn_wheel(self, widget: QWidget, notches: int, at: QPoint) -> None:
        widget.setFocus()
        event = QWheelEvent(
            QPointF(at),
            QPointF(widget.mapToGlobal(at)),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)

    # ------------------------------------------------------------ seeing

    def check(self) -> None:
        """Compare everything on the screen with what the state asks for."""
        self.settle()
        left, right = expected(self.state)
        shown = {"Input": left}
        if self.state.shows_bank and self.state.channels != "split":
            names = [kernel.name for kernel in self.state.current.kernels]
            grid = self.find(MapGrid, "Feature maps of all kernels")
            assert [item.tooltip for item in grid._items] == names
            assert not self.views("Feature map")
            np.testing.assert_array_equal(self.page._after.array, right)
        else:
            shown["Feature map"] = right
        for side, array in shown.items():
            views = self.views(side)
            if self.state.channels == "split":
                parts = np.moveaxis(array, 2, 0)
            else:
                parts = [array]
            assert len(views) == len(parts)
            for view, part in zip(views, parts, strict=True):
                np.testing.assert_array_equal(view._array, part)
        self._twin.set_state(self.state)
        QApplication.processEvents()
        assert read(self.page._controls) == read(self._twin)

    def terms(self) -> TermsPanel:
        panel = self.page.findChild(TermsPanel)
        assert panel is not None
        return panel

    def words(self) -> list[str]:
        """Return the texts in the panel of terms."""
        labels = self.terms().findChildren(QLabel)
        return [label.text() for label in labels if label.isVisibleTo(self.terms())]


@pytest.fixture
def photo(tmp_path: Path) -> str:
    """Return a picture file of many colours."""
    pixels = np.random.default_rng(7).integers(0, 256, (*SIZE, 3), np.uint8)
    path = tmp_path / "colours.png"
    Image.fromarray(pixels).save(path)
    return str(path)


@pytest.fixture
def start(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Lab]]:
    """Return a function that opens the page in some state."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "light", 100)
    monkeypatch.setattr(page_module, "COUNT_AFTER", 0)
    made: list[KernelLab] = []

    def start(state: State | None = None) -> Lab:
        made.append(KernelLab(state) if state else create())
        return Lab(made[-1], qtbot)

    yield start
    for page in made:
        page.shut_down()


@pytest.fixture
def lab(start: Callable[..., Lab], photo: str) -> Lab:
    return start(State(photo))


def stage_with(**fields: Any) -> Stage:
    return replace(Stage(), **fields)


# ---------------------------------------------------------------- controls


def test_the_first_start_shows_a_photograph_and_the_sum_behind_a_value(start):
    lab = start()
    lab.check()
    assert lab.map._cell == (REST, False)
    assert f"row {REST[0]}, column {REST[1]}" in lab.words()
    assert lab.message() == ""
    assert not lab.page.can_undo()


CONTROLS: list[tuple[Callable[[Lab], None], dict[str, Any]]] = [
    (lambda lab: lab.pick("Operation: Convolution"), {"operation": "convolution"}),
    (lambda lab: lab.number("Dilation, rows", 3), {"dilation": (3, 3)}),
    (lambda lab: lab.number("Bias", "-12.5"), {"bias": -12.5}),
    (lambda lab: lab.choose("Padding", "valid"), {"padding": "valid"}),
    (lambda lab: lab.choose("Padding", "full"), {"padding": "full"}),
    (lambda lab: lab.choose("Padding", "number"), {"padding": (1, 1)}),
    (
        lambda lab: lab.choose("Padding values", "reflect"),
        {"padding_mode": "reflect"},
    ),
    (
        lambda lab: lab.choose("Padding values", "replicate"),
        {"padding_mode": "replicate"},
    ),
    (
        lambda lab: lab.choose("Padding values", "circular"),
        {"padding_mode": "circular"},
    ),
    (
        # "same" is defined at stride 1 only; its number of rows goes on.
        lambda lab: lab.number("Stride, rows", 2),
        {"stride": (2, 2), "padding": (1, 1)},
    ),
    (lambda lab: lab.choose("Activation", "relu"), {"activation": "relu"}),
    (lambda lab: lab.choose("Activation", "abs"), {"activation": "abs"}),
    (lambda lab: lab.choose("Pooling", "max"), {"pool": Pool("max")}),
    (lambda lab: lab.choose("Pooling", "average"), {"pool": Pool("average")}),
    (lambda lab: lab.choose("Pooling", "min"), {"pool": Pool("min")}),
    (lambda lab: lab.choose("Pooling", "l2"), {"pool": Pool("l2")}),
]


@pytest.mark.parametrize(("act", "fields"), CONTROLS)
def test_a_control_changes_its_part_of_the_stage_and_the_map(lab, act, fields):
    before = lab.state
    act(lab)
    assert lab.state.current == stage_with(**fields)
    lab.check()
    lab.page.undo()
    assert lab.state == before
    lab.check()
    lab.page.redo()
    assert lab.state.current == stage_with(**fields)
    lab.check()


def test_an_activation_or_pooling_that_is_chosen_is_the_map_on_show(lab):
    lab.choose("Activation", "relu")
    assert lab.state.shown_step == "activated"
    lab.choose("Pooling", "max")
    assert lab.state.shown_step == "pooled"
    lab.choose("Pooling", "none")
    assert lab.state.shown_step == "activated"
    lab.choose("Activation", "none")
    assert lab.state.shown_step == "filtered"
    lab.check()


def test_unequal_rows_and_columns_need_the_link_to_be_open(lab):
    lab.number("Stride, rows", 3)
    assert lab.state.current.stride == (3, 3)
    link = "Stride, keep rows and columns equal"
    lab.bot.mouseClick(lab.find(QWidget, link), LEFT)
    lab.number("Stride, columns", 2)
    assert lab.state.current.stride == (3, 2)
    lab.number("Padding size, rows", 4)
    assert lab.state.current.padding == (4, 4)
    lab.check()


def test_the_pooling_stride_follows_the_window_until_it_is_set(lab):
    lab.choose("Pooling", "max")
    lab.number("Pooling window, rows", 3)
    assert lab.state.current.pool == Pool("max", (3, 3), (3, 3))
    lab.number("Pooling stride, rows", 1)
    lab.number("Pooling window, rows", 4)
    assert lab.state.current.pool == Pool("max", (4, 4), (1, 1))
    lab.check()


@pytest.mark.parametrize("channels", ["Colour", "R G B"])
def test_colours_are_filtered_together_or_side_by_side(lab, channels):
    lab.choose("Activation", "relu")
    lab.pick(f"Channels: {channels}")
    lab.check()
    assert len(lab.views("Feature map")) == {"Colour": 1, "R G B": 3}[channels]


def test_a_kernel_by_name_and_its_sliders(lab):
    lab.choose("Kernel by name", "gabor")
    assert lab.state.current.kernel == kernels.make("gabor")
    lab.number("Angle, °", 30)
    slider = lab.find(QSlider, "Wavelength, pixels")
    slider.setValue(slider.value() + 4)
    assert dict(lab.state.current.kernel.parameters)["wavelength"] == 8
    assert dict(lab.state.current.kernel.parameters)["angle"] == 30
    lab.check()


def test_a_cell_is_typed_and_the_wheel_turns_it_in_one_step(lab):
    lab.type_cell((1, 2), "-1/4")
    assert lab.state.current.kernel.weights[1] == (-2, 0, -0.25)
    lab.check()
    before, editor = lab.state, lab.kernel
    for _ in range(3):
        lab.turn_wheel(editor, 1, editor.cell_rect((0, 0)).center())
    assert lab.state.current.kernel.weights[0][0] == pytest.approx(-0.7)
    lab.check()
    lab.page.undo()
    assert lab.state == before


def test_a_drag_moves_the_map_all_the_way_and_is_one_step(lab):
    seen = []
    lab.page.changed.connect(lambda: seen.append(lab.map._array))
    before = lab.state
    lab.drag_cell((1, 2), 3)
    lab.drag_cell((1, 2), -1)
    assert lab.state.current.kernel.weights[1][2] == 4
    assert len(seen) == 4
    assert not any(np.array_equal(a, b) for a, b in pairwise(seen))
    lab.check()
    lab.page.undo()
    assert lab.state.current.kernel.weights[1][2] == 5
    lab.page.undo()
    assert lab.state == before
    assert not lab.page.can_undo()


@pytest.mark.parametrize(
    ("title", "change"),
    [
        ("Flip ↔", kernels.flip_horizontal),
        ("Flip ↕", kernels.flip_vertical),
        ("Rotate", kernels.rotate),
        ("Negate", kernels.negate),
        ("Normalise", kernels.normalise),
    ],
)
def test_a_button_changes_the_whole_kernel(lab, title, change):
    lab.choose("Kernel by name", "emboss")
    lab.press(title)
    assert lab.state.current.kernel == change(kernels.make("emboss"))
    lab.check()


def test_what_the_kernel_cannot_do_is_said(lab):
    lab.choose("Kernel by name", "identity")
    lab.type_cell((1, 1), "0")
    before = lab.state
    lab.press("Normalise")
    assert "Every weight is 0" in lab.message()
    assert lab.state == before


def test_a_kernel_is_resized_about_its_middle(lab):
    lab.bot.mouseClick(
        lab.find(QWidget, "Size of the kernel, keep rows and columns equal"), LEFT
    )
    lab.number("Size of the kernel, rows", 1)
    lab.number("Size of the kernel, columns", 4)
    assert lab.state.current.kernel.weights == ((-2, 0, 2, 0),)
    lab.check()


# ---------------------------------------------------------------- stages and banks


def test_stages_are_added_chosen_and_removed(lab):
    lab.choose("Activation", "relu")
    lab.choose("Pooling", "max")
    lab.press("Add a stage")
    lab.choose("Kernel by name", "box")
    assert (lab.state.stage, len(lab.state.stages)) == (1, 2)
    lab.check()
    lab.pick("Left side: Picture")
    lab.check()
    lab.take("Pipeline", 1)
    assert (lab.state.stage, lab.state.shown_step) == (0, "activated")
    lab.check()
    lab.take("Pipeline", 4)  # the plus after four maps
    assert (lab.state.stage, len(lab.state.stages)) == (2, 3)
    lab.check()
    lab.take("Pipeline", 0)
    lab.bot.keyClick(lab.small("Pipeline"), KEYS.Key_Delete)
    assert [stage.kernel.recipe for stage in lab.state.stages] == [
        "box",
        "sobel-vertical",
    ]
    lab.check()


def test_kernels_are_compared_side_by_side(lab):
    lab.press("Compare another kernel")
    lab.choose("Kernel by name", "laplacian")
    names = [kernel.recipe for kernel in lab.state.current.kernels]
    assert names == ["sobel-vertical", "laplacian"]
    lab.check()
    grid = lab.find(MapGrid, "Feature maps of all kernels")
    lab.bot.mouseClick(grid, LEFT, pos=grid.item_rect(0).center())
    assert lab.state.current.kernel.recipe == "sobel-vertical"
    lab.check()
    lab.pick("Right side: One map")
    lab.take("Kernels of this stage", 1)
    assert lab.state.current.kernel.recipe == "laplacian"
    lab.check()
    lab.pick("Right side: All kernels")
    lab.take("Kernels of this stage", 0)
    assert lab.state.current.kernel.recipe == "sobel-vertical"
    lab.check()
    strip = lab.small("Kernels of this stage")
    lab.bot.mouseMove(strip, strip.item_rect(0).center())
    lab.bot.mouseClick(strip, LEFT, pos=strip.close_rect(0).center())
    assert lab.state.current == stage_with(kernels=(kernels.make("laplacian"),))
    lab.check()


def test_what_a_later_stage_reads_is_not_called_the_picture(lab):
    said: list[str] = []
    lab.page.readout.connect(said.append)
    left, right = expected(lab.state)
    lab.press("Add a stage")
    lab.settle()
    lab.hover(5, 7)
    assert said[-1].endswith(f"   input {numbers.text(right[5, 7])}")
    lab.pick("Left side: Picture")
    lab.hover(6, 7)
    assert said[-1].endswith(f"   picture {numbers.text(left[6, 7])}")


@pytest.mark.parametrize(
    ("names", "captions"),
    [
        (["Sobel, vertical edges", "Laplacian"], ["Sobel", "Laplacian"]),
        (
            ["Sobel, vertical edges", "Box", "Sobel, horizontal edges"],
            ["vertical", "Box", "horizontal"],
        ),
        (["Diagonal", "Diagonal, mirrored"], ["Diagonal", "mirrored"]),
        (["Box", "Box", "Emboss"], ["1 Box", "2 Box", "Emboss"]),
        (["Sobel, vertical edges"] * 2, ["1 vertical", "2 vertical"]),
    ],
)
def test_kernels_side_by_side_are_told_apart(names, captions):
    assert short_names(names) == captions


def test_there_is_an_end_to_stages_and_kernels(lab):
    for title, most in (
        ("Add a stage", MAX_STAGES),
        ("Compare another kernel", MAX_KERNELS),
    ):
        for _ in range(most + 2):
            lab.press(title)
    assert len(lab.state.stages) == MAX_STAGES
    assert len(lab.state.current.kernels) == MAX_KERNELS
    lab.check()


def test_the_scale_is_that_of_the_map_the_stage_or_all(lab):
    lab.press("Compare another kernel")
    lab.choose("Kernel by name", "scharr-vertical")
    lab.press("Add a stage")
    lab.choose("Kernel by name", "box")
    lab.take("Pipeline", 0)
    lab.take("Kernels of this stage", 0)
    lab.pick("Right side: One map")
    lab.settle()
    grey = images.load(lab.state.picture).grey
    bank = [run_stage(grey, lab.state.current.choose(k)).filtered for k in (0, 1)]
    after = run_stage(bank[0], lab.state.stages[1]).filtered
    for rule, maps in (("Map", bank[:1]), ("Stage", bank), ("All", [bank[0], after])):
        lab.pick(f"Colour scale: {rule}")
        low, high = min(a.min() for a in maps), max(a.max() for a in maps)
        scale, _ = lab.map._colours
        assert scale == colour.natural_scale(float(low), float(high))
        lab.check()
    lab.pick("Colour scale: 0–255")
    assert lab.map._colours[0] == colour.Scale(0, 255, "grey")
    lab.check()


# ---------------------------------------------------------------- undo and redo


def some_kernel(lab: Lab, dice: random.Random) -> None:
    lab.choose("Kernel by name", dice.choice(kernels.RECIPES).id)


def some_cell(lab: Lab, dice: random.Random) -> None:
    rows, columns = lab.kernel.values.shape
    lab.type_cell((dice.randrange(rows), dice.randrange(columns)), str(dice.random()))


def some_drag(lab: Lab, dice: random.Random) -> None:
    lab.drag_cell((0, 0), dice.choice([-2, -1, 1, 2]))


def some_button(lab: Lab, dice: random.Random) -> None:
    titles = ["Flip ↔", "Flip ↕", "Rotate", "Negate", "Normalise"]
    extra = ["Compare another kernel"] * (len(lab.state.current.kernels) < 3)
    lab.press(
        dice.choice(titles + extra + ["Add a stage"] * (len(lab.state.stages) < 3))
    )


def some_segment(lab: Lab, dice: random.Random) -> None:
    buttons = [b for b in lab.page.findChildren(QRadioButton) if b.isVisible()]
    lab.bot.mouseClick(dice.choice(buttons), LEFT)


def some_number(lab: Lab, dice: random.Random) -> None:
    names = ["Stride, rows", "Dilation, columns", "Bias"]
    names += ["Pooling window, rows"] * (lab.state.current.pool is not None)
    lab.number(dice.choice(names), dice.choice([1, 2, 3]))


def some_choice(lab: Lab, dice: random.Random) -> None:
    name = dice.choice(["Padding", "Padding values", "Activation", "Pooling"])
    box = lab.find(QComboBox, name)
    lab.choose(name, box.itemData(dice.randrange(box.count())))


def some_picture(lab: Lab, dice: random.Random) -> None:
    lab.choose("Picture", f"sample:{dice.choice(['letters', 'noise', 'step-edges'])}")


def some_thumb(lab: Lab, dice: random.Random) -> None:
    strips = [strip for strip in lab.page.findChildren(MapStrip) if strip.isVisible()]
    for strip in strips:
        key = dice.choice([KEYS.Key_Up, KEYS.Key_Down, KEYS.Key_Delete])
        lab.bot.keyClick(strip, key)
        return


def some_pin(lab: Lab, dice: random.Random) -> None:
    views = [v for v in lab.views("Feature map") if v._array is not None]
    for view in views[-1:]:
        rows, columns = view._array.shape[:2]
        lab.click(dice.randrange(rows), dice.randrange(columns), view)


def some_zoom(lab: Lab, dice: random.Random) -> None:
    view = dice.choice(lab.views("Input"))
    at = QPoint(dice.randrange(view.width()), dice.randrange(view.height()))
    lab.turn_wheel(view, dice.choice([-1, 1, 2]), at)


def without_view(state: State) -> State:
    return replace(state, view=View())


ACTIONS = [
    some_kernel,
    some_cell,
    some_drag,
    some_button,
    some_segment,
    some_number,
    some_choice,
    some_picture,
    some_thumb,
    some_pin,
    some_zoom,
]


def looks_right(lab: Lab) -> None:
    """Check the screen, or that it says why there is nothing to see."""
    lab.settle()
    try:
        expected(lab.state)
    except InputError:
        assert all(view._array is None for view in lab.views("Feature map"))
        assert all(view._placeholder for view in lab.views("Feature map"))
    else:
        lab.check()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("threaded", [False, True])
def test_undo_and_redo_walk_through_exactly_the_states_that_were(
    start, monkeypatch, seed, threaded
):
    monkeypatch.setattr(gestures, "BURST", -1)  # nothing is joined but by a drag
    if threaded:
        monkeypatch.setattr(page_module, "QUICK_WORK", 0)
    lab, dice = start(State("sample:letters")), random.Random(seed)
    states = [lab.state]
    for _ in range(25):
        action = dice.choice(ACTIONS)
        action(lab, dice)
        looks_right(lab)
        if without_view(lab.state) != states[-1]:
            states.append(without_view(lab.state))
    for state in states[-2::-1]:
        lab.page.undo()
        looks_right(lab)
        assert without_view(lab.state) == state
    assert not lab.page.can_undo()
    for state in states[1:]:
        lab.page.redo()
        looks_right(lab)
        assert without_view(lab.state) == state
    assert not lab.page.can_redo()


def test_a_zoom_is_no_step_and_is_the_same_for_every_pane(lab):
    lab.number("Bias", 1)
    lab.turn_wheel(lab.map, 3, lab.place(lab.map, 5, 5))
    zoomed = lab.state.view
    assert zoomed.zoom > 1.5
    seen = [view.view().viewport for side in SIDES for view in lab.views(side)]
    assert len(set(seen)) == 1
    lab.type_cell((0, 0), "3")
    lab.page.undo()
    assert lab.state.view == zoomed
    lab.page.undo()
    assert not lab.page.can_undo()
    lab.choose("Picture", "sample:letters")
    lab.settle()
    assert lab.state.view == View()
    lab.turn_wheel(lab.map, 1, QPoint(50, 50))
    lab.choose("Picture", "sample:letters")
    lab.page.undo()
    assert lab.state.picture != "sample:letters"


# ---------------------------------------------------------------- one value


def test_pointing_at_a_value_tells_its_place_its_window_and_its_sum(lab):
    said: list[str] = []
    lab.page.readout.connect(said.append)
    lab.hover(5, 7)
    left, right = expected(lab.state)
    values = numbers.text(left[5, 7]), numbers.text(right[5, 7])
    assert said[-1] == f"x 7, y 5   map {values[1]}   picture {values[0]}"
    assert "row 5, column 7" in lab.words()
    assert lab.map._cell == ((5, 7), False)
    marked = lab.views("Input")[0]._window
    assert (marked.rows.tolist(), marked.columns.tolist()) == ([4, 5, 6], [6, 7, 8])
    np.testing.assert_array_equal(marked.weights, lab.state.current.weights)
    np.testing.assert_array_equal(matrix(lab, "Window").values, left[4:7, 6:9])

    view = lab.views("Input")[0]
    lab.hover(20, 3, view)
    assert said[-1].startswith(f"x 3, y 20   picture {numbers.text(left[20, 3])}   map")
    for each in (view, lab.map):
        QApplication.sendEvent(each, QEvent(QEvent.Type.Leave))
    assert said[-1] == ""
    assert "row 5, column 7" in lab.words()  # the class goes on reading it

    lab.hover(5, 7)
    assert said[-1] != ""
    lab.choose("Picture", "sample:letters")
    lab.settle()
    assert said[-1] == ""  # it was said of another picture


def test_the_window_has_holes_and_lies_on_padding(lab):
    lab.number("Dilation, rows", 3)
    lab.number("Stride, rows", 2)
    lab.hover(0, 1)
    marked = lab.views("Input")[0]._window
    assert (marked.rows.tolist(), marked.columns.tolist()) == ([-3, 0, 3], [-1, 2, 5])
    assert matrix(lab, "Window").describe((0, 0)).endswith("(padding)")


def test_against_the_picture_the_window_is_the_receptive_field(lab):
    lab.choose("Pooling", "max")
    lab.hover(3, 4)
    marked = lab.views("Input")[0]._window
    assert (marked.rows.tolist(), marked.columns.tolist()) == (
        [5, 6, 7, 8],
        [7, 8, 9, 10],
    )
    lab.press("Add a stage")
    lab.pick("Left side: Picture")
    lab.hover(3, 4)
    marked = lab.views("Input")[0]._window
    # A value of the second stage sees 3 values of 4 pixels, each 2 pixels apart.
    assert (marked.rows[0], marked.rows[-1]) == (3, 10)
    assert (marked.columns[0], marked.columns[-1]) == (5, 12)


def test_a_click_pins_a_value_and_esc_releases_it(lab):
    lab.click(5, 7)
    assert lab.state.pin == (5, 7)
    lab.hover(9, 9)
    assert "row 5, column 7 · pinned, Esc releases" in lab.words()
    assert lab.map._cell == ((5, 7), True)
    lab.type_cell((1, 2), "9")
    assert "row 5, column 7 · pinned, Esc releases" in lab.words()
    lab.bot.keyClick(lab.map, KEYS.Key_Escape)
    assert lab.state.pin is None
    assert "row 9, column 9" in lab.words()
    lab.page.undo()
    assert lab.state.pin == (5, 7)
    lab.page.undo()
    lab.page.undo()
    assert lab.state.pin is None
    assert not lab.page.can_undo()


def test_in_three_channels_the_one_that_is_clicked_is_summed_up(lab):
    lab.pick("Channels: R G B")
    lab.click(5, 7, lab.views("Feature map")[2])
    assert (lab.state.pin, lab.state.channel) == ((5, 7), 2)
    left, _ = expected(lab.state)
    np.testing.assert_array_equal(matrix(lab, "Window").values, left[4:7, 6:9, 2])


def matrix(lab: Lab, name: str) -> MatrixView:
    views = lab.terms().findChildren(MatrixView)
    return next(view for view in views if view.accessibleName() == name)


def number(text: str) -> float:
    """Read a number as it is written on the screen; it must not be a rounded one."""
    assert "≈" not in text
    return numbers.parse(text.replace(",", ""))


def table(lab: Lab, name: str) -> NDArray[np.float64]:
    texts = matrix(lab, name).texts
    return np.array([[number(text) for text in row] for row in texts])


def value(lab: Lab) -> float:
    labels = lab.terms().findChildren(QLabel)
    (text,) = (x.text() for x in labels if x.property("role") == "value")
    return number(text)


WHOLE = ("sobel-vertical", "laplacian", "x-detector", "relief", "emboss", "diagonal")


@pytest.mark.parametrize("seed", range(12))
def test_the_numbers_of_a_pinned_value_add_up_as_they_are_written(start, photo, seed):
    dice = random.Random(seed)
    stage = stage_with(
        kernels=(kernels.make(dice.choice(WHOLE)),),
        operation=dice.choice(["correlation", "convolution"]),
        stride=(dice.randint(1, 3), dice.randint(1, 2)),
        padding=(dice.randint(0, 2), dice.randint(0, 2)),
        padding_mode=dice.choice(["zero", "reflect", "replicate", "circular"]),
        dilation=(dice.randint(1, 2), dice.randint(1, 3)),
        bias=float(dice.randint(-300, 300)),
        activation=dice.choice(["none", "relu", "abs"]),
    )
    channels = dice.choice(["grey", "colour", "split"])
    lab = start(State(photo, channels, dice.randrange(3), (stage,), step="activated"))
    _, _, maps = run(lab.state)
    for _ in range(8):
        cell = tuple(dice.randrange(n) for n in maps.filtered.shape[:2])
        lab.click(*cell)
        channel = () if channels == "grey" else (lab.state.channel,)
        window, weights, products = (table(lab, n) for n in MATRICES)
        np.testing.assert_array_equal(products, window * weights)
        (said,) = (found for w in lab.words() if (found := SENTENCE.match(w)))
        assert number(said["sum"]) == products.sum()
        assert number(said["bias"]) == stage.bias
        assert (
            value(lab) == products.sum() + stage.bias == maps.filtered[cell + channel]
        )
        after = [w.partition(" → ")[2] for w in lab.words() if " → " in w]
        active = maps.activated[cell + channel]
        assert list(map(number, after)) == [active] * (stage.activation != "none")


@pytest.mark.parametrize(
    ("kind", "pooled"),
    [("max", np.max), ("min", np.min), ("average", np.mean), ("l2", np.linalg.norm)],
)
def test_a_pooled_value_is_that_of_the_window_that_is_written_out(
    start, photo, kind, pooled
):
    stage = stage_with(activation="abs", pool=Pool(kind, (2, 2), (1, 1)))
    lab = start(State(photo, stages=(stage,), step="pooled"))
    _, _, maps = run(lab.state)
    lab.click(4, 6)
    window = table(lab, "Window")
    np.testing.assert_array_equal(window, maps.activated[4:6, 6:8])
    assert float(maps.pooled[4, 6]) == pytest.approx(pooled(window), rel=1e-6)
    (text,) = (
        label.text()
        for label in lab.terms().findChildren(QLabel)
        if label.property("role") == "value"
    )
    written = numbers.parse(text.replace(",", "").removeprefix("≈"))
    assert written == pytest.approx(pooled(window), rel=1e-5)


# ---------------------------------------------------------------- pictures


@pytest.fixture
def bad_files(tmp_path: Path) -> Path:
    """Return a folder of files that are no pictures."""
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("I am no picture.")
    whole = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(whole).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:4000])
    return tmp_path


@pytest.mark.parametrize(
    "name", ["absent.png", "empty.png", "text.png", "cut.png", "."]
)
def test_a_file_that_is_no_picture_changes_nothing(lab, bad_files, name):
    opened: list[str] = []
    lab.page.recent.connect(opened.append)
    lab.click(5, 7)
    before = lab.state
    lab.page.open_paths([str(bad_files / name)])
    lab.bot.waitUntil(lambda: bool(lab.message()))
    assert re.fullmatch(r"“[^”]+” [^.]+\.", lab.message())
    assert lab.state == before
    lab.check()
    assert str(bad_files / name) not in opened
    lab.page.undo()
    assert lab.state.pin is None
    assert not lab.page.can_undo()


def test_a_picture_that_vanished_is_explained_on_undo(lab, photo, tmp_path):
    lab.choose("Picture", "sample:letters")
    lab.settle()
    os.remove(photo)
    lab.page.undo()
    lab.bot.waitUntil(lambda: "colours.png" in lab.message())
    assert lab.state.picture == "sample:letters"
    lab.check()


def test_the_newest_of_several_pictures_is_shown(lab, photo, bad_files):
    for source in ("sample:letters", str(bad_files / "text.png"), photo):
        lab.page.open_paths([source])
    lab.settle()
    assert lab.state.picture == photo
    assert lab.message() == ""
    lab.check()


def test_a_picture_too_small_for_the_pipeline_is_explained_in_the_maps_place(lab):
    lab.choose("Padding", "valid")
    lab.press("Add a stage")
    lab.choose("Kernel by name", "gabor")
    lab.choose("Padding", "valid")
    lab.check()
    lab.choose("Picture", "sample:lecture-4x4")
    lab.settle()
    looks_right(lab)
    assert lab.map._placeholder.startswith("Stage 2: The window is 15 rows tall")
    assert lab.page.copy_picture() is None
    lab.hover(1, 1)  # the place of the map; there is nothing to point at
    lab.choose("Kernel by name", "identity")
    lab.number("Bias", 3)
    assert lab.map._placeholder.startswith("Stage 2: The window is 3 rows tall")
    lab.choose("Padding", "same")
    lab.check()
    for _ in range(4):
        lab.page.undo()
    lab.check()
    assert lab.state.picture != "sample:lecture-4x4"


def test_own_pictures_are_asked_for(lab, photo, tmp_path, monkeypatch):
    answers = iter([("", ""), (photo, "")])
    ask = lambda *_: next(answers)  # noqa: E731
    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    lab.choose("Picture", "sample:letters")
    for picture in ("sample:letters", photo):
        lab.choose("Picture", OPEN)
        lab.settle()
        assert lab.state.picture == picture
        lab.check()


# ---------------------------------------------------------------- clipboard and drops


def mime(**content: Any) -> QMimeData:
    data = QMimeData()
    for kind, value in content.items():
        getattr(data, f"set{kind}")(value)
    return data


def test_a_picture_is_pasted_and_kept(lab, home):
    image = QImage(5, 4, QImage.Format.Format_ARGB32)
    image.fill(QColor(10, 20, 30))
    image.setPixelColor(2, 1, QColor(0, 0, 0, 0))  # transparent: on white
    assert lab.page.paste(mime(ImageData=image)) is True
    lab.check()
    pixels = images.load(lab.state.picture).pixels
    assert pixels.shape == (4, 5, 3)
    assert pixels[0, 0].tolist() == [10, 20, 30]
    assert pixels[1, 2].tolist() == [255, 255, 255]
    assert lab.state.picture.startswith(str(home))
    assert lab.page._picture.name == "Pasted picture"


def test_a_file_and_a_kernel_are_pasted(lab, photo):
    lab.choose("Picture", "sample:letters")
    assert lab.page.paste(mime(Urls=[QUrl.fromLocalFile(photo)]))
    assert lab.page.paste(mime(Text="0 1/2\n−1 2,5"))
    assert lab.state.picture == photo
    assert lab.state.current.kernel.weights == ((0, 0.5), (-1, 2.5))
    lab.check()


@pytest.mark.parametrize("text", ["a poem", "1 2\n3", "1e99", "nan", ""])
def test_a_text_that_is_no_kernel_is_explained(lab, text):
    before = lab.state
    lab.page.paste(mime(Text=text))
    assert lab.message().endswith(".")
    assert lab.state == before
    assert not lab.page.paste(QMimeData())


@pytest.fixture
def win(start, qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], Window]]:
    """Return a function that opens the real window on the real page."""
    made: list[Window] = []

    def make() -> Window:
        files = tmp_path / "settings.ini", tmp_path / "session.cnnviz"
        made.append(Window(Settings("light"), *files))
        qtbot.addWidget(made[-1])
        made[-1].restore_session()
        made[-1].show_page(KernelLab.id)
        made[-1].show()
        qtbot.waitUntil(made[-1].page.settled, timeout=30_000)
        return made[-1]

    yield make
    for each in made:
        each.shut_down()


def drop(window: Window, data: QMimeData) -> None:
    event = QDropEvent(
        QPointF(700, 300),
        Qt.DropAction.CopyAction,
        data,
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    window.dropEvent(event)


def test_pictures_and_kernels_are_dropped_on_the_window(win, photo, qtbot):
    window = win()
    drop(window, mime(Urls=[QUrl.fromLocalFile(photo)]))
    drop(window, mime(Text="1 2; 3 4"))
    qtbot.waitUntil(window.page.settled)
    assert window.page.state.picture == photo
    assert window.page.state.current.kernel.weights == ((1, 2), (3, 4))
    assert window.settings.recent == (photo,)
    before = window.page.state
    drop(window, mime(Text="https://example.org/cat.jpg"))
    assert window.page.banner.text().endswith(".")
    assert window.page.state == before


def test_the_session_comes_back_in_another_window(win, photo, qtbot):
    first = win()
    state = State(
        photo,
        "split",
        stages=(stage_with(pool=Pool()), stage_with(bias=2.0)),
        stage=1,
        pin=(3, 4),
        view=View(0.4, 0.6, 2.0),
    )
    first.page.edit(state)
    qtbot.waitUntil(first.page.settled)
    first.page.amend(replace(first.page.state, view=state.view))
    first.close()
    second = win()
    assert second.page.state == state
    assert not second.page.can_undo()
    assert second.page.banner.text() == ""


def test_a_session_file_is_opened_as_it_was_saved(win, photo, qtbot, tmp_path):
    state = State(photo, pin=(3, 4), view=View(0.4, 0.6, 2.0))
    file = tmp_path / "lesson.cnnviz"
    session.write(session.Session(KernelLab.id, {KernelLab.id: to_json(state)}), file)
    window = win()
    before = window.page.state
    commands.open_paths([str(file)], window)
    qtbot.waitUntil(window.page.settled)
    assert window.page.state == state
    window.page.undo()
    qtbot.waitUntil(window.page.settled)
    assert window.page.state == before


@pytest.mark.parametrize(
    "damage",
    [
        {"stages": []},
        {"stages": [{"kernels": [{"name": "x", "weights": [[1], [1, 2]]}]}]},
        {"stages": [{"bias": "much"}]},
        {"stage": 7},
        {"channels": "infrared"},
        {"picture": 3},
        {"pin": [1]},
        {"view": {"zoom": None}},
    ],
)
def test_a_damaged_state_leaves_the_page_as_it_was(lab, damage):
    before = lab.state
    with pytest.raises(InputError):
        lab.page.restore({**lab.page.state_json(), **damage})
    assert lab.state == before
    assert not lab.page.can_undo()
    lab.check()


def test_a_pin_outside_the_map_is_none(lab):
    lab.page.restore({**lab.page.state_json(), "pin": [1000, 1000]})
    lab.check()
    assert lab.map._cell[1] is False


# ---------------------------------------------------------------- out of the page


def test_the_copied_picture_has_the_colours_of_the_map(lab):
    image = lab.page.copy_picture()
    assert (image.height(), image.width()) == SIZE
    _, values = expected(lab.state)
    scale = colour.natural_scale(*colour.value_range(values))
    pixels = colour.to_bgrx(values, scale, signed_table(LIGHT))
    for row, column in ((0, 0), (5, 7), (23, 30)):
        rgb = image.pixelColor(column, row).getRgb()[2::-1]
        assert rgb == tuple(pixels[row, column, :3])


def test_the_code_for_pytorch_makes_the_map(lab):
    lab.choose("Activation", "relu")
    lab.choose("Pooling", "average")
    names: dict[str, Any] = {}
    exec(lab.page.pytorch(), names)
    left, right = expected(lab.state)
    made = names["feature_map"](torch.tensor(left)[None, None])[0, 0]
    np.testing.assert_allclose(made, right, rtol=1e-5, atol=1e-3)


def test_zero_has_the_neutral_colour_of_the_theme_in_force(lab):
    lab.choose("Picture", "sample:step-edges")
    lab.settle()
    application = QApplication.instance()
    for name, palette in (("dark", DARK), ("light", LIGHT)):
        theme.apply(application, name, 100)
        lab.settle()
        neutral = QColor(*map(int, signed_table(palette)[128, 0, ::-1]))
        assert lab.page.copy_picture().pixelColor(100, 5) == neutral
        assert (
            lab.map.grab().toImage().pixelColor(lab.place(lab.map, 5, 100)) == neutral
        )


# ---------------------------------------------------------------- camera


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a camera that shows a film of ever brighter pictures, slowly."""
    path = str(tmp_path / "film.avi")
    writer = cv2.VideoWriter(path, cv2.VideoWriter.fourcc(*"MJPG"), 25, (32, 24))
    for grey in range(256):
        writer.write(np.full((24, 32, 3), grey, np.uint8))
    writer.release()
    frames = images.camera_frames

    def slowly(source: int | str) -> Generator[images.Picture, None, None]:
        with closing(frames(source)) as each:
            for picture in each:
                yield picture
                time.sleep(0.01)

    monkeypatch.setattr(pictures.images, "camera_frames", slowly)
    return f"camera:{path}"


def threads() -> int:
    return threading.active_count()


def live(lab: Lab, film: str) -> None:
    """Wait until a frame of the film and its map are on the screen."""
    lab.bot.waitUntil(lambda: lab.page._picture.source == film)
    lab.bot.waitUntil(lambda: lab.views("Input")[0]._array.shape == (24, 32))


def test_the_camera_is_live_and_stops_while_hidden(lab, film):
    quiet = threads()
    lab.page.edit(replace(lab.state, picture=film))
    live(lab, film)
    assert threads() == quiet + 1
    first = lab.views("Input")[0]._array
    lab.bot.waitUntil(lambda: lab.views("Input")[0]._array.mean() > first.mean() + 2)
    frame = lab.page._picture.grey
    np.testing.assert_array_equal(
        lab.map._array, run_stage(frame, lab.state.current).filtered
    )
    lab.page.hide()
    assert threads() == quiet
    lab.page.show()
    lab.bot.waitUntil(lambda: threads() == quiet + 1)
    lab.page.undo()
    assert threads() == quiet
    lab.check()


def test_a_camera_that_is_unplugged_leaves_its_last_picture(lab, film, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _: None)
    lab.page.edit(replace(lab.state, picture=film))
    lab.bot.waitUntil(lambda: "no longer answers" in lab.message())
    lab.settle()
    np.testing.assert_allclose(lab.views("Input")[0]._array, 255, atol=3)
    lab.number("Bias", 5)
    assert lab.map._array.shape == (24, 32)


def test_no_camera_is_explained_and_nothing_changes(lab):
    before = lab.state
    lab.page.edit(replace(before, picture="camera:/nowhere.avi"))
    lab.bot.waitUntil(lambda: "No camera answers" in lab.message())
    lab.settle()
    assert lab.state == before
    assert not lab.page.can_undo()
    lab.check()


def test_a_state_with_the_camera_keeps_its_last_picture(lab, film, start):
    lab.page.edit(replace(lab.state, picture=film))
    live(lab, film)
    data = lab.page.state_json()
    lab.page.hide()
    kept = images.load(data["picture"])
    assert kept.grey.shape == (24, 32)
    again = start()
    again.page.restore(data)
    again.check()
    assert again.message() == ""


def kept(home: Path) -> list[str]:
    """Return the names of the pictures in the user's data folder."""
    return sorted(path.name for path in (home / "data" / "pictures").glob("*"))


def test_a_session_keeps_one_picture_of_the_camera_while_it_matters(
    lab, film, home, start
):
    lab.page.edit(replace(lab.state, picture=film))
    live(lab, film)
    for _ in range(3):
        frame = lab.page._picture
        data = lab.page.session_json()
        assert kept(home) == ["camera.png"]
        np.testing.assert_array_equal(
            images.load(data["picture"]).pixels, np.rint(frame.pixels)
        )
        lab.bot.waitUntil(lambda frame=frame: lab.page._picture is not frame)
    lab.page.hide()
    again = start()
    again.page.restore(data)
    again.page.history.forget()
    again.check()
    again.choose("Picture", "sample:letters")
    again.page.session_json()
    assert kept(home) == ["camera.png"]  # which undo needs
    again.page.undo()
    again.check()
    lab.page.undo()
    lab.settle()
    assert lab.page.session_json()["picture"] == lab.state.picture
    assert kept(home) == []


def test_a_saved_state_outlives_the_session_it_was_filmed_in(lab, film, home, start):
    lab.page.edit(replace(lab.state, picture=film))
    live(lab, film)
    session = lab.page.session_json()
    lab.page.undo()
    lab.settle()
    lab.page.restore(session)
    lab.settle()
    saved = lab.page.state_json()
    lab.choose("Picture", "sample:letters")
    lab.page.history.forget()
    lab.page.session_json()
    assert kept(home) == [os.path.basename(saved["picture"])] != ["camera.png"]
    again = start()
    again.page.restore(saved)
    again.check()


def test_a_frame_that_cannot_be_kept_is_explained(lab, film, home):
    (home / "data").mkdir(parents=True)
    (home / "data" / "pictures").write_text("in the way")
    lab.page.edit(replace(lab.state, picture=film))
    live(lab, film)
    with pytest.raises(InputError, match="cannot be saved"):
        lab.page.session_json()
    lab.page.hide()


def test_a_state_never_switches_the_camera_on(lab):
    quiet = threads()
    lab.page.restore({**lab.page.state_json(), "picture": "camera:0"})
    assert "Live camera" in lab.message()
    assert lab.state.picture == State().picture
    lab.check()
    assert threads() == quiet


# ---------------------------------------------------------------- beside the GUI


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hold up all work in threads while this is not set, and do no other."""
    event = threading.Event()
    event.set()

    def held_up(work: Callable[..., Any]) -> Callable[..., Any]:
        def wait(*arguments: Any) -> Any:
            assert threading.current_thread() is not threading.main_thread()
            event.wait(10)
            return work(*arguments)

        return wait

    monkeypatch.setattr(page_module, "QUICK_WORK", 0)
    monkeypatch.setattr(page_module, "run", held_up(run_pipeline))
    opener = SimpleNamespace(
        open_source=held_up(images.open_source), SHOWN_PIXELS=images.SHOWN_PIXELS
    )
    monkeypatch.setattr(pictures, "images", opener)
    yield event
    event.set()


class Paints(QObject):
    """Notes every widget that is painted, and the title of the map's pane then."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.seen: list[tuple[object, str]] = []
        self._pane = lab.map.parentWidget()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
            self.seen.append((watched, self._pane.title.text()))
        return False


def test_an_edit_paints_the_map_alone_before_anything_is_said_of_it(lab):
    lab.choose("Kernel by name", "box")
    lab.settle()
    view, title = lab.map, lab.map.parentWidget().title.text()
    kernel = kernels.edited(lab.state.current.kernel, np.eye(3))
    paints = Paints(lab)
    QApplication.processEvents()
    QApplication.instance().installEventFilter(paints)
    lab.page.edit(lab.state.with_stage(lab.state.current.with_kernel(kernel)))
    QApplication.instance().removeEventFilter(paints)
    assert paints.seen == [(view, title)]
    assert view.parentWidget().title.text() != title
    lab.check()


def test_only_the_last_of_many_edits_counts(lab, gate, monkeypatch):
    lab.number("Bias", 1)
    lab.settle()
    gate.clear()
    for bias in range(2, 12):
        lab.number("Bias", bias)
    assert not lab.page.settled()
    gate.set()
    lab.check()
    assert lab.state.current.bias == 11


SAVED = State(
    "sample:lecture-4x4",
    "colour",
    stages=(stage_with(activation="relu", pool=Pool()), Stage()),
    step="pooled",
    scale="all",
)
LATE: dict[str, Callable[[Lab], object]] = {
    "activation": lambda lab: lab.choose("Activation", "relu"),
    "pooling": lambda lab: lab.choose("Pooling", "max"),
    "colour": lambda lab: lab.pick("Channels: Colour"),
    "three channels": lambda lab: lab.pick("Channels: R G B"),
    "kernel": lambda lab: lab.press("Compare another kernel"),
    "stage": lambda lab: lab.press("Add a stage"),
    "smaller picture": lambda lab: lab.page.open_paths(["sample:lecture-4x4"]),
    "saved state": lambda lab: lab.page.restore(to_json(SAVED)),
    "fewer pixels": lambda lab: lab.number("Stride, rows", 5),
}
MEANWHILE: dict[str, Callable[[Lab], object]] = {
    "nothing": lambda lab: None,
    "scale": lambda lab: lab.pick("Colour scale: All"),
    "hover": lambda lab: lab.hover(20, 25),
    "pin": lambda lab: lab.click(20, 25),
    "zoom": lambda lab: lab.turn_wheel(lab.map, 1, QPoint(50, 50)),
    "grey": lambda lab: lab.pick("Channels: Grey"),
    "pooling": lambda lab: lab.choose("Pooling", "min"),
    "undo": lambda lab: lab.page.undo(),
}


@pytest.mark.parametrize("late", LATE)
def test_a_person_goes_on_before_the_map_has_arrived(lab, gate, late):
    first = lab.state
    for act in MEANWHILE.values():
        gate.clear()
        lab.number("Bias", 1)  # has begun, and will be overtaken
        LATE[late](lab)
        act(lab)
        gate.set()
        looks_right(lab)
        lab.page.edit(first)
        lab.check()


def test_what_is_gone_can_still_be_clicked_until_its_picture_goes(lab, gate):
    lab.choose("Activation", "relu")
    lab.choose("Pooling", "max")
    lab.press("Add a stage")
    lab.press("Compare another kernel")
    lab.settle()
    four, two = lab.small("Pipeline"), lab.small("Kernels of this stage")
    gate.clear()
    lab.page.restore(to_json(State(lab.state.picture, stages=(Stage(), Stage()))))
    for place in (1, 3):
        lab.bot.mouseClick(four, LEFT, pos=four.item_rect(place).center())
    lab.bot.mouseClick(two, LEFT, pos=two.item_rect(0).center())
    lab.bot.keyClick(four, KEYS.Key_Delete)  # the second stage, framed by the click
    gate.set()
    lab.check()
    assert lab.state.stages == (Stage(),)


@pytest.mark.parametrize("seed", range(2))
def test_an_impatient_person_ends_with_the_map_of_the_last_state(
    start, monkeypatch, seed
):
    monkeypatch.setattr(page_module, "QUICK_WORK", 0)
    lab, dice = start(State("sample:letters")), random.Random(seed)
    for _ in range(40):
        dice.choice(ACTIONS)(lab, dice)
    looks_right(lab)


def test_a_large_photograph_is_filtered_beside_the_gui(start, tmp_path, monkeypatch):
    path = tmp_path / "large.bmp"
    row = np.arange(4000, dtype=np.uint32)
    pixels = (row * row // 97 + np.arange(3000, dtype=np.uint32)[:, None] * 3) % 256
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    calls: list[threading.Thread] = []
    compute = page_module.run

    def run(*arguments: Any) -> Any:
        calls.append(threading.current_thread())
        return compute(*arguments)

    monkeypatch.setattr(page_module, "run", run)
    lab = start(State(str(path)))
    lab.choose("Kernel by name", "laplacian-of-gaussian")
    calls.clear()
    for step in range(30):
        lab.type_cell((4, 4), str(step))
    assert not lab.page.settled()
    lab.check()
    assert len(calls) < 30
    assert threading.main_thread() not in calls


def test_shutting_down_joins_all_work(qtbot, photo, gate):
    quiet = threads()
    lab = Lab(KernelLab(State(photo)), qtbot)
    lab.number("Bias", 4)
    lab.page.shut_down()
    assert threads() == quiet


def test_a_page_that_nobody_waits_for_leaves_nothing_behind():
    """The fixture for all tests looks for threads, timers and windows."""
    page = create()
    page.shut_down()
    page.deleteLater()
