"""A view on the screen whose edits come back to it, as a page would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import small_views as small
from PySide6.QtWidgets import QApplication

from cnnviz import theme
from cnnviz.pages.inspect.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

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
