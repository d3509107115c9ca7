"""What goes into the bundle, its icons, and its place in a Linux desktop."""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

if TYPE_CHECKING:
    from types import ModuleType

PACKAGING = Path(__file__).resolve().parents[1] / "packaging"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PACKAGING / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build, icons, trim = map(load, ("build", "icons", "trim"))
linux = pytest.mark.skipif(sys.platform == "win32", reason="a script of Linux")


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Gui.so.6",
        "PySide6/QtWidgets.abi3.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/wayland-shell-integration/libxdg-shell.so",
        "PySide6/plugins/platforms/qwindows.dll",
        "PySide6/plugins/styles/qmodernwindowsstyle.dll",
        "PySide6\\Qt6Core.dll",
        "PySide6\\QtCore.pyd",
        "PySide6/Qt/lib/QtGui.framework/Versions/A/QtGui",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/pyside6.abi3.dll",
        "libQt6Core.so.6",
        "skimage/data/camera.png",
        "torch/lib/libtorch_cpu.so",
        "torch/testing/_comparison.py",
        "torch/_inductor/config.py",
        "torch-2.13.0.dist-info/METADATA",
        "torch-2.13.0.dist-info/licenses/LICENSE",
        "shiboken6/libshiboken6.abi3.so.6.11",
        "assets/weights/lecture.safetensors",
    ],
)
def test_what_is_needed_stays(name):
    assert trim.wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Quick.so.6",
        "PySide6/QtNetwork.abi3.so",
        "PySide6/QtNetwork.pyd",
        "PySide6/Qt6Pdf.dll",
        "PySide6/opengl32sw.dll",
        "PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/imageformats/libqpdf.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6\\translations\\qtbase_de.qm",
        "PySide6/QtCore.pyi",
        "libQt6Quick.so.6",
        "skimage/filters/edges.py",
        "torch/include/ATen/ATen.h",
        "torch/test/test_torch.py",
        "torch-2.13.0.dist-info/RECORD",
    ],
)
def test_what_is_not_needed_goes(name):
    assert not trim.wanted(name)


def test_a_library_goes_with_the_last_one_that_needs_it():
    links = {
        "plugin": ["libX.so.1", "libc.so.6"],
        "X": ["libau.so.6"],
        "au": ["libX.so.1"],  # in a circle
        "gtk": ["libpango.so.0"],
    }
    libraries = [
        ("PySide6/plugins/libqxcb.so", "plugin"),
        ("libX.so.1", "X"),
        ("libau.so.6", "au"),
        ("libgtk.so.3", "gtk"),
        ("libpango.so.0", "pango"),
        ("libpython3.11.so.1.0", "python"),
    ]
    stay = trim.linked(libraries, lambda file: links.get(file, []))
    assert stay == {libraries[place][0] for place in (0, 1, 2, 5)}


