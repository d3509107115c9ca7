"""How long a step of the Signals page takes to paint, short signal and long."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from turns import timed

from cnnviz import theme
from cnnviz.ops.signals import MAX_LENGTH, Signal, make
from cnnviz.pages.signals.page import create
from cnnviz.pages.signals.state import State

STEPS = 100
NAMES = ("48 samples, 3 weights", "8,192 samples, 31 weights")


def state(name: str) -> State:
    if name.startswith("48"):
        return State(motion=False)
    walk = np.random.default_rng(0).normal(size=MAX_LENGTH).cumsum()
    signal = Signal("Random walk", tuple(walk.tolist()))
    kernel = make("gaussian-1d", size=31, sigma=6)
    return State(signal=signal, kernel=kernel, motion=False)


@timed
@pytest.mark.parametrize("name", NAMES)
def test_a_step_is_painted_in_time(qtbot, capsys, name) -> None:
    theme.apply(QApplication.instance(), "light", 100)
    page = create()
    qtbot.addWidget(page)
    page.resize(1100, 740)
    page.edit(state(name))
    page.show()
    QApplication.processEvents()
    seconds = []
    for position in range(STEPS):
        start = time.perf_counter()
        page.amend(replace(page.state, position=position % 40))
        QApplication.processEvents()
        seconds.append(time.perf_counter() - start)
    p50, p95 = np.percentile(seconds, [50, 95])
    with capsys.disabled():
        print(f"\n{name}: median {1e3 * p50:.1f} ms, p95 {1e3 * p95:.1f} ms")
    page.shut_down()
