"""The frames that lie over the board: they glide from one window to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QPointF, QRect, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QPainter, QRegion
from PySide6.QtWidgets import QWidget

from cnnviz import theme
from cnnviz.widgets.cells import draw_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from PySide6.QtGui import QHideEvent, QPaintEvent

    from cnnviz.widgets.matrix import MatrixView

GLIDE, TURN = 200, 900
"""Milliseconds from window to window, and for half a turn of the kernel."""


@dataclass(frozen=True)
class Turn:
    """A kernel on its way from the one place to the other, turning by half a turn.

    Its numbers stay upright, so that at the end they are what lies there.
    """

    kernel: MatrixView
    start: QRect
    end: QRect


class Glide(QWidget):
    """A sheet over the board that only draws; the mouse reaches through it."""

    turned = Signal()
    """The kernel has arrived."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._before: dict[str, QRect] = {}
        self._after: dict[str, QRect] = {}
        self._roles: dict[str, str] = {}
        self._share = 1.0
        self._turn: Turn | None = None
        self._angle = 0.0
        self._motion = QVariantAnimation(self)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._motion.valueChanged.connect(self._move)
        self._turning = QVariantAnimation(self)
        self._turning.setStartValue(0.0)
        self._turning.setEndValue(1.0)
        self._turning.setDuration(TURN)
        self._turning.setEasingCurve(QEasingCurve.Type.InOutCubic)
        self._turning.valueChanged.connect(self._rotate)
        self._turning.finished.connect(self._arrive)

    # ---------------------------------------------------------------- frames

    def set_frames(
        self, frames: Mapping[str, tuple[QRect, str]], *, duration: int = 0
    ) -> None:
        """Draw other frames.

        Parameters
        ----------
        frames : mapping from a name to (rectangle, colour role)
            A frame glides from where the one of the same name is now.
        duration : int
            Milliseconds; 0 moves at once.
        """
        drawn = self._drawn()
        known = {key: self._now(key) for key in self._after}
        self._after = {key: rect for key, (rect, _) in frames.items()}
        self._before = {key: known.get(key, rect) for key, rect in self._after.items()}
        self._roles = {key: role for key, (_, role) in frames.items()}
        self._motion.stop()
        if duration and self._before != self._after:
            self._share = 0.0
            self._motion.setDuration(duration)
            self._motion.start()
        else:
            self._share = 1.0
        self._redraw(drawn)

    def rects(self) -> dict[str, QRect]:
        """Return where the frames are going to, by name."""
        return dict(self._after)

    @property
    def moving(self) -> bool:
        """Whether frames or the kernel are on their way."""
        running = QVariantAnimation.State.Running
        return running in (self._motion.state(), self._turning.state())

    def _now(self, key: str) -> QRect:
        one, other, share = self._before[key], self._after[key], self._share
        x, y, width, height = (
            round(a + (b - a) * share)
            for a, b in zip(one.getRect(), other.getRect(), strict=True)  # type: ignore[call-overload]
        )
        return QRect(x, y, width, height)

    def _drawn(self) -> dict[tuple[QRect, str], None]:
        """Return rectangle and colour role of every frame, each once."""
        return dict.fromkeys((self._now(key), self._roles[key]) for key in self._after)

    def _redraw(self, drawn: dict[tuple[QRect, str], None]) -> None:
        """Paint anew where frames have come or gone; those that stay are left alone."""
        region = QRegion()
        for rect, _ in drawn.keys() ^ self._drawn().keys():
            region += rect.adjusted(-1, -1, 1, 1)
        self.update(region)

    def _move(self, share: float) -> None:
        drawn = self._drawn()
        self._share = share
        self._redraw(drawn)

    # ---------------------------------------------------------------- turning

    def turn(self, turn: Turn) -> None:
        """Carry a kernel to its other place, turning on the way."""
        self._turn = turn
        self._turning.stop()
        self._turning.start()

    def finish(self) -> None:
        """Be at the end of every movement."""
        self._motion.stop()
        self._share = 1.0
        if self._turn is not None:
            self._turning.stop()
            self._arrive()
        self.update()

    def _rotate(self, share: float) -> None:
        self._angle = share
        self.update()

    def _arrive(self) -> None:
        self._turn = None
        self.turned.emit()
        self.update()

    # ---------------------------------------------------------------- Qt

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frames, and over them the turning kernel."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for rect, role in self._drawn():
                if event.region().intersects(rect.adjusted(-1, -1, 1, 1)):
                    draw_frame(painter, rect, theme.color(role))
            if self._turn is not None:
                self._draw_turn(painter, self._turn)

    def _draw_turn(self, painter: QPainter, turn: Turn) -> None:
        start, end = turn.start.center().toPointF(), turn.end.center().toPointF()
        middle = start + (end - start) * self._angle
        lift = math.sin(math.pi * self._angle)
        angle = 180 * self._angle
        painter.save()
        painter.translate(middle - QPointF(0, theme.current().px(12) * lift))
        painter.rotate(angle)
        painter.translate(-turn.start.width() / 2, -turn.start.height() / 2)
        turn.kernel.draw_cells(painter, turned=angle)
        painter.restore()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let nothing move that nobody sees."""
        self.finish()
        super().hideEvent(event)
