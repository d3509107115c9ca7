"""Starts under bad conditions: each ends in a window, or in one plain sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from cnnviz import session
from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The whole program, whose window is closed as soon as it has been painted.
START = """
import sys
from cnnviz import __main__, cli
load = cli.load_app
def load_app():
    app = load()
    start = app.start
    def started(file=None):
        window = start(file)
        window.painted.connect(lambda: act(window))
        return window
    app.start = started
    return app
def act(window):
    window.close()
cli.load_app = load_app
{change}
sys.exit(__main__.main())
"""

# Two windows at once that save all the time, and write a recent file each.
BUSY = """
name = sys.argv.pop()
def act(window):
    for number in range(30):
        window.change(window.settings.opened(f"/{name}/{number}"))
        window.save_session()
    window.close()
"""


def launch(
    *words: object, change: str = "", cwd: Path | None = None, **environment: str | None
) -> subprocess.Popen[str]:
    """Start the program in a process of its own; None takes a variable away."""
    settings: dict[str, Any] = {**os.environ, **environment}
    pipe = subprocess.PIPE
    code = START.format(change=change)
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={name: value for name, value in settings.items() if value is not None},
    )


def start(*words: object, **options: Any) -> tuple[int, str, str]:
    process = launch(*words, **options)
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    folder = tmp_path / "Übung 1 – 畳み込み"
    folder.mkdir()
    pixels = np.arange(600, dtype=np.uint8).reshape(20, 30)
    Image.fromarray(pixels).save(folder / "große Katze №1.png")
    return folder / "große Katze №1.png"


def saved(home: Path) -> dict[str, Any]:
    text = (home / "data" / "session.cnnviz").read_text("utf-8")
    state: dict[str, Any] = json.loads(text)["pages"]["kernel-lab"]
    return state


def test_paths_with_spaces_and_other_alphabets(picture):
    home = picture.parent / "my home"
    for words in ([picture], []):  # opened, and found again by the next start
        assert start(*words, CNNVIZ_HOME=str(home)) == (0, "", "")
        assert saved(home)["picture"] == str(picture)
    lesson = picture.with_name("Lösung 1.cnnviz")
    lesson.write_bytes((home / "data" / "session.cnnviz").read_bytes())
    other = picture.parent / "anderswo"
    assert start(lesson, CNNVIZ_HOME=str(other)) == (0, "", "")
    assert saved(other)["picture"] == str(picture)


def test_a_working_folder_that_is_gone(tmp_path):
    if sys.platform == "win32":
        pytest.skip("Windows lets nobody delete a folder in use")
    change = "import os; os.chdir(sys.argv.pop()); os.rmdir(os.getcwd())"
    gone = tmp_path / "gone"
    gone.mkdir()
    assert start(gone, change=change) == (0, "", "")


def test_no_terminal_at_all():
    change = "sys.stdin = sys.stdout = sys.stderr = None"
    assert start(change=change) == (0, "", "")


def test_no_home(tmp_path):
    names = ("HOME", "CNNVIZ_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
    gone: dict[str, Any] = dict.fromkeys((*names, "XDG_STATE_HOME", "XDG_CACHE_HOME"))
    # A user of whom the system knows a number only, as in some containers.
    change = "import pwd; pwd.getpwuid = {}.__getitem__"
    if sys.platform == "win32":
        pytest.skip("Windows knows no user without one")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    code, out, err = start(change=change, cwd=tmp_path, TMPDIR=str(temporary), **gone)
    assert (code, out, err) == (0, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["temporary"]
    assert list(temporary.iterdir()) == []


def guarded(tmp_path: Path) -> Path:
    """Return a folder in which nothing can be made."""
    folder = tmp_path / "guarded"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("the superuser may write everywhere")
    return folder


def beneath_a_file(tmp_path: Path) -> Path:
    """Return a folder that cannot be: the superuser may write everywhere else."""
    (tmp_path / "file").touch()
    return tmp_path / "file" / "home"


@pytest.mark.parametrize("where", [guarded, beneath_a_file])
def test_nothing_can_be_kept(tmp_path, picture, where: Callable[[Path], Path]):
    home = where(tmp_path)
    code, out, err = start(picture, CNNVIZ_HOME=str(home))
    assert (code, out) == (0, "")
    assert "cannot be saved" in err
    assert "Traceback" not in err


def read_whole(file: Path) -> bool:
    """Read a session that others write; Windows locks it for a moment then."""
    try:
        return bool(session.read(file))
    except InputError:
        if sys.platform != "win32":
            raise
        return False


def test_two_windows_at_once_keep_their_files_whole(home):
    both = [launch(name, change=BUSY) for name in ("one", "two")]
    file = home / "data" / "session.cnnviz"
    reads = 0
    try:
        while any(process.poll() is None for process in both):
            with suppress(subprocess.TimeoutExpired):
                both[0].wait(0.002)
            if file.exists():
                reads += read_whole(file)
    finally:
        for process in both:
            process.kill()  # nothing to one that has ended
        ends = [process.communicate(timeout=100) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    assert ends == [("", "")] * 2
    assert reads > 10
    assert session.read(file).page == "kernel-lab"
    settings = (home / "config" / "settings.ini").read_text("utf-8")
    line = next(row for row in settings.splitlines() if row.startswith("recent="))
    assert "/29" in line
    names = {path.name for path in file.parent.iterdir()}
    assert not {name for name in names if name.endswith((".part", ".bad"))}


@pytest.mark.skipif(sys.platform != "linux", reason="X11 is Linux's")
def test_absent_x_libraries_are_named_before_qt_aborts():
    change = """
import ctypes
load = ctypes.CDLL
def library(name, *rest, **options):
    if name == "libxcb-cursor.so.0":
        raise OSError(name)
    return load(name, *rest, **options)
ctypes.CDLL = library
"""
    code, out, err = start(change=change, QT_QPA_PLATFORM="xcb")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "libxcb-cursor.so.0" in err
    assert err.rstrip().endswith("apt install libxcb-cursor0")
