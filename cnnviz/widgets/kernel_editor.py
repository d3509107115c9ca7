"""The kernel in a page's left column: chosen by name, shaped by sliders, or by hand.

Takes a kernel, gives back a kernel and the key of the gesture that made it; the page
decides what happens with it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.ops import kernel_text, kernels, pytorch_code
from cnnviz.widgets import numbers
from cnnviz.widgets.controls import Choice, labelled
from cnnviz.widgets.fields import PairField
from cnnviz.widgets.matrix_editor import MatrixEditor
from cnnviz.widgets.parameters import ParameterRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnnviz.ops.geometry import Pair
    from cnnviz.ops.kernels import Kernel

FILES = "Kernels (*.txt *.csv *.npy)"

_CHANGES: tuple[tuple[str, str, Callable[[Kernel], Kernel]], ...] = (
    ("Flip ↔", "Swap left and right", kernels.flip_horizontal),
    ("Flip ↕", "Swap top and bottom", kernels.flip_vertical),
    ("Rotate", "Turn by 90° clockwise", kernels.rotate),
    ("Negate", "Change the sign of every weight", kernels.negate),
    (
        "Normalise",
        "Divide by the sum of the weights, or where they add up to 0 by the sum of "
        "their sizes",
        kernels.normalise,
    ),
)
_COPIES: tuple[tuple[str, Callable[[Kernel], str]], ...] = (
    ("Copy as text", kernel_text.format_text),
    ("Copy as CSV", kernel_text.format_csv),
    ("Copy as NumPy", lambda kernel: _array(kernel, "np.array")),
    ("Copy as PyTorch", lambda kernel: _array(kernel, "torch.tensor")),
)


class KernelEditor(QWidget):
    """A kernel to choose, shape, edit cell by cell, turn, resize, copy and store."""

    kernel_changed = Signal(object, str)
    """The new :class:`Kernel`, and the key of the drag or burst it belongs to."""
    message = Signal(str)
    """A sentence on why something could not be done; the kernel stays."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Kernel")
        px = theme.current().px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self._recipe = Choice(_groups(), "Kernel by name", "")
        self._parameters = QVBoxLayout()
        self._rows: dict[str, ParameterRow] = {}
        self._matrix = MatrixEditor("Weights of the kernel", max_cell=46, aspect=2)
        self._caption = QLabel()
        self._caption.setProperty("role", "caption")
        self._size = PairField(
            "Size of the kernel",
            "Rows and columns: cut, or pad with zeros, about the middle",
            low=1,
            high=kernels.MAX_SIZE,
        )
        self._size_row = labelled("Size", self._size)
        column.addWidget(self._recipe)
        column.addLayout(self._parameters)
        column.addWidget(self._matrix)
        column.addWidget(self._caption)
        column.addWidget(self._size_row)
        column.addLayout(self._buttons())
        self._recipe.chosen.connect(lambda key: self._try(lambda: kernels.make(key)))
        self._matrix.edited.connect(self._edit_cell)
        self._matrix.rounding_changed.connect(lambda _: self._write_caption())
        self._size.changed.connect(self._resize)
        self._shown_recipe = ""
        self.set_kernel(kernels.make(kernels.RECIPES[0].id))

    def kernel(self) -> Kernel:
        """Return the kernel on show."""
        return self._kernel

    def set_kernel(self, kernel: Kernel) -> None:
        """Show a kernel, without a signal."""
        self._kernel = kernel
        self._recipe.setPlaceholderText(kernel.name)
        self._recipe.set_current(kernel.recipe)
        recipe = _recipe(kernel)
        self._recipe.setToolTip(recipe.explanation if recipe else kernel.name)
        self._show_parameters()
        self._matrix.set_values(np.array(kernel.weights))
        self._size.set_value(kernel.size)
        self._write_caption()

    # ---------------------------------------------------------------- building

    def _buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.current().px(6))
        buttons: list[QWidget] = []
        for title, tooltip, change in _CHANGES:
            button = QPushButton(title)
            button.setAccessibleName(f"{title.split()[0]} the kernel: {tooltip}")
            button.setToolTip(tooltip)
            button.setStyleSheet("padding: 0")
            button.clicked.connect(partial(self._apply, change))
            buttons.append(button)
        buttons.append(self._menu_button())
        for place, widget in enumerate(buttons):
            grid.addWidget(widget, *divmod(place, 3))
            grid.setColumnStretch(place % 3, 1)
        return grid

    def _menu_button(self) -> QPushButton:
        menu = QMenu(self)
        menu.addAction("Edit as text…", self.edit_as_text)
        menu.addSeparator()
        for title, form in _COPIES:
            menu.addAction(title, partial(self._copy, form))
        menu.addSeparator()
        menu.addAction("Import…", self._import)
        menu.addAction("Export…", self._export)
        button = QPushButton("…")
        button.setAccessibleName("More for the kernel")
        button.setToolTip("Edit as text, copy, import, export")
        button.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        button.setMenu(menu)
        return button

    def _show_parameters(self) -> None:
        recipe = _recipe(self._kernel)
        if self._kernel.recipe != self._shown_recipe:
            self._shown_recipe = self._kernel.recipe
            for row in self._rows.values():
                self._parameters.removeWidget(row)
                row.hide()
                row.deleteLater()
            self._rows = {}
            for parameter in recipe.parameters if recipe else ():
                row = ParameterRow(parameter)
                row.changed.connect(self._make_again)
                self._parameters.addWidget(row)
                self._rows[parameter.name] = row
            # A recipe with a size of its own is made anew, not cut or padded.
            self._size_row.setVisible("size" not in self._rows)
        for name, value in self._kernel.parameters:
            self._rows[name].set_value(value)

    def _write_caption(self) -> None:
        weights = [weight for row in self._kernel.weights for weight in row]
        total, scale = math.fsum(weights), math.fsum(map(abs, weights))
        total = 0.0 if abs(total) < 1e-12 * scale else total
        count = f"{len(weights)} weight{'s' * (len(weights) > 1)}"
        parts = [f"sum {numbers.approx(total)}", count]
        if self._matrix.rounded:
            parts.append("≈ rounded")
        if not self._matrix.texts:
            parts.append("point to read them")
        self._caption.setText(" · ".join(parts))

    # ---------------------------------------------------------------- changing

    def _try(self, change: Callable[[], Kernel], gesture: str = "") -> None:
        try:
            kernel = change()
        except InputError as error:
            self.set_kernel(self._kernel)
            self.message.emit(str(error))
            return
        if kernel != self._kernel:
            self._kernel = kernel
            self.kernel_changed.emit(kernel, gesture)  # first, for the map to follow
            self.set_kernel(self._kernel)

    def _apply(self, change: Callable[[Kernel], Kernel], *_: bool) -> None:
        self._try(lambda: change(self._kernel))

    def _edit_cell(self, row: int, column: int, value: float, gesture: str) -> None:
        weights = [list(line) for line in self._kernel.weights]
        weights[row][column] = value
        self._try(lambda: kernels.edited(self._kernel, weights), gesture)

    def _make_again(self, _: float, gesture: str) -> None:
        values = {name: row.value() for name, row in self._rows.items()}
        self._try(lambda: kernels.make(self._kernel.recipe, **values), gesture)

    def _resize(self, size: Pair) -> None:
        self._try(lambda: kernels.resize(self._kernel, *size))

    def paste(self, text: str) -> None:
        """Take a kernel that was copied as text."""
        self._try(lambda: kernel_text.parse(text))

    def edit_as_text(self) -> None:
        """Open a window in which the kernel is text."""
        from cnnviz.widgets.kernel_dialog import KernelTextDialog  # no start needs it

        dialog = KernelTextDialog(self._kernel, self)
        dialog.taken.connect(lambda kernel: self._try(lambda: kernel))
        dialog.open()

    def _copy(self, form: Callable[[Kernel], str]) -> None:
        QGuiApplication.clipboard().setText(form(self._kernel))

    def _import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Import a kernel", "", FILES)
        if path:
            self._try(lambda: kernel_text.load(path))

    def _export(self) -> None:
        name = f"{self._kernel.name}.txt"
        path, _ = QFileDialog.getSaveFileName(self, "Export the kernel", name, FILES)
        if path:
            try:
                kernel_text.save(self._kernel, path)
            except InputError as error:
                self.message.emit(str(error))


def _groups() -> list[tuple[str, list[tuple[str, str, str]]]]:
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for recipe in kernels.RECIPES:
        option = recipe.id, recipe.title, recipe.explanation
        groups.setdefault(recipe.group, []).append(option)
    return list(groups.items())


def _recipe(kernel: Kernel) -> kernels.Recipe | None:
    return next((each for each in kernels.RECIPES if each.id == kernel.recipe), None)


def _array(kernel: Kernel, function: str) -> str:
    return pytorch_code.tensor(kernel).replace("torch.tensor", function, 1)
