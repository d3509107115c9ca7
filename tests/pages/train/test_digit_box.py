"""The pinned picture has as much room as its box leaves it, at every height."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz import theme
from cnnviz.pages.train.digit_box import BESIDE, LARGEST, DigitBox

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot


@pytest.fixture
def box(qtbot: QtBot, qapp: QApplication) -> DigitBox:
    theme.apply(qapp, "light", 100)
    result = DigitBox()
    qtbot.addWidget(result)
    result.set_picture(np.zeros((1, 28, 28), np.uint8), "an ankle boot", 0, 100)
    result.resize(168, result.maximumHeight())
    result.show()
    return result


def side(box: DigitBox) -> int:
    return min(box._picture.width(), box._picture.height())


def test_a_high_box_has_its_title_over_the_largest_picture(box):
    assert side(box) == pytest.approx(LARGEST, abs=4)
    assert box._class.geometry().bottom() < box._picture.y()


def test_a_low_box_has_its_title_beside_the_picture(box):
    box.resize(168, 134)
    assert side(box) == pytest.approx(BESIDE, abs=4)
    assert box._class.x() > box._picture.geometry().right()
    assert box._class.geometry().right() < 168


def test_less_height_never_makes_the_picture_larger(box):
    sides = []
    for height in range(box.minimumHeight(), box.maximumHeight() + 1, 3):
        box.resize(168, height)
        sides.append(side(box))
    assert sides == sorted(sides)
