"""Settings survive a restart, and a damaged file costs only what is damaged."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time

import pytest

from cnnviz import settings
from cnnviz.settings import RECENT_LIMIT, Settings

NAMES = "theme", "text size", "recent files"
CHOSEN = Settings("dark", 150, ("/tmp/ü, 1.png", "C:/x;y.png"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "not yet there" / "settings.ini"


def test_no_file_gives_the_defaults_silently(path, caplog):
    assert settings.load(path) == (Settings(), "")
    assert not caplog.records


@pytest.mark.parametrize(
    "chosen", [CHOSEN, Settings(), Settings(recent=("/one.png",))], ids=str
)
def test_round_trip(path, chosen):
    settings.save(chosen, path)
    assert settings.load(path)[0] == chosen


def test_round_trip_by_way_of_another_process(path):
    settings.save(Settings("light", 80, ("/one.png",)), path)
    code = "import sys, pathlib, cnnviz.settings as settings;"
    code += "print(settings.load(pathlib.Path(sys.argv[1]))[0])"
    out = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True
    )
    assert out.stdout.strip() == str(Settings("light", 80, ("/one.png",))), out.stderr


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("text_size=79", "text_size"),
        ("text_size=201", "text_size"),
        ("text_size=large", "text_size"),
        ("text_size=1, 2", "text_size"),
        ("text_size=@Invalid()", "text_size"),
        ("theme=purple", "theme"),
        ("theme=@ByteArray(dark)", "theme"),
        ("recent=@ByteArray(abc)", "recent"),
    ],
)
def test_a_bad_value_warns_and_costs_only_itself(path, caplog, line, name):
    settings.save(CHOSEN, path)
    text = path.read_text("utf-8").splitlines()
    kept = [other for other in text if not other.startswith(f"{name}=")]
    path.write_text("\n".join([*kept, line, ""]), "utf-8")
    os.utime(path, (0, 0))  # QSettings reads again only what looks changed
    loaded, trouble = settings.load(path)
    assert getattr(loaded, name) == getattr(Settings(), name)
    others = {"theme", "text_size", "recent"} - {name}
    assert all(getattr(loaded, key) == getattr(CHOSEN, key) for key in others)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert name in caplog.text
    assert f"{name.replace('_', ' ')}" in trouble
    assert len([other for other in NAMES if other in trouble]) == 1


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00[[[\n", b"no ini at all", b"\0" * 99])
def test_a_damaged_file_warns_and_is_written_anew(path, caplog, damage):
    path.parent.mkdir()
    path.write_bytes(damage)
    loaded, trouble = settings.load(path)
    assert loaded == Settings()
    assert "the theme, the text size and the list of recent files start" in trouble
    assert "FormatError" in caplog.text
    settings.save(CHOSEN, path)
    assert settings.load(path)[0] == CHOSEN


def test_a_folder_in_its_place_warns(path, caplog):
    path.mkdir(parents=True)
    assert settings.load(path)[0] == Settings()
    settings.save(CHOSEN, path)
    assert "cannot be saved: it is a folder" in caplog.text


def test_nothing_but_the_file_is_left_beside_it(path):
    settings.save(CHOSEN, path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_lock_of_a_killed_program_holds_nobody_up(path):
    settings.save(Settings(), path)
    path.with_name("settings.ini.lock").touch()
    begin = time.monotonic()
    settings.save(CHOSEN, path)
    assert time.monotonic() - begin < 10  # QSettings itself waits for 30 s
    assert settings.load(path)[0] == CHOSEN


def test_an_unknown_key_is_passed_over(path, caplog):
    path.parent.mkdir()
    path.write_text("[General]\ntheme=light\nfrom_the_future=1\n")
    assert settings.load(path) == (Settings(theme="light"), "")
    assert not caplog.records


FUTURE = """[General]
from_the_future=1
names=a, "b, c", \xfc
nothing=@Invalid()
theme=light

[window]
corner=@Point(3 4)
"""


def test_what_a_newer_version_wrote_stays(path):
    path.parent.mkdir()
    path.write_text(FUTURE, "utf-8")
    settings.save(CHOSEN, path)
    assert settings.load(path) == (CHOSEN, "")
    lines = path.read_text("utf-8").splitlines()
    assert set(FUTURE.splitlines()) - {"theme=light"} <= set(lines)
    settings.save(Settings(), path)
    assert set(FUTURE.splitlines()) - {"theme=light"} <= set(
        path.read_text("utf-8").splitlines()
    )


def test_opened_files_lead_the_recent_ones_once_and_ten_at_most():
    chosen = Settings()
    for number in [*range(12), 5]:
        chosen = chosen.opened(f"/{number}.png")
    names = [f"/{number}.png" for number in (5, 11, 10, 9, 8, 7, 6, 4, 3, 2)]
    assert chosen.recent == tuple(names)
    assert len(names) == RECENT_LIMIT
