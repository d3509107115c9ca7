"""A monkey at mouse and keyboard: no crash, no error, no freeze, whatever it does.

A seed that fails does the same again with ``--long`` and ``CNNVIZ_MONKEY=SEEDxEVENTS``,
and several with ``CNNVIZ_MONKEY=FIRST-LASTxEVENTS``.
"""

from __future__ import annotations

import compileall
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cnnviz
from reliability.figures import report
from reliability.inside import launch, prepare_home, troubles
from reliability.monkey_side import FREEZE

if TYPE_CHECKING:
    from collections.abc import Mapping

SEEDS, EVENTS = 20, 2000
SOME_SEEDS, SOME_EVENTS = 2, 300
SECONDS_EACH, LAST_EVENTS = 0.3, 25

SLACK = 3
"""So many times longer may a freeze be in the sample, which runs beside other work."""

REPLAY = "CNNVIZ_MONKEY"

pytestmark = [
    pytest.mark.x11,
    pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs Xvfb"),
]


def surroundings(home: Path, display: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which everything that is kept is kept in one folder."""
    kept = {name: value for name, value in display.items() if "proxy" not in name}
    places = {"TMPDIR": "tmp", "XDG_RUNTIME_DIR": "run", "HOME": "home"}
    for name in ("CONFIG", "DATA", "CACHE", "STATE"):
        places[f"XDG_{name}_HOME"] = f"home/{name.lower()}"
    for folder in places.values():
        (home / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    launcher = home / "bin" / "xdg-open"  # Qt shows the log folder with it
    launcher.parent.mkdir()
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o700)
    return {
        **kept,
        **{name: str(home / folder) for name, folder in places.items()},
        "CNNVIZ_HOME": str(home),
        "PATH": str(launcher.parent),
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "QT_QPA_PLATFORMTHEME": "generic",
        "QT_LOGGING_RULES": "*.debug=false",
    }


def play(seed: int, events: int, home: Path, display: Mapping[str, str]) -> str:
    """Let a monkey play; return what went wrong."""
    if seed % 2:  # the others are led by the tour
        prepare_home(home)
    process = launch(
        *("monkey_side", seed, events, home),
        environment=surroundings(home, display),
        folder=home,
    )
    late = ""
    try:
        _, err = process.communicate(timeout=60 + SECONDS_EACH * events)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGABRT)  # faulthandler tells where it was
        late = "it did not end\n"
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    wrong = [late, err, *troubles(home)]
    if process.returncode:
        wrong.append(f"exit code {process.returncode}")
    return "\n".join(filter(None, wrong))


def the_end_of(file: Path, lines: int) -> str:
    if not file.exists():
        return "(it never began)"
    return "\n".join(file.read_text("utf-8").splitlines()[-lines:])


def test_monkeys(long: bool, x_display: dict[str, str], tmp_path: Path) -> None:
    seeds = range(SEEDS if long else SOME_SEEDS)
    events = EVENTS if long else SOME_EVENTS
    if again := re.fullmatch(r"(\d+)(?:-(\d+))?x(\d+)", os.environ.get(REPLAY, "")):
        first, last = int(again[1]), int(again[2] or again[1])
        seeds, events = range(first, last + 1), int(again[3])
    limit = FREEZE if long else SLACK * FREEZE
    compileall.compile_dir(
        Path(cnnviz.__file__).parent, quiet=2
    )  # as an installer does
    figures, bad = [], []
    for seed in seeds:
        home = tmp_path / str(seed)
        home.mkdir()
        wrong = play(seed, events, home, x_display)
        if not wrong:
            figures.append(json.loads((home / "figures.json").read_text("utf-8")))
            if figures[-1]["longest_seconds"] > limit:
                longest = figures[-1]["longest_seconds"]
                wrong = f"no beat for {longest} s\n{(home / 'stacks.txt').read_text()}"
        if wrong:
            print(
                f"Seed {seed}; again: {REPLAY}={seed}x{events} python3 "
                "packaging/dev.py test --long tests/reliability/test_monkey.py -s\n"
                f"{the_end_of(home / 'events.txt', LAST_EVENTS)}\n{wrong}\n"
            )
            bad.append(seed)
    report(
        "monkey",
        seeds=len(seeds),
        events=sum(each["events"] for each in figures),
        failing_seeds=len(bad),
        longest_seconds=max((e["longest_seconds"] for e in figures), default=0.0),
    )
    assert not bad, "seeds at which something went wrong; see the output above"
