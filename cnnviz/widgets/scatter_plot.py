"""Thousands of points on a plane, coloured by class, that glide from map to map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.widgets.gestures import keep_keys
from cnnviz.widgets.glide import Glide
from cnnviz.widgets.picture import picture_image
from cnnviz.widgets.plot_frame import HEAD, draw_head
from cnnviz.widgets.run_curves import polygon
from cnnviz.widgets.scatter_places import (
    SWATCH,
    fitted,
    legend,
    nearest,
    neighbour,
    plates,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

# In pixels at text size 100 %.
DOT, MARKED = 5, 12
REACH = 14
THUMB = 84

SLICES = 6
"""Every class is drawn in so many turns, so that none lies over all others."""

GLIDE = 900
"""Milliseconds from one map to the next."""

_WAYS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
}


class ScatterPlot(QWidget):
    """Points with their class at its middle; the one pointed at shows its picture.

    Arrow keys go to the next point that way; Enter clicks.

    Parameters
    ----------
    name, tooltip : str
        Title and accessible name, and tooltip.
    """

    hovered = Signal(int)
    """The point under the pointer or the cursor, −1 for none."""
    clicked = Signal(int)

    def __init__(self, name: str, tooltip: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        keep_keys(self, _WAYS)
        self._title, self._caption, self._placeholder = name, "", ""
        self._points: Floats = np.zeros((0, 2), np.float32)
        self._before = np.zeros((0, 2))
        self._labels: Integers = np.zeros(0, np.int64)
        self._names: tuple[str, ...] = ()
        self._pictures: NDArray[np.uint8] = np.zeros((0, 1, 1, 1), np.uint8)
        self._pointed, self._marked, self._class = -1, -1, -1
        self._plates: tuple[object, dict[int, QRectF]] | None = None
        self._glide = Glide(self)
        self._glide.setDuration(GLIDE)

    # ---------------------------------------------------------------- content

    def set_pictures(
        self,
        pictures: NDArray[np.uint8],
        labels: Integers,
        names: Sequence[str],
    ) -> None:
        """Say what the points to come are, without a signal; kept, not copied.

        Parameters
        ----------
        pictures : uint8 (N, C, H, W)
        labels : int64 (N,)
        names : sequence of str
            Of the classes.
        """
        self._pictures, self._labels, self._names = pictures, labels, tuple(names)
        self._points = np.zeros((0, 2), np.float32)
        self._plates = None
        self._pointed = self._marked = self._class = -1
        self._glide.end()
        self.update()

    def set_points(self, points: Floats) -> None:
        """Put the points where they belong, (N, 2), or none, (0, 2); up is up.

        Fewer points are those of the first pictures. If there were as many before, they
        glide there.
        """
        self._plates = None
        if len(points) == len(self._points) and len(points):
            self._before = self.pixels()
            self._glide.end()
            self._points = points
            self._glide.begin(1.0)
        else:
            self._glide.end()
            self._points = points
        self.update()

    def set_title(self, title: str, caption: str) -> None:
        """Write a title on the left and a caption on the right."""
        self._title, self._caption = title, caption
        self.setAccessibleDescription(f"{title}, {caption}")
        self.update()

    def set_placeholder(self, text: str) -> None:
        """Say why there are no points, while there are none."""
        self._placeholder = text
        self.update()

    def set_marked(self, index: int) -> None:
        """Draw a ring around a point, −1 for none; without a signal."""
        if index != self._marked:
            self._marked = index
            self.update()

    @property
    def gliding(self) -> bool:
        """Whether points are on their way."""
        return self._glide.offset != 0

    # ---------------------------------------------------------------- places

    def pixels(self) -> NDArray[np.float64]:
        """Return where the points are in the widget, also on their way, (N, 2)."""
        places = fitted(self._points, self._names, self.size().toSizeF())
        left = float(self._glide.offset)
        if left and len(self._before) == len(places):
            return self._before * left + places * (1 - left)
        return places

    def point_at(self, place: QPointF) -> int:
        """Return the point nearest to a place, −1 if none is near."""
        return nearest(self.pixels(), place, theme.current().px(REACH))

    def _class_at(self, place: QPointF) -> int:
        for index, (rect, _) in enumerate(self._entries()):
            if rect.contains(place):
                return index
        return -1

    def _entries(self) -> list[tuple[QRectF, str]]:
        """Return the legend's entries: where, and the names that have room."""
        names = self._names if len(self._points) else ()
        return legend(names, self.size().toSizeF())

    def names_at(self) -> dict[int, QRectF]:
        """Return where the names of the classes stand: at the middle of their points.

        Those that would touch stand beside each other. Kept while nothing moves, for
        the points are painted anew with every one that is pointed at.
        """
        key = self.size(), theme.current().text_size, self._glide.offset
        if self._plates is None or self._plates[0] != key:
            places = self.pixels()
            labels = self._labels[: len(places)]
            found = plates(places, labels, self._names, self.size().toSizeF())
            self._plates = key, found
        return self._plates[1]

    # ---------------------------------------------------------------- painting

    def _paint_points(self, painter: QPainter, places: NDArray[np.float64]) -> None:
        labels = self._labels[: len(places)]
        classes = range(int(labels.max(initial=-1)) + 1)
        members = [places[labels == label] for label in classes]
        for turn in range(SLICES):
            for label, mine in zip(classes, members, strict=True):
                color = theme.category(label)
                if self._class not in (-1, label):
                    color.setAlphaF(0.12)
                pen = QPen(color, theme.current().px(DOT))
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawPoints(polygon(np.ascontiguousarray(mine[turn::SLICES])))

    def _paint_names(self, painter: QPainter) -> None:
        """Write each class on a plate with a frame of its colour."""
        px, ground = theme.current().px, theme.color("background")
        ground.setAlphaF(0.85)
        painter.setFont(theme.font(20, bold=True))
        for label, plate in self.names_at().items():
            if self._class not in (-1, label):
                continue
            painter.setBrush(ground)
            painter.setPen(QPen(theme.category(label), px(2)))
            painter.drawRoundedRect(plate, px(6), px(6))
            painter.setPen(theme.color("text"))
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._names[label])

    def _paint_ring(self, painter: QPainter, place: QPointF, role: str) -> None:
        px = theme.current().px
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for name, width in (("background", 5), (role, 2.5)):
            painter.setPen(QPen(theme.color(name), px(width)))
            painter.drawEllipse(place, px(MARKED) / 2, px(MARKED) / 2)

    def _paint_picture(self, painter: QPainter, place: QPointF) -> None:
        """Draw the picture of the point that is pointed at beside it."""
        px = theme.current().px
        side = px(THUMB)
        box = QRectF(place.x() + px(14), place.y() - side - px(14), side, side)
        if box.right() > self.width():
            box.moveRight(place.x() - px(14))
        box.moveTop(max(float(px(HEAD)), box.top()))
        label = int(self._labels[self._pointed])
        painter.setPen(QPen(theme.category(label), px(3)))
        painter.drawRect(box)
        image = picture_image(self._pictures[self._pointed])
        painter.drawImage(box, image)

    def _paint_legend(self, painter: QPainter) -> None:
        px = theme.current().px
        painter.setFont(theme.font(12))
        for label, (rect, name) in enumerate(self._entries()):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.category(label))
            middle = QPointF(rect.left() + px(SWATCH) / 2, rect.center().y())
            painter.drawEllipse(middle, px(SWATCH) / 2, px(SWATCH) / 2)
            strong = self._class == label
            painter.setPen(theme.color("text" if strong else "muted"))
            words = rect.adjusted(px(SWATCH + 6), 0, px(4), 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, name)

    def _point(self, index: int) -> None:
        if index != self._pointed:
            self._pointed = index
            self.update()
            self.hovered.emit(index)

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a square of 360 pixels at text size 100 %."""
        return QSize(theme.current().px(360), theme.current().px(360))

    def minimumSizeHint(self) -> QSize:
        """Do with a square of 220 pixels."""
        return QSize(theme.current().px(220), theme.current().px(220))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, points, names, legend and the picture pointed at."""
        px = theme.current().px
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            head = QRectF(0, 0, self.width(), px(HEAD))
            draw_head(painter, head, self._title, self._caption)
            if not len(self._points):
                painter.setFont(theme.font())
                painter.setPen(theme.color("muted"))
                rest = self.rect().adjusted(0, px(HEAD + 8), 0, 0)
                painter.drawText(rest, Qt.TextFlag.TextWordWrap, self._placeholder)
                return
            places = self.pixels()
            self._paint_points(painter, places)
            self._paint_names(painter)
            for index, role in ((self._marked, "highlight"), (self._pointed, "accent")):
                if 0 <= index < len(places):
                    self._paint_ring(painter, QPointF(*places[index]), role)
            self._paint_legend(painter)
            if 0 <= self._pointed < len(places):
                self._paint_picture(painter, QPointF(*places[self._pointed]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the nearest point, or at a class in the legend."""
        place = event.position()
        found = self._class_at(place)
        if found != self._class:
            self._class = found
            self.update()
        self._point(-1 if found >= 0 else self.point_at(place))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick the nearest point."""
        index = self.point_at(event.position())
        if index >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(index)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._class = -1
        self._point(-1)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at nothing, unless the pointer still does."""
        if not self.underMouse():
            self._point(-1)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from point to point, and click."""
        key = event.key()
        if key in _WAYS and len(self._points):
            self._point(self._next(_WAYS[key]))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointed >= 0:
            self.clicked.emit(self._pointed)
        else:
            super().keyPressEvent(event)

    def _next(self, way: tuple[int, int]) -> int:
        """Return the nearest point in a direction, or the present one."""
        if self._pointed < 0:
            return max(self._marked, 0)
        return neighbour(self.pixels(), self._pointed, way)
