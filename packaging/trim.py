"""What PyInstaller finds and the bundle does not need: names alone decide.

Names are places in the bundle, with forward slashes, such as
``PySide6/Qt/lib/libQt6Gui.so.6``.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLUGINS = {
    "platforms": {"xcb", "wayland", "offscreen", "windows", "cocoa"},
    "imageformats": {"gif", "ico", "jpeg", "svg", "webp"},
    "iconengines": {"svgicon"},
    "platforminputcontexts": {
        "composeplatforminputcontext",
        "ibusplatforminputcontext",
    },
    "platformthemes": {"xdgdesktopportal"},
    "styles": {"modernwindowsstyle", "macstyle"},
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-shell-integration": {"xdg-shell"},
}
"""Qt's plugins that stay, by folder: nothing here draws with OpenGL or prints."""

LIBRARIES = {
    "Core",
    "DBus",
    "Gui",
    "OpenGL",
    "Svg",
    "WaylandClient",
    "Widgets",
    "XcbQpa",
}
"""Qt's libraries that stay: what cnnviz and those plugins are linked to."""

BINDINGS = {"Core", "Gui", "Svg", "Widgets"}

_PLUGIN = re.compile(
    r"PySide6/(?:Qt/)?plugins/([\w-]+)/(?:lib)?q?([\w-]+?)(?:plugin)?\."
)
_LIBRARY = re.compile(r"(?:lib)?Qt6?(\w+?)(?:\.framework|\.so|\.dll|\.pyd|\.abi3|$)")
_NEVER = re.compile(
    r"PySide6/(?:Qt/)?(?:translations|qml|resources|libexec|metatypes)/"
    r"|.*\.pyi$|.*/opengl32sw\.dll$|.*/tests?/.*\.py$"
    r"|.*\.dist-info/(?:RECORD$|sboms/)|skimage/(?!data/)"
    r"|torch/(?:test|include|share)/"
)


def wanted(name: str) -> bool:
    """Whether a file belongs into the bundle.

    Parameters
    ----------
    name : str
        Its place, from the bundle's inner folder on.
    """
    name = name.replace("\\", "/")
    if _NEVER.match(name):
        return False
    if plugin := _PLUGIN.match(name):
        return plugin[2] in PLUGINS.get(plugin[1], ())
    path = PurePosixPath(name)
    if path.parts[0] == "PySide6" or path.name.startswith(("libQt6", "Qt6")):
        library = _LIBRARY.match(path.name) or re.search(r"/Qt(\w+)\.framework/", name)
        if library:
            binding = ".abi3." in path.name or path.suffix == ".pyd"
            return library[1] in (BINDINGS if binding else LIBRARIES)
    return True


def linked(
    libraries: Iterable[tuple[str, str]], imports: Callable[[str], Iterable[str]]
) -> set[str]:
    """Return the names of the libraries that are there for another one that stays.

    PyInstaller puts what the system's libraries bring into the inner folder itself.
    Where a plugin has been left out, so can be what came along for it alone.

    Parameters
    ----------
    libraries : pairs of str
        Of every file that stays: its place in the bundle, and where it is now.
    imports : callable
        Returns the file names of the libraries that a file is linked to.
    """
    files = {PurePosixPath(name).name: (name, file) for name, file in libraries}
    heads = [
        base
        for base, (name, _) in files.items()
        if "/" in name or not base.startswith("lib") or base.startswith("libpython")
    ]
    reached, waiting = set(heads), heads
    while waiting:
        for base in imports(files[waiting.pop()][1]):
            if base in files and base not in reached:
                reached.add(base)
                waiting.append(base)
    return {files[base][0] for base in reached}
