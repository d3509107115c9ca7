"""The views behind the tabs beside "Layers": their titles and what they take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea

from cnnviz.widgets.scrolling import keep_bar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PySide6.QtWidgets import QWidget

    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.inspect.asked import Asked
    from cnnviz.pages.inspect.state import State

TITLES = {
    "why": "Why?",
    "adversarial": "Adversarial",
    "dream": "Dream",
    "points": "Points",
    "changes": "Changes",
}
"""The tabs, in their order; one that :func:`make` does not make is left out."""

PICTURED = ("why", "adversarial", "changes")
"""Those that show nothing without a picture."""


class View(Protocol):
    """A widget of a tab. A view that is hidden need not do any work until it shows.

    Signals: ``edited(object, str)`` with a new state and the key of a gesture,
    ``readout(str)`` for the status bar.
    """

    edited: Any
    readout: Any

    def set_state(self, state: State) -> None:
        """Show a state's settings."""

    def show_inputs(
        self,
        asked: Asked,
        picture: NDArray[np.float32],
        data: Dataset | None,
    ) -> None:
        """Take the network and its picture, float32 (C, H, W), as it sees it.

        The view "changes" takes it as it is before the changes of the state.
        """

    def show_nothing(self, text: str) -> None:
        """Have nothing to ask about, and say why."""

    def shut_down(self) -> None:
        """Cancel and join work in threads."""

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""


def make(state: State) -> dict[str, tuple[QWidget, View]]:
    """Make the views, by the ids of their tabs; each twice, as what it is to Qt and us.

    The modules of the views are imported here.
    """
    from cnnviz.pages.inspect.adversarial_view import AdversarialView
    from cnnviz.pages.inspect.attribution_view import AttributionView
    from cnnviz.pages.inspect.changes_view import ChangesView
    from cnnviz.pages.inspect.dream_view import DreamView
    from cnnviz.pages.inspect.points_view import PointsView

    made: dict[str, Any] = {
        "why": AttributionView(state),
        "adversarial": AdversarialView(state),
        "dream": DreamView(state),
        "points": PointsView(state),
        "changes": ChangesView(state),
    }
    return {key: (roomy(view), view) for key, view in made.items()}


def roomy(view: QWidget) -> QWidget:
    """Let a view fill the room that there is, and scroll where it needs more.

    Its bar is for the margin of the canvas.
    """
    area = QScrollArea()
    area.setWidget(view)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    keep_bar(area)
    return area
