"""The program in long use: pictures, pages and trainings, one after the other.

``python -m reliability.soak_side PICTURES PAGES TRAININGS FOLDER``: FOLDER holds two
pictures and a small data set, which test_soak.py made. The work is done in so many
rounds as there are trainings; after each round the size of the process is a line on
standard output: megabytes, threads, file descriptors.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import threading
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from cnnviz import commands
from cnnviz.nn.models import tiny
from cnnviz.nn.recipe import Recipe
from reliability.inside import press, run

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from cnnviz.window import Window

    Steps = Generator[Callable[[], object], None, None]


def size() -> tuple[float, int, int]:
    """Return megabytes in memory, threads and open files of this process."""
    gc.collect()
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # else glibc keeps what is free
            library.malloc_trim(0)
    process = psutil.Process()
    windows = sys.platform == "win32"
    files = process.num_handles() if windows else process.num_fds()
    return process.memory_info().rss / 1e6, process.num_threads(), files


def resting() -> bool:
    """Whether every thread has ended that waits a while for more questions."""
    return all(thread.name != "cnnviz worker" for thread in threading.enumerate())


def change_pictures(window: Window, files: list[str], count: int) -> Steps:
    """Open one picture after the other, and wait for the map of each."""
    window.show_page("kernel-lab")
    page = window.page
    for file in islice(cycle(files), count):
        commands.open_paths([file], window)
        yield (
            lambda file=file: (
                page._picture is not None
                and page._picture.source == file
                and page._made.number == page._asked
            )
        )


def switch_pages(window: Window, keys: list[str], count: int) -> Steps:
    for key in islice(cycle(keys), count):
        window.show_page(key)
        yield lambda: window.page.isVisible()
    yield lambda: window.page.settled()


def train(window: Window, data: str) -> Steps:
    window.show_page("train")
    page = window.page
    recipe = Recipe(tiny.NETWORK, data, batch=32, epochs=1, device="cpu")
    page.edit(replace(page.state.with_recipe(recipe), run=""))
    yield lambda: page.phase == "new"
    press(page, "Start")
    yield lambda: page.phase == "complete" and page._current.control is None
    yield page.settled


def soak(window: Window, pictures: int, pages: int, trainings: int, f: Path) -> Steps:
    files = sorted(str(file) for file in f.glob("*.png"))
    keys = [entry.id for entry in window.pages.entries]
    for number in range(trainings):
        yield resting
        print(json.dumps([number, *size()]), flush=True)
        yield from change_pictures(window, files, pictures // trainings)
        yield from switch_pages(window, keys, pages // trainings)
        yield from train(window, str(f / "digits"))
    window.show_page("kernel-lab")
    yield window.page.settled
    yield resting
    print(json.dumps([trainings, *size()]), flush=True)
    window.close()


def main(pictures: str, pages: str, trainings: str, folder: str) -> int:
    numbers = map(int, (pictures, pages, trainings))
    return run(lambda window: soak(window, *numbers, Path(folder)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
