"""Colours, spacing, type and colormaps, light and dark; the one place that names them.

A widget asks :func:`current` while it paints and never stores a colour: after a change
Qt paints it anew and asks for its size again. One that measures its parts does so on
``StyleChange``, which comes once all of them have the fonts of another theme. Sizes are
written in the pixels of text size 100 % and scaled by :meth:`Theme.px`; margins, gaps
and sizes that Qt was told follow a later change by themselves, see
:mod:`cnnviz.rescaling`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from string import Template
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap

from cnnviz.palette import CATEGORIES, DARK, LIGHT, Palette, signed_table
from cnnviz.paths import asset
from cnnviz.rescaling import rescale

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

Choice = Literal["system", "light", "dark"]
CHOICES: tuple[Choice, ...] = ("system", "light", "dark")
TEXT_SIZES = (80, 90, 100, 110, 125, 150, 175, 200)


@dataclass(frozen=True)
class Theme:
    """A palette and a text size in percent."""

    palette: Palette = LIGHT
    text_size: int = 100

    def px(self, pixels: float) -> int:
        """Scale a length written for text size 100 %."""
        return round(pixels * self.text_size / 100)


_current = Theme()


def current() -> Theme:
    """Return the theme that is on the screen now."""
    return _current


def color(role: str) -> QColor:
    """Return a colour of the current palette by its field name."""
    return QColor(getattr(_current.palette, role))


def category(index: int) -> QColor:
    """Return the colour of a class; beyond ten they begin again."""
    colors = CATEGORIES[_current.palette.name]
    return QColor(colors[index % len(colors)])


def apply(app: QApplication, choice: Choice, text_size: int) -> Theme:
    """Put a theme on the whole application and return it; see :func:`choose`."""
    result = choose(app, choice, text_size)
    dress(app)
    return result


def choose(app: QApplication, choice: Choice, text_size: int) -> Theme:
    """Make a theme the current one, with its palette and font.

    Parameters
    ----------
    app : QApplication
        The application.
    choice : {"system", "light", "dark"}
        ``"system"`` takes the desktop's own scheme, light where it has none.
    text_size : int
        Percent, 80 to 200.
    """
    global _current
    if text_size != _current.text_size:
        windows = [each for each in app.topLevelWidgets() if each.parent() is None]
        rescale(windows, _current.text_size, text_size)
    dark = choice == "dark" or (
        choice == "system" and app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    )
    _current = Theme(DARK if dark else LIGHT, text_size)
    _load_fonts()
    app.setPalette(_qt_palette(_current.palette))
    app.setFont(font())
    return _current


def dress(app: QApplication) -> None:
    """Set the style sheet of the current theme.

    At the start this comes once the widgets are there: each would be styled as it is
    made, and again as it is put into its place.

    Where a sheet takes the place of another, Qt styles each widget once for each widget
    that it lies in, ten times on average; where none was, once.
    """
    app.setStyleSheet("")
    app.setStyleSheet(_style_sheet(_current))


def font(pixels: float = 14, *, bold: bool = False) -> QFont:
    """Return the interface font, with tabular figures, at the current text size.

    Parameters
    ----------
    pixels : float
        Height at text size 100 %; captions are 12 and never smaller.
    bold : bool
        Semi-bold instead of regular.
    """
    return QFont(_font(max(1, _current.px(pixels)), bold))


@cache
def _font(pixels: int, bold: bool) -> QFont:
    """Return a font by its height on the screen; a table asks for hundreds a frame."""
    result = QFont("Inter")
    result.setPixelSize(pixels)
    if bold:
        result.setWeight(QFont.Weight.DemiBold)
    result.setFeature(QFont.Tag("tnum"), 1)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return result


@cache
def _load_fonts() -> None:
    for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
        QFontDatabase.addApplicationFont(str(asset(f"fonts/{name}")))


def icon(name: str, role: str = "muted") -> QIcon:
    """Return an icon of ``assets/icons`` drawn in a colour of the palette.

    The files are SVG line drawings that say ``currentColor``.
    """
    return _icon(name, getattr(_current.palette, role))


@cache
def _icon(name: str, code: str) -> QIcon:
    svg = asset(f"icons/{name}.svg").read_text("utf-8").replace("currentColor", code)
    pixmap = QPixmap()
    pixmap.loadFromData(
        svg.replace("<svg ", '<svg width="64" height="64" ', 1).encode(), "SVG"
    )
    return QIcon(pixmap)


# ------------------------------------------------------------------ colormaps


def signed_color(value: float, limit: float) -> QColor:
    """Return the colour of one number on the diverging map that spans ±limit."""
    share = 0.0 if limit <= 0 else max(-1.0, min(1.0, value / limit))
    b, g, r = signed_table(_current.palette)[128 + round(127 * share), 0]
    return QColor(int(r), int(g), int(b))


def text_on(background: QColor) -> QColor:
    """Return the text colour, black or white, that reads best on a colour.

    The better of the two always reaches a contrast of 4.5 to 1 (WCAG 2.2).
    """
    light = _luminance(background.rgb())
    on_white = 1.05 / (light + 0.05)
    on_black = (light + 0.05) / 0.05
    return QColor("#FFFFFF" if on_white > on_black else "#000000")


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one.rgb()), _luminance(other.rgb())))
    return (high + 0.05) / (low + 0.05)


@lru_cache
def _luminance(code: int) -> float:
    def linear(c: float) -> float:
        return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear((code >> shift & 255) / 255) for shift in (16, 8, 0))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# ------------------------------------------------------------------ Qt's own widgets


def _qt_palette(p: Palette) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: p.background,
        role.WindowText: p.text,
        role.Base: p.surface,
        role.AlternateBase: p.background,
        role.Text: p.text,
        role.PlaceholderText: p.muted,
        role.Button: p.surface,
        role.ButtonText: p.text,
        role.ToolTipBase: p.surface,
        role.ToolTipText: p.text,
        role.Highlight: p.accent,
        role.HighlightedText: p.on_accent,
        role.Link: p.accent,
        role.Mid: p.line,
    }
    result = QPalette()
    for key, code in colors.items():
        result.setColor(key, QColor(code))
    for key in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(p.muted)
        faded.setAlphaF(0.6)
        result.setColor(QPalette.ColorGroup.Disabled, key, faded)
    return result


def _style_sheet(theme: Theme) -> str:
    names = vars(theme.palette) | {
        name: asset(f"icons/chevron-{name}.svg").as_posix() for name in ("down", "up")
    }
    names["check"] = asset("icons/check.svg").as_posix()
    sheet = asset("style/style.qss").read_text("utf-8")
    scaled = re.sub(r"\b([\d.]+)u\b", lambda u: f"{theme.px(float(u[1]))}px", sheet)
    return Template(scaled).substitute(names)
