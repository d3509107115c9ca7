"""Build the application to hand out: one folder that needs no Python and no network.

usage: python packaging/build.py [--archive]

It takes the Python that it runs on, with what is installed there; `packaging/dev.py
bundle` makes one that fits. The folder is dist/cnnviz, on a Mac dist/cnnviz.app;
--archive packs it for the download as well.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

ROOT = Path(__file__).resolve().parent.parent
BUILD, DIST = ROOT / "build", ROOT / "dist"
FOLDER = DIST / ("cnnviz.app" if sys.platform == "darwin" else "cnnviz")

VERSION_INFO = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("FileDescription", "cnnviz"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("ProductName", "cnnviz"),
      StringStruct("ProductVersion", "{version}"),
    ])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


def main(words: list[str]) -> int:
    """Build, and print what came out; return the exit code."""
    if set(words) - {"--archive"}:
        print(__doc__)
        return 2
    begin = time.monotonic()
    make_icons()
    run_pyinstaller()
    if sys.platform == "linux":
        strip(FOLDER / "_internal")
        add_desktop_files(FOLDER)
    print(f"\n{FOLDER.relative_to(ROOT)}: {megabytes(size(FOLDER)):.0f} MB", end="")
    print(f" in {time.monotonic() - begin:.0f} s, the largest parts of it:")
    for name, part in largest(FOLDER):
        print(f"{megabytes(part):7.1f} MB  {name}")
    if "--archive" in words:
        packed = archive()
        print(f"{packed.relative_to(ROOT)}: {megabytes(packed.stat().st_size):.0f} MB")
    return 0


def version() -> str:
    """Return the version of the package, without importing it."""
    text = (ROOT / "cnnviz" / "__init__.py").read_text("utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    assert found
    return found[1]


def make_icons() -> None:
    """Draw the icons, and for Windows write what the file's properties show."""
    icons = BUILD / "icons"
    script = ROOT / "packaging" / "icons.py"
    subprocess.run([sys.executable, str(script), str(icons)], check=True)
    digits = [int(part) for part in re.findall(r"\d+", version())]
    numbers = tuple((digits + 4 * [0])[:4])
    text = VERSION_INFO.format(numbers=numbers, version=version())
    (icons / "version.txt").write_text(text, "utf-8")


def run_pyinstaller() -> None:
    """Collect everything into the folder, which is made anew."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"]
    command += ["--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    spec = ROOT / "packaging" / "cnnviz.spec"
    # Else its own cache, in the user's home, would grow with every build.
    settings = {**os.environ, "PYINSTALLER_CONFIG_DIR": str(BUILD / "cache")}
    subprocess.run([*command, str(spec)], check=True, env=settings)


def strip(folder: Path) -> None:
    """Take names that only a debugger and a linker read out of Linux's libraries.

    What a wheel carries in a folder of its own (numpy.libs) has been rewritten by
    patchelf, and strip may damage that; it has been stripped before anyway.
    """
    program = shutil.which("strip")
    if program is None:
        print("There is no strip (of binutils), so the folder is larger than need be.")
        return
    files = [
        str(file)
        for file in folder.rglob("*.so*")
        if file.is_file()
        and not file.is_symlink()
        and not file.parent.name.endswith(".libs")
    ]
    subprocess.run([program, "--strip-unneeded", *files], check=True)


def add_desktop_files(folder: Path) -> None:
    """Add what makes cnnviz known to a Linux desktop, and the script that does so."""
    source, share = ROOT / "packaging" / "linux", folder / "share"
    shutil.copytree(source / "share", share, dirs_exist_ok=True)
    shutil.copy2(source / "add-to-menu.sh", folder)
    icons = share / "icons" / "hicolor"
    for picture in (BUILD / "icons").glob("cnnviz-*.png"):
        side = picture.stem.rpartition("-")[2]
        place = icons / f"{side}x{side}" / "apps" / "cnnviz.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(picture, place)


def archive() -> Path:
    """Pack the folder into the form that its system unpacks with a double-click."""
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
    stem = f"cnnviz-{version()}-{system}-{platform.machine().lower()}"
    if sys.platform == "linux":
        target = DIST / f"{stem}.tar.xz"
        if xz := shutil.which("xz"):  # on all cores, which Python's cannot
            with target.open("wb") as out:
                tar = ["tar", "-C", str(DIST), "--owner=0", "--group=0", "-c"]
                one = subprocess.Popen([*tar, FOLDER.name], stdout=subprocess.PIPE)
                subprocess.run([xz, "-T0"], stdin=one.stdout, stdout=out, check=True)
                if one.wait():
                    raise SystemExit("tar could not pack the folder.")
        else:
            with tarfile.open(target, "w:xz") as pack:
                pack.add(FOLDER, FOLDER.name)
    elif sys.platform == "darwin":  # ditto keeps links and signatures
        target = DIST / f"{stem}.zip"
        ditto = ["ditto", "-c", "-k", "--keepParent", str(FOLDER), str(target)]
        subprocess.run(ditto, check=True)
    else:
        target = DIST / f"{stem}.zip"
        with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as pack:
            for file in sorted(FOLDER.rglob("*")):
                pack.write(file, file.relative_to(DIST))
    return target


def size(folder: Path) -> int:
    """Return the bytes of a file, or of all files of a folder, links left out."""
    files = [folder] if folder.is_file() else folder.rglob("*")
    return sum(
        file.stat().st_size
        for file in files
        if file.is_file() and not file.is_symlink()
    )


def largest(folder: Path, count: int = 12) -> list[tuple[str, int]]:
    """Return the largest parts: names in the inner folder, and their bytes."""
    inner = next((p for p in folder.rglob("_internal")), None)
    inner = inner or folder / "Contents" / "Frameworks"
    parts = [(part.name, size(part)) for part in inner.iterdir()]
    return sorted(parts, key=lambda part: part[1], reverse=True)[:count]


def megabytes(count: int) -> float:
    """Return bytes in millions."""
    return count / 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
