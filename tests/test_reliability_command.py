"""``packaging/reliability.py``: figures from records to the README, nothing else."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent
RECORDS = (
    ("soak", {"pictures": 10_000, "growth_mb": -1.5, "minutes": 5.0}),
    ("malformed-pictures", {"files": 612, "longest_seconds": 0.25, "worst": "a|b"}),
)


@pytest.fixture
def command(tmp_path: Path) -> ModuleType:
    """``packaging/reliability.py`` as a module, with a README of its own."""
    file = ROOT / "packaging" / "reliability.py"
    spec = importlib.util.spec_from_file_location("reliability_command", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.README = tmp_path / "README.md"
    text = f"# é\n\nbefore\n\n{module.BEGIN}\nold\n{module.END}\n\nafter\n"
    module.README.write_text(text, "utf-8")
    return module


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    for part, figures in RECORDS:
        record = {"part": part, "figures": figures}
        (folder / f"{part}.json").write_text(json.dumps(record), "utf-8")
    return folder


def test_the_readme_holds_both_marks(command: ModuleType) -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    made = command.put(text, "new figures")
    assert made.count("new figures") == 1
    assert made.index("## Reliability") < made.index("new figures")


def test_figures_take_the_place_of_older_ones(
    command: ModuleType, records: Path
) -> None:
    words = ["--records", str(records), "--write"]
    assert command.main(words) == 0
    once = command.README.read_text("utf-8")
    assert command.main(words) == 0
    text = command.README.read_text("utf-8")
    assert text == once
    assert text.startswith("# é\n\nbefore\n\n")
    assert text.endswith(f"{command.END}\n\nafter\n")
    assert "old" not in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows == [
        "| part | figures |",
        "| Malformed pictures | files 612, longest 0.25 s, worst a/b |",
        "| Soak | pictures 10,000, growth -1.5 MB, 5.0 min |",
    ]


def test_date_and_machine_are_told_without_its_names(command: ModuleType) -> None:
    text = command.occasion(date(2026, 11, 7), 41.2)
    assert "on 7 November 2026 in 41 minutes" in text
    assert platform.python_version() in text
    assert f"{os.cpu_count()} cores" in text
    assert platform.node() not in text.split()
    assert "several runs" in command.occasion(date(2026, 11, 7), 0)


def test_failures_are_named(command: ModuleType, tmp_path: Path) -> None:
    results = tmp_path / "results.xml"
    assert command.failures(results) == []
    results.write_text(
        "<testsuites><testsuite>"
        '<testcase name="good"/><testcase name="bad"><failure/></testcase>'
        '<testcase name="worse"><error/></testcase>'
        "</testsuite></testsuites>"
    )
    assert command.failures(results) == ["`bad`", "`worse`"]


def test_the_suite_runs_in_full_and_leaves_its_records(
    command: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def suite(folder: Path, results: Path, arguments: list[str]) -> int:
        calls.append(arguments)
        record = {"part": "kills", "figures": {"kills": 100}}
        (folder / "kills.json").write_text(json.dumps(record), "utf-8")
        results.write_text(
            '<testsuite><testcase name="x"><error/></testcase></testsuite>'
        )
        return 1

    monkeypatch.setattr(command, "run", suite)
    assert command.main(["-k", "kill"]) == 1
    assert calls == [["-k", "kill"]]
    text = command.README.read_text("utf-8")
    assert "| Kills | kills 100 |" in text
    assert "Failed in this run: `x`." in text


def test_records_of_single_parts_are_kept_for_later(
    command: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = command.README.read_text("utf-8")
    folders: list[Path] = []
    monkeypatch.setattr(command, "run", lambda folder, *_: folders.append(folder) or 0)
    assert command.main(["--records", str(tmp_path / "kept"), "-k", "soak"]) == 0
    assert folders == [tmp_path / "kept"]
    assert command.README.read_text("utf-8") == before


def test_without_figures_the_readme_stays(
    command: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = command.README.read_text("utf-8")
    assert command.main(["--records", str(tmp_path / "none"), "--write"]) == 1
    assert command.README.read_text("utf-8") == before
    assert "no figures" in capsys.readouterr().err


def test_without_its_marks_nothing_is_written(
    command: ModuleType, records: Path
) -> None:
    command.README.write_text("another text", "utf-8")
    with pytest.raises(ValueError, match="two marks"):
        command.main(["--records", str(records), "--write"])
    assert command.README.read_text("utf-8") == "another text"
