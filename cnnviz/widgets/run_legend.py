"""Names of curves with their colours, in one line for several plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.widgets.run_frame import GAP, SWATCH, Row, draw_swatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

# In pixels at text size 100 %.
APART, HEIGHT = 16, 20


class RunLegend(QWidget):
    """A swatch and a name for each curve; long names are cut where there is no room."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._rows: tuple[Row, ...] = ()

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show names; the colour of each is a name in the palette."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self.setAccessibleDescription(", ".join(row.name for row in rows))
            self.updateGeometry()
            self.update()

    def names(self) -> list[str]:
        """Return the names as they are written in the present width."""
        px, ruler = theme.current().px, QFontMetricsF(theme.font(12))
        whole = [ruler.horizontalAdvance(row.name) for row in self._rows]
        room = (
            self.width() - len(whole) * px(SWATCH + GAP) - px(APART) * (len(whole) - 1)
        )
        most, right = _widest(whole, room), Qt.TextElideMode.ElideRight
        return [ruler.elidedText(row.name, right, most + 1) for row in self._rows]

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for one line with all names whole."""
        px, ruler = theme.current().px, QFontMetricsF(theme.font(12))
        each = (ruler.horizontalAdvance(row.name) + 1 for row in self._rows)
        width = sum(px(SWATCH + GAP + APART) + words for words in each)
        return QSize(max(0, round(width) - px(APART)), px(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Do with any width."""
        return QSize(1, theme.current().px(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names side by side."""
        px, ruler = theme.current().px, QFontMetricsF(theme.font(12))
        middle, left = self.height() / 2, 0.0
        baseline = middle + (ruler.ascent() - ruler.descent()) / 2
        with QPainter(self) as painter:
            painter.setFont(theme.font(12))
            for row, name in zip(self._rows, self.names(), strict=True):
                draw_swatch(painter, left, middle, row.role)
                left += px(SWATCH + GAP)
                painter.setPen(theme.color("muted"))
                painter.drawText(QPointF(left, baseline), name)
                left += ruler.horizontalAdvance(name) + px(APART)


def _widest(widths: Sequence[float], room: float) -> float:
    """Return how wide the widest may be, so that together they take so much room."""
    left, ordered = room, sorted(widths)
    for done, width in enumerate(ordered):
        share = left / (len(ordered) - done)
        if width > share:
            return max(0.0, share)
        left -= width
    return max(ordered, default=0.0)
