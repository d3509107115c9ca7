"""What a person does at the page, for the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.page import InspectPage

    Make = Callable[..., InspectPage]

PATIENCE = 30_000
LEFT = Qt.MouseButton.LeftButton


def settle(qtbot: QtBot, page: InspectPage) -> None:
    qtbot.waitUntil(page.settled, timeout=PATIENCE)
    QApplication.processEvents()  # which lays out what the answer has made
    QApplication.processEvents()


def press(page: InspectPage, name: str) -> None:
    QApplication.processEvents()  # which shows what was made just now
    buttons = page.findChildren(QPushButton)
    next(b for b in buttons if b.accessibleName() == name and b.isVisible()).click()


def draw(qtbot: QtBot, page: InspectPage, strokes) -> None:
    """Draw with the mouse; places are shares of the sheet."""
    pad = page._controls.pad.pad
    side = pad.sheet.width()
    for stroke in strokes:
        points = [QPoint(round(x * side), round(y * side)) for x, y in stroke]
        qtbot.mousePress(pad, LEFT, pos=points[0])
        for point in points[1:]:
            qtbot.mouseMove(pad, point)
        qtbot.mouseRelease(pad, LEFT, pos=points[-1])


def click_cell(qtbot: QtBot, page: InspectPage, layer: str, cell) -> None:
    wall = page._layers.wall
    number = next(n for n, t in enumerate(wall.tiles) if t.layer == layer)
    mosaic = wall.mosaics[number]
    at = mosaic.cell_rect(cell).center().toPoint()
    qtbot.mouseClick(mosaic, LEFT, pos=at)


def outputs(page: InspectPage):
    return page._answer.seen.outputs


def hover(view, at: QPoint) -> None:
    """Move the pointer over a place of a widget, whatever window lies over it."""
    none = Qt.MouseButton.NoButton
    keys = Qt.KeyboardModifier.NoModifier
    kind = QEvent.Type.MouseMove
    where = at.toPointF(), view.mapToGlobal(at).toPointF()
    QApplication.sendEvent(view, QMouseEvent(kind, *where, none, none, keys))
