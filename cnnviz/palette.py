"""The colours, light and dark, and the colormaps made of them; plain data, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, as ``"#RRGGBB"``."""

    name: Literal["light", "dark"]
    background: str
    surface: str
    line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    on_accent: str
    highlight: str
    highlight_text: str
    negative: str
    zero: str
    positive: str
    error: str
    error_soft: str
    green: str
    violet: str
    pink: str
    brown: str


# The colours of DESIGN.md §4; highlight_text is the highlight darkened until it reads
# as text on the surface (contrast 4.5 to 1). Green to brown are for further curves.
LIGHT = Palette(
    name="light",
    background="#F6F7F9",
    surface="#FFFFFF",
    line="#E4E7EC",
    text="#171B22",
    muted="#5D6673",
    accent="#2B66E0",
    accent_soft="#E9F0FE",
    on_accent="#FFFFFF",
    highlight="#E08A00",
    highlight_text="#A86000",
    negative="#2166AC",
    zero="#FAFAFB",
    positive="#D97816",
    error="#B3261E",
    error_soft="#FDECEA",
    green="#14805A",
    violet="#8A4FC7",
    pink="#C02F83",
    brown="#7B4F2E",
)
DARK = Palette(
    name="dark",
    background="#101319",
    surface="#171B23",
    line="#2A303B",
    text="#E9ECF1",
    muted="#9AA4B2",
    accent="#6EA0FF",
    accent_soft="#1D2A44",
    on_accent="#101319",
    highlight="#FFB547",
    highlight_text="#FFB547",
    negative="#5AA5F0",
    zero="#16191F",
    positive="#F7AA46",
    error="#FF8A80",
    error_soft="#3A1F1F",
    green="#4CC38A",
    violet="#C29BF2",
    pink="#F07FBE",
    brown="#C9A17A",
)

# Classes side by side. Paul Tol's muted scheme (SRON technical note 3.2, 2021), which
# colour-blind people tell apart, with black for the tenth; in the dark theme its dark
# ones are lightened.
CATEGORIES: dict[str, tuple[str, ...]] = {
    "light": (
        "#332288",
        "#58ACE0",
        "#44AA99",
        "#117733",
        "#8A8A2A",
        "#D2B54A",
        "#CC6677",
        "#882255",
        "#AA4499",
        "#4A4F57",
    ),
    "dark": (
        "#8F83E8",
        "#88CCEE",
        "#44AA99",
        "#3FAE63",
        "#A9A93F",
        "#DDCC77",
        "#E07F8F",
        "#C25585",
        "#D07AC4",
        "#DDDDDD",
    ),
}


@cache
def signed_table(palette: Palette) -> NDArray[np.uint8]:
    """Return the diverging table, (256, 1, 3) uint8 BGR, zero at entry 128.

    Entries 1 to 255 are symmetric about 128, so that ``128 + 127 * x`` with x in
    [-1, 1] pins zero to the neutral colour; entry 0 repeats entry 1.
    """
    ends = [_bgr(palette.negative), _bgr(palette.zero), _bgr(palette.positive)]
    at = np.clip(np.arange(256), 1, 255)
    table = np.stack(
        [np.interp(at, [1, 128, 255], [end[i] for end in ends]) for i in range(3)],
        axis=-1,
    )
    return table.round().astype(np.uint8).reshape(256, 1, 3)


@cache
def sequential_table() -> NDArray[np.uint8]:
    """Return cividis (Nuñez, Anderton and Renslow 2018), (256, 1, 3) uint8 BGR."""
    ramp = np.arange(256, dtype=np.uint8).reshape(256, 1)
    return cv2.applyColorMap(ramp, cv2.COLORMAP_CIVIDIS).astype(np.uint8)


@cache
def grey_table() -> NDArray[np.uint8]:
    """Return black to white, (256, 1, 3) uint8 BGR."""
    return np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(256, 1, 3)


def _bgr(code: str) -> tuple[int, int, int]:
    return int(code[5:7], 16), int(code[3:5], 16), int(code[1:3], 16)
