from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.widgets.cards import Card
from cnnviz.widgets.folding import Folding
from cnnviz.widgets.rail import Rail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

DEEP = 8


@pytest.fixture(autouse=True)
def plain(qapp: QApplication) -> Iterator[None]:
    theme.apply(qapp, "light", 100)
    yield
    theme.apply(qapp, "light", 100)


class Counter(QObject):
    """Counts how often a widget is styled."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.StyleChange
        return False


def test_a_widget_is_styled_as_often_however_deep_it_lies(
    qtbot: QtBot, qapp: QApplication
) -> None:
    outer = inner = QWidget()
    for _ in range(DEEP):
        column = QVBoxLayout(inner)
        inner = QLabel("1")
        column.addWidget(inner)
    qtbot.addWidget(outer)
    outer.show()
    counters = Counter(), Counter()
    outer.installEventFilter(counters[0])
    inner.installEventFilter(counters[1])
    theme.apply(qapp, "dark", 150)
    assert 1 <= counters[1].count == counters[0].count <= 2


class Painted(QWidget):
    """Measures and paints itself, and knows nothing of a change of theme."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def minimumSizeHint(self) -> QSize:
        return QSize(1, 1) * theme.current().px(20)

    def paintEvent(self, event: QPaintEvent) -> None:
        self.times += 1


def test_qt_measures_and_paints_a_widget_anew(qtbot: QtBot, qapp: QApplication) -> None:
    outer, inner = QWidget(), Painted()
    column = QVBoxLayout(outer)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(inner)
    qtbot.addWidget(outer)
    outer.show()
    qtbot.waitUntil(lambda: inner.times > 0)
    assert column.minimumSize() == QSize(20, 20)
    for look, size in (("dark", 100), ("dark", 150), ("light", 150)):
        before = inner.times
        theme.apply(qapp, look, size)
        assert column.minimumSize() == QSize(1, 1) * theme.current().px(20)
        qtbot.waitUntil(lambda before=before: inner.times > before)


def card() -> QWidget:
    return Card(1, "A title", "A sentence.", "A task.", [("Windows", "windows")])


def rail() -> QWidget:
    result = Rail()
    result.add_heading("Teach")
    result.add("lessons", "Lessons", "lessons", "")
    return result


@pytest.mark.parametrize("make", [card, rail])
def test_what_was_there_looks_as_if_made_under_the_theme(
    qtbot: QtBot, qapp: QApplication, make: Callable[[], QWidget]
) -> None:
    old = make()
    qtbot.addWidget(old)
    old.resize(400, 400)
    old.show()
    for choice, size in (("dark", 100), ("light", 150), ("dark", 150), ("dark", 80)):
        theme.apply(qapp, choice, size)  # type: ignore[arg-type]
        new = make()
        qtbot.addWidget(new)
        new.resize(old.size())
        new.show()
        qapp.processEvents()
        if focused := qapp.focusWidget():
            focused.clearFocus()
        assert old.grab().toImage() == new.grab().toImage(), (choice, size)
        new.close()


def test_a_heading_keeps_up_with_the_text_size(
    qtbot: QtBot, qapp: QApplication
) -> None:
    section = Folding("More", "What there is more")
    qtbot.addWidget(section)
    section.show()
    for choice, size in (("dark", 150), ("light", 150), ("dark", 80)):
        theme.apply(qapp, choice, size)  # type: ignore[arg-type]
        font = section._head.font()
        assert (font.pixelSize(), font.bold()) == (theme.current().px(14), True)
