"""Folders without rights: a sentence, and what lies beside them still opens."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from cnnviz.nn import datasets, idx, recording
from cnnviz.nn.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there rights are no bits of a mode"
)
NOBODY = 65534
TELL = """
import os, sys
from pathlib import Path
from cnnviz.errors import InputError
from cnnviz.nn import datasets, recording
what, path = sys.argv[1], Path(sys.argv[2])
if os.geteuid() == 0:  # who may read everything
    os.setuid(int(sys.argv[3]))
try:
    if what == "data":
        datasets.find(str(path), path)
        datasets.load(str(path), path)
    elif what == "run":
        print(recording.open_run(path).name)
    else:
        print(len(recording.runs(path)), len(recording.damaged(path)))
except InputError as error:
    print(error)
"""


@pytest.fixture(autouse=True)
def for_all(tmp_path: Path) -> None:
    """Open the test's own folders, which pytest keeps to its user."""
    for folder in (tmp_path, *tmp_path.parents):
        if os.geteuid() == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)


def told(what: str, path: Path) -> str:
    """Return what is said by a program whose user has no rights but those of all."""
    done = subprocess.run(
        [sys.executable, "-c", TELL, what, path, str(NOBODY)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


def fill(folder: Path, kind: str) -> None:
    """Write a data set: idx files, or pictures in one sub-folder a class."""
    folder.mkdir()
    if kind == "idx":
        for part in ("train", "t10k"):
            idx.write(folder / f"{part}-images-idx3-ubyte", np.ones((3, 2, 2), "u1"))
            idx.write(folder / f"{part}-labels-idx1-ubyte", np.ones(3, "u1"))
        return
    for name in "ab":
        (folder / name).mkdir()
        for number in range(2):
            picture = Image.fromarray(np.zeros((4, 4), np.uint8))
            picture.save(folder / name / f"{number}.png")


@pytest.mark.parametrize("mode", [0o000, 0o444])
@pytest.mark.parametrize("kind", ["idx", "pictures"])
def test_a_locked_folder_is_no_data_set(tmp_path, kind, mode):
    fill(tmp_path / "locked", kind)
    (tmp_path / "locked").chmod(mode)
    try:
        said = told("data", tmp_path / "locked")
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert said.startswith("The folder “locked” cannot be read: permission is denied;")
    assert said.count(". ") == 0
    assert datasets.load(str(tmp_path / "locked"), tmp_path).name == "locked"


def test_a_class_and_a_folder_behind_a_locked_one_are_named(tmp_path):
    fill(tmp_path / "data", "pictures")
    locked = tmp_path / "data" / "a"
    locked.chmod(0)
    try:
        assert told("data", tmp_path / "data").startswith("“a” cannot be read")
        assert "lies in a folder that may not be read" in told("data", locked / "x")
    finally:
        locked.chmod(0o755)


def test_one_locked_run_hides_no_other(tmp_path):
    runs = tmp_path / "runs"
    one, _ = (recording.create(runs, Recipe(), name) for name in ("one", "two"))
    one.folder.chmod(0)
    try:
        assert told("runs", runs) == "1 0"
        assert "cannot be read: permission is denied" in told("run", one.folder)
    finally:
        one.folder.chmod(0o755)
    assert told("runs", runs) == "2 0"
