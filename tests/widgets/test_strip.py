"""The column of small pictures."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip

from cnnviz import theme
from cnnviz.widgets.strip import MapStrip, Thumb

LEFT = Qt.MouseButton.LeftButton


def thumb(name):
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    return Thumb(image, name, f"About {name}")


@pytest.fixture
def strip(qtbot):
    widget = MapStrip("Kernels", "add a kernel")
    qtbot.addWidget(widget)
    widget.set_items([thumb("Sobel"), thumb("Box"), thumb("Gabor")], 0)
    widget.resize(80, 600)
    widget.show()
    widget.setFocus()
    widget.told = []
    widget.chosen.connect(lambda index: widget.told.append(("chosen", index)))
    widget.added.connect(lambda: widget.told.append(("added",)))
    widget.removed.connect(lambda index: widget.told.append(("removed", index)))
    return widget


def click(qtbot, strip, rect):
    qtbot.mouseClick(strip, LEFT, pos=rect.center())


def test_a_click_chooses(strip, qtbot):
    click(qtbot, strip, strip.item_rect(2))
    click(qtbot, strip, strip.item_rect(2))
    assert strip.told == [("chosen", 2)]
    assert strip.accessibleDescription() == "3 of 3: Gabor"


def test_keys_choose_remove_and_add(strip, qtbot):
    keys = Qt.Key
    for key in (keys.Key_Up, keys.Key_Down, keys.Key_End, keys.Key_Down):
        qtbot.keyClick(strip, key)
    qtbot.keyClick(strip, keys.Key_Delete)
    qtbot.keyClick(strip, keys.Key_Insert)
    assert strip.told == [("chosen", 1), ("chosen", 2)]
    strip.set_removable(True)
    strip.set_extendable(True)
    qtbot.keyClick(strip, keys.Key_Delete)
    qtbot.keyClick(strip, keys.Key_Plus)
    assert strip.told[2:] == [("removed", 2), ("added",)]


def test_cross_and_plus_work_where_they_are_on(strip, qtbot):
    click(qtbot, strip, strip.close_rect(1))
    click(qtbot, strip, strip.item_rect(3))
    assert strip.told == [("chosen", 1)]
    strip.set_removable(True)
    strip.set_extendable(True)
    click(qtbot, strip, strip.close_rect(1))
    click(qtbot, strip, strip.item_rect(3))
    assert strip.told[1:] == [("removed", 1), ("added",)]


def test_setters_are_silent_and_frame_the_current(strip, qtbot):
    with qtbot.assertNotEmitted(strip.chosen):
        strip.set_items([thumb("A"), thumb("B")], 1)
        strip.set_current(0)
        strip.set_current(1)
    picture = strip.grab().toImage()
    rect = strip.item_rect(1)
    assert picture.pixelColor(rect.left(), rect.center().y()) == theme.color("accent")
    assert picture.pixelColor(rect.center()) == QColor("#336699")


def test_what_does_not_fit_scrolls_to_the_current(strip, qtbot):
    strip.resize(80, 200)
    strip.set_items([thumb(str(number)) for number in range(16)], 15)
    assert strip.rect().contains(strip.item_rect(15))
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    assert strip.rect().contains(strip.item_rect(0))
    assert strip.told == [("chosen", 0)]


def test_arrows_say_that_there_are_more_and_lead_to_them(strip, qtbot):
    assert strip.more_rects() == {}
    strip.resize(80, 300)
    strip.set_items([thumb(str(number)) for number in range(6)], 0)
    assert set(strip.more_rects()) == {1}
    row = strip.more_rects()[1].bottom() - 1
    faded = strip.grab().toImage().pixelColor(strip.item_rect(3).left() + 5, row)
    assert faded == theme.color("background")
    seen = []
    while 1 in strip.more_rects():
        click(qtbot, strip, strip.more_rects()[1])
        seen.append(strip.item_rect(5).top())
    assert seen == sorted(seen, reverse=True) and len(seen) == 3
    assert set(strip.more_rects()) == {-1}
    assert strip.rect().contains(strip.item_rect(5))
    click(qtbot, strip, strip.more_rects()[-1])
    assert set(strip.more_rects()) == {-1, 1}
    assert strip.told == []


def test_no_arrow_lies_on_what_the_keys_choose(strip, qtbot):
    strip.resize(80, 300)
    strip.set_items([thumb(str(number)) for number in range(9)], 0)
    for key in [Qt.Key.Key_Down] * 8 + [Qt.Key.Key_Up] * 8:
        qtbot.keyClick(strip, key)
        rect = strip.item_rect(strip.told[-1][1])
        assert strip.rect().contains(rect)
        assert not any(rect.intersects(more) for more in strip.more_rects().values())


def test_no_arrow_lies_on_the_cross_of_a_picture(strip, qtbot):
    strip.set_removable(True)
    strip.resize(80, 300)
    strip.set_items([thumb(str(number)) for number in range(9)], 0)
    strip._scroll_to(80)
    upper = strip.more_rects()[-1]
    first = strip.item_rect(1)
    assert upper.contains(first.topRight() + QPoint(-5, 5)), "its corner is covered"
    assert strip.rect().contains(first.bottomLeft())
    cross = strip.close_rect(1)
    assert first.contains(cross) and not cross.intersects(upper)
    qtbot.mouseMove(strip, first.center() + QPoint(0, 20))
    click(qtbot, strip, cross)
    assert strip.told == [("removed", 1)]
    lower = strip.close_rect(2)
    assert lower.top() == strip.item_rect(2).top() + 3, "nothing covers this one"


@pytest.mark.parametrize("height", [78, 100, 130])
def test_of_what_the_keys_choose_a_low_strip_shows_the_middle(strip, qtbot, height):
    strip.resize(80, height)
    strip.set_items([thumb(str(number)) for number in range(9)], 0)
    for key in [Qt.Key.Key_Down] * 7 + [Qt.Key.Key_Up] * 6:
        qtbot.keyClick(strip, key)
        middle = strip.item_rect(strip.told[-1][1]).center()
        assert strip.rect().contains(middle)
        assert not any(more.contains(middle) for more in strip.more_rects().values())


def test_tooltips_tell_each_picture(strip, monkeypatch):
    told = []
    monkeypatch.setattr(
        QToolTip, "showText", lambda at, text, widget: told.append(text)
    )
    strip.set_extendable(True)
    for rect in (strip.item_rect(1), strip.item_rect(3)):
        point = rect.center()
        event = QHelpEvent(QEvent.Type.ToolTip, point, strip.mapToGlobal(point))
        QApplication.sendEvent(strip, event)
    point = QPoint(40, 590)
    QApplication.sendEvent(
        strip, QHelpEvent(QEvent.Type.ToolTip, point, strip.mapToGlobal(point))
    )
    assert told == ["About Box", "Add a kernel", "Kernels"]
