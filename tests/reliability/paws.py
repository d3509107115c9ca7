"""What a monkey can do: each deed takes a random draw and the widget on top.

A deed returns in words what it did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    Deed = Callable[[Random, QWidget], str]

BUTTONS = (
    *[Qt.MouseButton.LeftButton] * 8,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
MODIFIERS = (*[NONE] * 6, SHIFT, CONTROL, ALT, CONTROL | SHIFT)
KEYS = tuple(
    Qt.Key[f"Key_{name}"]
    for name in (
        "Tab Tab Backtab Return Enter Escape Space Space Left Right Up Down Home End "
        "PageUp PageDown Delete Backspace Insert Menu F1 F2 F5 F10 F11 "
        "0 1 2 3 4 5 6 7 8 9 Minus Plus Equal Period Comma Slash A C E O S V X Y Z"
    ).split()
)
TEXTS = ("1", "-2.5", "1e9", "1/3", "abc", "nan", "0 1 0; 1 -4 1; 0 1 0")
PAGES = tuple(Qt.Key[f"Key_{number}"] for number in range(1, 7))


def tops() -> list[QWidget]:
    """Return the windows that are on the screen."""
    found = QApplication.topLevelWidgets()
    return [w for w in found if w.isVisible() and w.windowHandle() is not None]


def uppermost(window: QWidget) -> QWidget:
    """Return the popup, the modal dialog or another window that lies on top."""
    others = [w for w in tops() if w is not window and w.isWindow()]
    tip = Qt.WindowType.ToolTip
    others = [w for w in others if w.windowType() != tip]
    above = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    return above or (others[-1] if others else window)


def escape(_: Random, widget: QWidget) -> str:
    strike(widget, Qt.Key.Key_Escape)
    return "Esc"


def click(draw: Random, widget: QWidget) -> str:
    where, what = aim(draw, widget)
    button, keys = draw.choice(BUTTONS), draw.choice(MODIFIERS)
    handle = widget.windowHandle()
    QTest.mouseMove(handle, where)
    if draw.random() < 0.1:
        QTest.mouseDClick(handle, button, keys, where)
        return f"double click {button.name} {what}"
    QTest.mouseClick(handle, button, keys, where)
    return f"click {button.name} {what}"


def hover(draw: Random, widget: QWidget) -> str:
    where, what = aim(draw, widget)
    QTest.mouseMove(widget.windowHandle(), where)
    return f"hover {what}"


def drag(draw: Random, widget: QWidget) -> str:
    handle, button = widget.windowHandle(), draw.choice(BUTTONS)
    where, what = aim(draw, widget)
    keys = draw.choice(MODIFIERS)
    far = draw.choice((10, 60, 400))
    ways = [(draw.randint(-far, far), draw.randint(-far, far)) for _ in range(6)]
    QTest.mousePress(handle, button, keys, where)
    for x, y in ways[: draw.randint(1, 6)]:
        where = within(widget, where + QPoint(x, y))
        QTest.mouseMove(handle, where)
    QTest.mouseRelease(handle, button, keys, where)
    return f"drag {what}"


def wheel(draw: Random, widget: QWidget) -> str:
    where, what = aim(draw, widget)
    turn = draw.choice((120, -120, 240, -15))
    across = QPoint(turn, 0) if draw.random() < 0.2 else QPoint(0, turn)
    keys = draw.choice(MODIFIERS)
    handle = widget.windowHandle()
    QTest.wheelEvent(handle, where.toPointF(), across, QPoint(), keys)
    return f"wheel {turn} {what}"


def key(draw: Random, widget: QWidget) -> str:
    pressed, keys = draw.choice(KEYS), draw.choice(MODIFIERS)
    times = draw.choice((1, 1, 1, 4))
    widget.activateWindow()
    for _ in range(times):
        strike(widget, pressed, keys)
    return f"{times} × {keys.name} {pressed.name}"


def write(draw: Random, widget: QWidget) -> str:
    text = draw.choice(TEXTS)
    widget.activateWindow()
    for letter in text:
        strike(widget, letter)
    if draw.random() < 0.7:
        strike(widget, Qt.Key.Key_Return)
    return f"write {text!r}"


def page(draw: Random, widget: QWidget) -> str:
    pressed = draw.choice(PAGES)
    widget.activateWindow()
    strike(widget, pressed, CONTROL)
    return f"page {pressed.name}"


def paste(draw: Random, widget: QWidget) -> str:
    """Put a text or a picture on the clipboard, and paste it."""
    clipboard = QGuiApplication.clipboard()
    text = draw.choice((*TEXTS, ""))
    if text:
        clipboard.setText(text)
    else:
        size = draw.choice((1, 28, 300))
        picture = QImage(size, size, QImage.Format.Format_RGB32)
        picture.fill(draw.randrange(2**24))
        clipboard.setImage(picture)
    strike(widget, Qt.Key.Key_V, CONTROL)
    return f"paste {text!r}"


def resize(draw: Random, widget: QWidget) -> str:
    width, height = draw.randint(300, 1280), draw.randint(200, 800)
    widget.resize(width, height)
    return f"resize {width}×{height}"


DEEDS: dict[Deed, int] = {
    click: 30,
    hover: 15,
    drag: 12,
    wheel: 10,
    key: 20,
    write: 4,
    page: 4,
    paste: 2,
    resize: 1,
}
"""What there is to do, and how often."""


def choose(draw: Random) -> Deed:
    """Draw one of the deeds."""
    return draw.choices(list(DEEDS), list(DEEDS.values()))[0]


def aim(draw: Random, widget: QWidget) -> tuple[QPoint, str]:
    """Return a place in a window, most often one in some widget, and where that is."""
    share, other = draw.random(), draw.random()
    parts = [w for w in widget.findChildren(QWidget) if w.isVisible()]
    target = widget
    if parts and draw.random() < 0.7:
        target = parts[int(draw.random() * len(parts))]
    inside = QPoint(int(share * target.width()), int(other * target.height()))
    where = target.mapTo(widget, inside) if target is not widget else inside
    where = within(widget, where)  # a part may be scrolled away
    name = target.accessibleName() or type(target).__name__
    return where, f"{name} at {where.x()}, {where.y()}"


def within(widget: QWidget, where: QPoint) -> QPoint:
    """Return the place in a window that is nearest to another one."""
    size = widget.windowHandle().size()
    x = min(max(where.x(), 0), size.width() - 1)
    return QPoint(x, min(max(where.y(), 0), size.height() - 1))


def strike(
    widget: QWidget, pressed: Qt.Key | str, keys: Qt.KeyboardModifier = NONE
) -> None:
    """Press and release a key in a window that may go meanwhile.

    QTest writes into a window that its own Alt or Ctrl has closed, as a real keyboard
    cannot; so a menu gets keys alone.
    """
    if not isValid(widget):
        return
    if widget.windowType() == Qt.WindowType.Popup:
        keys = NONE
    handle = widget.windowHandle()
    QTest.keyPress(handle, pressed, keys)
    if isValid(handle):
        QTest.keyRelease(handle, pressed, keys)
