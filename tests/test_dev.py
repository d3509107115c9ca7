"""``packaging/dev.py``: what it decides, without a network or a package manager."""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent
DEV = ROOT / "packaging" / "dev.py"
linux = pytest.mark.skipif(sys.platform != "linux", reason="packages of Linux")


@pytest.fixture
def dev() -> ModuleType:
    """``packaging/dev.py`` as a module, anew for each test."""
    spec = importlib.util.spec_from_file_location("dev", DEV)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Point ``dev`` at a small project in an odd folder, and record what it runs."""
    root = tmp_path / "a class ü"
    calls = Calls(dev, root)
    calls.move_to(root, monkeypatch)
    monkeypatch.setattr(dev.subprocess, "call", calls)
    (root / "packaging").mkdir(parents=True)
    (root / "packaging" / "constraints.txt").write_text("numpy==2.4.6\n")
    (root / "pyproject.toml").write_text(
        '[project]\ndependencies = ["numpy"]\n'
        '[project.optional-dependencies]\ntest = ["pytest"]\ncheck = ["ruff"]\n'
    )
    return calls


class Calls:
    """Stands in for ``subprocess.call``: notes the commands and makes their files."""

    def __init__(self, dev: ModuleType, root: Path) -> None:
        self.dev = dev
        self.root = root
        self.made: list[str] = []
        self.pip_status = 0

    def __call__(self, command: list[str], **_: Any) -> int:
        if "venv" in command:
            self.made.append("venv")
            self.dev.STAMP.unlink(missing_ok=True)
            self.dev.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            self.dev.PYTHON.touch()
            return 0
        constraints = command.index("--constraint") + 2
        self.made.append(" ".join(["pip", *command[constraints:]]))
        return self.pip_status

    def move_to(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        venv = root / ".venv"
        monkeypatch.setattr(self.dev, "ROOT", root)
        monkeypatch.setattr(self.dev, "VENV", venv)
        monkeypatch.setattr(self.dev, "PYTHON", venv / "bin" / "python")
        monkeypatch.setattr(self.dev, "STAMP", venv / "stamp")
        constraints = root / "packaging" / "constraints.txt"
        monkeypatch.setattr(self.dev, "CONSTRAINTS", constraints)

    def prepare(self, *extras: str) -> list[str]:
        """Return the steps that ``prepare`` took."""
        self.made = []
        self.dev.prepare(frozenset(extras))
        return self.made


def test_readme_opens_with_the_two_commands() -> None:
    blocks = re.findall(
        r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S
    )
    assert [block.strip() for block in blocks[:2]] == [
        "python3 packaging/dev.py run",
        "python3 packaging/dev.py test",
    ]


def test_ci_calls_the_test_command_last() -> None:
    lines = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert lines[-1] == "python3 packaging/dev.py test"
    assert os.name == "nt" or os.access(ROOT / ".ci" / "run", os.X_OK)


def test_an_old_python_can_read_it() -> None:
    ast.parse(DEV.read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("version", "system", "machine", "word"),
    [
        ((3, 10, 12), "linux", "x86_64", "this is 3.10.12"),
        ((3, 13, 0), "darwin", "x86_64", "Intel"),
        ((3, 11, 0), "linux", "x86_64", None),
        ((3, 14, 1), "win32", "AMD64", None),
        ((3, 13, 0), "darwin", "arm64", None),
    ],
)
def test_unsuited(
    dev: ModuleType,
    version: tuple[int, ...],
    system: str,
    machine: str,
    word: str | None,
) -> None:
    problem = dev.unsuited(version, system, machine)
    assert (problem is None) if word is None else (word in problem)


def test_oldest_python_is_the_projects(dev: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    oldest = ".".join(map(str, dev.OLDEST))
    assert project["requires-python"].startswith(f">={oldest}")


def test_constraints_pin_everything_that_is_asked_for(dev: ModuleType) -> None:
    lines = (ROOT / "packaging" / "constraints.txt").read_text("utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and line[0] != "#"]
    assert all(re.fullmatch(r"==[\d.]+", str(pin.specifier)) for pin in pins)
    versions = {canonicalize_name(pin.name): str(pin.specifier)[2:] for pin in pins}
    assert versions["torch"] == "2.13.0"
    extras = sorted(set().union(*(word.extras for word in dev.WORDS.values())))
    waiting = [Requirement(line) for line in dev.requirements(extras)]
    seen: set[str] = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        assert versions[name] in requirement.specifier, (
            f"{requirement}: {versions[name]}"
        )
        if name not in seen:
            seen.add(name)
            waiting += _requirements_of(name)


def _requirements_of(name: str) -> list[Requirement]:
    """Return what a distribution asks for here; nothing where it is not installed."""
    try:
        wanted = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # `dev.py test` leaves out what only `dev.py check` uses
    requirements = map(Requirement, wanted)
    return [r for r in requirements if not r.marker or r.marker.evaluate({"extra": ""})]


def test_first_start_makes_the_environment(checkout: Calls) -> None:
    assert checkout.prepare() == ["venv", "pip numpy"]
    assert checkout.prepare() == []


def test_a_word_adds_its_extras_once(checkout: Calls) -> None:
    checkout.prepare()
    assert checkout.prepare("test") == ["pip numpy pytest"]
    assert checkout.prepare() == checkout.prepare("test") == []
    assert checkout.prepare("check") == ["pip numpy ruff pytest"]


@pytest.mark.parametrize("name", ["pyproject.toml", "packaging/constraints.txt"])
def test_a_change_is_installed(checkout: Calls, name: str) -> None:
    checkout.prepare()
    text = (checkout.root / name).read_text().replace("numpy", "numpy2")
    (checkout.root / name).write_text(text)
    assert len(checkout.prepare()) == 1
    assert checkout.prepare() == []


def test_a_comment_in_pyproject_costs_nothing(checkout: Calls) -> None:
    checkout.prepare()
    with (checkout.root / "pyproject.toml").open("a") as file:
        file.write("# a comment\n")
    assert checkout.prepare() == []


def test_a_moved_folder_is_set_up_anew(
    checkout: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.prepare()
    moved = checkout.root.rename(tmp_path / "elsewhere")
    checkout.move_to(moved, monkeypatch)
    assert checkout.prepare() == ["venv", "pip numpy"]


def test_another_python_is_set_up_anew(
    checkout: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout.prepare()
    monkeypatch.setattr(sys, "base_prefix", "/another")
    assert checkout.prepare() == ["venv", "pip numpy"]


def test_an_interrupted_install_is_done_again(checkout: Calls) -> None:
    class Killed(BaseException):
        pass

    def killed(command: list[str], **_: Any) -> int:
        raise Killed

    checkout.prepare()
    checkout.dev.subprocess.call = killed
    with pytest.raises(Killed):
        checkout.prepare("test")
    checkout.dev.subprocess.call = checkout
    assert checkout.prepare("test") == ["venv", "pip numpy pytest"]


def test_a_failing_pip_says_so_and_spoils_nothing(checkout: Calls) -> None:
    checkout.prepare()
    checkout.pip_status = 1
    with pytest.raises(SystemExit, match="pip could not install"):
        checkout.prepare("test")
    assert checkout.prepare() == []


def test_the_extras_of_each_word_exist(dev: ModuleType) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for word in dev.WORDS.values():
        assert word.extras <= set(project["optional-dependencies"])
    assert set(re.findall(r"^  (\w+)  ", dev.__doc__, re.M)) == set(dev.WORDS)


@linux
def test_missing_libraries_and_programs(dev: ModuleType) -> None:
    here = dev.Need("libc.so.6", "libc6", "glibc", "glibc")
    no_library = dev.Need("libnone.so.9", "libnone9", "none", "none")
    no_program = dev.Need("no-such-program", "none", "none", "none")
    python = dev.Need("env", "coreutils", "coreutils", "coreutils")
    needs = (here, no_library, no_program, python)
    assert dev.missing(needs) == [no_library, no_program]


@linux
@pytest.mark.parametrize(
    ("manager", "root", "command"),
    [
        ("apt-get", False, "sudo apt-get install libgl1 xvfb"),
        ("dnf", False, "sudo dnf install libglvnd-glx xorg-x11-server-Xvfb"),
        ("dnf", True, "dnf install libglvnd-glx xorg-x11-server-Xvfb"),
        ("pacman", False, "sudo pacman -S libglvnd xorg-server-xvfb"),
        ("none", True, "install what brings them"),
    ],
)
def test_the_exact_packages_are_named(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    manager: str,
    root: bool,
    command: str,
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: name == manager or None)
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0 if root else 1000)
    needs = [dev.LIBRARIES[1], dev.PROGRAMS[0]]
    with pytest.raises(SystemExit, match=f"libGL.so.1, Xvfb.*: {command}"):
        dev.provide(needs)


@linux
@pytest.mark.parametrize("status", [0, 100])
def test_root_on_debian_installs_and_says_so_first(
    dev: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: int,
) -> None:
    said: list[str] = []
    ran: list[list[str]] = []

    def call(command: list[str], **_: Any) -> int:
        said.append(capsys.readouterr().err)
        ran.append(command[:4])
        return status

    monkeypatch.setattr(dev.shutil, "which", lambda name: name == "apt-get" or None)
    monkeypatch.setattr(dev.os, "geteuid", lambda: 0)
    monkeypatch.setattr(dev.subprocess, "call", call)
    needs = [dev.LIBRARIES[1], dev.PROGRAMS[1]]
    if status:
        with pytest.raises(SystemExit, match="apt-get could not"):
            dev.provide(needs)
    else:
        dev.provide(needs)
    assert "installing with apt-get: libgl1 xdotool" in said[0]
    assert ran == [["apt-get", "update"], ["apt-get", "install", "libgl1", "xdotool"]]


def test_exit_status_is_passed_on(dev: ModuleType) -> None:
    assert (
        dev.finish([sys.executable, "-c", "raise SystemExit(7)"], {**os.environ}) == 7
    )
    good, bad = ([sys.executable, "-c", f"raise SystemExit({n})"] for n in (0, 3))
    assert dev.start([good, bad, good]) == 3


@pytest.mark.parametrize(
    ("words", "status"), [([], 2), (["dance"], 2), (["--help"], 0), (["-h"], 0)]
)
def test_usage(words: list[str], status: int) -> None:
    done = subprocess.run(
        [sys.executable, str(DEV), *words], capture_output=True, encoding="utf-8"
    )
    assert done.returncode == status
    assert done.stdout.startswith("Set up and run cnnviz")
