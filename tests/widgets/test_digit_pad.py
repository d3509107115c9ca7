"""Ink where the pen was, by mouse, finger, pen and keys; and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.widgets import digit_pad
from cnnviz.widgets.digit_pad import PEN, SIDE, DigitPad

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
LINE = [QPoint(x, 140) for x in range(60, 221, 20)]


@pytest.fixture
def pad(qtbot: QtBot, qapp: QApplication) -> DigitPad:
    theme.apply(qapp, "light", 100)
    widget = DigitPad("Digit")
    qtbot.addWidget(widget)
    widget.resize(280, 280)
    widget.show()
    return widget


def stroke(pad: DigitPad, points: list[QPoint], button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(pad, button, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(pad, point)
        QApplication.processEvents()
    QTest.mouseRelease(pad, button, pos=points[-1])


def test_a_stroke_is_where_the_pointer_was_and_as_wide_as_the_pen(
    pad: DigitPad,
) -> None:
    assert pad.empty
    stroke(pad, LINE)
    ink = pad.drawing()
    assert ink.shape == (SIDE, SIDE) and ink.dtype == np.uint8
    assert ink[140, 60:221].min() == 255
    half = PEN * SIDE / 2
    assert (ink[:, 140].astype(float) / 255).sum() == pytest.approx(2 * half, abs=0.5)
    rows, columns = np.nonzero(ink)
    assert columns.min() == pytest.approx(60 - half, abs=1.5)
    assert columns.max() == pytest.approx(220 + half, abs=1.5)
    assert rows.min() >= 140 - half - 1.5 and rows.max() <= 140 + half + 1.5


def test_edges_are_soft_and_corners_are_rounded(pad: DigitPad) -> None:
    stroke(pad, [QPoint(60, 200), QPoint(140, 80), QPoint(220, 200)])
    ink = pad.drawing()
    assert len(np.unique(ink)) > 20
    assert ink[80, 140] == 0  # the curve passes below its control point
    assert ink[110, 140] == 255


def test_a_touch_of_the_pen_is_a_dot(pad: DigitPad) -> None:
    stroke(pad, [QPoint(100, 100)])
    area = pad.drawing().astype(float).sum() / 255
    assert area == pytest.approx(np.pi * (PEN * SIDE / 2) ** 2, rel=0.03)


def test_a_drawing_scales_with_the_widget(pad: DigitPad) -> None:
    pad.resize(560, 600)
    stroke(pad, [2 * point for point in LINE])
    assert pad.drawing()[140, 60:221].min() == 255


def test_signals(pad: DigitPad, qtbot: QtBot) -> None:
    told: list[str] = []
    pad.drawn.connect(lambda: told.append("drawn"))
    pad.stroke_finished.connect(lambda: told.append("finished"))
    QTest.mousePress(pad, LEFT, pos=LINE[0])
    assert told == ["drawn"], "at once"
    with qtbot.waitSignal(pad.drawn):
        for point in LINE[1:]:
            pad._go_on(QPointF(point))
    QTest.mouseRelease(pad, LEFT, pos=LINE[-1])
    assert told[-2:] == ["drawn", "finished"]


def test_it_tells_once_a_frame(pad: DigitPad, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digit_pad, "FRAME", 60_000)
    told: list[str] = []
    pad.drawn.connect(lambda: told.append("drawn"))
    QTest.mousePress(pad, LEFT, pos=LINE[0])
    for point in LINE[1:]:
        QTest.mouseMove(pad, point)
    assert told == ["drawn"]
    QTest.mouseRelease(pad, LEFT, pos=LINE[-1])
    assert told == ["drawn", "drawn"]


def test_erase_undo_and_clear(pad: DigitPad) -> None:
    stroke(pad, LINE)
    line = pad.drawing()
    stroke(pad, LINE[3:6], RIGHT)
    assert pad.drawing()[140, 140] == 0
    assert pad.drawing()[140, 70] == 255
    pad.undo()
    assert np.array_equal(pad.drawing(), line)
    pad.clear()
    assert pad.empty
    pad.undo()
    assert np.array_equal(pad.drawing(), line)
    pad.undo()
    assert pad.empty
    pad.undo()
    pad.set_pen(0.2, erasing=True)
    pad.set_drawing(np.full((28, 28), 255, np.uint8))
    stroke(pad, LINE)
    assert pad.drawing()[140 - 20, 140] == 0


def test_set_drawing_is_silent_and_keeps_its_pixels(
    pad: DigitPad, qtbot: QtBot
) -> None:
    digit = np.random.default_rng(0).integers(0, 256, (28, 28), np.uint8)
    with qtbot.assertNotEmitted(pad.drawn), qtbot.assertNotEmitted(pad.stroke_finished):
        pad.set_drawing(digit)
    assert np.array_equal(pad.drawing()[5::10, 5::10], digit)
    assert np.array_equal(pad.drawing(), digit.repeat(10, 0).repeat(10, 1))
    pad.drawing()[:] = 0
    assert not pad.empty


def test_keys_draw(pad: DigitPad) -> None:
    finished: list[bool] = []
    pad.stroke_finished.connect(lambda: finished.append(True))
    key, shift = Qt.Key, Qt.KeyboardModifier.ShiftModifier
    pad.setFocus()
    QTest.keyClick(pad, key.Key_Left, shift)
    assert pad.empty
    QTest.keyClick(pad, key.Key_Space)
    for _ in range(8):
        QTest.keyClick(pad, key.Key_Right)
    QTest.keyClick(pad, key.Key_Space)
    QTest.keyClick(pad, key.Key_Down, shift)
    ink = pad.drawing()
    assert ink[140, 100:180].min() == 255 and not ink[160:].any()
    assert finished == [True]
    QTest.keyClick(pad, key.Key_Delete)
    assert pad.empty
    QTest.keyClick(pad, key.Key_Backspace)
    assert not pad.empty
    QTest.keyClick(pad, key.Key_Backspace)
    assert pad.empty


def tablet(
    pad: DigitPad,
    kind: QEvent.Type,
    x: int,
    pressure: float,
    device: QPointingDevice | None = None,
) -> None:
    place = QPointF(x, 140)
    device = device or QPointingDevice.primaryPointingDevice()
    modifiers = Qt.KeyboardModifier.NoModifier
    far = pad.mapToGlobal(place)
    event = QTabletEvent(
        kind, device, place, far, pressure, 0, 0, 0, 0, 0, modifiers, LEFT, LEFT
    )
    QApplication.sendEvent(pad, event)
    assert event.isAccepted()


@pytest.mark.parametrize("pressure", [0.1, 1.0])
def test_a_pens_pressure_is_its_width(pad: DigitPad, pressure: float) -> None:
    tablet(pad, QEvent.Type.TabletPress, 60, pressure)
    for x in range(80, 200, 20):
        tablet(pad, QEvent.Type.TabletMove, x, pressure)
    tablet(pad, QEvent.Type.TabletRelease, 180, 0)
    width = (pad.drawing()[:, 120].astype(float) / 255).sum()
    assert width == pytest.approx(PEN * SIDE * (0.5 + 0.75 * pressure), abs=0.5)


def test_a_finger_draws(pad: DigitPad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad, device).press(0, LINE[0], pad)
    for point in LINE[1:]:
        QTest.touchEvent(pad, device).move(0, point, pad)
    QTest.touchEvent(pad, device).release(0, LINE[-1], pad)
    assert pad.drawing()[140, 60:221].min() == 255


def test_a_second_finger_or_a_palm_draws_nothing(pad: DigitPad) -> None:
    device, palm = QTest.createTouchDevice(), QPoint(250, 270)
    QTest.touchEvent(pad, device).press(0, LINE[0], pad)
    QTest.touchEvent(pad, device).move(0, LINE[3], pad).press(1, palm, pad)
    QTest.touchEvent(pad, device).move(0, LINE[-1], pad).move(1, palm, pad)
    QTest.touchEvent(pad, device).release(0, LINE[-1], pad).move(1, palm, pad)
    QTest.touchEvent(pad, device).move(1, QPoint(20, 270), pad)
    QTest.touchEvent(pad, device).release(1, QPoint(20, 270), pad)
    ink = pad.drawing()
    assert ink[140, 60:221].min() == 255
    assert not ink[170:].any()
    pad.undo()
    assert pad.empty, "one stroke"


@pytest.mark.parametrize(
    ("end", "left"),
    [(QPointingDevice.PointerType.Pen, 255), (QPointingDevice.PointerType.Eraser, 0)],
)
def test_the_pens_other_end_erases(
    pad: DigitPad, end: QPointingDevice.PointerType, left: int
) -> None:
    stroke(pad, LINE)
    kind, pens = QInputDevice.DeviceType.Stylus, QInputDevice.Capability.Pressure
    stylus = QPointingDevice("stylus", 7, kind, end, pens, 1, 3)
    press, move = QEvent.Type.TabletPress, QEvent.Type.TabletMove
    tablet(pad, press, 120, 1.0, stylus)
    for x in range(125, 165, 5):
        tablet(pad, move, x, 1.0, stylus)
    tablet(pad, QEvent.Type.TabletRelease, 160, 0.0, stylus)
    ink = pad.drawing()
    assert ink[140, 140] == left
    assert ink[140, 70] == 255
    pad.undo()
    assert pad.drawing()[140, 140] == 255


def test_a_pen_that_hovers_draws_nothing(pad: DigitPad) -> None:
    for x in range(60, 200, 20):
        tablet(pad, QEvent.Type.TabletMove, x, 0.0)
    assert pad.empty


def test_ink_has_the_colour_of_text(pad: DigitPad, qapp: QApplication) -> None:
    empty = pad.grab().toImage()
    stroke(pad, LINE)
    for look in ("light", "dark"):
        theme.apply(qapp, look, 100)
        image = pad.grab().toImage()
        assert image.pixelColor(140, 140) == theme.color("text")
        assert image.pixelColor(140, 40) == theme.color("surface")
    theme.apply(qapp, "light", 100)
    assert pad.grab().toImage() != empty


def test_a_pad_that_hides_lifts_the_pen(pad: DigitPad) -> None:
    QTest.mousePress(pad, LEFT, pos=LINE[0])
    pad.hide()
    pad._go_on(QPointF(200, 200))
    assert not pad.drawing()[195:].any()
