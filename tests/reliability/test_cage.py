from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from reliability.inside import TESTS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")

CODE = """
import os, shutil, socket, subprocess, sys
from pathlib import Path
from reliability.cage import Cage
inside, outside = map(Path, sys.argv[1:])
cage = Cage(inside)
{deed}
print(len(cage.attempts))
"""

ALLOWED = """
(inside / "a").write_text("1")
(inside / "b").mkdir()
(inside / "a").rename(inside / "b" / "a")
shutil.rmtree(inside / "b")
open(os.devnull, "w").close()
(outside / "kept").read_text()
"""

REFUSED = (
    '(outside / "a").write_text("1")',
    '(outside / "kept").open("r+b")',
    '(outside / "kept").unlink()',
    '(outside / "kept").rename(inside / "a")',
    '(outside / "a").mkdir()',
    '(inside / ".." / outside.name / "a").touch()',
    "shutil.rmtree(outside)",
    "subprocess.run([sys.executable])",
    'os.system("true")',
)

CALLS = (
    'socket.create_connection(("127.0.0.1", 9))',
    'socket.getaddrinfo("localhost", 80)',
)


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "kept").write_text("kept")
    return inside, outside


def run(deed: str, places: tuple[Path, Path]) -> str:
    code = CODE.format(deed=deed)
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, *map(str, places)],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=TESTS,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everything_is_allowed_inside(places: tuple[Path, Path]) -> None:
    assert run(ALLOWED, places) == "0"


def test_nothing_is_allowed_outside(places: tuple[Path, Path]) -> None:
    assert int(run(tried(REFUSED, "the cage is locked"), places)) >= len(REFUSED)
    (file,) = places[1].iterdir()
    assert file.read_text() == "kept"


def test_there_is_no_net(places: tuple[Path, Path]) -> None:
    assert run(tried(CALLS, "the cage has no net"), places) == "0"


def tried(deeds: tuple[str, ...], answer: str) -> str:
    """Return code in which each deed is answered in these words."""
    tail = f"except OSError as error:\n    assert {answer!r} in str(error)\n"
    return "".join(f"try:\n    {deed}\n{tail}" for deed in deeds)
