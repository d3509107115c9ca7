"""Colours, spacing, type and colormaps, light and dark; the one place that names them.

A widget asks :func:`current` while it paints and repaints on ``QEvent.PaletteChange``;
it never stores a colour. Sizes are written in the pixels of text size 100 % and scaled
by :meth:`Theme.px`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPalette, QPixmap

from cnnviz.palette import CATEGORIES, DARK, LIGHT, Palette, signed_table
from cnnviz.paths import asset

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
    """
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
    p, px = theme.palette, theme.px
    down, up, check = (
        asset(f"icons/{name}.svg").as_posix()
        for name in ("chevron-down", "chevron-up", "check")
    )
    field = f"""
        background: {p.surface}; color: {p.text}; border: 1px solid {p.line};
        border-radius: {px(8)}px; min-height: {px(30)}px; padding: 0 {px(10)}px;
    """
    return f"""
    * {{ outline: none; }}
    QMainWindow, QDialog {{ background: {p.background}; }}
    QLabel {{ background: transparent; }}
    QLabel[role="title"] {{ font-size: {px(20)}px; font-weight: 600; }}
    QLabel[role="heading"] {{ font-weight: 600; }}
    QLabel[role="muted"] {{ color: {p.muted}; }}
    QLabel[role="caption"] {{ color: {p.muted}; font-size: {px(12)}px; }}
    QLabel[role="value"] {{
        color: {p.highlight_text}; font-size: {px(32)}px; font-weight: 600;
    }}
    QFrame[role="surface"] {{ background: {p.surface}; border: none; }}
    QFrame[role="line"] {{ background: {p.line}; border: none; }}

    QPushButton, QToolButton[role="button"] {{ {field} font-weight: 400; }}
    QPushButton:hover, QToolButton[role="button"]:hover, QComboBox:hover,
    QAbstractSpinBox:hover, QLineEdit:hover {{ border-color: {p.muted}; }}
    QPushButton:focus, QToolButton:focus, QComboBox:focus, QAbstractSpinBox:focus,
    QLineEdit:focus {{ border: 2px solid {p.accent}; }}
    QPushButton:pressed, QToolButton[role="button"]:pressed {{
        background: {p.accent_soft};
    }}
    QPushButton[role="primary"] {{
        background: {p.accent}; color: {p.on_accent}; border-color: {p.accent};
        font-weight: 600;
    }}
    QPushButton[role="primary"]:disabled {{
        background: {p.line}; border-color: {p.line}; color: {p.muted};
    }}
    QPushButton[role="link"] {{
        background: transparent; border: 2px solid transparent; color: {p.accent};
        padding: 0 {px(2)}px; font-weight: 600;
    }}
    QPushButton[role="link"]:focus {{ border-color: {p.accent}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {p.muted}; }}
    QToolButton {{ border: 2px solid transparent; border-radius: {px(8)}px; }}
    QToolButton::menu-indicator {{ image: none; }}

    QLineEdit, QAbstractSpinBox, QComboBox {{ {field} }}
    QPlainTextEdit, QTextEdit {{
        background: {p.surface}; color: {p.text}; border: 1px solid {p.line};
        border-radius: {px(8)}px; padding: {px(6)}px;
    }}
    QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"],
    QPlainTextEdit[invalid="true"] {{ border: 2px solid {p.error}; }}
    QComboBox::drop-down {{ border: none; width: {px(26)}px; }}
    QComboBox::down-arrow {{ image: url("{down}"); width: {px(14)}px; }}
    QComboBox QAbstractItemView {{
        background: {p.surface}; color: {p.text}; border: 1px solid {p.line};
        selection-background-color: {p.accent_soft}; selection-color: {p.text};
        padding: {px(4)}px;
    }}
    QAbstractSpinBox {{ padding: 0 {px(4)}px 0 {px(8)}px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{
        border: none; width: {px(18)}px; background: transparent;
    }}
    QAbstractSpinBox::up-arrow {{ image: url("{up}"); width: {px(11)}px; }}
    QAbstractSpinBox::down-arrow {{ image: url("{down}"); width: {px(11)}px; }}

    QCheckBox {{ spacing: {px(8)}px; min-height: {px(28)}px; }}
    QCheckBox::indicator {{
        width: {px(18)}px; height: {px(18)}px; border-radius: {px(5)}px;
        border: 1px solid {p.muted}; background: {p.surface};
    }}
    QCheckBox::indicator:checked {{
        background: {p.accent}; border-color: {p.accent}; image: url("{check}");
    }}
    QCheckBox::indicator:focus {{ border: 2px solid {p.accent}; }}

    QSlider::groove:horizontal {{
        height: {px(4)}px; border-radius: {px(2)}px; background: {p.line};
    }}
    QSlider::sub-page:horizontal {{
        height: {px(4)}px; border-radius: {px(2)}px; background: {p.accent};
    }}
    QSlider::handle:horizontal {{
        width: {px(16)}px; height: {px(16)}px; margin: -{px(6)}px 0;
        border-radius: {px(8)}px; background: {p.accent};
    }}
    QSlider::handle:horizontal:focus {{ border: 2px solid {p.text}; }}

    QScrollArea {{ background: transparent; border: none; }}
    QAbstractScrollArea::corner {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: {px(10)}px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: {px(10)}px; margin: 0; }}
    QScrollBar::handle {{
        background: {p.line}; border-radius: {px(4)}px; margin: 1px;
        min-height: {px(32)}px; min-width: {px(32)}px;
    }}
    QScrollBar::handle:hover {{ background: {p.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

    QMenuBar {{ background: {p.background}; border-bottom: 1px solid {p.line}; }}
    QMenuBar::item {{ padding: {px(5)}px {px(10)}px; background: transparent; }}
    QMenuBar::item:selected {{
        background: {p.accent_soft}; border-radius: {px(6)}px;
    }}
    QMenu {{
        background: {p.surface}; border: 1px solid {p.line}; padding: {px(6)}px;
    }}
    QMenu::item {{ padding: {px(6)}px {px(28)}px {px(6)}px {px(20)}px; }}
    QMenu::item:selected {{ background: {p.accent_soft}; border-radius: {px(6)}px; }}
    QMenu::item:disabled {{ color: {p.muted}; }}
    QMenu::separator {{ height: 1px; background: {p.line}; margin: {px(4)}px; }}
    QToolTip {{
        background: {p.surface}; color: {p.text}; border: 1px solid {p.line};
        padding: {px(6)}px;
    }}
    QStatusBar {{ background: {p.surface}; border-top: 1px solid {p.line}; }}
    QStatusBar::item {{ border: none; }}
    QSplitter::handle {{ background: {p.line}; }}
    QTableView {{
        background: {p.surface}; gridline-color: {p.line}; border: none;
        selection-background-color: {p.accent_soft}; selection-color: {p.text};
    }}
    QHeaderView::section {{
        background: {p.background}; color: {p.muted}; border: none;
        border-bottom: 1px solid {p.line}; padding: {px(6)}px;
    }}
    QTableCornerButton::section {{
        background: {p.background}; border: none; border-bottom: 1px solid {p.line};
    }}
    QProgressBar {{
        background: {p.line}; border: none; border-radius: {px(3)}px;
        max-height: {px(6)}px;
    }}
    QProgressBar::chunk {{ background: {p.accent}; border-radius: {px(3)}px; }}
    """
