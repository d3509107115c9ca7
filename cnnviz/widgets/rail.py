"""The rail of pages at the left edge: icon and word, or icons alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QFrame, QLabel, QRadioButton, QVBoxLayout

from cnnviz import theme
from cnnviz.widgets.segmented import stop_at

if TYPE_CHECKING:
    from PySide6.QtGui import QEnterEvent, QPaintEvent

WIDTH, FOLDED_WIDTH = 184, 64  # pixels at text size 100 %


class Rail(QFrame):
    """One of several places to go, each with an icon and a word.

    It has the application's name at its top.
    """

    chosen = Signal(str)
    """The id that a person chose."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Pages")
        self._items: dict[str, _Item] = {}
        self._headings: list[QLabel] = []
        self._folded = False
        self._name = QLabel()
        self._name.setProperty("role", "name")
        px = theme.current().px
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(px(10), px(12), px(10), px(12))
        self._column.setSpacing(px(2))
        self._column.addWidget(self._name)
        self._column.addStretch(1)
        self._style()

    def add(self, key: str, title: str, icon: str, tooltip: str) -> None:
        """Add a place below the others."""
        item = self._items[key] = _Item(title, icon)
        item.setAccessibleName(title)
        item.setToolTip(tooltip)
        item.clicked.connect(lambda: self.chosen.emit(key))
        self._column.insertWidget(self._column.count() - 1, item)

    def add_heading(self, text: str) -> None:
        """Begin a group of places."""
        heading = QLabel(text)
        heading.setProperty("role", "caption")
        self._headings.append(heading)
        self._column.insertWidget(self._column.count() - 1, heading)
        self._style()

    def set_current(self, key: str) -> None:
        """Show where we are, without a signal."""
        self._items[key].setChecked(True)
        stop_at(self._items.values())

    def set_folded(self, folded: bool) -> None:
        """Show icons alone, or icons and words."""
        if folded != self._folded:
            self._folded = folded
            self._style()

    def _style(self) -> None:
        look, px = theme.current(), theme.current().px
        first, last = ("c", "v") if self._folded else ("cnn", "viz")
        self._name.setText(
            f"{first}<span style='color:{look.palette.accent}'>{last}</span>"
        )
        self._name.setContentsMargins(px(12), px(4), 0, px(14))
        for heading in self._headings:
            heading.setVisible(not self._folded)
            heading.setContentsMargins(px(12), px(18), 0, px(4))
        # It folds in a window that has become narrow, and must not keep it from that.
        self.setMinimumWidth(px(FOLDED_WIDTH))
        self.setMaximumWidth(px(FOLDED_WIDTH if self._folded else WIDTH))

    def sizeHint(self) -> QSize:
        """Ask for all the width that it may have."""
        return QSize(self.maximumWidth(), super().sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours and sizes of a new theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._style()
        super().changeEvent(event)


class _Item(QRadioButton):
    """One place; a radio button, so that arrow keys and screen readers know it."""

    def __init__(self, title: str, icon: str) -> None:
        super().__init__(title)
        self._icon = icon
        # A ring around what was just clicked would say nothing.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        px = theme.current().px
        words = QFontMetrics(theme.font()).horizontalAdvance(self.text())
        return QSize(px(54) + words, px(38))

    def minimumSizeHint(self) -> QSize:
        px = theme.current().px
        return QSize(px(44), px(38))

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        px = theme.current().px
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.isChecked() or self.underMouse():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(
                    theme.color("accent_soft" if self.isChecked() else "surface")
                )
                painter.drawRoundedRect(self.rect(), px(8), px(8))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.drawRoundedRect(
                    self.rect().adjusted(1, 1, -1, -1), px(7), px(7)
                )
            role = "accent" if self.isChecked() else "muted"
            icon = QRect(px(12), (self.height() - px(20)) // 2, px(20), px(20))
            theme.icon(self._icon, role).paint(painter, icon)
            words = self.rect().adjusted(px(42), 0, 0, 0)
            if words.width() > px(12):
                painter.setPen(theme.color(role))
                painter.setFont(theme.font())
                painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
