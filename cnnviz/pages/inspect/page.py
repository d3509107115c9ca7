"""The Inspect page: wires the state to networks, pictures and views."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from cnnviz.pages.base import Page
from cnnviz.pages.inspect.canvas import Canvas
from cnnviz.pages.inspect.state import State


def create() -> InspectPage:
    """Make the page with an empty sheet."""
    return InspectPage()


class InspectPage(Page):
    """A network, a picture, every layer's maps, and the sum behind any value."""

    id = "inspect"
    title = "Inspect"

    def __init__(self, state: State | None = None) -> None:
        super().__init__(state or State())
        self._layers = QWidget()
        self._canvas = Canvas(self.state, self._layers)
        self.canvas.addWidget(self._canvas)
        self._canvas.viewed.connect(
            lambda key: self.edit(replace(self.state, view=key))
        )
        for view in self._canvas.others.values():
            view.edited.connect(self.edit)
            view.readout.connect(self.readout)
        self._canvas.set_state(self.state)

    def show_state(self, old: State) -> None:
        """Touch whatever differs between ``old`` and the present state."""
        self._canvas.set_state(self.state)

    def settled(self) -> bool:
        """Whether every answer is there."""
        return not any(view.busy for view in self._canvas.others.values())

    def shut_down(self) -> None:
        """Cancel and join everything."""
        for view in self._canvas.others.values():
            view.shut_down()
