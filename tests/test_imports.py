"""Who may import whom: the layers, read from the source of every module."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cnnviz

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(cnnviz.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

LEAVES = {"errors", "files", "paths"}
SHELL = {"commands", "dialogs", "menus", "session", "settings", "stack", "theme"}
SHELL |= {"lessons"}

# A room, and the rooms it may import besides itself. A file at the top is a room too.
RULES: dict[str, set[str]] = {
    "errors": set(),
    "paths": set(),
    "files": {"errors"},
    "settings": {"errors", "files"},
    "display": set(),
    "background": {"errors"},
    "palette": set(),
    "codec": {"errors"},
    "theme": {"palette", "paths", "rescaling"},
    "rescaling": set(),
    "ops": {"errors", "files"},
    "nn": {"ops", "errors", "files", "codec"},
    "widgets": {"ops", "theme", "palette", "errors"},
    "pages": {"widgets", "nn", "ops", "background", "theme", "palette", "codec"}
    | LEAVES
    | {"session", "lessons"},
    "session": {"codec"} | LEAVES,
    "lessons": {"session"} | LEAVES,
    "tour": {"widgets"},
    "dialogs": {"theme"},
    "stack": {"pages"} | LEAVES,
    "commands": {"dialogs", "session", "lessons", "tour", "settings", "theme"} | LEAVES,
    "menus": {"commands", "theme"},
    "reporting": {"dialogs"},
    "window": {"pages", "widgets"} | SHELL | LEAVES,
    "app": {"window", "reporting", "background", "nn"} | SHELL | LEAVES,
    "apply": {"ops", "pages", "session", "codec", "palette"} | LEAVES,
    "train": {"nn", "console"} | LEAVES,
    "console": {"nn"},
    "inspecting": {"app", "window", "pages", "settings", "theme", "errors"},
    "selftest": {"app", "cli", "display", "nn", "ops", "session", "settings"}
    | {"stack", "window"}
    | LEAVES,
    "cli": {"app", "display"},
    "__main__": {"cli"},
}
QT_ROOMS = {"background", "reporting", "widgets", "pages", "window", "app"} | SHELL
QT_ROOMS |= {"inspecting", "rescaling", "selftest", "tour"}
QT_ROOMS -= {"session", "lessons"}
ONLY_IN = {
    "PySide6": QT_ROOMS,
    "shiboken6": QT_ROOMS,
    "pyqtgraph": {"widgets"},
    "superqt": {"widgets", "pages"},
    "torch": {"nn"},
    "safetensors": {"nn"},
    "pooch": {"nn"},
    "onnx": {"nn"},
    "openTSNE": {"nn"},
}


def room(name: str) -> str:
    """Return the room of a module name such as ``cnnviz.ops.geometry``."""
    return name.split(".")[1] if "." in name else ""


def module_name(file: Path) -> str:
    parts = ("cnnviz", *file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


def imported(file: Path, *, typing: bool) -> Iterator[str]:
    """Yield the names that a file imports, wherever in the file it does so."""
    tree = ast.parse(file.read_text("utf-8"))
    skipped = {
        inner
        for node in ast.walk(tree)
        if not typing
        and isinstance(node, ast.If)
        and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import) and node not in skipped:
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node not in skipped:
            assert node.level == 0, f"{file}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_import(node: ast.stmt) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def rooms_in(source: str, tmp_path: Path) -> set[str]:
    file = tmp_path / "sample.py"
    file.write_text(source, "utf-8")
    return {room(name) for name in imported(file, typing=False)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: module_name(file))
def test_imports_keep_to_the_layers(file):
    name = module_name(file)
    if name == "cnnviz":
        # `inspect` alone, and only once it is asked for.
        assert list(imported(file, typing=True)) == ["cnnviz.inspecting.inspect"]
        assert not [n for n in ast.parse(file.read_text("utf-8")).body if is_import(n)]
        return
    here = room(name)
    assert here in RULES, f"say in RULES what {name} may import"
    used = {
        room(other)
        for other in imported(file, typing=False)
        if other.startswith("cnnviz.") and other != "cnnviz.__version__"
    }
    assert used <= RULES[here] | {here}


@pytest.mark.parametrize("file", FILES, ids=lambda file: module_name(file))
def test_qt_and_torch_stay_in_their_rooms(file):
    here = room(module_name(file))
    for name in imported(file, typing=True):
        package = name.split(".")[0]
        assert here in ONLY_IN.get(package, {here}), f"{name} in {here}"
        assert package != "scipy", "scipy is only a test's yardstick"


@pytest.mark.parametrize(
    "file", sorted((ROOT / "pages").glob("*/*.py")), ids=lambda file: module_name(file)
)
def test_no_page_knows_another_and_no_state_knows_qt(file):
    others = {folder.name for folder in (ROOT / "pages").iterdir() if folder.is_dir()}
    others -= {file.parent.name}
    for name in imported(file, typing=True):
        assert not (name.startswith("cnnviz.pages.") and name.split(".")[2] in others)
        assert not (name.startswith("PySide6") and file.stem == "state")


def test_the_reader_of_imports_reads_them_all(tmp_path):
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from cnnviz.window import Window
from cnnviz import ops, theme as look
import cnnviz.nn.models
def late():
    from cnnviz.pages.base import Page
"""
    assert rooms_in(source, tmp_path) >= {"ops", "theme", "nn", "pages"}
    assert "window" not in rooms_in(source, tmp_path)
