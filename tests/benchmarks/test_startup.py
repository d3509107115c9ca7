"""Start-up: the first painted window against bare Qt and napari's, and torch's loading.

Each start is a process of its own, timed from outside until it ends, which it does at
its first paint; ours and the yardstick take turns, so that a busy machine slows both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from turns import timed

if TYPE_CHECKING:
    from collections.abc import Callable

PAIRS = 7
MOST = 1.15  # times the yardstick; below 1 is the aim
NAPARI_PAIRS = 3
MOST_NAPARI = 0.25
STALL_MS = 250

BARE = """
import os
import pyqtgraph
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow
class Plot(pyqtgraph.PlotWidget):
    def paintEvent(self, event):
        super().paintEvent(event)
        QTimer.singleShot(0, lambda: os._exit(0))
application = QApplication([])
window = QMainWindow()
window.setCentralWidget(Plot())
window.show()
application.exec()
"""

OURS = """
import os, sys
from cnnviz import __main__, cli
def painted():
    heavy = {"torch", "pyqtgraph", "scipy", "skimage"} & set(sys.modules)
    print(*sorted(heavy), flush=True)
    os._exit(0)
def run(file):
    window = app.start(file)
    window.painted.connect(painted)
    app.QApplication.exec()
load_app = cli.load_app
def load():
    global app
    app = load_app()
    app.run = run
    return app
cli.load_app = load
sys.argv = ["cnnviz"]
__main__.main()
"""

NAPARI_PYTHON = os.environ.get("CNNVIZ_NAPARI_PYTHON") or sys.executable
"""An interpreter with napari, which need not be the one of the tests."""

needs_napari = pytest.mark.skipif(
    NAPARI_PYTHON == sys.executable and find_spec("napari") is None,
    reason="no napari here: CNNVIZ_NAPARI_PYTHON can name a Python that has it",
)

NAPARI = """
import os
import napari
from qtpy.QtCore import QEvent, QObject, QTimer
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, lambda: os._exit(0))
        return False
watch = Watch()
napari.Viewer().window._qt_window.installEventFilter(watch)
napari.run()
"""

# A timer of 10 ms in the GUI thread notes the longest time that it had to wait.
HEARTBEAT = """
import sys, time
from cnnviz import app
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
window = app.start()
torch = app.load_torch(window)
beats, loading = [], []
heart = QTimer(interval=10)
heart.timeout.connect(lambda: beats.append(time.perf_counter()))
def begin():
    assert "torch" not in sys.modules
    loading.append(time.perf_counter())
    heart.start()
def end():
    loading.append(time.perf_counter())
    QTimer.singleShot(200, window.close)
window.painted.connect(begin)
torch.finished.connect(end)
torch.failed.connect(lambda error: window.close())
QApplication.exec()
window.shut_down()
torch.join()
assert "cnnviz.nn.training" in sys.modules
gaps = [later - earlier for earlier, later in zip(beats, beats[1:])]
print(round(1000 * max(gaps)), round(1000 * (loading[1] - loading[0])), window.device)
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[float, str]]:
    """Run code in a process of its own; return seconds and what it printed.

    The bytecode of all modules is kept, as it is on a user's machine, whatever the
    environment of the tests says.
    """
    cache = tmp_path_factory.mktemp("bytecode")
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(cache)}
    environment["NAPARI_CONFIG"] = str(cache / "napari.yaml")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)

    def run(code: str, python: str = sys.executable) -> tuple[float, str]:
        begin = time.perf_counter()
        done = subprocess.run(
            [python, "-c", code],
            capture_output=True,
            text=True,
            timeout=60,
            env={**environment, "CNNVIZ_HOME": os.environ["CNNVIZ_HOME"]},
        )
        seconds = time.perf_counter() - begin
        assert done.returncode == 0, done.stderr
        return seconds, done.stdout.strip()

    return run


def drop_from_cache(folder: Path) -> None:
    """Let the system forget a folder's files, as after a reboot."""
    for file in folder.rglob("*"):
        if file.is_file():
            handle = os.open(file, os.O_RDONLY)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(handle)


@timed
def test_first_paint_against_bare_qt_with_a_plot(run, capsys):
    run(BARE)
    run(OURS)  # both once, so that disk and bytecode are warm
    pairs = [(run(BARE)[0], run(OURS)[0]) for _ in range(PAIRS)]
    ratio = statistics.median(ours / bare for bare, ours in pairs)
    bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    with capsys.disabled():
        print(
            f"\nfirst paint: ours {ours * 1000:.0f} ms, Qt with pyqtgraph and a plot "
            f"{bare * 1000:.0f} ms, ratio {ratio:.2f} (at most {MOST})"
        )
    assert ratio <= MOST


@timed
@needs_napari
def test_first_paint_against_napari(run, capsys):
    run(OURS)
    run(NAPARI, NAPARI_PYTHON)
    pairs = [(run(NAPARI, NAPARI_PYTHON)[0], run(OURS)[0]) for _ in range(NAPARI_PAIRS)]
    ratio = statistics.median(ours / other for other, ours in pairs)
    other, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    with capsys.disabled():
        print(
            f"\nfirst paint: ours {ours * 1000:.0f} ms, napari's main window "
            f"{other * 1000:.0f} ms, ratio {ratio:.2f} (at most {MOST_NAPARI})"
        )
    assert ratio <= MOST_NAPARI


def test_first_paint_loads_nothing_heavy(run):
    _, heavy = run(OURS)
    assert heavy == ""


@timed
@pytest.mark.parametrize("disk", ["warm", "cold"])
def test_loading_torch_does_not_stall_the_window(run, disk, capsys):
    if disk == "cold":
        if not hasattr(os, "posix_fadvise"):
            pytest.skip("only Linux forgets files on demand")
        spec = find_spec("torch")
        assert spec and spec.origin
        drop_from_cache(Path(spec.origin).parent)
    _, out = run(HEARTBEAT)
    stall, load, device = out.split(maxsplit=2)
    with capsys.disabled():
        print(f"\ntorch ({device}, disk {disk}): {load} ms to load, stall {stall} ms")
    assert int(stall) < STALL_MS
