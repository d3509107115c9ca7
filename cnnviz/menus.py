"""What the menus offer: tables of rows, and how they become menus."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtGui import QAction, QKeySequence

from cnnviz import commands as do
from cnnviz import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PySide6.QtWidgets import QMenu

    from cnnviz.window import Window

    Run: TypeAlias = Callable[[Window], object]


@dataclass(frozen=True)
class Item:
    """A row of a menu.

    Attributes
    ----------
    text : str
        With ``&`` before the letter that chooses it.
    run : callable
        Called with the window.
    keys : str
        Shortcuts, separated by a space.
    tip : str
        The tooltip; empty where the text says it all.
    enabled : callable
        Called with the window whenever the page changes.
    checked : bool or None
        Whether it bears a mark; ``None`` if it never does.
    """

    text: str
    run: Run
    keys: str = ""
    tip: str = ""
    enabled: Callable[[Window], bool] = lambda window: True
    checked: bool | None = None


@dataclass(frozen=True)
class Submenu:
    """A menu in a menu; its rows are asked for anew whenever it opens."""

    text: str
    rows: Callable[[Window], Iterable[Item | None]]


def recent_rows(window: Window) -> Iterator[Item | None]:
    """List the files opened last."""
    for number, path in enumerate(window.settings.recent, 1):
        name = Path(path).name.replace("&", "&&")
        yield Item(f"&{number % 10}  {name}", partial(do.open_paths, [path]), tip=path)
    yield None
    yield Item(
        "&Clear this list",
        do.clear_recent,
        enabled=lambda window: bool(window.settings.recent),
    )


def theme_rows(window: Window) -> Iterator[Item]:
    """List the themes."""
    for choice in theme.CHOICES:
        yield Item(
            "&Follow the system" if choice == "system" else f"&{choice.title()}",
            partial(do.choose_theme, choice),
            checked=choice == window.settings.theme,
        )


def text_size_rows(window: Window) -> Iterator[Item]:
    """List the text sizes."""
    for size in theme.TEXT_SIZES:
        yield Item(
            f"{size} %",
            partial(do.choose_text_size, size),
            checked=size == window.settings.text_size,
        )


def page_rows(window: Window) -> Iterator[Item]:
    """List the pages."""
    for number, entry in enumerate(window.pages.entries, 1):
        yield Item(
            f"&{entry.title}",
            partial(_show_page, entry.id),
            f"Ctrl+{number}",
            checked=entry.id == window.pages.current,
        )


MENUS: dict[str, tuple[Item | Submenu | None, ...]] = {
    "&File": (
        Item("&Open…", do.open_files, "Ctrl+O", "Open pictures or a saved session"),
        Submenu("Open &recent", recent_rows),
        None,
        Item(
            "&Paste", do.paste, "Ctrl+V", "Use the picture or kernel on the clipboard"
        ),
        Item(
            "&Copy picture", do.copy_picture, "Ctrl+C", "Copy the picture of this page"
        ),
        Item(
            "Copy as P&yTorch",
            do.copy_pytorch,
            "Ctrl+Shift+C",
            "Copy PyTorch code that computes what this page shows",
        ),
        None,
        Item(
            "Save picture as P&NG…",
            do.save_picture,
            "Ctrl+E",
            "Save the picture of this page, a pixel a value",
        ),
        Item(
            "&Save session…",
            do.save_session,
            "Ctrl+S",
            "Save all that this page shows, to open it again or to hand it on",
        ),
        None,
        Item("&Quit", lambda window: window.close(), "Ctrl+Q"),
    ),
    "&Edit": (
        Item(
            "&Undo",
            lambda window: window.page.undo(),
            "Ctrl+Z",
            "Take back the last step",
            lambda window: window.page.can_undo(),
        ),
        Item(
            "&Redo",
            lambda window: window.page.redo(),
            "Ctrl+Shift+Z Ctrl+Y",
            "Take the undone step again",
            lambda window: window.page.can_redo(),
        ),
    ),
    "&View": (
        Submenu("&Page", page_rows),
        None,
        Submenu("&Theme", theme_rows),
        Submenu("Text &size", text_size_rows),
        Item("&Larger text", do.larger_text, "Ctrl++ Ctrl+="),
        Item("S&maller text", do.smaller_text, "Ctrl+-"),
        Item("&Normal text", partial(do.choose_text_size, 100), "Ctrl+0"),
        None,
        Item("&Full screen", do.full_screen, "F11"),
        Item(
            "P&resenter mode",
            do.present,
            "F5",
            "Full screen and larger text, without what the open lesson hides",
        ),
    ),
    "&Help": (
        Item("&Keyboard shortcuts", do.show_shortcuts, "F1"),
        Item("Show the &tour", do.show_tour, tip="Lead over the window in five steps"),
        Item("Open the &log folder", do.open_log_folder),
        Item("&About cnnviz", do.show_about),
    ),
}


def build(window: Window) -> Callable[[], None]:
    """Fill the menu bar; return what enables the rows that work at the moment."""
    rows: list[tuple[QAction, Item]] = []
    for title, items in MENUS.items():
        rows += _fill(window.menuBar().addMenu(title), items, window)

    def refresh() -> None:
        for action, item in rows:
            action.setEnabled(item.enabled(window))

    return refresh


def _fill(
    menu: QMenu, items: Iterable[Item | Submenu | None], window: Window
) -> list[tuple[QAction, Item]]:
    menu.setToolTipsVisible(True)
    rows = []
    for item in items:
        if item is None:
            menu.addSeparator()
        elif isinstance(item, Submenu):
            submenu = menu.addMenu(item.text)
            refill = partial(_refill, submenu, item, window)
            submenu.aboutToShow.connect(refill)
            refill()
        else:
            rows.append((_add(menu, item, window), item))
    return rows


def _refill(menu: QMenu, submenu: Submenu, window: Window) -> None:
    for action in menu.actions():
        window.removeAction(action)  # or it would stay, and share its keys with the new
    menu.clear()
    for action, item in _fill(menu, submenu.rows(window), window):
        action.setEnabled(item.enabled(window))


def _add(menu: QMenu, item: Item, window: Window) -> QAction:
    action = menu.addAction(item.text)
    action.setShortcuts([QKeySequence(keys) for keys in item.keys.split()])
    action.setToolTip(item.tip or item.text.replace("&", "").rstrip("…"))
    if item.keys:
        window.addAction(action)  # its keys work while the menu bar is hidden, too
    if item.checked is not None:
        action.setCheckable(True)
        action.setChecked(item.checked)
    action.triggered.connect(lambda: do.attempt(item.run, window))
    return action


def _show_page(key: str, window: Window) -> None:
    window.show_page(key)
