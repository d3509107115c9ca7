"""The canvas of the Inspect page: the tabs, and the view behind the chosen one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from cnnviz import theme
from cnnviz.errors import InputError
from cnnviz.pages.inspect import asked, views
from cnnviz.widgets.controls import Segmented
from cnnviz.widgets.scrolling import BAR, BESIDE

if TYPE_CHECKING:
    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.inspect.asking import Answer
    from cnnviz.pages.inspect.state import State
    from cnnviz.pages.inspect.subject import Handed, Subject

LAYERS = "layers"
LEAST = 180
"""Height that the views do with, in pixels at text size 100 %; then they scroll."""


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
        self._widgets = {LAYERS: views.roomy(layers)}
        self._widgets |= {key: one for key, (one, _) in made.items()}
        self._stack = QStackedWidget()
        for widget in self._widgets.values():
            self._stack.addWidget(widget)
        # What the views would like is more than leaves room for the sum.
        self._stack.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored
        )
        self._stack.setMinimumHeight(theme.current().px(LEAST))
        px, row = theme.current().px, QVBoxLayout()
        row.setContentsMargins(0, 0, px(BAR + BESIDE), 0)
        row.addWidget(self._tabs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addLayout(row)
        column.addWidget(self._stack, 1)

    def set_state(self, state: State) -> None:
        """Show the tab and the settings of a state."""
        key = state.view if state.view in self._widgets else LAYERS
        if self._stack.currentWidget() is not self._widgets[key]:
            self._tabs.set_current(key)
            self._stack.setCurrentWidget(self._widgets[key])
        for view in self.others.values():
            view.set_state(state)

    def show_answer(
        self, answer: Answer, subject: Subject | Handed | None, data: Dataset | None
    ) -> None:
        """Hand the network and its picture to the views that ask further."""
        if answer.seen is None:
            self.show_nothing(answer.sentence)
            return
        try:
            network = asked.of(subject, answer.seen)
            picture = asked.planes(answer.ready.values)
        except InputError as error:
            for view in self.others.values():
                view.show_nothing(str(error))
            return
        if network is None:
            return
        for key, view in self.others.items():
            unchanged = answer.ready.unchanged if key == "changes" else None
            view.show_inputs(network, picture if unchanged is None else unchanged, data)

    def show_nothing(self, sentence: str) -> None:
        """Say why there is no picture, in the views that need one."""
        for key in views.PICTURED:
            self.others[key].show_nothing(sentence)
