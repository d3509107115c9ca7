"""The program's check of itself: what it tells, and that it sees what is broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from cnnviz import __version__, cli, paths, selftest
from cnnviz.errors import InputError
from cnnviz.selftest import CHECKS, Result

if TYPE_CHECKING:
    from pathlib import Path

QUIET = "import sys; sys.stdout = sys.stderr = None\n"
QUIET += "from cnnviz import cli; sys.exit(cli.main(sys.argv[1:]))"


def cnnviz(*words: object, code: str = "") -> Any:
    command = ["-c", code] if code else ["-W", "error", "-m", "cnnviz"]
    return subprocess.run(
        [sys.executable, *command, *map(str, words)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def test_every_check_passes_here_and_the_home_stays_empty(home):
    done = cnnviz("selftest", "--verbose")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    lines = done.stdout.splitlines()
    assert lines[0] == f"cnnviz {__version__}, Python {sys.executable}"
    marks = [line.split()[:2] for line in lines if line.startswith(("ok", "FAIL"))]
    assert marks == [["ok", name] for name in CHECKS]
    assert "all passed" in lines
    assert f"opened {paths.asset('weights/lecture.safetensors')}" in lines
    assert f"module {selftest.__file__}" in lines
    assert not home.exists()


def test_a_report_is_all_that_is_left_without_a_terminal(tmp_path, monkeypatch):
    report = tmp_path / "Bericht.txt"
    done = cnnviz("selftest", "--report", report, code=few(QUIET))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = report.read_text("utf-8")
    assert "ok    session" in text
    assert text.endswith("\nall passed\n")


def few(code: str, checks: str = "('session',)") -> str:
    """Return code that begins with leaving some checks only."""
    return (
        "from cnnviz import selftest\n"
        f"for name in set(selftest.CHECKS).difference({checks}):\n"
        f"    del selftest.CHECKS[name]\n{code}"
    )


def test_a_report_that_cannot_be_written_is_explained(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(selftest, "CHECKS", {"session": selftest.check_session})
    assert cli.main(["selftest", "--report", str(tmp_path / "no" / "out.txt")]) == 1
    out, err = capsys.readouterr()
    assert "all passed" in out
    assert err.startswith("cnnviz selftest: ")
    assert "cannot be saved" in err


def test_one_failure_hides_no_other_and_ends_with_1(monkeypatch, capsys):
    def refused() -> str:
        raise InputError("The disk is full.")

    def broken() -> str:
        raise ZeroDivisionError("by nothing")

    checks = {"one": refused, "two": broken, "three": lambda: "fine"}
    monkeypatch.setattr(selftest, "CHECKS", checks)
    assert cli.main(["selftest"]) == 1
    lines = capsys.readouterr().out.splitlines()
    first = next(line for line in lines if line.startswith("FAIL  one"))
    assert first.endswith("The disk is full.")
    assert any(line.startswith("FAIL  two") and "by nothing" in line for line in lines)
    assert any("in broken" in line for line in lines)  # from its traceback
    assert any(line.startswith("ok    three") for line in lines)
    assert lines[-1] == "2 of 3 failed"


def test_the_table_keeps_its_columns():
    results = [Result("imports", "a", True, 1.25), Result("x", "b", False, 12.0)]
    *_, one, two, _, verdict = selftest.table(results)
    assert one.index("a", 15) == two.index("b")
    assert verdict == "1 of 2 failed"


@pytest.fixture
def assets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a copy of the assets, which the program takes for its own."""
    for name in ("fonts", "icons", "weights"):
        shutil.copytree(paths.asset(name), tmp_path / "assets" / name)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    return tmp_path / "assets"


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (selftest.check_assets, "fonts/Inter-Regular.otf"),
        (selftest.check_assets, "icons/cnnviz.svg"),
        (selftest.check_network, "weights/lecture.safetensors"),
    ],
)
def test_what_is_absent_is_named(assets, check, name):
    check()
    (assets / name).unlink()
    with pytest.raises(InputError, match=f"lack {name}"):
        check()


def test_weights_of_an_untrained_network_are_noticed(assets):
    from cnnviz.nn import checkpoints, replay
    from cnnviz.nn.recipe import Recipe

    recipe = Recipe()
    checkpoints.save(
        assets / "weights" / "lecture.safetensors",
        recipe.network,
        replay.first_weights(recipe),
    )
    with pytest.raises(InputError, match=r"of 10 digits; at least 8 are expected"):
        selftest.check_network()


def test_a_wrong_sum_is_noticed(monkeypatch):
    from cnnviz.ops import pipeline

    right = pipeline.run_stage
    monkeypatch.setattr(
        pipeline, "run_stage", lambda *words: right(*words[:1], pipeline.Stage())
    )
    with pytest.raises((InputError, ValueError)):
        selftest.check_picture()
