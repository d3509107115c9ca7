"""A view whose edits come back to it as a page would do, and the page itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import small_views as small
from networks_for_tests import saved, subject
from page_for_tests import settle
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.nn import digits, idx
from cnnviz.pages.inspect.first import first_state
from cnnviz.pages.inspect.page import InspectPage
from cnnviz.pages.inspect.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    Make = Callable[..., InspectPage]

PATIENCE = 60_000


@pytest.fixture(scope="session")
def weights() -> dict[str, Any]:
    return small.weights()


@pytest.fixture
def show(qtbot: QtBot, weights: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    theme.apply(QApplication.instance(), "light", 100)  # type: ignore[arg-type]
    made: list[Any] = []

    def make(kind: Any, state: State | None = None, **given: Any) -> Any:
        view = kind(state or State())
        qtbot.addWidget(view)
        made.append(view)
        view.edited.connect(lambda new, _gesture: view.set_state(new))
        view.resize(760, 520)
        small.give(view, given.pop("weights", weights), **given)
        view.show()
        qtbot.waitUntil(lambda: not view.busy, timeout=PATIENCE)
        return view

    yield make
    for view in made:
        view.shut_down()


@pytest.fixture
def network(tmp_path: Path) -> str:
    return str(saved(subject(), tmp_path))


@pytest.fixture
def test_set(tmp_path: Path) -> str:
    """Write a few generated digits as MNIST's four files."""
    place = tmp_path / "small digits"
    place.mkdir()
    for name, count, seed in (("train", 20, 1), ("t10k", 60, 2)):
        split = digits.generate(count, seed)
        idx.write(place / f"{name}-images-idx3-ubyte.gz", split.images[:, 0])
        labels = split.labels.astype(np.uint8)
        idx.write(place / f"{name}-labels-idx1-ubyte.gz", labels)
    return str(place)


@pytest.fixture
def page(qtbot: QtBot, network: str) -> Iterator[Make]:
    theme.apply(QApplication.instance(), "light", 100)  # type: ignore[arg-type]
    made = []

    def make(state: State | None = None) -> InspectPage:
        page = InspectPage(state or replace(first_state(), network=network))
        qtbot.addWidget(page)
        made.append(page)
        page.resize(1090, 740)
        page.show()
        settle(qtbot, page)
        return page

    yield make
    for page in made:
        page.shut_down()
