"""The way to what is on show: Network › Conv 2 › map 12 › row 2, column 5."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from cnnviz import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.nn.arithmetic import Place

    Crumb = tuple[str, tuple[str, Place]]


class Breadcrumb(QWidget):
    """Links to the levels above, and the name of the present one."""

    gone = Signal(str, object)
    """The layer and the place of the level that a person chose."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Where this is in the network")
        self._crumbs: tuple[Crumb, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.current().px(8))

    def set_crumbs(self, crumbs: Sequence[Crumb]) -> None:
        """Show a way, without a signal."""
        if tuple(crumbs) == self._crumbs:
            return
        self._crumbs = tuple(crumbs)
        focused = self.focusWidget()
        if focused is not None and focused.hasFocus():
            self.setFocus()  # or it went to whatever comes next, and Esc with it
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for title, (layer, place) in self._crumbs[:-1]:
            link = QPushButton(title)
            link.setProperty("role", "link")
            link.setAccessibleName(f"Back to {title}")
            link.setToolTip(f"Back to {title} (Esc goes back one level)")
            link.clicked.connect(partial(self._go, layer, place))
            self._row.addWidget(link)
            sign = QLabel("\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}")
            sign.setProperty("role", "muted")
            self._row.addWidget(sign)
        last = QLabel(self._crumbs[-1][0])
        last.setProperty("role", "heading")
        self._row.addWidget(last)
        self._row.addStretch(1)
        self.setAccessibleDescription(" › ".join(title for title, _ in self._crumbs))

    def _go(self, layer: str, place: Place, _checked: bool = False) -> None:
        self.gone.emit(layer, place)
