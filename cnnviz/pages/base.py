"""The frame every page shares: controls | canvas over explanation, and its history.

A page is a function of its frozen state. Controls call :meth:`Page.edit` with a new
state; :meth:`Page.show_state` compares it with the old one and touches what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.codec import from_json, to_json
from cnnviz.pages.areas import LEAST, Folding, Roomy
from cnnviz.pages.history import History
from cnnviz.widgets.controls import Banner
from cnnviz.widgets.scrolling import BAR, BESIDE

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QImage, QKeyEvent, QResizeEvent

# In pixels at text size 100 %.
CONTROLS_WIDTH = 304
BESIDE_CONTROLS = 20, 16
WIDE = 1400
FOLD, BELOW = 20, 8
"""Of the explanation: the button over it, and what is free below."""


class Page(QWidget):
    """One page: a history of states and the three areas that show the present one.

    Parameters
    ----------
    state : object
        The first state, a frozen dataclass that :mod:`cnnviz.codec` can write.

    Attributes
    ----------
    parts : dict of str to QWidget
        The three areas: "controls", "canvas" and "explanation".
    roomy : Roomy
        The canvas, for one that shares its height out.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    open_filter: ClassVar[str] = "Files (*)"
    """What it opens, for a file dialog: ``"Pictures (*.png *.jpg)"``."""
    keys: ClassVar[tuple[tuple[str, str], ...]] = ()
    """(keys, what they do) for the help, beside those of the menus."""

    changed = Signal()
    readout = Signal(str)
    recent = Signal(str)
    handed_over = Signal(str, object)
    """A page's id and what it is to take over, see :meth:`take_over`."""
    lesson_asked = Signal(str)
    """The path of a lesson to open."""

    def __init__(self, state: Any) -> None:
        super().__init__()
        self.history: History[Any] = History(state)
        self.controls = QVBoxLayout()
        self.canvas = QVBoxLayout()
        self.explanation = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self.banner = Banner()
        self.parts: dict[str, QWidget] = {}
        self._build_frame()

    # ---------------------------------------------------------------- state

    @property
    def state(self) -> Any:
        """The state that is on the screen."""
        return self.history.state

    def edit(self, state: Any, gesture: str = "") -> None:
        """Take a new state from a control, as one step that can be undone."""
        old = self.state
        if self.history.push(state, gesture):
            self.banner.hide()
            self.show_state(old)
            self.changed.emit()

    def amend(self, state: Any) -> None:
        """Take a new state that is no step of its own, such as a zoom."""
        old = self.state
        if self.history.amend(state):
            self.show_state(old)
            self.changed.emit()

    def show_state(self, old: Any) -> None:
        """Touch whatever differs between ``old`` and :attr:`state`."""
        raise NotImplementedError

    def can_undo(self) -> bool:
        """Whether :meth:`undo` would change something."""
        return self.history.can_undo()

    def can_redo(self) -> bool:
        """Whether :meth:`redo` would change something."""
        return self.history.can_redo()

    def undo(self) -> None:
        """Take back the last step."""
        old = self.state
        self.history.undo()
        self.show_state(old)
        self.changed.emit()

    def redo(self) -> None:
        """Take the last undone step again."""
        old = self.state
        self.history.redo()
        self.show_state(old)
        self.changed.emit()

    def state_json(self) -> dict[str, Any]:
        """Return the present state as plain JSON."""
        result: dict[str, Any] = to_json(self.state)
        return result

    def session_json(self) -> dict[str, Any]:
        """Return what brings the present state back at the next start, as plain JSON.

        Raises
        ------
        InputError
            What the state refers to cannot be kept.
        """
        return self.state_json()

    def restore(self, data: dict[str, Any]) -> None:
        """Go to a state that :meth:`state_json` or :meth:`session_json` wrote.

        Raises
        ------
        InputError
            The state is damaged; the page stays as it was.
        """
        self.edit(from_json(type(self.state), data))

    def located(self, data: dict[str, Any], folder: Path) -> tuple[dict[str, Any], str]:
        """Return a state from a file in this folder, with what it needs where it is.

        The text is the name of what is missing, and the state does without; or empty.
        """
        return data, ""

    # ---------------------------------------------------------------- for the window

    def take_over(self, data: dict[str, Any]) -> None:
        """Show what another page hands over; what is in it, both pages agree on.

        Raises
        ------
        InputError
            It cannot be shown here; the page stays as it was.
        """
        self.restore(data)

    def show_message(self, text: str) -> None:
        """Show one plain sentence at the top of the canvas."""
        self.banner.show_message(text)

    def open_paths(self, paths: list[str]) -> None:
        """Open files that were chosen or dropped."""

    def paste(self, mime: QMimeData) -> bool:
        """Take what is on the clipboard; say whether it was of use."""
        return False

    def copy_picture(self) -> QImage | None:
        """Return the picture of this page for the clipboard or a file."""
        return None

    def pytorch(self) -> str:
        """Return PyTorch code that computes what the page shows."""
        return ""

    def settled(self) -> bool:
        """Whether everything on the screen belongs to the present state."""
        return True

    def hide_parts(self, hidden: Collection[str]) -> None:
        """Show all parts but these: "controls", "explanation"."""
        for name, line in self._lines.items():
            self.parts[name].setVisible(name not in hidden)
            line.setVisible(name not in hidden)

    def leave_canvas(self, least: int) -> None:
        """Leave the canvas so many pixels: the explanation scrolls before it does."""
        px, banner = theme.current().px, self.banner
        others = px(FOLD) + 1 + (0 if banner.isHidden() else banner.height())
        most = min(
            self.height() * 45 // 100 + px(BELOW), self.height() - others - least
        )
        self._folding.setMaximumHeight(max(px(LEAST), self.height() // 9, most))

    def shut_down(self) -> None:
        """Cancel and join work in threads."""

    def order_keys(self) -> None:
        """Let Tab go from the canvas over the fold to the explanation.

        The frame is made before what is in it, so the fold would come first of all.
        """
        content, before = self._folding.content, None
        there = self.nextInFocusChain()
        while there is not None and there is not self:
            if there is not content and content.isAncestorOf(there):
                break
            if there.focusPolicy() & Qt.FocusPolicy.TabFocus:
                before = there  # of others Qt's setTabOrder makes nothing
            there = there.nextInFocusChain()
        if before is not None:
            QWidget.setTabOrder(before, self._fold)

    # ---------------------------------------------------------------- frame

    def _build_frame(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._lines = {
            "controls": _line(vertical=True),
            "explanation": _line(vertical=False),
        }
        self.parts["controls"] = self._controls_column()
        row.addWidget(self.parts["controls"])
        row.addWidget(self._lines["controls"])
        row.addLayout(self._canvas_column(), 1)

    def _controls_column(self) -> QWidget:
        inner = QFrame()
        inner.setProperty("role", "surface")
        column = QVBoxLayout(inner)
        px = theme.current().px
        left, right = map(px, BESIDE_CONTROLS)
        column.setContentsMargins(left, px(16), right, px(16))
        column.setSpacing(px(8))
        heading = QLabel(self.title)
        heading.setProperty("role", "title")
        column.addWidget(heading)
        self.controls.setSpacing(px(8))
        column.addLayout(self.controls)
        column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setObjectName("controls")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inner)
        self._scroll.setFixedWidth(px(CONTROLS_WIDTH))
        return self._scroll

    def _canvas_column(self) -> QVBoxLayout:
        px = theme.current().px
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.banner)
        inner = QWidget()
        inner.setLayout(self.canvas)
        self.canvas.setContentsMargins(px(20), px(12), px(20), px(8))
        self.canvas.setSpacing(px(8))
        self.parts["canvas"] = self.roomy = Roomy(inner)
        self.parts["explanation"] = self._explanation_panel()
        column.addWidget(self.parts["canvas"], 1)
        column.addWidget(self._lines["explanation"])
        column.addWidget(self.parts["explanation"])
        return column

    def _explanation_panel(self) -> QWidget:
        px = theme.current().px
        panel = QFrame()
        panel.setProperty("role", "surface")
        inner = QVBoxLayout(panel)
        inner.setContentsMargins(px(20), 0, 0, 0)
        inner.setSpacing(0)
        self._fold = QToolButton()
        self._fold.setCheckable(True)
        self._fold.setChecked(True)
        self._fold.setAccessibleName("Fold or unfold the explanation")
        self._fold.setToolTip("Fold the explanation away, or unfold it")
        self._fold.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        content = QFrame()
        content.setProperty("role", "surface")
        content.setLayout(self.explanation)
        # Inside, so that where it scrolls no margin cuts off the feet of a line.
        self.explanation.setContentsMargins(0, 0, 0, px(BELOW))
        self.explanation.setSpacing(px(8))
        self._folding = Folding(content)
        self._fold.toggled.connect(self._folding.setVisible)
        self._fold.toggled.connect(lambda _: self._draw_fold())
        over = QHBoxLayout()
        over.setContentsMargins(0, 0, px(BAR + BESIDE), 0)
        over.addWidget(self._fold)
        inner.addLayout(over)
        inner.addWidget(self._folding)
        self._fold.setFixedHeight(px(FOLD))
        self._draw_fold()
        return panel

    def _draw_fold(self) -> None:
        name = "chevron-down" if self._fold.isChecked() else "chevron-up"
        self._fold.setIcon(theme.icon(name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the message with Esc."""
        if event.key() == Qt.Key.Key_Escape and self.banner.text():
            self.banner.hide()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the canvas most of the height; lay a wide explanation side by side."""
        super().resizeEvent(event)
        self._folding.setMaximumHeight(
            self.height() * 45 // 100 + theme.current().px(BELOW)
        )
        wide = self.width() >= theme.current().px(WIDE)
        direction = QBoxLayout.Direction
        self.explanation.setDirection(
            direction.LeftToRight if wide else direction.TopToBottom
        )

    def changeEvent(self, event: QEvent) -> None:
        """Colour the icon anew."""
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_fold()
        super().changeEvent(event)


def _line(*, vertical: bool) -> QFrame:
    line = QFrame()
    line.setProperty("role", "line")
    if vertical:
        line.setFixedWidth(1)
    else:
        line.setFixedHeight(1)
    return line
