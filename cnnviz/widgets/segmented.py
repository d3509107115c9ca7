"""One of a few options, side by side in a rounded track."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from cnnviz import theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Segmented(QWidget):
    """One of a few options, side by side in a rounded track.

    Parameters
    ----------
    options : sequence of (id, label)
        The first is the current one.
    name, tooltip : str
        Accessible name and tooltip.
    """

    changed = Signal(str)
    """The id that a person chose."""

    def __init__(
        self, options: Sequence[tuple[str, str]], name: str, tooltip: str
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self._options: dict[str, _Option] = {}
        self._row = QHBoxLayout(self)
        px = theme.current().px
        self._row.setContentsMargins(px(3), px(3), px(3), px(3))
        self._row.setSpacing(px(2))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_options(options, options[0][0])

    def set_options(self, options: Sequence[tuple[str, str]], current: str) -> None:
        """Show other options, without a signal; the same ones stay as they are."""
        if list(options) == [(k, o.text()) for k, o in self._options.items()]:
            self.set_current(current)
            return
        for old in self._options.values():
            self._row.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._options = {key: _Option(label) for key, label in options}
        for key, option in self._options.items():
            option.setAccessibleName(f"{self.accessibleName()}: {option.text()}")
            option.setToolTip(self.toolTip())
            option.clicked.connect(lambda _, key=key: self._choose(key))
            self._row.addWidget(option, 1)
        self.set_current(current)

    def current(self) -> str:
        """Return the id of the current option."""
        return self._current

    def set_current(self, key: str) -> None:
        """Show an option as the current one, without a signal."""
        self._current = key
        self._options[key].setChecked(True)
        stop_at(self._options.values())
        self.setFocusProxy(self._options[key])

    def set_reason(self, key: str, reason: str | None) -> None:
        """Disable an option and say why in its tooltip; ``None`` enables it."""
        option = self._options[key]
        option.setEnabled(reason is None)
        option.setToolTip(reason or self.toolTip())

    def _choose(self, key: str) -> None:
        if key != self._current:
            self.set_current(key)
            self.changed.emit(key)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track."""
        with QPainter(self) as painter:
            _rounded(painter, self, QColor(theme.color("background")), radius=9)


def stop_at(options: Iterable[QRadioButton]) -> None:
    """Let Tab stop at the one that is checked, from which the arrow keys go on.

    A click leaves the keys where they are, such as with a stepper.
    """
    tab, none = Qt.FocusPolicy.TabFocus, Qt.FocusPolicy.NoFocus
    for option in options:
        option.setFocusPolicy(tab if option.isChecked() else none)


class _Option(QRadioButton):
    """One segment; a radio button, so that arrow keys and screen readers know it."""

    def sizeHint(self) -> QSize:
        px = theme.current().px
        metrics = QFontMetrics(theme.font(14, bold=True))
        width = metrics.horizontalAdvance(self.text())
        return QSize(width + px(20), px(28))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() - QSize(theme.current().px(12), 0)

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self.isChecked():
                light = theme.current().palette.name == "light"
                raised = theme.color("surface" if light else "line")
                _rounded(painter, self, raised, radius=7)
            if self.hasFocus():
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
            ink = theme.color("text" if self.isChecked() else "muted")
            ink.setAlphaF(1.0 if self.isEnabled() else 0.5)
            painter.setPen(ink)
            painter.setFont(theme.font(14, bold=self.isChecked()))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())


def _rounded(painter: QPainter, widget: QWidget, fill: QColor, radius: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color("line"), 1))
    painter.setBrush(fill)
    corner = theme.current().px(radius)
    rect = widget.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
    painter.drawRoundedRect(rect, corner, corner)
