"""The parts of a sum side by side, each under its name, and what comes out last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.gestures import keep_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

# In pixels at text size 100 %.
NAME, VALUE, GAP, LEAST = 20, 24, 24, 44
DIGITS = 4


@dataclass(frozen=True)
class Item:
    """One part.

    Attributes
    ----------
    name : str
    value : float
    key : int or None
        What picking it says; None for a part that cannot be picked.
    strong : bool
        Whether it is what comes out.
    """

    name: str
    value: float
    key: int | None = None
    strong: bool = False

    @property
    def text(self) -> str:
        """The value as it is written."""
        return numbers.approx(np.float32(self.value), DIGITS)


class SumStrip(QWidget):
    """Parts of a sum; of those that can be picked as many as there is room for.

    The arrow keys pick the next one; the parts that have no room are one of their sum.
    """

    picked = Signal(int)
    """The key of the part that a person picked."""

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        keep_keys(self, (Qt.Key.Key_Left, Qt.Key.Key_Right))
        self._items: tuple[Item, ...] = ()
        self._current: int | None = None

    def set_items(self, items: Sequence[Item], current: int | None = None) -> None:
        """Show parts, without a signal; `current` is the key of the one picked."""
        self._items, self._current = tuple(items), current
        words = (f"{item.name} {item.text}" for item in self._items)
        self.setAccessibleDescription("; ".join(words))
        self.update()

    def shown(self) -> list[tuple[Item, QRectF]]:
        """Return what is on show and where."""
        items = self._folded()
        left, result = 0.0, []
        px = theme.current().px
        for item in items:
            width = self._width(item)
            result.append((item, QRectF(left, 0, width, px(NAME + VALUE))))
            left += width + px(GAP)
        return result

    # ---------------------------------------------------------------- inside

    def _width(self, item: Item) -> float:
        name = QFontMetricsF(theme.font(12)).horizontalAdvance(item.name)
        font = theme.font(14, bold=item.strong)
        value = QFontMetricsF(font).horizontalAdvance(item.text)
        return float(max(name, value, theme.current().px(LEAST)))

    def _folded(self) -> list[Item]:
        """Return the items, those that have no room made one."""
        gap, room = theme.current().px(GAP), self.width()
        many = [item for item in self._items if item.key is not None]
        rest = [item for item in self._items if item.key is None]
        widths = [self._width(item) + gap for item in many]
        fixed = sum(self._width(item) + gap for item in rest) - gap
        if sum(widths) + fixed <= room or len(many) < 2:
            return [*many, *rest]
        more = self._width(Item(f"{len(many):,} more", -88888.0)) + gap
        count, taken = 0, fixed + more
        while count < len(many) - 1 and taken + widths[count] <= room:
            taken += widths[count]
            count += 1
        left_over = [item.value for item in many[count:]]
        added = float(np.array(left_over, np.float32).sum(dtype=np.float32))
        return [*many[:count], Item(f"{len(left_over):,} more", added), *rest]

    def _at(self, point: QPointF) -> Item | None:
        for item, rect in self.shown():
            if rect.contains(point):
                return item
        return None

    def _step(self, by: int) -> None:
        keys = [item.key for item in self._items if item.key is not None]
        if len(keys) > 1:
            at = keys.index(self._current) if self._current in keys else 0
            self.picked.emit(keys[min(max(0, at + by), len(keys) - 1)])

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for two lines."""
        px = theme.current().px
        return QSize(px(480), px(NAME + VALUE))

    def minimumSizeHint(self) -> QSize:
        """Do with a narrow one."""
        px = theme.current().px
        return QSize(px(240), px(NAME + VALUE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write names over values; what comes out in the highlight."""
        px = theme.current().px
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        with QPainter(self) as painter:
            for item, rect in self.shown():
                picked = item.key is not None and item.key == self._current
                painter.setFont(theme.font(12))
                painter.setPen(theme.color("accent" if picked else "muted"))
                name = QRectF(rect.left(), 0, rect.width() + 2, px(NAME))
                painter.drawText(name, left, item.name)
                painter.setFont(theme.font(14, bold=item.strong))
                role = "highlight_text" if item.strong else "text"
                painter.setPen(theme.color("accent" if picked else role))
                value = QRectF(rect.left(), px(NAME), rect.width() + 2, px(VALUE))
                painter.drawText(value, left, item.text)
                if picked and self.hasFocus():
                    line = QRectF(rect.left(), rect.bottom() - 2, rect.width(), 2)
                    painter.fillRect(line, theme.color("accent"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the part under the pointer."""
        item = self._at(event.position())
        if item is not None and item.key is not None:
            self.picked.emit(item.key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click does something."""
        item = self._at(event.position())
        active = item is not None and item.key is not None
        shape = Qt.CursorShape
        self.setCursor(shape.PointingHandCursor if active else shape.ArrowCursor)

    def event(self, event: QEvent) -> bool:
        """Tell the value under the pointer in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            item = self._at(QPointF(event.pos()))
            whole = numbers.plain(np.float32(item.value)) if item else ""
            first = [f"{item.name}: {whole}"] if item else []
            QToolTip.showText(
                event.globalPos(), "\n".join([*first, self.toolTip()]), self
            )
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick the next part."""
        if event.key() == Qt.Key.Key_Left:
            self._step(-1)
        elif event.key() == Qt.Key.Key_Right:
            self._step(1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the keys are elsewhere."""
        self.update()
        super().focusOutEvent(event)
