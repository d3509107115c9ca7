"""One step of the windows page: 12 × 12 values, 4 channels, 6 filters, all of it."""

from __future__ import annotations

import statistics
import time
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from turns import timed

from cnnviz import theme
from cnnviz.pages.windows.changes import with_channels, with_filters, with_size
from cnnviz.pages.windows.page import WindowsPage
from cnnviz.pages.windows.presets import PRESETS
from cnnviz.pages.windows.state import State


def largest() -> State:
    """Return the largest layer of the issue, same size out as in."""
    setting = next(p.setting for p in PRESETS if p.id == "rgb-layer")
    setting = with_filters(with_channels(with_size(setting, (12, 12)), 4), 6)
    return State(replace(setting, stride=(1, 1)), motion=False)


@timed
@pytest.mark.parametrize(
    "size", [(1095, 740), (1735, 1020)], ids="{0[0]}×{0[1]}".format
)
def test_a_step_is_painted_within_a_frame(qtbot, capsys, size) -> None:
    theme.apply(QApplication.instance(), "light", 100)
    page = WindowsPage(largest())
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    qtbot.waitExposed(page)
    QApplication.processEvents()
    times = []
    for step in range(200):
        begin = time.perf_counter()
        page.amend(page.state.moved(step))
        QApplication.processEvents()
        times.append(1000 * (time.perf_counter() - begin))
    page.shut_down()
    p95 = statistics.quantiles(times, n=20)[-1]
    with capsys.disabled():
        line = f"{size[0]}×{size[1]}: median {statistics.median(times):.1f} ms"
        print(f"\na step, {line}, p95 {p95:.1f} ms", end="", flush=True)
