"""Set up and run cnnviz from its checkout, with nothing but Python 3.11 or newer.

usage: python3 packaging/dev.py WORD [ARGUMENT ...]

  run     start the application; arguments go to cnnviz (try: run --help)
  test    run all the tests; arguments go to pytest
  bench   run the benchmarks; arguments go to pytest
  reliability  run all of tests/reliability, which takes an hour or two, and write its
          figures into README.md; arguments go to packaging/reliability.py
  bundle  build the application to hand out; arguments go to packaging/build.py
  check   ruff, its formatter and mypy

The first call makes .venv and installs into it what pyproject.toml asks for, in the
versions of packaging/constraints.txt. While neither changes, later calls start at once.
"""

# This file parses on Python 3.8, so that an old Python can say what is wrong with it.
from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
STAMP = VENV / "cnnviz-stamp.txt"
OLDEST = (3, 11)


class Need(NamedTuple):
    """A shared library or program of Linux, and the package that brings it."""

    name: str
    apt: str
    dnf: str
    pacman: str


def _table(rows: str) -> tuple[Need, ...]:
    return tuple(Need(*row.split()) for row in rows.strip().splitlines())


# What the PySide6-Essentials wheel links and does not carry: NEEDED in its QtGui,
# QtWidgets, QtSvg and offscreen plugin; below, in its xcb plugin, idle under Wayland.
LIBRARIES = _table("""
libEGL.so.1              libegl1              libglvnd-egl         libglvnd
libGL.so.1               libgl1               libglvnd-glx         libglvnd
libX11.so.6              libx11-6             libX11               libx11
libdbus-1.so.3           libdbus-1-3          dbus-libs            dbus
libfontconfig.so.1       libfontconfig1       fontconfig           fontconfig
libfreetype.so.6         libfreetype6         freetype             freetype2
libgthread-2.0.so.0      libglib2.0-0         glib2                glib2
libxkbcommon.so.0        libxkbcommon0        libxkbcommon         libxkbcommon
""")
X11 = _table("""
libX11-xcb.so.1          libx11-xcb1          libX11-xcb           libx11
libxcb.so.1              libxcb1              libxcb               libxcb
libxcb-cursor.so.0       libxcb-cursor0       xcb-util-cursor      xcb-util-cursor
libxcb-icccm.so.4        libxcb-icccm4        xcb-util-wm          xcb-util-wm
libxcb-image.so.0        libxcb-image0        xcb-util-image       xcb-util-image
libxcb-keysyms.so.1      libxcb-keysyms1      xcb-util-keysyms     xcb-util-keysyms
libxcb-randr.so.0        libxcb-randr0        libxcb               libxcb
libxcb-render.so.0       libxcb-render0       libxcb               libxcb
libxcb-render-util.so.0  libxcb-render-util0  xcb-util-renderutil  xcb-util-renderutil
libxcb-shape.so.0        libxcb-shape0        libxcb               libxcb
libxcb-shm.so.0          libxcb-shm0          libxcb               libxcb
libxcb-sync.so.1         libxcb-sync1         libxcb               libxcb
libxcb-util.so.1         libxcb-util1         xcb-util             xcb-util
libxcb-xfixes.so.0       libxcb-xfixes0       libxcb               libxcb
libxcb-xkb.so.1          libxcb-xkb1          libxcb               libxcb
libxkbcommon-x11.so.0    libxkbcommon-x11-0   libxkbcommon-x11     libxkbcommon-x11
""")
# With these the tests drive the real window on a screen of its own.
PROGRAMS = _table("""
Xvfb     xvfb     xorg-x11-server-Xvfb  xorg-server-xvfb
xdotool  xdotool  xdotool               xdotool
""")
# Debian and Ubuntu split venv's other half off their Python.
ENSUREPIP = Need(
    "ensurepip", "python{}.{}-venv".format(*sys.version_info), "python3", "python"
)
MANAGERS = {
    "apt": ["apt-get", "install"],
    "dnf": ["dnf", "install"],
    "pacman": ["pacman", "-S"],
}


class Word(NamedTuple):
    """What a word of the command line runs in ``.venv``, and what that takes."""

    commands: tuple[tuple[str, ...], ...]
    extras: frozenset[str] = frozenset()
    needs: tuple[Need, ...] = LIBRARIES


PYTEST = ("-m", "pytest")
TEST = frozenset({"test", "embed", "onnx"})  # what lacks its library is not tested
WORDS = {
    # -P: a random.py beside a student's pictures must not stand in for Python's.
    "run": Word(
        (("-P", "-m", "cnnviz"),),
        needs=LIBRARIES if "WAYLAND_DISPLAY" in os.environ else LIBRARIES + X11,
    ),
    "test": Word((PYTEST,), TEST, LIBRARIES + X11 + PROGRAMS),
    "bench": Word(((*PYTEST, "tests/benchmarks", "--benchmark-enable", "-s"),), TEST),
    "reliability": Word(
        (("packaging/reliability.py",),), TEST, LIBRARIES + X11 + PROGRAMS
    ),
    "bundle": Word((("packaging/build.py",),), frozenset({"bundle"})),
    "check": Word(
        (("-m", "ruff", "check"), ("-m", "ruff", "format", "--check"), ("-m", "mypy")),
        frozenset({"check"}),
        (),
    ),
}


