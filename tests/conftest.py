"""What every test gets: no screen, a home of its own, and no mess left behind."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnnviz.nn.datasets import Dataset

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
with suppress(ImportError):  # captum brings it, and torch's exporters use it
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # a thread that watches its bars
pytest_plugins = ("long", "required")


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    """Give the tests the style that the application takes."""
    return ["cnnviz", "-style", "Fusion"]


def pytest_xvfb_disable() -> bool:
    """Start no X server; tests that need a real screen ask for ``x_display``."""
    return True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fail a test in which Qt warned."""
    for item in items:
        item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
        item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture(scope="session")
def x_display() -> Iterator[dict[str, str]]:
    """Environment for a subprocess with an X server of 1280 by 800 pixels."""
    virtual = pytest.importorskip("pyvirtualdisplay")
    with virtual.Display(
        backend="xvfb", size=(1280, 800), color_depth=24, manage_global_env=False
    ) as display:
        environment = {**os.environ, **display.env(), "QT_QPA_PLATFORM": "xcb"}
        environment.pop("WAYLAND_DISPLAY", None)
        yield environment


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """Return the folder of the real MNIST; mark a test with ``mnist``."""
    root = Path(__file__).resolve().parents[1]
    beside = root.parent / "shared" / "data" / "mnist"
    folder = Path(os.environ.get("CNNVIZ_MNIST") or beside)
    if not folder.is_dir():
        pytest.skip("the real MNIST is not here; CNNVIZ_MNIST can name its folder")
    return folder


@pytest.fixture(scope="session")
def mnist(mnist_folder: Path) -> Dataset:
    """Return the real MNIST, never to be changed; mark the test with ``mnist``."""
    from cnnviz.nn import datasets

    return datasets.load(str(mnist_folder), mnist_folder)


@pytest.fixture(scope="session")
def bundle() -> Path:
    """Return the folder that packaging/build.py made; mark the test with ``bundle``."""
    if "CNNVIZ_BUNDLE" in os.environ:
        return Path(os.environ["CNNVIZ_BUNDLE"])
    root = Path(__file__).resolve().parents[1]
    folder = root / "dist" / ("cnnviz.app" if sys.platform == "darwin" else "cnnviz")
    if not folder.is_dir():
        pytest.skip("there is no bundle; packaging/dev.py bundle builds it")
    sources = (root / "cnnviz").rglob("*.py")
    if max(file.stat().st_mtime for file in sources) > folder.stat().st_mtime:
        pytest.skip("the bundle is older than the source; build it again")
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep sessions, settings and logs of a test in a folder of its own."""
    monkeypatch.setenv("CNNVIZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def digits_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of the generated digits, made once for all tests."""
    from cnnviz.nn import digits

    place = tmp_path_factory.mktemp("generated")
    digits.load_generated(place)
    return next(place.rglob("*.npz"))


@pytest.fixture
def generated(home: Path, digits_file: Path) -> None:
    """Put the generated digits into the home, so that a page need not make them."""
    place = home / "data" / digits_file.parent.name
    place.mkdir(parents=True)
    os.link(digits_file, place / digits_file.name)


def _threads() -> set[threading.Thread]:
    """Return the threads there are, less those that stay to help with filtering."""
    return {t for t in threading.enumerate() if not t.name.startswith("filter_")}


@pytest.fixture(autouse=True)
def nothing_outlives_the_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a top-level widget."""
    threads = _threads()
    if "PySide6.QtWidgets" not in sys.modules:
        yield
        assert not _threads() - threads
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication
    from shiboken6 import isValid

    started: list[QTimer] = []
    start = QTimer.start

    def note(timer: QTimer, *interval: Any) -> None:
        started.append(timer)
        start(timer, *interval)

    monkeypatch.setattr(QTimer, "start", note)
    widgets = set(QApplication.topLevelWidgets())
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = {
        "threads": _threads() - threads,
        "timers": [t for t in started if isValid(t) and t.isActive()],
        "widgets": set(QApplication.topLevelWidgets()) - widgets,
    }
    assert not any(left.values()), f"outlives the test: {left}"
