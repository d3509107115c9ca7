"""Bars as long as the probabilities, and percentages that claim no certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint

from cnnviz import theme
from cnnviz.widgets.probability_bars import ProbabilityBars, percentage

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

SHARES = np.array([0.5, 0.25, 0, 0.05, 0.2, 0, 0, 0, 0, 0], np.float32)


@pytest.fixture
def bars(qtbot: QtBot, qapp: QApplication) -> ProbabilityBars:
    theme.apply(qapp, "light", 100)
    widget = ProbabilityBars("Probabilities", "tip")
    qtbot.addWidget(widget)
    widget.resize(300, 220)
    widget.show()
    return widget


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.25, "25 %"),
        (1 / 3, "≈33.33 %"),
        (1e-9, "<0.01 %"),
        (1 - 1e-6, ">99.99 %"),
        (0.99999999, ">99.99 %"),
        (0.0001, "0.01 %"),
        (float("nan"), "NaN"),
    ],
)
def test_percentages(share: float, text: str) -> None:
    assert percentage(share) == text


@given(st.floats(0, 1))
def test_nothing_is_called_certain_that_is_not(share: float) -> None:
    text = percentage(share)
    assert (text == "0 %") == (share == 0 or np.float32(100 * share) == 0)
    assert (text == "100 %") == (share == 1)


def length(bars: ProbabilityBars, row: int, role: str) -> int:
    image, rect = bars.grab().toImage(), bars.row_rect(row)
    y = round(rect.center().y())
    return sum(
        image.pixelColor(QPoint(x, y)) == theme.color(role) for x in range(bars.width())
    )


def test_lengths_and_colours(bars: ProbabilityBars) -> None:
    bars.set_probabilities(SHARES)
    whole = length(bars, 2, "line")
    assert length(bars, 0, "highlight") == pytest.approx(0.5 * whole, abs=5)
    assert length(bars, 1, "muted") >= 0.25 * whole - 5
    assert length(bars, 1, "highlight") == 0


def test_the_true_class_is_framed(bars: ProbabilityBars) -> None:
    bars.set_probabilities(SHARES)
    before = bars.grab().toImage()
    bars.set_probabilities(SHARES, 3)
    changed = bars.grab().toImage()
    rect = bars.row_rect(3).toRect()
    assert changed.copy(rect) != before.copy(rect)
    other = bars.row_rect(4).toRect()
    assert changed.copy(other) == before.copy(other)
    assert bars.describe(3) == "3: 0.05, the true class"
    assert bars.accessibleDescription() == "0: 0.5"


def test_without_room_the_largest_are_shown_and_the_truth(
    bars: ProbabilityBars,
) -> None:
    bars.set_names([f"class {n}" for n in range(47)])
    shares = np.zeros(47, np.float32)
    shares[[40, 3, 17]] = 0.6, 0.3, 0.1
    bars.set_probabilities(shares, 22)
    bars.resize(300, 80)
    assert bars.rows() == [3, 17, 22, 40]
    bars.grab()
    bars.resize(300, 20)
    assert bars.rows() == [40]
    bars.grab()


def test_empty_bars(bars: ProbabilityBars) -> None:
    bars.set_probabilities(None, 2)
    bars.grab()
    assert bars.accessibleDescription() == ""
