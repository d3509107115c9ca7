"""A pane on the picture plane: zoom with the wheel, pan by dragging, both by keys.

Knows nothing of what it shows; :class:`cnnviz.widgets.image_view.ImageView` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from cnnviz import theme
from cnnviz.widgets.viewport import View, Viewport

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

# At text size 100 %: room about the world, so that frames at its edge and the focus
# ring are seen whole, and how large a pixel of the picture may become.
MARGIN = 6
LARGEST_PIXEL = 200

NOTCH = 1.25
ZOOM_KEYS: dict[int, float] = {
    Qt.Key.Key_Plus: NOTCH,
    Qt.Key.Key_Equal: NOTCH,
    Qt.Key.Key_Minus: 1 / NOTCH,
    Qt.Key.Key_0: 0.0,
}
BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)


class PlaneView(QWidget):
    """Shows a region of the picture plane.

    ``viewport_changed`` carries a :class:`Viewport` and comes from the user alone.
    """

    viewport_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._world = QRectF()
        self._viewport = Viewport()
        self._pressed: QPointF | None = None
        self._dragging = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        expanding = QSizePolicy.Policy.Expanding
        self.setSizePolicy(expanding, expanding)

    def set_world(self, world: QRectF) -> None:
        """Set what fit shows of the picture plane; if empty, it shows the content."""
        self._world = QRectF(world)
        self.update()

    def set_viewport(self, viewport: Viewport) -> None:
        """Zoom and pan."""
        if viewport != self._viewport:
            self._viewport = viewport
            self.update()

    def view(self) -> View:
        """Return what is shown where, in this widget's logical pixels."""
        world = self.content() if self._world.isEmpty() else self._world
        margin = theme.current().px(MARGIN)
        width, height = (max(n - 2 * margin, 1) for n in (self.width(), self.height()))
        return View(self._viewport, world, QRectF(margin, margin, width, height))

    def content(self) -> QRectF:
        """Return the region of the picture plane that has something to show."""
        return QRectF(0, 0, 1, 1)

    def click(self, point: QPointF) -> None:
        """Take a left click that was not a drag."""

    def move_to(self, viewport: Viewport) -> None:
        """Zoom and pan on the user's behalf."""
        if viewport != self.view().viewport:
            self._viewport = viewport
            self.update()
            self.viewport_changed.emit(viewport)

    def _zoom(self, factor: float, about: QPointF) -> None:
        view = self.view()
        now = self._viewport.zoom
        most = max(1.0, now, theme.current().px(LARGEST_PIXEL) / view.fit)
        zoom = min(max(1.0, now * factor), most)
        if zoom != now:
            self.move_to(view.zoomed(zoom, about))

    # ---------------------------------------------------------------- Qt

    def sizeHint(self) -> QSize:
        """Ask for a square of 240 pixels at text size 100 %."""
        return QSize(theme.current().px(240), theme.current().px(240))

    def minimumSizeHint(self) -> QSize:
        """Do with a square of 96 pixels at text size 100 %."""
        return QSize(theme.current().px(96), theme.current().px(96))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self._zoom(NOTCH ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom by + and −, and show the whole world by 0."""
        factor = ZOOM_KEYS.get(event.key())
        if factor is None:
            super().keyPressEvent(event)
        else:
            self._zoom(factor, self.view().area.center())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() in BUTTONS:
            self._pressed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture along."""
        if self._pressed is None:
            return
        way = event.position() - self._pressed
        if not self._dragging:
            if way.manhattanLength() < QApplication.startDragDistance():
                return
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._pressed = event.position()
        self.move_to(self.view().panned(way))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or click."""
        if self._pressed is None:
            return
        was_drag = self._dragging
        self._pressed, self._dragging = None, False
        self.setCursor(Qt.CursorShape.CrossCursor)
        if not was_drag and event.button() == Qt.MouseButton.LeftButton:
            self.click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole world."""
        self._zoom(0.0, event.position())
