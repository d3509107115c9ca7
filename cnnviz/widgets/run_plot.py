"""Curves that grow while a network trains: raw ones faint, smooth ones over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers
from cnnviz.widgets.axes import Axes, Span
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.plot_frame import HEAD, draw_head
from cnnviz.widgets.run_curves import (
    Prepared,
    Series,
    draw_series,
    fitting,
    prepare,
)
from cnnviz.widgets.run_frame import (
    BELOW,
    RIGHT,
    Ground,
    Row,
    draw_legend,
    draw_read_out,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QPixmap,
    )

__all__ = ["RunPlot", "Series", "Span"]

# In pixels at text size 100 %.
SHORTEST, HEAD_GAP = 48, 16


class RunPlot(QWidget):
    """Curves over the batches of a training, with a legend and a read-out.

    The pointer, or the arrow keys, put a line at a point of a curve; Esc takes it away.

    Parameters
    ----------
    name, tooltip : str
        Title and accessible name, and tooltip.
    unit : str
        What is counted across.
    percent : bool
        Whether 1 is written as 100 %.
    last : bool
        Whether the last value of the first curve is written at the upper right.
    legend : bool
        Whether the names of several curves stand beside the title.
    """

    hovered = Signal(float)
    """The place of the line, NaN for none."""

    def __init__(
        self,
        name: str,
        tooltip: str,
        *,
        unit: str = "batch",
        percent: bool = False,
        last: bool = True,
        legend: bool = True,
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keep_keys(self, (Qt.Key.Key_Left, Qt.Key.Key_Right))
        self._title, self._unit, self._percent = name, unit, percent
        self._tells_last, self._unit_behind = last, False
        self._has_legend = legend
        self._series: tuple[Series, ...] = ()
        self._prepared: tuple[Prepared, ...] = ()
        self._weight, self._log = 0.0, False
        self._across: Span | None = None
        self._up: Span | None = None
        self._held: Span | None = None
        self._line: float | None = None
        self._ground = Ground()

    # ---------------------------------------------------------------- what it shows

    def set_series(self, series: Sequence[Series]) -> None:
        """Show curves, the first of them as the current value; without a signal.

        Their arrays are kept, not copied; new ones with more points are the way to
        append.
        """
        before, self._series = self._series, tuple(series)
        if [each.name for each in before] != [each.name for each in series]:
            self._held = None
        elif any(len(a.x) > len(b.x) for a, b in zip(before, series, strict=True)):
            self._held = None
        known = {
            (id(old.x), id(old.y), old.smooth): done
            for old, done in zip(before, self._prepared, strict=True)
        }
        self._prepared = tuple(
            known.get((id(each.x), id(each.y), each.smooth))
            or prepare(each, self._weight)
            for each in series
        )
        self.setAccessibleDescription(f"{self._title}: {self.value()}")
        self.update()

    def set_title(self, title: str, unit: str) -> None:
        """Write another title, and the unit of what is across, behind its number."""
        self._unit_behind = True
        if (title, unit) != (self._title, self._unit):
            self._title, self._unit = title, unit
            self.setAccessibleDescription(f"{title}: {self.value()}")
            self.update()

    def set_smoothing(self, weight: float) -> None:
        """Smooth the curves: 0 not at all, up to below 1."""
        if weight != self._weight:
            self._weight = weight
            self._prepared = tuple(prepare(each, weight) for each in self._series)
            self.update()

    def set_log(self, log: bool) -> None:
        """Show values on a logarithmic scale, without those of 0 and below."""
        if log != self._log:
            self._log, self._held = log, None
            self.update()

    def set_ranges(self, across: Span | None = None, up: Span | None = None) -> None:
        """Fix what is shown, such as all batches to come; None for what curves need.

        Values beyond a fixed range are cut off at its edge; on a logarithmic scale
        ``up`` does not apply.
        """
        if (across, up) != (self._across, self._up):
            self._across, self._up, self._held = across, up, None
            self.update()

    def set_line(self, place: float | None) -> None:
        """Put the line at the point nearest to a place, or take it away; no signal."""
        place = None if place is None else self._nearest(place)
        if place != self._line:
            self._line = place
            self.update()

    def value(self) -> str:
        """Return the last value of the first curve as it is written."""
        told = self._prepared and self._tells_last
        first = self._prepared[0].smooth if told else np.zeros(0)
        return value_text(first[-1], percent=self._percent) if len(first) else ""

    @property
    def axes(self) -> Axes:
        """Where the curves are; on a logarithmic scale up are decimal logarithms."""
        px = theme.current().px
        width, height = self.width() - px(RIGHT), self.height() - px(HEAD + 4 + BELOW)
        rect = QRectF(0, px(HEAD + 4), max(1, width), max(1, height))
        return Axes(rect, self._across or self._needed_across(), self._needed_up())

    # ---------------------------------------------------------------- ranges

    def _needed_across(self) -> Span:
        ends = [each.x[[0, -1]] for each in self._prepared if len(each.x)]
        if not ends:
            return Span(0.0, 1.0)
        low, high = float(np.min(ends)), float(np.max(ends))
        return Span(low, high if high > low else low + 1)

    def _needed_up(self) -> Span:
        if self._up and not self._log:
            return self._up
        low, high = np.inf, -np.inf
        for each in self._prepared:
            values = each.raw[each.raw > 0] if self._log else each.raw
            if len(values):
                low, high = min(low, values.min()), max(high, values.max())
        if low > high:
            return Span(-2, 0) if self._log else Span(0, 1)
        if self._log:
            low, high = float(np.log10(low)), float(np.log10(high))
        held = self._held
        # It grows and never shrinks, so that a curve does not jump about.
        if held is None or low < held.low or high > held.high:
            if held is not None:
                low, high = min(low, held.low), max(high, held.high)
            held = self._held = fitting(low, high, log=self._log)
        return held

    def _nearest(self, place: float) -> float | None:
        """Return the place of the nearest point of any curve."""
        candidates = []
        for each in self._prepared:
            if len(each.x):
                after = int(np.searchsorted(each.x, place))
                candidates += each.x[max(0, after - 1) : after + 1].tolist()
        return min(candidates, key=lambda x: abs(x - place), default=None)

    # ---------------------------------------------------------------- painting

    def _paint_head(self, painter: QPainter, width: float) -> None:
        px = theme.current().px
        head = QRectF(0, 0, width, px(HEAD))
        draw_head(painter, head, self._title, self.value())
        if self._has_legend and len(self._series) > 1:
            ruler = QFontMetricsF(theme.font(14, bold=True))
            left = ruler.horizontalAdvance(self._title) + px(HEAD_GAP)
            right = width - ruler.horizontalAdvance(self.value()) - px(HEAD_GAP)
            rows = [Row(each.role, each.name) for each in self._series]
            draw_legend(painter, left, right, rows)

    def _kept_ground(self, axes: Axes) -> QPixmap:
        placed = self._across or any(len(each.x) for each in self._prepared)
        unit = self._unit if placed else ""
        how = {"log": self._log, "percent": self._percent}
        return self._ground.pixmap(
            self.size(), self.devicePixelRatioF(), axes, unit, **how
        )

    def _rows_at(self, place: float) -> list[Row]:
        """Return what each curve has at a place: its last point up to there."""
        rows, smoothed = [], [p.smooth is not p.raw for p in self._prepared]
        for series, points in zip(self._series, self._prepared, strict=True):
            index = int(np.searchsorted(points.x, place, "right")) - 1
            if index < 0:
                continue
            value = value_text(points.smooth[index], percent=self._percent)
            if points.smooth is points.raw:
                rows.append(Row(series.role, series.name, value))
                continue
            rows.append(Row(series.role, f"{series.name}, smoothed", value))
            if sum(smoothed) == 1:
                raw = value_text(points.raw[index], percent=self._percent)
                rows.append(Row("", f"{self._unit} alone", raw))
        return rows

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for 320 by 180 pixels at text size 100 %."""
        return QSize(theme.current().px(320), theme.current().px(180))

    def minimumSizeHint(self) -> QSize:
        """Do with a few lines of pixels under the title."""
        px = theme.current().px
        return QSize(px(200), px(HEAD + 4 + BELOW + SHORTEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, the curves, and the line with what they have there."""
        axes = self.axes
        with QPainter(self) as painter:
            self._paint_head(painter, axes.rect.width())
            painter.drawPixmap(0, 0, self._kept_ground(axes))
            painter.setClipRect(axes.rect.adjusted(0, -2, 0, 2))
            for series, points in zip(self._series, self._prepared, strict=True):
                draw_series(painter, axes, series, points, log=self._log)
            painter.setClipping(False)
            if self.hasFocus():
                painter.setPen(QPen(theme.color("accent"), 2))
                painter.drawRect(axes.rect)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._line is not None:
                words = [self._unit, numbers.counted(self._line)]
                head = " ".join(words[::-1] if self._unit_behind else words)
                rows = self._rows_at(self._line)
                draw_read_out(painter, axes, self._line, head, rows)

    def _move_line(self, place: float | None) -> None:
        before = self._line
        self.set_line(place)
        if self._line != before:
            self.hovered.emit(float("nan") if self._line is None else self._line)

    def event(self, event: QEvent) -> bool:
        """Leave the tooltip to the title: over the curves it would cover the values."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            if event.pos().y() > self.axes.rect.top():
                QToolTip.hideText()
                return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Put the line at the point nearest to the pointer."""
        axes, x = self.axes, event.position().x()
        inside = axes.rect.left() <= x <= axes.rect.right()
        self._move_line(axes.place(x) if inside else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the line away."""
        self._move_line(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the line away, unless the pointer holds it."""
        if not self.underMouse():
            self._move_line(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the line by pixels, with Shift by twenty; Home, End and Esc."""
        key, axes = Qt.Key(event.key()), self.axes
        far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        step = (20 if far else 1) / axes.pitch
        here = axes.across.high if self._line is None else self._line
        places = {
            Qt.Key.Key_Left: here - step,
            Qt.Key.Key_Right: here + step,
            Qt.Key.Key_Home: axes.across.low,
            Qt.Key.Key_End: axes.across.high,
        }
        if key in places:
            self._move_line(self._stepped(here, places[key]))
        elif key == Qt.Key.Key_Escape and self._line is not None:
            self._move_line(None)
        else:
            super().keyPressEvent(event)

    def _stepped(self, here: float, wanted: float) -> float:
        """Return a place at least one point away from here, where there is one."""
        if self._line is None or self._nearest(wanted) != here:
            return wanted
        onward = 1 if wanted > here else -1
        for points in self._prepared:
            index = int(np.searchsorted(points.x, here)) + onward
            if 0 <= index < len(points.x):
                return float(points.x[index])
        return here

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys are."""
        self.update()
        super().focusInEvent(event)
