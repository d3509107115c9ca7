"""From a value of the Kernel Lab to the page that works it by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from cnnviz.ops import kernels
from cnnviz.ops.pipeline import Pool, Stage
from cnnviz.settings import Settings
from cnnviz.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

STAGES = {
    "edge, padded": (Stage(), (0, 0)),
    "convolution": (Stage(operation="convolution", bias=-3.5), (40, 50)),
    "dilated": (Stage(dilation=(3, 2), padding="valid"), (7, 9)),
    "5 × 5": (Stage((kernels.make("gaussian-sigma"),), activation="relu"), (9, 9)),
}


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[Window]:
    made = Window(Settings())
    qtbot.addWidget(made)
    made.restore_session()
    made.resize(1280, 800)
    made.show()
    qtbot.waitUntil(lambda: made.page.settled())
    yield made
    made.shut_down()


def by_hand(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.page.settled())
    links = window.page.findChildren(QPushButton)
    link = next(each for each in links if each.accessibleName() == "Work by hand")
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("name", STAGES)
def test_the_value_worked_by_hand_is_the_one_in_the_map(
    window: Window, qtbot: QtBot, name: str
) -> None:
    stage, cell = STAGES[name]
    lab = window.page
    lab.edit(replace(lab.state, stages=(stage,), pin=cell))
    qtbot.waitUntil(lab.settled)
    expected = lab._made.run.layers[0].maps.activated[cell]
    by_hand(window, qtbot)
    assert window.page.id == "windows"
    result = window.page.state.work.result
    assert result.shape == (1, 1, 1)
    assert result[0, 0, 0] == pytest.approx(float(expected), rel=1e-6, abs=1e-4)
    window.page.undo()
    assert window.page.state.work.result.size > 1


def test_pooling_is_worked_by_hand_where_that_page_knows_it(
    window: Window, qtbot: QtBot
) -> None:
    lab = window.page
    for kind, page in (("l2", "kernel-lab"), ("max", "windows")):
        stage = Stage(pool=Pool(kind))
        lab.edit(replace(lab.state, stages=(stage,), step="pooled", pin=(5, 6)))
        by_hand(window, qtbot)
        assert window.page.id == page
        assert bool(lab.banner.text()) == (kind == "l2")
    expected = lab._made.run.layers[0].maps.pooled[5, 6]
    assert window.page.state.work.result[0, 0, 0] == expected


def test_a_window_that_is_too_large_is_explained(window: Window, qtbot: QtBot) -> None:
    lab = window.page
    stage = Stage((kernels.make("box", size=13),))
    lab.edit(replace(lab.state, stages=(stage,), pin=(50, 60)))
    by_hand(window, qtbot)
    assert window.page.id == "kernel-lab"
    assert "12" in lab.banner.text()


def test_the_channel_worked_by_hand_is_the_one_pointed_at(
    window: Window, qtbot: QtBot
) -> None:
    lab = window.page
    lab.edit(replace(lab.state, picture="sample:chelsea", channels="split"))
    qtbot.waitUntil(lab.settled)
    lab._panes.map_hovered.emit(2, 100, 120)
    expected = lab._made.run.layers[0].maps.filtered[100, 120]
    assert expected[2] not in expected[:2]
    by_hand(window, qtbot)
    assert window.page.state.work.result[0, 0, 0] == expected[2]
