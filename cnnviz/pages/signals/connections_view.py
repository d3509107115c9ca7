"""Local connection and weight sharing, beside the fully connected layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.pages.signals.explain import equals
from cnnviz.widgets.bar_plot import numbered
from cnnviz.widgets.connections import (
    ConnectionsDiagram,
    Network,
    full,
    local,
    shared_color,
)

if TYPE_CHECKING:
    from cnnviz.pages.signals.state import State


class ConnectionsView(QWidget):
    """Two drawings of one layer, and the shared weights in their colours."""

    jumped = Signal(int)
    """The hidden unit that a person points at."""

    def __init__(self) -> None:
        super().__init__()
        tip = "Point at a hidden unit to see what it is connected to"
        self.local = ConnectionsDiagram("Local connection, shared weights", tip)
        self.full = ConnectionsDiagram("Fully connected", tip)
        self._legend, self._reason = QLabel(), QLabel()
        for label in (self._legend, self._reason):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
            label.setProperty("role", "heading")
        self._drawings = QWidget()
        row = QHBoxLayout(self._drawings)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.current().px(24))
        for diagram in (self.local, self.full):
            diagram.chosen.connect(self.jumped)
            row.addWidget(diagram, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._drawings, 1)
        column.addWidget(self._reason, 1)
        column.addWidget(self._legend)

    def show_state(self, state: State) -> None:
        """Draw the layer that the kernel makes of the state's inputs."""
        hidden = state.hidden
        self._drawings.setVisible(hidden > 0)
        self._legend.setVisible(hidden > 0)
        self._reason.setVisible(hidden == 0)
        if not hidden:
            self._reason.setText(
                f"The kernel spans {state.geometry.extent[1]} inputs and there are "
                f"{state.inputs}: choose a shorter kernel or more inputs."
            )
            return
        inputs, at = state.inputs, state.unit
        taps = tuple(state.dilation * tap for tap in range(len(state.kernel)))
        links = local(inputs, taps, state.stride, state.order)
        count = len(state.kernel)
        self.local.set_network(
            Network(
                inputs,
                hidden,
                links,
                True,
                "Local connection, shared weights",
                f"{len(links)} connections, {count} weight{'s' * (count > 1)}",
            ),
            at,
        )
        all_links = full(inputs, hidden)
        self.full.set_network(
            Network(
                inputs,
                hidden,
                all_links,
                False,
                "Fully connected",
                f"{len(all_links)} connections, {len(all_links)} weights",
            ),
            at,
        )
        self._legend.setText(_legend(state))


def _legend(state: State) -> str:
    return "&nbsp;&nbsp;&nbsp;&nbsp;".join(
        f"<span style='color:{shared_color(number).name()}'>━━</span> "
        f"w{numbered(number + 1)} {equals(weight)}"
        for number, weight in enumerate(state.kernel.values)
    )
