"""Is there a screen, and are Qt's libraries there? Asked before Qt would abort.

Linux only: PySide6 brings its own Qt but takes the X libraries from the system, and
ends the process without a word to the user where one is absent.
"""

from __future__ import annotations

import ctypes
import os
import sys

# What Qt links to, and the Debian and Ubuntu package that brings it.
_ALWAYS = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
_X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}


def problem() -> str | None:
    """Return why no window can be shown and what to do, or ``None`` if one can be."""
    if sys.platform != "linux":
        return None
    chosen = os.environ.get("QT_QPA_PLATFORM", "")
    wayland, x11 = os.environ.get("WAYLAND_DISPLAY"), os.environ.get("DISPLAY")
    if not (chosen or wayland or x11):
        return (
            "There is no screen: neither DISPLAY nor WAYLAND_DISPLAY is set. Start "
            "cnnviz from a desktop, or use --screenshot or “cnnviz apply” without one."
        )
    on_x11 = chosen == "xcb" or not (chosen or wayland)
    if absent := _absent(_ALWAYS | _X11 if on_x11 else _ALWAYS):
        return (
            f"Qt needs libraries that are not installed ({', '.join(absent)}). On "
            f"Debian or Ubuntu run: sudo apt install {' '.join(absent.values())}"
        )
    if on_x11 and not _answers():
        return (
            f"The X server at DISPLAY={x11 or ''} does not answer. Check that it runs "
            "and that you may use it."
        )
    return None


def _absent(libraries: dict[str, str]) -> dict[str, str]:
    def loads(name: str) -> bool:
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    return {name: package for name, package in libraries.items() if not loads(name)}


def _answers() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed
