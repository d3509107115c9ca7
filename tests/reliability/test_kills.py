"""``kill -9`` while it saves: what is on disk is the old or the new, never torn."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnnviz.files import sweep
from cnnviz.nn import recording
from reliability.figures import report
from reliability.saver import KINDS, is_whole

ROOT = Path(__file__).parents[2]
STREAMS = ROOT / "tests" / "nn" / "streams.py"
"""Records a training's events, by the recorder itself, without the training."""

KILLS, QUICK = 25, 2
"""Of each of the four kinds: in the long part, and in the usual run of the tests."""


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    return {**os.environ, "PYTHONPATH": path}


def kill_while(command: list[str], lines: int, seconds: float) -> None:
    """Start a program, and kill it some time after it has printed some lines."""
    with subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout
        for _ in range(lines):
            if not process.stdout.readline():  # it had little left to do
                assert process.wait() == 0
        time.sleep(seconds)  # the moment is what is drawn
        process.kill()


@pytest.mark.parametrize("kind", ["state", "settings", "checkpoint"])
def test_a_killed_save_leaves_the_old_or_the_new(
    kind: str, long: bool, tmp_path: Path
) -> None:
    random = np.random.default_rng(sum(map(ord, kind)))
    path = tmp_path / KINDS[kind]
    kills = KILLS if long else QUICK
    for _ in range(kills):
        command = ["-m", "reliability.saver", kind, str(path)]
        kill_while(command, int(random.integers(1, 6)), random.uniform(0, 0.03))
        assert is_whole(kind, path)
    left = [file for file in tmp_path.iterdir() if file != path]
    assert len(left) <= kills
    for file in left:
        os.utime(file, (0, 0))
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [path]
    report(f"kills-{kind}", kills=kills, torn=0, drafts_left=len(left))


def test_a_killed_recording_opens_and_goes_on(long: bool, tmp_path: Path) -> None:
    sys.path.insert(0, str(STREAMS.parent))
    import streams

    random = np.random.default_rng(9)
    kills = KILLS if long else QUICK
    run = recording.create(tmp_path, streams.RECIPE, data=streams.DATA)
    for number in range(kills):
        if run.state() == "complete" or number % 5 == 4:
            _finish(run)
            run = recording.create(tmp_path, streams.RECIPE, data=streams.DATA)
        command = [str(STREAMS), str(run.folder)]
        kill_while(command, int(random.integers(1, 4)), random.uniform(0, 0.02))
        run = recording.open_run(run.folder)
        assert len(run.metrics()) <= streams.RECIPE.epochs
        before = run.checkpoint()
        assert before is None or run.steps().step >= before.step
        for step in run.snapshots():
            assert (run.weights(step)["conv1.weight"] == step).all()
    _finish(run)
    report("kills-recording", kills=kills, torn=0)


def _finish(run: recording.Run) -> None:
    import streams

    events = streams.training(run.recipe, run.checkpoint())
    for _ in recording.record(events, run):
        pass
    epochs = range(1, streams.RECIPE.epochs + 1)
    assert run.state() == "complete"
    assert run.metrics() == tuple(map(streams.metrics, epochs))
    last = streams.RECIPE.epochs * streams.EPOCH
    np.testing.assert_array_equal(run.steps().loss, streams.batches(1, last).loss)
    assert not list(run.folder.rglob(".*"))
