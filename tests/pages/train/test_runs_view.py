from __future__ import annotations

import os
import subprocess
import sys

SHARP = """
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from cnnviz.pages.train.runs_view import Entry, RunModel

app = QApplication([])
model = RunModel()
model.set_entries([Entry("a", ("",) * 7, "green")], "")
mark = model.data(model.index(0, 0), Qt.ItemDataRole.DecorationRole)
size = mark.deviceIndependentSize().toSize()
assert mark.size() == 2 * size, (mark.size(), size)
"""


def test_the_mark_of_a_run_is_sharp_on_a_screen_of_small_pixels():
    twice = {**os.environ, "QT_SCALE_FACTOR": "2"}
    subprocess.run([sys.executable, "-c", SHARP], env=twice, check=True, timeout=60)
