from __future__ import annotations

import time
from typing import TYPE_CHECKING

from reliability.heart import Heart

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

PAUSE = 0.3


def stand_still() -> None:
    """Work for a while, not counting for how long others have the processor."""
    end = time.thread_time() + PAUSE
    while time.thread_time() < end:
        pass


def test_a_pause_is_measured_and_its_place_is_told(
    qtbot: QtBot, qapp: QApplication, tmp_path: Path
) -> None:
    heart = Heart(PAUSE / 3, tmp_path / "stacks.txt")
    qapp.processEvents()
    stand_still()
    qtbot.waitUntil(lambda: heart.longest > PAUSE / 2)
    heart.stop()
    stacks = (tmp_path / "stacks.txt").read_text()
    assert "no beat" in stacks
    assert "in stand_still" in stacks
