"""Where a user's files go, also where there is no home to keep them in."""

from __future__ import annotations

import subprocess
import sys

import pytest

from cnnviz import paths

FOLDERS = (paths.data_dir, paths.config_dir, paths.log_dir)
XDG = ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")

# What is left of a user in a container that was started with a number for a user.
HOMELESS = """
import os, pwd
def getpwuid(uid):
    raise KeyError(uid)
pwd.getpwuid = getpwuid
from cnnviz import paths
folders = paths.data_dir(), paths.config_dir(), paths.log_dir()
for folder in folders:
    folder.mkdir(parents=True)
assert folders == (paths.data_dir(), paths.config_dir(), paths.log_dir())
print(*folders, sep="\\n")
"""


def test_one_variable_puts_all_into_one_folder(home):
    assert [folder() for folder in FOLDERS] == [
        home / name for name in ("data", "config", "log")
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="XDG is Linux's")
def test_folders_are_the_desktops_own(monkeypatch, tmp_path):
    monkeypatch.delenv("CNNVIZ_HOME")
    for name in XDG:
        monkeypatch.setenv(name, str(tmp_path / name))
    places = [folder().relative_to(tmp_path).parts[:2] for folder in FOLDERS]
    assert places == [(XDG[i], "cnnviz") for i in range(3)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no user without one")
def test_who_has_no_home_has_one_while_the_program_runs(monkeypatch, tmp_path):
    for name in ("HOME", "CNNVIZ_HOME", *XDG):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    empty = tmp_path / "started here"
    empty.mkdir()
    command = [sys.executable, "-c", HOMELESS]
    done = subprocess.run(command, capture_output=True, text=True, cwd=empty)
    assert (done.returncode, done.stderr) == (0, "")
    folders = done.stdout.splitlines()
    assert len(set(folders)) == len(FOLDERS)
    assert all(folder.startswith(str(tmp_path / "cnnviz-")) for folder in folders)
    assert list(empty.iterdir()) == []
    assert list(tmp_path.iterdir()) == [empty]  # and nothing is left of it


def test_assets_are_beside_the_package_or_in_the_bundle(monkeypatch, tmp_path):
    assert paths.asset("icons/cnnviz.svg").is_file()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.asset("icons/cnnviz.svg") == tmp_path / "assets" / "icons/cnnviz.svg"
