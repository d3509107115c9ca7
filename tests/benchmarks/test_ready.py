"""From the start of the program on the Train page to its first batch on the screen.

Start is pressed as soon as it can be. The yardstick is a bare script that trains one
batch with the same network and optimizer on the same pictures, and shows nothing. Each
is a process of its own, timed from outside by the words that it prints.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from turns import timed

from cnnviz import session

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAIRS = 5
MOST = 1.0  # times the yardstick
SECONDS = 3

BARE = """
import sys
import numpy as np
import torch
from torch import nn
with np.load(sys.argv[1]) as file:
    images, labels = (torch.from_numpy(file[name]) for name in ("arr_1", "arr_2"))
module = nn.Sequential(
    nn.Conv2d(1, 32, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(1024, 1000), nn.ReLU(), nn.Linear(1000, 10),
)
optimizer = torch.optim.Adam(module.parameters())
some = torch.randperm(len(images))[:128]
loss = nn.functional.cross_entropy(module(images[some] / 255), labels[some])
loss.backward()
optimizer.step()
assert loss.item() > 0
print("trained", flush=True)
"""

# The program as it is, with a hand on the button and an eye on the plot of the loss.
OURS = """
import os, sys
from cnnviz import __main__, cli
load_app = cli.load_app
def load():
    app = load_app()
    start = app.start
    def watched(file):
        window = start(file)
        watch(window)
        return window
    app.start = watched
    return app
def watch(window):
    global eye
    from PySide6.QtCore import QEvent, QObject
    page = window.page
    button, plot = page._controls.run._toggle, page._canvas._plots._loss
    class Eye(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint and len(plot._series[0].x):
                print("trained", flush=True)
                os._exit(0)
            return False
    def press():
        assert button.isEnabled()
        print("ready", flush=True)
        button.click()
    eye = Eye()
    plot.installEventFilter(eye)
    page._source.changed.connect(press)
    window.painted.connect(lambda: print("painted", flush=True))
cli.load_app = load
sys.argv = ["cnnviz"]
__main__.main()
"""


@pytest.fixture
def run(
    home: Path, digits_file: Path, generated: None, tmp_path: Path
) -> Callable[[str], dict[str, float]]:
    """Run code in a process; return after how many seconds it printed each word."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    session.write(session.Session("train"), home / "data" / "session.cnnviz")

    def run(code: str) -> dict[str, float]:
        shutil.rmtree(home / "data" / "runs", ignore_errors=True)
        begin = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-c", code, digits_file],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            assert process.stdout is not None
            found = {word: time.perf_counter() - begin for word in process.stdout}
        assert process.returncode == 0
        return {word.strip(): seconds for word, seconds in found.items()}

    return run


@timed
def test_ready_to_train(run, capsys):
    run(BARE)
    run(OURS)  # both once, so that disk and bytecode are warm
    pairs = [(run(OURS), run(BARE)) for _ in range(PAIRS)]
    ratio = statistics.median(a["trained"] / b["trained"] for a, b in pairs)
    painted, ready, trained = (
        statistics.median(ours[word] for ours, _ in pairs)
        for word in ("painted", "ready", "trained")
    )
    bare = statistics.median(bare["trained"] for _, bare in pairs)
    with capsys.disabled():
        print(
            f"\nfrom the start: window painted {painted:.2f} s, Start enabled "
            f"{ready:.2f} s, first batch on the screen {trained:.2f} s (under "
            f"{SECONDS} s); a bare script has trained it after {bare:.2f} s: ratio "
            f"{ratio:.2f} (at most {MOST})"
        )
    assert ratio <= MOST
    assert trained < SECONDS
