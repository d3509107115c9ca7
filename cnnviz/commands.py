"""What the menus do: each function takes the window and works on the page it shows.

One that raises :class:`InputError` has its sentence shown on that page.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QImageWriter, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog

from cnnviz import lessons, paths, session, theme
from cnnviz.errors import InputError
from cnnviz.files import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QImage

    from cnnviz.settings import ThemeChoice
    from cnnviz.window import Window

NOTICE = 4000
"""Milliseconds that the status bar says what was done."""


def attempt(command: Callable[[Window], object], window: Window) -> None:
    """Call a command; if it cannot do its work, the page says why."""
    try:
        command(window)
    except InputError as error:
        window.page.show_message(str(error))


# ------------------------------------------------------------------ file


def open_files(window: Window) -> None:
    """Ask for pictures or session files, and open them."""
    page = window.page
    recent = window.settings.recent
    kinds = page.open_filter.replace(")", f" *{session.SUFFIX})", 1)
    where = str(Path(recent[0]).parent) if recent else ""
    chosen, _ = QFileDialog.getOpenFileNames(window, "Open", where, kinds)
    if chosen:
        open_paths(chosen, window)


def open_paths(names: Sequence[str], window: Window) -> None:
    """Open session files, and hand all others to their page or the one on show.

    Raises
    ------
    InputError
        A session file cannot be used; nothing after it was opened.
    """
    files = [Path(name).absolute() for name in names]
    others = [str(file) for file in files if file.suffix.lower() != session.SUFFIX]
    for file in files:
        if file.suffix.lower() == session.SUFFIX:
            open_session(file, window)
    if others:
        if key := window.pages.page_for(Path(others[0])):
            window.show_page(key)
        window.page.open_paths(others)


def open_session(file: Path, window: Window) -> None:
    """Open a session file, as a step that can be undone on its page.

    Raises
    ------
    InputError
        The file or a state in it cannot be used.
    """
    _show_session(file, window)
    window.note_opened(str(file))


def open_lesson(name: str, window: Window) -> None:
    """Open one of the lessons that ship with cnnviz.

    Raises
    ------
    InputError
        As :func:`open_session`.
    """
    _show_session(Path(name), window)


def next_lesson(window: Window) -> None:
    """Open the lesson after the open one."""
    if window.lesson and (file := lessons.following(window.lesson)):
        open_lesson(str(file), window)


def _show_session(file: Path, window: Window) -> None:
    saved = session.read(file)
    if not saved.pages:
        raise InputError(f"“{file.name}” holds no state of a page; open another file.")
    known = [key for key in saved.pages if window.pages.has(key)]
    if not known:
        raise InputError(
            f"“{file.name}” is for a page that this cnnviz does not have; update "
            "cnnviz to open it."
        )
    for key in known:
        page = window.pages.page(key)
        data, missing = page.located(saved.pages[key], file.parent)
        page.restore(data)
        if missing:
            page.show_message(
                f"“{missing}” is missing, so another picture is on show: put it beside "
                f"“{file.name}” and open that again, or open another picture."
            )
    window.show_lesson(saved.lesson)
    window.show_page(saved.page if saved.page in known else known[0])


def drop(mime: QMimeData, window: Window) -> None:
    """Open what was dropped on the window.

    Raises
    ------
    InputError
        It is of no use.
    """
    files = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    if files:
        open_paths(files, window)
    elif mime.hasUrls() and not mime.hasImage():
        raise InputError(
            "That was a web address; save the picture first and drop the file."
        )
    elif not window.page.paste(mime):
        raise InputError("This page cannot use that; drop a picture or a session.")


def clear_recent(window: Window) -> None:
    """Forget the recent files."""
    window.change(replace(window.settings, recent=()))


def paste(window: Window) -> None:
    """Hand what is on the clipboard to the page."""
    if not window.page.paste(QApplication.clipboard().mimeData()):
        raise InputError(
            "There is nothing on the clipboard that this page can use; copy a picture, "
            "a picture file or a kernel first."
        )


def copy_picture(window: Window) -> None:
    """Put the page's picture on the clipboard."""
    QApplication.clipboard().setImage(_picture(window))
    window.statusBar().showMessage("Picture copied", NOTICE)


