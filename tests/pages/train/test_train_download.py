"""MNIST is fetched on the Train page, from a server on loopback that may stall."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
from mirrors import Mirrors, serving
from PySide6.QtWidgets import QApplication, QProgressBar, QPushButton

from cnnviz import paths, theme
from cnnviz.nn import digits, download, idx
from cnnviz.nn.download import Source
from cnnviz.nn.models import tiny
from cnnviz.nn.recipe import Recipe
from cnnviz.nn.transfer import File
from cnnviz.pages.train.page import TrainPage
from cnnviz.pages.train.state import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot

PATIENCE = 60_000
TRAIN, TEST = digits.generate(600, 1), digits.generate(60, 2)
PLAIN = {
    f"{part}-{kind}.gz": idx.encode(array)
    for part, split in (("train", TRAIN), ("t10k", TEST))
    for kind, array in (  # the first is large enough to be in the middle of it
        ("images-idx3-ubyte", split.images[:, 0]),
        ("labels-idx1-ubyte", split.labels.astype(np.uint8)),
    )
}
PACKED = {name: gzip.compress(data, mtime=0) for name, data in PLAIN.items()}
FILES = tuple(
    File(name, hashlib.sha256(data).hexdigest(), len(data), len(PACKED[name]))
    for name, data in PLAIN.items()
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirrors]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving(PACKED) as mirrors:
        yield mirrors


@pytest.fixture
def choose(server: Mirrors, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the page's downloads come from these mirrors."""
    real = download.download

    def choose(*habits: str) -> None:
        mirrors = tuple(map(server.url, habits))
        sources = {"mnist": Source("MNIST", mirrors, FILES)}
        fetch = partial(real, sources=sources)
        monkeypatch.setattr(download, "download", fetch)

    return choose


@pytest.fixture
def page(qtbot: QtBot) -> Iterator[TrainPage]:
    theme.apply(QApplication.instance(), "light", 100)
    recipe = Recipe(tiny.NETWORK, "mnist", batch=32, epochs=1, device="cpu")
    page = TrainPage(State(recipe))
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(page.settled, timeout=PATIENCE)
    yield page
    page.shut_down()


def press(page: TrainPage, text: str) -> None:
    (button,) = (b for b in page.findChildren(QPushButton) if b.text() == text)
    assert button.isVisible(), text
    button.click()


def about(page: TrainPage) -> str:
    return page._controls.data._about.text()


def receiving() -> bool:
    return any(t.name == "cnnviz download" for t in threading.enumerate())


def in_folder() -> list[str]:
    return sorted(os.listdir(paths.data_dir() / "mnist"))


def test_a_stalled_download_is_cancelled_within_a_second_and_begun_anew(
    qtbot, page, choose
):
    choose("stalls")
    assert page.phase == "none"
    press(page, "Download MNIST")
    qtbot.waitUntil(lambda: about(page).startswith("Downloading MNIST: 0.0 of"))
    bar = page._controls.data.findChild(QProgressBar)
    assert bar.isVisible()
    qtbot.waitUntil(lambda: bar.value() > 0, timeout=PATIENCE)
    assert bar.maximum() == sum(map(len, PACKED.values()))
    worker = page._source._loader._worker
    assert receiving()
    began = time.perf_counter()
    press(page, "Cancel")
    assert time.perf_counter() - began < 0.5, "the window does not wait"
    assert worker.join(1)
    assert not receiving()
    assert time.perf_counter() - began < 1
    assert about(page).startswith("Cancelled")
    assert not bar.isVisible()
    assert in_folder() == []
    choose("absent", "good")  # both mirrors are tried
    press(page, "Download MNIST")
    qtbot.waitUntil(lambda: page.phase == "new", timeout=PATIENCE)
    assert in_folder() == sorted(PACKED)
    np.testing.assert_array_equal(page._data.test.images, TEST.images)
    press(page, "One batch")
    qtbot.waitUntil(lambda: page._current.curves.steps == 1, timeout=PATIENCE)


@pytest.mark.parametrize("habit", ["page", "other", "damaged"])
def test_a_download_that_lies_is_one_sentence_and_leaves_what_was_there(
    qtbot, page, choose, habit
):
    place = paths.data_dir() / "mnist"
    place.mkdir(parents=True, exist_ok=True)
    (place / FILES[-1].name).write_bytes(b"old")
    choose(habit)
    press(page, "Download MNIST")
    told = "MNIST cannot be downloaded, as 127.0.0.1"
    qtbot.waitUntil(lambda: about(page).startswith(told), timeout=PATIENCE)
    assert in_folder() == [FILES[-1].name]
    assert (place / FILES[-1].name).read_bytes() == b"old"
    assert page.phase == "none"
