from __future__ import annotations

import json
from typing import TYPE_CHECKING

from reliability.figures import FOLDER, report

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_part_reports_once_and_only_where_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    report("kills", kills=3)
    assert not list(tmp_path.iterdir())
    monkeypatch.setenv(FOLDER, str(tmp_path / "out"))
    report("kills", kills=3)
    report("kills", kills=8, longest_seconds=0.25)
    (file,) = (tmp_path / "out").iterdir()
    assert file.name == "kills.json"
    assert json.loads(file.read_text("utf-8")) == {
        "part": "kills",
        "figures": {"kills": 8, "longest_seconds": 0.25},
    }
