"""The program's side of the closings: work begins, and the window is closed under it.

``python -m reliability.closing_side WORK SECONDS WHAT``: WORK is one of `HANDS`, and so
many SECONDS pass between its beginning and the close; WHAT is an address or a path. The
time of the request, on the clock that all processes share, goes to standard output.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from cnnviz.nn import download
from cnnviz.pages.windows.changes import with_size
from reliability.inside import press, run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cnnviz.window import Window

    Steps = Generator[Callable[[], object], None, None]


def training(window: Window, _: str) -> Steps:
    window.show_page("train")
    page = window.page
    yield lambda: page.phase == "new"
    press(page, "Start")
    yield lambda: page._current.curves.steps > 3


def downloading(window: Window, address: str) -> Steps:
    mirrors = (address,)
    sources = {
        kind: replace(source, mirrors=mirrors)
        for kind, source in download.SOURCES.items()
    }
    download.download = partial(download.download, sources=sources)
    window.show_page("train")
    page = window.page
    page.edit(page.state.with_recipe(replace(page.state.recipe, data="mnist")))
    yield page.settled
    press(page, "Download MNIST")
    about = page._controls.data._about
    yield lambda: about.text().startswith(("Waiting", "Downloading"))


def camera(window: Window, film: str) -> Steps:
    page = window.page
    source = f"camera:{film}"
    page.edit(replace(page.state, picture=source))
    yield lambda: page._picture is not None and page._picture.source == source


def dream(window: Window, _: str) -> Steps:
    window.show_page("inspect")
    page = window.page
    yield page.settled
    page.edit(replace(page.state, view="dream"))
    view = page._canvas.others["dream"]
    yield lambda: len(view._activations) > 3


def export(window: Window, file: str) -> Steps:
    """Save a hundred steps, past the dialog that asks where."""
    window.show_page("windows")
    page = window.page
    page.edit(page.state.started(with_size(page.state.setting, (12, 12))))
    page._exporter.start(page.state, "gif", file)
    yield lambda: page._exporter.busy


HANDS = {
    "training": training,
    "download": downloading,
    "camera": camera,
    "dream": dream,
    "export": export,
}


def main(work: str, seconds: str, what: str) -> int:
    def hand(window: Window) -> Steps:
        yield from HANDS[work](window, what)
        end = time.monotonic() + float(seconds)
        yield lambda: time.monotonic() >= end
        QTimer.singleShot(0, partial(close, window))

    return run(hand)


def close(window: Window) -> None:
    print(time.monotonic(), flush=True)
    window.close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
