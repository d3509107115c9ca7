"""The views behind the page's tabs: what they are given, and when they have nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import small_views as small
from page_for_tests import settle
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from cnnviz import theme
from cnnviz.nn import checkpoints, idx
from cnnviz.ops.changes import changed
from cnnviz.pages.inspect.page import InspectPage
from cnnviz.pages.inspect.state import Changes, State
from cnnviz.pages.inspect.views import TITLES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from cnnviz.pages.inspect.state import View

PATIENCE = 60_000
DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


@pytest.fixture
def state(tmp_path: Path, weights: dict[str, Any]) -> State:
    for name in ("train", "t10k"):
        images, labels = small.DATA.test.images[:, 0], small.DATA.test.labels
        idx.write(tmp_path / f"{name}-images-idx3-ubyte", images)
        idx.write(tmp_path / f"{name}-labels-idx1-ubyte", labels.astype(np.uint8))
    path = tmp_path / "small.safetensors"
    checkpoints.save(path, small.SMALL, weights, {"classes": list(small.CLASSES)})
    return State(network=str(path), source="test", data=str(tmp_path), index=0)


@pytest.fixture
def open_page(qtbot: QtBot) -> Iterator[Callable[[State], InspectPage]]:
    theme.apply(QApplication.instance(), "light", 100)  # type: ignore[arg-type]
    made = []

    def make(state: State) -> InspectPage:
        page = InspectPage(state)
        qtbot.addWidget(page)
        made.append(page)
        page.resize(1090, 740)
        page.show()
        qtbot.waitUntil(page.settled, timeout=PATIENCE)
        return page

    yield make
    for page in made:
        page.shut_down()


@pytest.mark.parametrize("key", TITLES)
def test_each_tab_shows_its_view_and_only_it_asks(
    qtbot: QtBot, open_page: Callable[[State], InspectPage], state: State, key: View
) -> None:
    page = open_page(replace(state, view=key))
    views: dict[str, Any] = page._canvas.others
    qtbot.waitUntil(lambda: views[key].inputs.data is not None and page.settled())
    assert views[key].isVisible()
    assert views[key].sentence.text() == ""
    assert {name for name, view in views.items() if view._asked} == {key}
    np.testing.assert_array_equal(views[key].inputs.picture, small.PICTURE)


def test_curves_begin_before_the_changes_of_the_state(
    open_page: Callable[[State], InspectPage], state: State
) -> None:
    page = open_page(replace(state, view="changes", changes=Changes(shift_down=2.0)))
    views: dict[str, Any] = page._canvas.others
    np.testing.assert_array_equal(views["changes"].inputs.picture, small.PICTURE)
    shifted = changed(small.PICTURE, "shift-down", 2.0)
    np.testing.assert_array_equal(views["why"].inputs.picture, shifted)


def test_without_a_picture_there_is_a_sentence_and_then_an_answer_again(
    qtbot: QtBot, open_page: Callable[[State], InspectPage], state: State
) -> None:
    page = open_page(replace(state, view="why"))
    view: Any = page._canvas.others["why"]
    page.edit(replace(page.state, source="file"))
    qtbot.waitUntil(page.settled)
    assert "no picture yet" in view.sentence.text()
    assert view.tiles["saliency"].heat._values is None
    page.undo()
    qtbot.waitUntil(lambda: view.inputs is not None and page.settled())
    assert view.sentence.text() == ""
    assert view.tiles["saliency"].heat._values is not None


def test_settings_of_a_view_are_steps_to_undo(
    qtbot: QtBot, open_page: Callable[[State], InspectPage], state: State
) -> None:
    page = open_page(replace(state, view="adversarial"))
    view: Any = page._canvas.others["adversarial"]
    view.edit_why("attacking", epsilon=0.4)
    assert page.state.why.attacking.epsilon == 0.4
    page.undo()
    assert view.state.why.attacking.epsilon == 0.25
    qtbot.waitUntil(page.settled)


@pytest.mark.parametrize("key", TITLES)
def test_large_text_scrolls_and_overlaps_nothing(
    qtbot: QtBot, state: State, key: View
) -> None:
    theme.apply(QApplication.instance(), "dark", 175)  # type: ignore[arg-type]
    page = InspectPage(replace(state, view=key))
    qtbot.addWidget(page)
    page.resize(1090, 620)
    page.show()
    settle(qtbot, page)
    view: Any = page._canvas.others[key]
    least = view.minimumSizeHint()
    assert view.height() >= least.height() and view.width() >= least.width()
    parts = view.findChildren(QWidget, options=DIRECT)
    places = [part.geometry() for part in parts if part.isVisible()]
    assert not any(one.intersects(other) for one, other in combinations(places, 2))
    page.shut_down()


@pytest.mark.parametrize("key", TITLES)
def test_at_150_percent_no_view_is_wider_than_a_small_screen(
    qtbot: QtBot, state: State, key: View
) -> None:
    theme.apply(QApplication.instance(), "light", 150)  # type: ignore[arg-type]
    page = InspectPage(replace(state, view=key))
    qtbot.addWidget(page)
    page.resize(1184, 724)  # in a window of 1280 by 800
    page.show()
    settle(qtbot, page)
    view: Any = page._canvas.others[key]
    assert view.minimumSizeHint().width() <= view.parentWidget().width()
    page.shut_down()
