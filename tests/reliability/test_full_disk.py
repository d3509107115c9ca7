"""Full disks, lost folders and permissions: the old file stays, and a sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from cnnviz.errors import InputError
from cnnviz.nn import recording
from reliability.figures import report
from reliability.opening import CODE
from reliability.saver import KINDS, content, write
from reliability.test_kills import STREAMS, environment

if TYPE_CHECKING:
    from pathlib import Path

POINTS, QUICK = 20, 3
"""Sizes at which the disk is full: in the long part, and in the usual run."""

posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows limits the size of no file"
)


def save_starved(kind: str, path: Path, limit: int) -> str:
    """Save the second content where files end at so many bytes; return what it says."""
    command = [sys.executable, "-m", "reliability.saver", kind, str(path), str(limit)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment(), encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def is_sentence(text: str) -> bool:
    return bool(text) and text.endswith(".") and not CODE.search(text)


@posix
@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk_leaves_the_old_file(kind: str, long: bool, tmp_path: Path) -> None:
    path, other = tmp_path / KINDS[kind], tmp_path / "new" / KINDS[kind]
    write(kind, content(kind, 0), path)
    other.parent.mkdir()
    write(kind, content(kind, 1), other)
    old, size = path.read_bytes(), other.stat().st_size
    shutil.rmtree(other.parent)
    points = np.linspace(0, size - 1, POINTS if long else QUICK, dtype=int)
    for limit in points:
        said = save_starved(kind, path, int(limit))
        # A failure to keep the settings goes to the log; they are no work of anybody's.
        assert is_sentence(said) or (kind == "settings" and not said), said
        assert path.read_bytes() == old
        assert os.listdir(tmp_path) == [path.name]
    report(f"full-disk-{kind}", points=len(points), old_file_lost=0)


@posix
def test_a_recording_on_a_full_disk_is_safe(long: bool, tmp_path: Path) -> None:
    sys.path.insert(0, str(STREAMS.parent))
    import streams

    code = (
        "import sys; from pathlib import Path; from reliability.saver import starve\n"
        "import streams; from cnnviz.errors import InputError\n"
        "from cnnviz.nn.recording import open_run, record\n"
        "run = open_run(Path(sys.argv[1])); starve(int(sys.argv[2]))\n"
        "try: list(record(streams.training(run.recipe, run.checkpoint()), run))\n"
        "except InputError as error: print(error)\n"
    )
    points = np.geomspace(1, 100_000, POINTS if long else QUICK, dtype=int)
    settings = environment()
    settings["PYTHONPATH"] += os.pathsep + str(STREAMS.parent)
    for limit in points:
        run = recording.create(tmp_path, streams.RECIPE, data=streams.DATA)
        done = subprocess.run(
            [sys.executable, "-c", code, str(run.folder), str(limit)],
            capture_output=True,
            text=True,
            env=settings,
            encoding="utf-8",
        )
        assert done.returncode == 0, done.stderr
        assert is_sentence(done.stdout.strip()), done.stdout
        assert recording.open_run(run.folder) == run
        events = streams.training(run.recipe, run.checkpoint())
        assert list(recording.record(events, run))
        assert run.state() == "complete"
    report("full-disk-recording", points=len(points), runs_lost=0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "settings"])
def test_a_folder_that_vanished_or_is_a_file_is_told(kind: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"kept")
    (tmp_path / KINDS[kind]).mkdir()
    for path in (
        tmp_path / "gone" / KINDS[kind],
        tmp_path / "file" / KINDS[kind],
        tmp_path / KINDS[kind],
    ):
        with pytest.raises(InputError) as caught:
            write(kind, content(kind, 1), path)
        assert is_sentence(str(caught.value))
    assert (tmp_path / "file").read_bytes() == b"kept"
    assert sorted(os.listdir(tmp_path)) == sorted(["file", KINDS[kind]])


def test_a_run_whose_folder_vanishes_ends_in_a_sentence(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows lets nobody remove a folder in use")
    sys.path.insert(0, str(STREAMS.parent))
    import streams

    for after in range(1, 8):
        run = recording.create(tmp_path, streams.RECIPE, data=streams.DATA)
        events = recording.record(streams.training(), run)
        for _ in range(after):
            next(events)
        shutil.rmtree(run.folder)
        with pytest.raises(InputError) as caught:
            list(events)
        assert is_sentence(str(caught.value))


@posix
@pytest.mark.parametrize("kind", KINDS)
def test_without_permission_the_old_file_stays(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "locked" / KINDS[kind]
    path.parent.mkdir()
    write(kind, content(kind, 0), path)
    old = path.read_bytes()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    nobody = {"user": 65534} if os.geteuid() == 0 else {}
    for folder in (tmp_path, *tmp_path.parents):  # pytest keeps them to itself
        if nobody and not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    code = (
        "import os, sys; from pathlib import Path; from reliability import saver\n"
        "from cnnviz.errors import InputError\n"
        "kind, path, *user = sys.argv[1:]; value = saver.content(kind, 1)\n"
        "if user: os.setuid(int(user[0]))\n"
        "try: saver.write(kind, value, Path(path))\n"
        "except InputError as error: print(error)\n"
    )
    user = [str(nobody["user"])] if nobody else []
    done = subprocess.run(
        [sys.executable, "-c", code, kind, str(path), *user],
        capture_output=True,
        text=True,
        env=environment(),
        encoding="utf-8",
    )
    path.parent.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert is_sentence(done.stdout.strip()) or kind == "settings", done.stdout
    assert path.read_bytes() == old
