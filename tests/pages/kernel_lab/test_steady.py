"""What must not move while a class looks: zoom, pin, theme, explanation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QSpinBox

from cnnviz import theme
from cnnviz.ops import kernels
from cnnviz.ops.pipeline import Stage
from cnnviz.pages.kernel_lab.page import KernelLab
from cnnviz.pages.kernel_lab.state import View
from cnnviz.widgets.matrix_editor import MatrixEditor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

NEAR = View(0.4, 0.6, 5.0)


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[KernelLab]:
    lab = KernelLab()
    qtbot.addWidget(lab)
    lab.resize(1100, 750)
    lab.show()
    qtbot.waitUntil(lab.settled)
    yield lab
    lab.shut_down()


def drag(qtbot: QtBot, page: KernelLab) -> None:
    matrix = page.findChild(MatrixEditor)
    at = matrix.cell_rect((1, 1)).center()
    qtbot.mousePress(matrix, Qt.MouseButton.LeftButton, pos=at)
    for step in range(1, 6):
        qtbot.mouseMove(matrix, at - type(at)(0, 12 * step))
    qtbot.mouseRelease(matrix, Qt.MouseButton.LeftButton, pos=at - type(at)(0, 60))


def test_a_drag_leaves_zoom_and_pin_alone(page: KernelLab, qtbot: QtBot) -> None:
    page.edit(replace(page.state, pin=(10, 20)))
    page.amend(replace(page.state, view=NEAR))
    kernel = page.state.current.kernel
    drag(qtbot, page)
    assert page.state.current.kernel != kernel
    assert (page.state.pin, page.state.view) == ((10, 20), NEAR)
    page.edit(replace(page.state, pin=None))
    drag(qtbot, page)
    assert (page.state.pin, page.state.view) == (None, NEAR)


def test_undo_leaves_the_view_alone(page: KernelLab) -> None:
    page.edit(replace(page.state, pin=(10, 20)))
    page.amend(replace(page.state, view=NEAR))
    page.undo()
    assert (page.state.pin, page.state.view) == (None, NEAR)
    page.redo()
    assert (page.state.pin, page.state.view) == ((10, 20), NEAR)


def test_the_undo_keys_in_a_field_are_the_pages(page: KernelLab) -> None:
    from PySide6.QtGui import QKeyEvent

    for field in page.findChildren(QSpinBox):
        event = QKeyEvent(
            QEvent.Type.ShortcutOverride,
            Qt.Key.Key_Z,
            Qt.KeyboardModifier.ControlModifier,
        )
        event.ignore()
        QCoreApplication.sendEvent(field, event)
        assert not event.isAccepted()


def test_another_theme_colours_the_maps_at_once(
    page: KernelLab, qtbot: QtBot, qapp: QApplication
) -> None:
    theme.apply(qapp, "light", 100)
    light = page.copy_picture().pixelColor(5, 5)
    theme.apply(qapp, "dark", 100)
    qtbot.waitUntil(page.settled)
    dark = page.copy_picture().pixelColor(5, 5)
    theme.apply(qapp, "light", 100)
    assert light.lightness() > 200 > 100 > dark.lightness()


def test_a_success_closes_the_message(page: KernelLab) -> None:
    page.show_message("Something was refused.")
    page.edit(page.state.with_stage(replace(page.state.current, bias=2.0)))
    assert page.banner.text() == ""


def test_a_compared_kernel_is_another_one_side_by_side(
    page: KernelLab, qtbot: QtBot
) -> None:
    page.edit(page.state.add_kernel())
    qtbot.waitUntil(page.settled)
    one, other = page.state.current.kernels
    assert one != other
    grid: Any = page._panes.bank
    assert grid.isVisible()
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.item_rect(0).center())
    assert page.state.current.chosen == 0
    grid.opened.emit(0)
    qtbot.waitUntil(page.settled)
    assert page.state.right == "map"
    assert not grid.isVisible()


def test_six_maps_side_by_side_are_large_and_named_in_full(
    page: KernelLab, qtbot: QtBot, qapp: QApplication
) -> None:
    theme.apply(qapp, "light", 100)
    names = "sobel-vertical", "sobel-horizontal", "gaussian", "laplacian", "relief"
    bank = tuple(map(kernels.make, (*names, "x-detector")))
    page.edit(replace(page.state.with_stage(Stage(bank)), right="bank"))
    qtbot.waitUntil(page.settled)
    grid: Any = page._panes.bank
    words = QFontMetrics(theme.font(12, bold=True))
    widest = max(words.horizontalAdvance(kernel.name) for kernel in bank)
    assert grid.item_rect(0).width() >= widest
    page.edit(replace(page.state, right="map"))
    before, after = page._panes.inputs[0], page._panes.maps[0]
    qtbot.waitUntil(lambda: abs(before.width() - after.width()) <= 1)


def test_a_stage_that_cannot_work_leaves_nothing_of_the_last_map(
    page: KernelLab, qtbot: QtBot
) -> None:
    stage = replace(page.state.current, stride=(2, 2), padding="same")
    page.edit(page.state.with_stage(stage))
    qtbot.waitUntil(page.settled)
    pane = page._panes.maps[0]
    assert not pane.legend.isVisible()
    assert not pane.histogram.isVisible()
    assert pane.note.text() == ""
    assert page.copy_picture() is None
    page.undo()
    qtbot.waitUntil(page.settled)
    assert pane.legend.isVisible()


def test_the_value_pointed_at_last_stays_explained(
    page: KernelLab, qtbot: QtBot
) -> None:
    page._panes.map_hovered.emit(0, 30, 40)
    page._panes.left.emit()
    assert page._terms.accessibleDescription()
    assert page.state.pin is None
    small = kernels.make("box", size=5)
    page.edit(page.state.with_stage(page.state.current.with_kernel(small)))
    qtbot.waitUntil(page.settled)
    assert "row 30, column 40" in page._terms._position.text()
