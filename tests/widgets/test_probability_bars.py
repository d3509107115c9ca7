"""Bars as long as the probabilities, and percentages that claim no certainty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from screens import stale

from cnnviz import theme
from cnnviz.widgets.probability_bars import ProbabilityBars, percentage

if TYPE_CHECKING:
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


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.004, "<1 %"), (0.5, "50 %"), (0.9787, "≈98 %"), (0.9996, ">99 %")],
)
def test_percentages_without_decimals(share: float, text: str) -> None:
    assert percentage(share, 0) == text


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


def test_what_changed_and_only_that_is_painted_anew(bars: ProbabilityBars) -> None:
    later = np.array([0.2, 0.25, 0, 0.05, 0.5, 0, 0, 0, 0, 0], np.float32)
    near = np.array([0.2, 0.25, 0, 0.04, 0.51, 0, 0, 0, 0, 0], np.float32)
    nothing = np.full(10, np.nan, np.float32)
    for height in (220, 100):  # in one column and in two
        bars.resize(300, height)
        for shares, truth in (
            (SHARES, 3),
            (later, 3),
            (near, 3),
            (near, 1),
            (nothing, 1),
            (np.zeros(10, np.float32), 1),
            (None, None),
        ):
            bars.set_probabilities(shares, truth)
            assert stale(bars) == 0


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


def test_where_one_column_is_too_low_two_show_all(bars: ProbabilityBars) -> None:
    bars.set_probabilities(SHARES, 7)
    bars.resize(300, 100)
    assert (bars.columns(), bars.rows()) == (2, list(range(10)))
    rects = [bars.row_rect(row) for row in range(10)]
    assert all(bars.rect().contains(rect.toRect()) for rect in rects)
    assert [rect.left() for rect in rects] == [0] * 5 + [rects[5].left()] * 5
    assert rects[5].left() > rects[0].right()
    assert rects[5].top() == rects[0].top()
    assert length(bars, 0, "highlight") > length(bars, 1, "muted") > 15
    told = bars.grab().toImage()
    bars.set_probabilities(SHARES, 8)
    changed = bars.grab().toImage()
    for row in range(10):
        rect = bars.row_rect(row).toRect()
        assert (changed.copy(rect) != told.copy(rect)) == (row in (7, 8))


@pytest.mark.parametrize(("width", "height"), [(300, 60), (240, 100), (300, 220)])
def test_else_there_is_one_column(
    bars: ProbabilityBars, width: int, height: int
) -> None:
    bars.resize(width, height)
    assert bars.columns() == 1


def test_long_names_have_one_column(bars: ProbabilityBars) -> None:
    bars.set_names([f"class {n}" for n in range(10)])
    bars.resize(300, 100)
    assert bars.columns() == 1
    assert len(bars.rows()) < 10


def test_the_tooltip_tells_the_bar_under_the_pointer(
    bars: ProbabilityBars, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, _: told.append(text))
    bars.set_probabilities(SHARES)
    for height in (220, 100):
        bars.resize(300, height)
        for row in (1, 6):
            at = bars.row_rect(row).center().toPoint()
            event = QHelpEvent(QEvent.Type.ToolTip, at, bars.mapToGlobal(at))
            QApplication.sendEvent(bars, event)
    assert told == 2 * ["1: 0.25\ntip", "6: 0\ntip"]


def test_empty_bars(bars: ProbabilityBars) -> None:
    bars.set_probabilities(None, 2)
    bars.grab()
    assert bars.accessibleDescription() == ""