# ---------------------------------------------------------------- icons


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("icons")
    command = [sys.executable, str(PACKAGING / "icons.py"), str(folder)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    subprocess.run(command, check=True, env=environment)
    return folder


def test_every_size_is_in_the_icon_files_and_looks_alike(drawn):
    with Image.open(drawn / "cnnviz.ico") as icon:
        assert icon.info["sizes"] == {(side, side) for side in icons.WINDOWS}
        for side in icons.WINDOWS:
            icon.size = (side, side)
            assert_is_the_icon(icon)
    with Image.open(drawn / "cnnviz.icns") as icon:
        sides = {width * scale for width, _, scale in icon.info["sizes"]}
        assert sides == set(icons.MACOS)
    for side in icons.LINUX:
        with Image.open(drawn / f"cnnviz-{side}.png") as icon:
            assert icon.size == (side, side)
            assert_is_the_icon(icon)


def assert_is_the_icon(icon: Image.Image) -> None:
    """Check corners, the cold left, the warm right and the highlight in the middle."""
    pixels = np.asarray(icon.convert("RGBA")).astype(int)
    side = len(pixels)
    assert pixels[0, 0, 3] < 128
    left, right = pixels[:, : side // 3], pixels[:, -(side // 3) :]
    assert left[..., 2].mean() > left[..., 0].mean() + 20
    assert right[..., 0].mean() > right[..., 2].mean() + 20
    middle = pixels[side // 3 : -(side // 3), side // 3 : -(side // 3), :3]
    assert np.abs(middle - (0xFF, 0xB5, 0x47)).sum(axis=2).min() < 60


# ---------------------------------------------------------------- desktop


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a bundle's folder with a name that needs quoting everywhere."""
    folder = tmp_path / 'Büro "1" $HOME `x` 50% a\\b & c|d' / "cnnviz"
    folder.mkdir(parents=True)
    program = folder / "cnnviz"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
    program.chmod(0o755)
    build.add_desktop_files(folder)
    return folder


def add_to_menu(folder: Path, share: Path, *words: str) -> None:
    subprocess.run(
        [str(folder / "add-to-menu.sh"), *words],
        check=True,
        env={**os.environ, "XDG_DATA_HOME": str(share)},
    )


def entry_of(share: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment]
    parser.read(share / "applications" / "cnnviz.desktop", "utf-8")
    return parser["Desktop Entry"]


@linux
def test_the_menu_starts_the_bundle_wherever_it_lies(folder, tmp_path):
    share = tmp_path / "share"
    add_to_menu(folder, share)
    line = entry_of(share)["Exec"]
    # First the escapes of a string, then the quotes: Desktop Entry Specification 1.5.
    found = re.fullmatch(r'"((?:[^"\\]|\\.)*)" %f', line.replace("\\\\", "\\"))
    assert found
    program = re.sub(r"\\(.)", r"\1", found[1]).replace("%%", "%")
    words = [program, "a lesson.cnnviz"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(folder / "cnnviz"), "a lesson.cnnviz"]
    add_to_menu(folder, share)  # again: nothing doubles
    assert len([key for key in entry_of(share) if key == "Exec"]) == 1


@linux
def test_what_was_added_to_the_menu_can_be_removed(folder, tmp_path):
    share = tmp_path / "share"
    theirs = share / "applications" / "other.desktop"
    theirs.parent.mkdir(parents=True)
    theirs.touch()
    add_to_menu(folder, share)
    assert (share / "mime" / "packages" / "cnnviz.xml").is_file()
    add_to_menu(folder, share, "--remove")
    left = [p for p in share.rglob("*") if p.is_file() and "cnnviz" in p.read_text()]
    assert theirs.exists()
    assert not left


def test_desktop_entry_and_mime_type_speak_of_the_same(folder):
    entry = entry_of(folder / "share")
    assert entry["Type"] == "Application"
    types = [kind for kind in entry["MimeType"].split(";") if kind]
    tree = ET.parse(folder / "share" / "mime" / "packages" / "cnnviz.xml")
    space = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    found = tree.findall("m:mime-type", space)
    assert [kind.get("type") for kind in found] == types
    assert [g.get("pattern") for g in tree.iterfind(".//m:glob", space)] == ["*.cnnviz"]


@pytest.mark.skipif(
    not shutil.which("desktop-file-validate"), reason="needs desktop-file-utils"
)
def test_the_desktop_entry_is_valid():
    file = PACKAGING / "linux" / "share" / "applications" / "cnnviz.desktop"
    subprocess.run(["desktop-file-validate", str(file)], check=True)


# ---------------------------------------------------------------- build


def test_the_version_is_the_packages():
    import cnnviz

    assert build.version() == cnnviz.__version__


def test_sizes_count_files_once_and_no_links(tmp_path):
    inner = tmp_path / "cnnviz" / "_internal"
    (inner / "torch").mkdir(parents=True)
    (inner / "torch" / "big").write_bytes(bytes(3000))
    (inner / "small").write_bytes(bytes(20))
    if sys.platform != "win32":
        (inner / "link").symlink_to(inner / "torch" / "big")
    assert build.size(tmp_path) == 3020
    parts = dict(build.largest(tmp_path / "cnnviz"))
    assert (parts["torch"], parts["small"]) == (3000, 20)


def test_an_unknown_word_builds_nothing(capsys):
    assert build.main(["--fast"]) == 2
    assert "usage:" in capsys.readouterr().out
