"""How sure a network is of each class: a bar each, the largest in the highlight."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from cnnviz import theme
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# In pixels at text size 100 %.
LOWEST_ROW, HIGHEST_ROW, LARGE_ROW = 16, 30, 18
BAR, GAP = 9, 8
SHORTEST_BAR = 56
LONGEST_NAME = 0.35
"""Of the width."""

COLUMN, BETWEEN, SHORT_BAR, SHORT_NAME = 120, 16, 40, 2
"""Two columns: the least width of one, what lies between, a bar; letters of a name."""

DECIMALS = 2


@lru_cache(64)  # of the bars that changed, and to paint these
def percentage(share: float, decimals: int = DECIMALS) -> str:
    """Write a probability so that nothing is called certain that is not.

    Parameters
    ----------
    share : float
        0 to 1, or NaN.
    decimals : int
        Of the percentage, at most.

    Returns
    -------
    str
        ``"≈12.34 %"``, ``"25 %"``, and ``"<0.01 %"`` or ``">99.99 %"`` where rounding
        would make it 0 or 100; ``"NaN"`` for none.
    """
    if np.isnan(share):
        return "NaN"
    least = 10.0**-decimals
    percent = np.float32(100 * share)
    if 0 < percent < least / 2:
        return f"<{least:g} %"
    if 100 - least / 2 < percent < 100 or 1 > share > 1 - least / 200:
        return f">{100 - least:g} %"
    return f"{numbers.approx_fixed(percent, decimals)} %"


@lru_cache(8)
def _widest(words: tuple[str, ...], letters: int, text_size: int) -> float:
    """Return the width of the widest of some words, in letters at a text size."""
    ruler = QFontMetricsF(theme.font(letters))  # at the present text size
    return max(map(ruler.horizontalAdvance, words))


class _Look(NamedTuple):
    """What is seen of a row; a NaN is never the same as before."""

    text: str
    share: float
    flags: tuple[bool, bool]
    """Whether it is the first, and the true one."""


class ProbabilityBars(QWidget):
    """A bar for each class, from top to bottom.

    Where not all have room, and not in two columns either, those with the largest
    probabilities are shown.

    Parameters
    ----------
    name, tooltip : str
        Accessible name and tooltip.
    """

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._names: tuple[str, ...] = tuple("0123456789")
        self._shares: NDArray[np.float32] | None = None
        self._truth: int | None = None
        self._looks: list[_Look] | None = None

    def set_names(self, names: Sequence[str]) -> None:
        """Name the classes."""
        if tuple(names) != self._names:
            self._names, self._shares, self._looks = tuple(names), None, None
            self.updateGeometry()
            self.update()

    def set_probabilities(
        self, shares: NDArray[np.float32] | None, truth: int | None = None
    ) -> None:
        """Show probabilities, or empty bars.

        Parameters
        ----------
        shares : float32 (classes,), or None
            From 0 to 1, one for each name.
        truth : int, optional
            The true class, which gets a frame.
        """
        self._shares, self._truth = shares, truth
        words = "" if shares is None else self.describe(self._first())
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)
        before, self._looks = self._looks, self._look()
        if before is None or self._looks is None:
            self.update()
            return
        rects = self._rects(len(before))
        bar = self._named(rects[0]) + theme.current().px(GAP / 2)
        for rect, old, new in zip(rects, before, self._looks, strict=True):
            if old != new:
                left = 0 if old.flags != new.flags else bar  # the name stays
                self.update(rect.adjusted(left, 0, 0, 0).toAlignedRect())

    def _look(self) -> list[_Look] | None:
        """Return what there is to see of each row on show; None without bars."""
        if self._shares is None or len(self._names) > len(self.rows()):
            return None
        first = self._first()
        return [
            _Look(percentage(share), round(share, 4), (n == first, n == self._truth))
            for n, share in enumerate(self._shares.tolist())
        ]

    def describe(self, index: int) -> str:
        """Return a class in words, its probability in full."""
        truth = ", the true class" if index == self._truth else ""
        if self._shares is None:
            return f"{self._names[index]}{truth}"
        share = numbers.plain(np.float32(self._shares[index]))
        return f"{self._names[index]}: {share}{truth}"

    # ---------------------------------------------------------------- places

    def rows(self) -> list[int]:
        """Return the classes on show, from top to bottom."""
        count, room = len(self._names), self._room()
        if self.columns() * room >= count:
            return list(range(count))
        shares = np.zeros(count) if self._shares is None else self._shares
        order = np.argsort(-shares, kind="stable").tolist()
        if self._truth is not None:
            order.remove(self._truth)
            order.insert(min(1, room - 2), self._truth)
        return sorted(order[: max(1, room - 1)])

    def columns(self) -> int:
        """Return 2 where all bars fit so, and in one they don't; else 1."""
        px, count = theme.current().px, len(self._names)
        wide = self.width() >= 2 * px(COLUMN) + px(BETWEEN)
        short = wide and max(map(len, self._names)) <= SHORT_NAME
        return 2 if short and self._room() < count <= 2 * self._room() else 1

    def _room(self) -> int:
        """Return how many bars fit into a column."""
        return max(1, self.height() // theme.current().px(LOWEST_ROW))

    def row_rect(self, row: int) -> QRectF:
        """Return the pixels of a row."""
        return self._rects(row + 1)[row]

    def _rects(self, count: int) -> list[QRectF]:
        """Return the pixels of the first rows."""
        px, columns = theme.current().px, self.columns()
        most = min(self._room(), -(-len(self._names) // columns))
        height = min(px(HIGHEST_ROW), self.height() / most)
        gaps = (columns - 1) * px(BETWEEN)
        width = (self.width() - gaps) / columns
        places = (
            divmod(row, most) if columns > 1 else (0, row) for row in range(count)
        )
        return [
            QRectF(column * (width + px(BETWEEN)), row * height, width, height)
            for column, row in places
        ]

    def _letters(self, row: QRectF) -> int:
        """Return the height of the letters in such a row, at text size 100 %."""
        large = self.columns() == 1 and row.height() >= theme.current().px(LARGE_ROW)
        return 14 if large else 12

    def _named(self, row: QRectF) -> float:
        """Return the width of the names in such a row."""
        names = tuple(self._names[index] for index in self.rows())
        text_size = theme.current().text_size
        widest = _widest(names, self._letters(row), text_size)
        return min(widest + 2, LONGEST_NAME * row.width())

    def _first(self) -> int:
        """Return the class that is predicted, −1 for none."""
        return -1 if self._shares is None else int(np.argmax(self._shares))

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for rows that are easy to read."""
        px = theme.current().px
        return QSize(px(200), px(22) * len(self._names))

    def minimumSizeHint(self) -> QSize:
        """Do with the four largest."""
        px = theme.current().px
        return QSize(px(96), px(LOWEST_ROW) * min(5, len(self._names)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw names, bars and percentages."""
        px, rows = theme.current().px, self.rows()
        rects, region = self._rects(len(rows)), event.region()
        letters, name = self._letters(rects[0]), self._named(rects[0])
        value = _widest(("≈00.00 %",), letters, theme.current().text_size)
        left = name + px(GAP)
        least = px(SHORTEST_BAR if self.columns() == 1 else SHORT_BAR)
        lettered = rects[0].width() - left - value - px(GAP) >= least
        right = value + px(GAP) if lettered else px(3)
        places = zip(rows, rects, strict=True)
        seen = [at for at in places if region.intersects(at[1].toAlignedRect())]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            tracks = [(index, _track(rect, left, right)) for index, rect in seen]
            self._paint_bars(painter, tracks)
            painter.setFont(theme.font(letters))
            strong, first = (theme.color("text"), theme.color("muted")), self._first()
            for index, rect in seen:
                painter.setPen(strong[index not in (first, self._truth)])
                words = QRectF(rect.left(), rect.top(), name, rect.height())
                if region.intersects(words.toAlignedRect()):
                    self._paint_name(painter, index, rect, name)
                if lettered and self._shares is not None:
                    text = percentage(float(self._shares[index]))
                    painter.drawText(rect, _RIGHT, text)
            if len(rows) < len(self._names):
                self._paint_rest(painter, rows, left)

    def _paint_bars(self, painter: QPainter, tracks: list[tuple[int, QRectF]]) -> None:
        radius, first = theme.current().px(BAR) / 2, self._first()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("line"))
        for _, track in tracks:
            painter.drawRoundedRect(track, radius, radius)
        painter.setBrush(theme.color("muted"))
        for index, track in tracks:
            share = 0.0 if self._shares is None else float(self._shares[index])
            if not share > 0:  # or NaN
                continue
            if index == first:
                painter.setBrush(theme.color("highlight"))
            bar = QRectF(track)
            bar.setWidth(max(2.0, min(1.0, share) * track.width()))
            corner = min(radius, bar.width() / 2)
            painter.drawRoundedRect(bar, corner, corner)
            if index == first:
                painter.setBrush(theme.color("muted"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("text"), theme.current().px(1.5)))
        for index, track in tracks:
            if index == self._truth:
                around = track.adjusted(-1, -1, 1, 1)
                painter.drawRoundedRect(around, radius + 1, radius + 1)

    def _paint_name(
        self, painter: QPainter, index: int, rect: QRectF, width: float
    ) -> None:
        right = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(self._names[index], right, int(width))
        painter.drawText(rect, _LEFT, text)

    def _paint_rest(self, painter: QPainter, rows: list[int], left: float) -> None:
        rest = len(self._names) - len(rows)
        text = f"{rest} more"
        painter.setFont(theme.font(12))
        painter.setPen(theme.color("muted"))
        rect = self.row_rect(len(rows)).adjusted(left, 0, 0, 0)
        if self._shares is not None:
            hidden = float(self._shares.sum() - self._shares[rows].sum())
            whole = f"{text}, together {percentage(max(0.0, hidden))}"
            fits = painter.fontMetrics().horizontalAdvance(whole) <= rect.width()
            text = whole if fits else text
        painter.drawText(rect, _LEFT, text)

    def event(self, event: QEvent) -> bool:
        """Tell the probability under the pointer in full."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = event.pos().toPointF()
            first = [
                self.describe(index)
                for row, index in enumerate(self.rows())
                if self.row_rect(row).contains(at)
            ]
            text = "\n".join([*first[:1], self.toolTip()])
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)


def _track(row: QRectF, left: float, right: float) -> QRectF:
    """Return what a whole bar takes of a row, so far from its ends."""
    height = theme.current().px(BAR)
    top = row.center().y() - height / 2
    return QRectF(row.left() + left, top, row.width() - left - right, height)


_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
