"""The bundle as a student has it: no Python, no checkout, nothing to write to."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

import cnnviz
from cnnviz.ops import images, kernels
from cnnviz.ops.pipeline import Stage, run_stage
from cnnviz.selftest import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.bundle, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534
SUPERUSER = sys.platform != "win32" and os.geteuid() == 0
UNWRITABLE = 0o555

OF_PYTHON = ("PYTHON", "VIRTUAL_ENV", "QT", "CNNVIZ", "XDG", "LD_", "HOME")


class Installed:
    """A copy of the bundle in a place of its own, and a user who cannot write there.

    Parameters
    ----------
    bundle : Path
        What was built.
    place : Path
        A new folder, which everybody can read.
    """

    def __init__(self, bundle: Path, place: Path) -> None:
        self.folder = place / "Büro 1" / bundle.name
        try:
            shutil.copytree(bundle, self.folder, copy_function=os.link, symlinks=True)
        except shutil.Error:  # another disk
            shutil.rmtree(self.folder)
            shutil.copytree(bundle, self.folder, symlinks=True)
        self.home, self.start = place / "home", place / "started here"
        for folder in (self.home, self.start):
            folder.mkdir()
            if SUPERUSER:
                os.chown(folder, NOBODY, NOBODY)
        if not SUPERUSER:
            for folder in (self.folder, *self.folder.rglob("*")):
                if folder.is_dir() and not folder.is_symlink():
                    folder.chmod(UNWRITABLE)
        inner = "Contents/MacOS/cnnviz" if bundle.suffix == ".app" else "cnnviz"
        suffix = ".exe" if sys.platform == "win32" else ""
        self.program = self.folder / f"{inner}{suffix}"

    def run(self, *words: object, **environment: str) -> Any:
        """Run the program as that user, far from the checkout."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(OF_PYTHON)
        }
        settings = {**kept, "LC_ALL": "C.UTF-8", **environment}
        other: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        return subprocess.run(
            [str(self.program), *map(str, words)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            cwd=self.start,
            env=settings,
            timeout=500,
            **(other if SUPERUSER else {}),
        )

    def files(self) -> dict[str, int]:
        """Return all files with their sizes."""
        return {
            str(path.relative_to(self.folder)): path.lstat().st_size
            for path in self.folder.rglob("*")
            if not path.is_dir()
        }


@pytest.fixture(scope="module")
def installed(bundle: Path) -> Iterator[Installed]:
    # Beside the build a copy costs no room; and pytest's own folder is for its user.
    with tempfile.TemporaryDirectory(prefix="cnnviz install ") as place:
        Path(place).chmod(0o755)
        copy = Installed(bundle, Path(place))
        before = copy.files()
        yield copy
        assert copy.files() == before
        assert list(copy.start.iterdir()) == []
        for folder in (copy.folder, *copy.folder.rglob("*")):
            if folder.is_dir() and not folder.is_symlink() and not SUPERUSER:
                folder.chmod(0o755)


def selftest(installed: Installed, **environment: str) -> list[str]:
    """Let the bundle check itself; return its report, with the files that it read."""
    # Windows gives a windowed program no standard output, not even to a pipe.
    report = installed.home / "report.txt"
    words = ("selftest", "--verbose", "--report", report)
    done = installed.run(*words, **environment)
    text = report.read_text("utf-8") if report.exists() else ""
    assert done.returncode == 0, text + done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout in (text, "")
    lines = text.splitlines()
    assert lines[0] == f"cnnviz {cnnviz.__version__}, bundle"
    marks = [line.split()[:2] for line in lines if line.startswith(("ok", "FAIL"))]
    assert marks == [["ok", name] for name in CHECKS]
    return lines


def assert_own(installed: Installed, lines: list[str]) -> None:
    """Check that nothing came from the checkout or from the Python that built it."""
    library = Path(os.__file__).parent  # with site-packages, or beside those of .venv
    strangers = [str(ROOT), str(library), str(Path(np.__file__).parents[1])]
    found = [line for line in lines if any(name in line for name in strangers)]
    assert not found, found[:20]
    kinds = [line.split(" ", 1) for line in lines if line[:5] in ("path ", "modul")]
    assert len(kinds) > 1000
    inside = str(installed.folder.resolve())
    places = [name for _, name in kinds if os.path.isabs(name)]
    assert len(places) > 1000  # the rest is made in memory, as _ops.py by torch
    assert not [name for name in places if not name.startswith(inside)]


def test_selftest_without_a_screen_and_with_an_empty_home(installed):
    lines = selftest(installed, HOME=str(installed.home))
    assert_own(installed, lines)
    assert any(f"torch {version('torch')}" in line for line in lines)


@pytest.mark.x11
def test_selftest_on_a_screen_and_without_a_home(installed, x_display):
    screen = {"DISPLAY": x_display["DISPLAY"], "QT_QPA_PLATFORM": "xcb"}
    lines = selftest(installed, **screen)
    assert "xcb" in next(line for line in lines if " window " in line)
    assert_own(installed, lines)


def test_a_command_where_there_is_no_terminal(installed):
    if sys.platform == "win32":
        pytest.skip("a windowed program of Windows has none in the first place")
    out = installed.home / "edges.npy"
    words = f"apply sample:camera --kernel sobel-vertical --npy '{out}'"
    command = f"exec '{installed.program}' {words} <&- >&- 2>&-"
    other: dict[str, Any] = {"user": NOBODY, "group": NOBODY} if SUPERUSER else {}
    done = subprocess.run(["sh", "-c", command], cwd=installed.start, **other)
    assert done.returncode == 0
    stage = Stage(kernels=(kernels.make("sobel-vertical"),), padding="same")
    expected = run_stage(images.sample("camera").grey, stage).pooled
    np.testing.assert_array_equal(np.load(out), expected)


def test_a_page_is_painted_as_from_the_checkout(installed, tmp_path):
    theirs, ours = installed.home / "theirs.png", tmp_path / "ours.png"
    words = ("--page", "kernel-lab", "--theme", "dark")
    done = installed.run("--screenshot", theirs, *words, HOME=str(installed.home))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    command = [sys.executable, "-m", "cnnviz", "--screenshot", ours, *words]
    subprocess.run(command, check=True)
    with Image.open(theirs) as one, Image.open(ours) as other:
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows' bundle has no links")
def test_no_link_leads_nowhere_or_outside(installed):
    links = [path for path in installed.folder.rglob("*") if path.is_symlink()]
    inside = installed.folder.resolve()
    assert not [str(path) for path in links if not path.exists()]
    assert all(inside in path.resolve().parents for path in links)


def test_what_is_not_needed_is_left_out(installed):
    files = installed.files()
    words = ("/translations/", "Qt6Qml", "Qt6Quick", "/torch/include/", "/torch/test/")
    found = [name for name in files if any(word in name for word in words)]
    assert not found, found[:20]
    assert not [name for name in files if name.endswith((".h", ".pyi", ".lib"))]
    assert sum(files.values()) < 780e6
