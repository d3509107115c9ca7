"""The canvas of the Train page: curves, a view under them, and the rewind slider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from cnnviz import theme
from cnnviz.pages.train import explain
from cnnviz.pages.train.maps_view import MapsView
from cnnviz.pages.train.mistakes_view import MistakesView
from cnnviz.pages.train.network_view import NetworkView
from cnnviz.pages.train.plots import CurvesView, Plots
from cnnviz.pages.train.runs_view import RunsView
from cnnviz.widgets.controls import Segmented
from cnnviz.widgets.facts import Facts
from cnnviz.widgets.flowing import Flowing
from cnnviz.widgets.scrolling import keep_bar
from cnnviz.widgets.timeline import LIVE, Timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.nn.network import Network
    from cnnviz.nn.recipe import Recipe
    from cnnviz.pages.train.current_run import CurrentRun
    from cnnviz.pages.train.curves import Curves
    from cnnviz.pages.train.state import State

VIEWS = (
    ("maps", "Maps"),
    ("mistakes", "Mistakes"),
    ("curves", "Curves"),
    ("network", "Network"),
    ("runs", "Runs"),
)


LOW = 500
"""Pixels at text size 100 % under which the curves give their place to the maps."""

SHARE = 2
"""Of the height, the views get so many times what the curves over them get."""


class Canvas(QWidget):
    """What is seen of a training; large text scrolls it.

    Attributes
    ----------
    maps, mistakes, curves, network, runs : QWidget
        The views.
    """

    viewed = Signal(str)
    """The id of a view that a person chose."""
    rewound = Signal(object)
    """The batch to go back to, ``None`` for the newest."""
    train_on_asked = Signal()
    """Train on from the moment on show."""

    def __init__(self, state: State) -> None:
        super().__init__()
        px = theme.current().px
        self._plots = Plots()
        self._tabs = Segmented(VIEWS, "View", "What is shown of the training")
        self._tabs.changed.connect(self.viewed)
        self.maps = MapsView(state)
        self.mistakes = MistakesView(state)
        self.curves = CurvesView(state)
        self.network = NetworkView()
        self.runs = RunsView()
        self._views = _Views()
        for key, _ in VIEWS:
            self._views.addWidget(getattr(self, key))
        # A click on the canvas brings Space and the arrow back to the training.
        self._views.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._plots.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._plots.setFocusProxy(self._views)
        # What the views would like is more than leaves room for the words.
        self._views.setSizePolicy(
            QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored
        )
        self._timeline = Timeline(
            "Rewind",
            "Drag back to see the network as it was; training goes on meanwhile",
        )
        self._timeline.chosen.connect(self._rewind)
        self._train_on = QPushButton("Train on from here")
        self._train_on.setAccessibleName("Train on from here")
        self._train_on.setToolTip(
            "Go back and pause: a new run then begins with the weights on show, and "
            "this one stays as it is; at an earlier batch the optimizer's averages "
            "begin anew"
        )
        self._train_on.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._train_on.clicked.connect(self.train_on_asked)
        # Were it hidden, the slider would grow and shrink under the hand that drags it.
        self._train_on.setEnabled(False)
        self._snapshots: Sequence[int] = ()
        self._others: Sequence[Curves] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self._plots, 1)
        column.addWidget(self._tabs)
        column.addWidget(self._views, SHARE)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        row.addWidget(self._timeline, 1)
        row.addWidget(self._train_on, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(row)

    def set_room(self, height: int) -> None:
        """Take note of the pixels that can be seen at once.

        Where they are few, as with large text, the curves are seen in their view alone:
        above the others they would leave room for nothing else.
        """
        low = height < theme.current().px(LOW)
        if low != (self._plots.parent() is self.curves):
            column = self.curves.layout() if low else self.layout()
            assert isinstance(column, QVBoxLayout)
            column.insertWidget(0, self._plots, 1)
            self._views.make_room()
        views = height - self._tabs.sizeHint().height() - theme.current().px(8)
        self.maps.set_room(views if low else views * SHARE // (1 + SHARE))

    def set_state(self, state: State, on_show: Recipe, data: Dataset | None) -> None:
        """Show what a state chooses.

        Parameters
        ----------
        state : State
        on_show : Recipe
            Of the run whose maps and curves are seen, which may be an earlier one.
        data : Dataset, optional
        """
        classes = len(data.classes) if data else None
        self._tabs.set_current(state.view)
        self._plots.set_names(on_show, self._others)
        self._show_view(getattr(self, state.view))
        self.maps.set_state(state, on_show.network)
        self.mistakes.set_state(state)
        self.curves.set_state(state)
        self.network.set_network(state.recipe.network, classes)

    def _show_view(self, view: QWidget) -> None:
        """Show a view; the keys that were in another go to the training, not to it."""
        focus = self.window().focusWidget()
        inside = focus is not None and self._views.isAncestorOf(focus)
        changes = view is not self._views.currentWidget()
        self._views.setCurrentWidget(view)
        if inside and changes:
            self.focus_views()

    def show_others(self, others: Sequence[Curves]) -> None:
        """Lay the curves from now on over those of other runs."""
        self._others = others

    def show_curves(self, state: State, curves: Curves, steps: int) -> None:
        """Draw the curves over so many batches."""
        self._plots.show_curves(state, curves, steps, self._others)
        if state.view == "curves":
            self.curves.show_curves(curves, steps)

    def show_snapshots(self, state: State, current: CurrentRun, steps: int) -> None:
        """Show what can be gone back to, and where of so many batches the state is."""
        snapshots, newest = current.snapshots, current.newest
        self._snapshots = tuple(snapshots)
        at = LIVE
        if state.moment in self._snapshots:
            at = self._snapshots.index(state.moment)
        now = newest if at == LIVE else state.moment
        self._timeline.set_steps(self._snapshots, newest, at)
        self._timeline.set_caption(
            f"batch {now:,} of {steps:,} · {len(snapshots)} snapshots"
        )
        self._timeline.setVisible(bool(snapshots))
        self._train_on.setVisible(bool(snapshots))

    def offer_training_on(self, offered: bool) -> None:
        """Enable the button that trains on from the moment on show, or disable it."""
        self._train_on.setEnabled(offered)

    def focus_views(self) -> None:
        """Let the keys of the training work at once."""
        self._views.setFocus()

    def _rewind(self, index: int) -> None:
        self.rewound.emit(None if index == LIVE else self._snapshots[index])


class Scrolled(QScrollArea):
    """Scrolls a canvas whose text is too large for it, and leaves the keys alone."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__()
        self._canvas = canvas
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(canvas)
        keep_bar(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the canvas how much of it can be seen at once."""
        self._canvas.set_room(event.size().height())
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Tell it anew: in larger text there is less to be seen."""
        if event.type() == QEvent.Type.FontChange:
            self._canvas.set_room(self.maximumViewportSize().height())
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the right arrow to the page, which trains one batch with it."""
        event.ignore()


class _Views(QStackedWidget):
    """One view of several, with room for the one on show and not for the tallest."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("What is shown of the training")
        self.setToolTip("Space starts and pauses, the right arrow trains one batch")
        self.currentChanged.connect(lambda _: self.make_room())

    def hasHeightForWidth(self) -> bool:
        """Ask for nothing here: the tallest view would lead the others."""
        return False

    def event(self, event: QEvent) -> bool:
        """Make room when what is in a view changes, or the width it breaks at."""
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.make_room()
        return done

    def make_room(self) -> None:
        """Ask for as much as the view on show needs."""
        view = self.currentWidget()
        layout = view.layout() if view is not None else None
        if layout is None:
            return
        height = layout.totalMinimumSize().height()
        if layout.hasHeightForWidth():
            height = max(height, layout.totalMinimumHeightForWidth(self.width()))
        self.setMinimumHeight(height)


class Words(Flowing):
    """What is on the canvas, in words and with the numbers in the formula."""

    def __init__(self) -> None:
        super().__init__()
        self._lines, self.facts = (QLabel(self), QLabel(self)), Facts()
        for label, role in zip(self._lines, ("heading", "muted"), strict=True):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def place(self, width: int, *, move: bool) -> int:
        """Return the height that the lines take in a width; put them there."""
        top = 0
        for label in self._lines:
            height = label.heightForWidth(width)
            if move:
                label.setGeometry(0, top, width, height)
            top += height + theme.current().px(4)
        return top - theme.current().px(4)

    def show_words(self, state: State, current: CurrentRun, on_show: Network) -> None:
        """Say where the training is."""
        recipe = current.run.recipe if current.run else state.recipe
        curves = current.curves
        step = current.newest if state.moment is None else state.moment
        step = min(step, curves.steps)
        rates = curves.column("learning_rate")
        rate = float(rates[step - 1]) if step else recipe.learning_rate
        first, second = self._lines
        first.setText(explain.loss_words(recipe, curves, step))
        second.setText(f"One step: {explain.step_words(recipe, rate)}")
        self.flow()
        data = current.run.data if current.run else ""
        facts = explain.facts(current.started, curves, on_show, step, data)
        self.facts.set_facts(facts)