def main(arguments: list[str]) -> int:
    """Carry out one word and return its exit status, 2 where there is no such word."""
    name, *rest = arguments or [""]
    if name not in WORDS:
        print(__doc__)
        return 0 if name in ("-h", "--help") else 2
    problem = unsuited(sys.version_info[:3], sys.platform, platform.machine())
    if problem:
        raise SystemExit(problem)
    word = WORDS[name]
    if sys.platform == "linux":
        provide(missing(word.needs))
    prepare(word.extras)
    if name != "run":  # whose arguments are paths seen from the user's folder
        os.chdir(ROOT)
    return start([[str(PYTHON), *command, *rest] for command in word.commands])


def unsuited(version: tuple[int, ...], system: str, machine: str) -> str | None:
    """Return why cnnviz cannot run on this Python, in one sentence, or None."""
    if version < OLDEST:
        have, need = (".".join(map(str, part)) for part in (version, OLDEST))
        return (
            f"cnnviz needs Python {need} or newer and this is {have}: install one from "
            "https://www.python.org/downloads/ and start this file with it."
        )
    if (system, machine) == ("darwin", "x86_64"):
        return (
            "cnnviz cannot run here: PyTorch is no longer made for Intel processors in "
            "Macs. On a newer Mac start this file with a Python built for arm64."
        )
    return None


def missing(needs: tuple[Need, ...]) -> list[Need]:
    """Return those of ``needs``, and of what ``venv`` needs, that this Linux lacks."""
    absent = [need for need in needs if not present(need.name)]
    if not importlib.util.find_spec("ensurepip"):
        absent.append(ENSUREPIP)
    return absent


def present(name: str) -> bool:
    """Return whether a shared library loads, or a program is on the path."""
    if ".so." not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def provide(needs: list[Need]) -> None:
    """Install the packages of ``needs`` as root with apt-get; else name them, stop."""
    if not needs or sys.platform == "win32":
        return
    names = ", ".join(need.name for need in needs)
    manager = next((name for name in MANAGERS if shutil.which(MANAGERS[name][0])), None)
    if manager is None:
        raise SystemExit(f"cnnviz needs {names}: install what brings them, then retry.")
    packages = sorted({getattr(need, manager) for need in needs})
    command = [*MANAGERS[manager], *packages]
    root = os.geteuid() == 0
    if not root or manager != "apt":
        line = " ".join(command if root else ["sudo", *command])
        raise SystemExit(f"cnnviz needs {names}. To install what is missing: {line}")
    say(f"cnnviz needs {names}; installing with apt-get: {' '.join(packages)}")
    command += ["-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"]
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # One dead mirror fails the update, and the install may still work without it.
    for step in (["apt-get", "update"], command):
        status = subprocess.call(step, env=settings, stdin=subprocess.DEVNULL)
    if status:
        raise SystemExit("apt-get could not install them; its own words are above.")


def prepare(extras: frozenset[str]) -> None:
    """Bring ``.venv`` to what the project asks for, at no cost where it is up to date.

    The stamp names who made the environment and what it holds. It is away while pip
    works, so that an environment whose making was cut short is made anew.
    """
    old = STAMP.read_text("utf-8").splitlines() if STAMP.exists() else []
    maker = f"{sys.implementation.cache_tag} {sys.base_prefix!a} {str(ROOT)!a}"
    if old[:1] != [maker] or not PYTHON.exists():
        say(f"Making {VENV}")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]):
            raise SystemExit("Python could not make .venv; its own words are above.")
        old = [maker]
    names = sorted(extras.union(old[2:]))
    wanted = requirements(names)
    digest = hashlib.sha256(
        "\n".join([*wanted, CONSTRAINTS.read_text("utf-8")]).encode()
    )
    new = [maker, digest.hexdigest(), *names]
    if new != old:
        STAMP.unlink(missing_ok=True)
        done = install(wanted)
        STAMP.write_text("\n".join(new if done else old), "utf-8")
        if not done:
            raise SystemExit(
                "pip could not install what cnnviz needs; its own words are above. If "
                "the network was away, start this again: what pip has fetched it keeps."
            )


def requirements(extras: list[str]) -> list[str]:
    """Return what pyproject.toml asks for at run time and in ``extras``."""
    import tomllib  # not in a Python older than OLDEST

    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted: list[str] = project["dependencies"]
    for name in extras:  # a stamp may name one that pyproject.toml no longer has
        wanted += project["optional-dependencies"].get(name, [])
    return wanted


def install(wanted: list[str]) -> bool:
    """Install ``wanted`` into ``.venv`` under the constraints and return the success.

    cnnviz itself is found through PYTHONPATH, not installed: Python reads an editable
    install's .pth file in the locale's encoding, and fails to start in some folders.
    """
    say(f"Installing into {VENV}")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install"]
    rules = ["--only-binary=:all:", "--constraint", str(CONSTRAINTS)]
    return subprocess.call([*pip, *rules, *wanted], stdin=subprocess.DEVNULL) == 0


def start(commands: list[list[str]]) -> int:
    """Run the commands one after the other and return the first bad exit status."""
    path = [str(ROOT), os.environ.get("PYTHONPATH", "")]
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
    if sys.platform != "win32" and len(commands) == 1:
        os.execve(commands[0][0], commands[0], settings)
    return next(filter(None, (finish(command, settings) for command in commands)), 0)


def finish(command: list[str], settings: dict[str, str]) -> int:
    """Run a command to its end; what Ctrl+C means is for the command to say."""
    process = subprocess.Popen(command, env=settings)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def say(sentence: str) -> None:
    """Tell the user what happens next, apart from what the command itself prints."""
    print(f"dev.py: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
