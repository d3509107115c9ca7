"""The canvas of the Inspect page: the tabs, and the view behind the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.pages.inspect import views
from cnnviz.widgets.controls import Segmented

if TYPE_CHECKING:
    from cnnviz.pages.inspect.state import State

LAYERS = "layers"


class Canvas(QWidget):
    """The tabs and their views.

    Parameters
    ----------
    state : State
    layers : QWidget
        What the first tab shows.

    Attributes
    ----------
    others : dict of View
        The views of the other tabs, by id.
    """

    viewed = Signal(str)
    """The id of the tab that a person chose."""

    def __init__(self, state: State, layers: QWidget) -> None:
        super().__init__()
        made = views.make(state)
        self.others = {key: view for key, (_, view) in made.items()}
        tabs = [(LAYERS, "Layers")]
        tabs += [(key, title) for key, title in views.TITLES.items() if key in made]
        self._tabs = Segmented(tabs, "View", "What is shown of the network")
        self._tabs.changed.connect(self.viewed)
        self._tabs.setVisible(len(tabs) > 1)
        self._widgets = {LAYERS: layers} | {key: one for key, (one, _) in made.items()}
        self._stack = QStackedWidget()
        for widget in self._widgets.values():
            self._stack.addWidget(widget)
        self._stack.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.current().px(8))
        column.addWidget(self._tabs)
        column.addWidget(self._stack, 1)

    def set_state(self, state: State) -> None:
        """Show the tab and the settings of a state."""
        key = state.view if state.view in self._widgets else LAYERS
        self._tabs.set_current(key)
        self._stack.setCurrentWidget(self._widgets[key])
        for view in self.others.values():
            view.set_state(state)