def save_picture(window: Window) -> None:
    """Ask for a file and save the page's picture there."""
    picture = _picture(window)
    if path := _ask_where(window, "Save picture", "PNG picture", ".png"):
        write_atomic(path, png(picture))
        window.statusBar().showMessage(f"Saved as {path}", NOTICE)


def png(image: QImage) -> bytes:
    """Return a picture as a PNG file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(image)
    return bytes(buffer.data().data())


def _picture(window: Window) -> QImage:
    picture = window.page.copy_picture()
    if picture is None or picture.isNull():
        raise InputError("This page has no picture yet; open one first.")
    return picture


def save_session(window: Window) -> None:
    """Ask for a file and save the page's state there."""
    if path := _ask_where(window, "Save session", "cnnviz session", session.SUFFIX):
        page = window.page
        one = session.Session(page.id, {page.id: page.state_json()}, window.measure())
        session.write(one, path)
        window.note_opened(str(path))
        window.statusBar().showMessage(f"Saved as {path}", NOTICE)


def _ask_where(window: Window, title: str, kind: str, suffix: str) -> Path | None:
    dialog = QFileDialog(window, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilter(f"{kind} (*{suffix})")
    dialog.setDefaultSuffix(suffix[1:])
    dialog.selectFile(f"{window.page.id}{suffix}")
    return Path(dialog.selectedFiles()[0]) if dialog.exec() else None


def copy_pytorch(window: Window) -> None:
    """Put PyTorch code that computes what the page shows on the clipboard."""
    code = window.page.pytorch()
    if not code:
        raise InputError("There is nothing on this page to write in PyTorch.")
    QApplication.clipboard().setText(code)
    window.statusBar().showMessage("PyTorch code copied", NOTICE)


# ------------------------------------------------------------------ view


def choose_theme(choice: ThemeChoice, window: Window) -> None:
    """Take a theme."""
    window.change(replace(window.settings, theme=choice))


def choose_text_size(percent: int, window: Window) -> None:
    """Take a text size."""
    window.change(replace(window.settings, text_size=percent))


def larger_text(window: Window) -> None:
    """Take the next larger text size."""
    now = window.settings.text_size
    sizes = (size for size in theme.TEXT_SIZES if size > now)
    choose_text_size(next(sizes, now), window)


def smaller_text(window: Window) -> None:
    """Take the next smaller text size."""
    now = window.settings.text_size
    sizes = (size for size in reversed(theme.TEXT_SIZES) if size < now)
    choose_text_size(next(sizes, now), window)


def full_screen(window: Window) -> None:
    """Fill the screen, or go back to the window as it was."""
    window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)


def present(window: Window) -> None:
    """Turn the presenter mode on or off."""
    window.present(not window.presenting)
    if window.presenting:
        window.statusBar().showMessage("Esc leaves the presenter mode", NOTICE)


# ------------------------------------------------------------------ help


def show_tour(window: Window) -> None:
    """Lead over the window, a part at a time."""
    from cnnviz import tour

    if window.isVisible():
        tour.start(window)


def show_shortcuts(window: Window) -> None:
    """List the keys of all menus."""
    from cnnviz import dialogs  # no start needs them

    native = QKeySequence.SequenceFormat.NativeText
    rows = [
        (", ".join(key.toString(native) for key in action.shortcuts()), action.text())
        for action in window.findChildren(QAction)
        if action.shortcuts()
    ]
    shown = [(keys, text.replace("&", "").rstrip("…")) for keys, text in rows]
    dialogs.shortcuts(window, [*shown, *window.page.keys]).open()


def open_log_folder(window: Window) -> None:
    """Open the folder of the log in the desktop's file manager."""
    folder = paths.log_dir()
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
        raise InputError(f"The folder did not open; the log is in {folder}.")


def show_about(window: Window) -> None:
    """Say what this is, with all versions."""
    from cnnviz import dialogs

    dialogs.about(window, window.device).open()
