"""Make the application's icons for Windows, macOS and Linux from their drawings.

usage: python packaging/icons.py FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parent.parent / "assets" / "icons"
SMALL = 32
"""Up to this side, in pixels, a simpler drawing on a grid of 16 is sharper."""

WINDOWS = (16, 20, 24, 32, 40, 48, 64, 96, 128, 256)
MACOS = (32, 64, 128, 256, 512, 1024)
LINUX = (48, 128, 256)


def render(drawing: Path, side: int) -> Image.Image:
    """Draw an SVG file into a square picture, RGBA, drawn for this size.

    Parameters
    ----------
    drawing : Path
    side : int
        In pixels.

    Raises
    ------
    ValueError
        If it is no SVG file.
    """
    renderer = QSvgRenderer(str(drawing))
    if not renderer.isValid():
        raise ValueError(f"{drawing} is no drawing that Qt can render")
    picture = QImage(side, side, QImage.Format.Format_RGBA8888)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    return Image.frombytes("RGBA", (side, side), bytes(picture.constBits()))


def make(folder: Path) -> None:
    """Write cnnviz.ico, cnnviz.icns and cnnviz-SIDE.png into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    sizes = {}
    for side in {*WINDOWS, *MACOS, *LINUX}:
        name = "cnnviz-small.svg" if side <= SMALL else "cnnviz.svg"
        sizes[side] = render(ICONS / name, side)
    for name, sides in (("cnnviz.ico", WINDOWS), ("cnnviz.icns", MACOS)):
        largest, *others = (sizes[side] for side in reversed(sides))
        largest.save(
            folder / name,
            sizes=[(side, side) for side in sides],
            append_images=others,
        )
    for side in LINUX:
        sizes[side].save(folder / f"cnnviz-{side}.png", optimize=True)


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    make(Path(sys.argv[1]))
