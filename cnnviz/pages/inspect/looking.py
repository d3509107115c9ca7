"""The network and the picture that a state names, and what the one makes of the other.

Opens networks and test sets, asks, and tries a network on all test pictures, each in a
thread of its own; it shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cnnviz.errors import InputError
from cnnviz.nn.datasets import find
from cnnviz.pages.data_loader import DataLoader
from cnnviz.pages.inspect.asking import Asking
from cnnviz.pages.inspect.opening import NetworkLoader
from cnnviz.pages.inspect.packed import unpack
from cnnviz.pages.inspect.preparing import DRAWABLE, Wish, fitted
from cnnviz.pages.inspect.state import State, same
from cnnviz.pages.inspect.subject import Handed, Subject
from cnnviz.pages.inspect.trying import Trying

if TYPE_CHECKING:
    from pathlib import Path

    from cnnviz.nn.datasets import Dataset

PICTURE = ("source", "drawing", "photo", "index", "data", "steps", "normalise")
ASKED = (*PICTURE, "changes", "pinned")


class Looking(QObject):
    """Follows the state of the page.

    Attributes
    ----------
    state : State
    subject : Subject, Handed or None
        The network that is open.
    loaded : str
        What a state calls it; empty before the first.
    data : Dataset or None
        The test set that is open.
    """

    answered = Signal(object)
    """An Answer."""
    refused = Signal(str)
    """Why there is no picture to ask about."""
    opened = Signal()
    """Another network is open."""
    unopened = Signal(str)
    """Why the network that the state names is not."""
    data_taken = Signal(object)
    """A Dataset."""
    tried = Signal(object)
    """Probabilities (N, classes) of the test set; None from another network on."""
    progressed = Signal(str, object, object)
    """What is done to the test set, how much of it is done, and how much there is."""
    said = Signal(str)
    """Why there is no test set, or no answer to it."""

    def __init__(self, state: State, home: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self.subject: Subject | Handed | None = None
        self.loaded = ""
        self.data: Dataset | None = None
        self._home = home
        self._opening = NetworkLoader(self)
        self._loader = DataLoader(home, self)
        self._asking = Asking(self)
        self._trying = Trying(self)
        self._opening.loaded.connect(self._take_network)
        self._opening.failed.connect(self._refuse_network)
        self._loader.loaded.connect(self._take_data)
        self._loader.failed.connect(lambda _, sentence: self.said.emit(sentence))
        self._loader.progressed.connect(self.progressed)
        self._asking.answered.connect(self.answered)
        self._asking.refused.connect(self.refused)
        self._trying.tried.connect(self.tried)
        self._trying.failed.connect(self.said)
        self._trying.progressed.connect(
            lambda done, total: self.progressed.emit("Trying them all", done, total)
        )

    # ---------------------------------------------------------------- state

    def start(self) -> None:
        """Open what the first state names."""
        self._opening.request(self.state.network)
        self._load_data()

    def follow(self, new: State) -> None:
        """Do what another state asks for."""
        old, self.state = self.state, new
        if new.network != old.network:
            self._opening.request(new.network)
        if new.data != old.data:
            self.data = None
        if not same(new, old, "data", "source", "view"):
            self._load_data()
        if new.network == old.network and not same(new, old, *ASKED):
            self.ask()
        if not same(new, old, "browse", "source"):
            self._find_mistakes()

    def hand_over(self, handed: Handed) -> None:
        """Keep a module for states that name it."""
        self._opening.hand_over(handed)

    def trust(self, key: str) -> None:
        """Take a person's word for the origin of a file."""
        self._opening.trust(key)

    def open_again(self) -> None:
        """Read the network's file once more."""
        self._opening.request(self.state.network)

    # ---------------------------------------------------------------- what there is

    @property
    def shape(self) -> tuple[int, ...]:
        """What the network takes; while there is none, what a drawing is made."""
        if isinstance(self.subject, Handed):
            return self.subject.example.shape
        return self.subject.network.input if self.subject else DRAWABLE

    @property
    def name(self) -> str:
        """What the network is called."""
        return self.subject.name if self.subject is not None else ""

    @property
    def classes(self) -> tuple[str, ...]:
        """What its classes are called; empty if nobody knows."""
        return self.subject.classes if self.subject is not None else ()

    @property
    def number(self) -> int:
        """The number of the picture in the test set."""
        count = len(self.data.test) if self.data is not None else 0
        return min(self.state.index, max(0, count - 1))

    @property
    def truth(self) -> int | None:
        """The label of the picture, if it is one of the test set."""
        if self.state.source != "test" or self.data is None:
            return None
        return int(self.data.test.labels[self.number])

    # ---------------------------------------------------------------- asking

    def ask(self) -> None:
        """Ask about the picture of the state, once it is there."""
        wish, state = self._wish(), self.state
        if wish is None:
            return
        other = None
        if state.pinned:
            other = Wish(pixels=unpack(state.pinned), normalise=state.normalise)
        self._asking.ask(self.subject, wish, other)

    def _wish(self) -> Wish | None:
        """Return the picture that the state chooses; None while it is loaded."""
        state = self.state
        common: dict[str, Any] = {
            "normalise": state.normalise,
            "changes": state.changes,
        }
        if state.source == "example" and isinstance(self.subject, Handed):
            return Wish(values=self.subject.example)
        if state.source == "test":
            if self.data is None:
                return None
            return Wish(pixels=self.data.test.images[self.number], **common)
        if state.source == "file":
            return Wish(pixels=unpack(state.photo) if state.photo else None, **common)
        if self.shape == DRAWABLE or len(self.shape) != 3:
            return Wish(sheet=state.sheet, steps=state.steps, **common)
        try:
            paper = (255 - state.sheet).astype("float32")
            return Wish(pixels=fitted(paper, self.shape), **common)
        except InputError:
            return Wish(**common)

    # ---------------------------------------------------------------- answers

    def _take_network(self, subject: Subject | Handed) -> None:
        self.subject, self.loaded = subject, self.state.network
        self._trying.cancel()
        self.tried.emit(None)  # what another network gets wrong is no longer shown
        self.opened.emit()
        self.ask()
        self._find_mistakes()

    def _refuse_network(self, sentence: str) -> None:
        if self.subject is None:
            self.ask()  # the picture at least is made ready
        self.unopened.emit(sentence)

    def _load_data(self) -> None:
        """Open the test set once something on the screen is made of it."""
        wanted = self.state.source == "test" or self.state.view != "layers"
        if wanted and self.data is None:
            there = find("mnist", self._home)
            source = self.state.data or ("mnist" if there else "generated")
            self._loader.request(source)

    def _take_data(self, _source: str, data: Dataset) -> None:
        self.data = data
        self.data_taken.emit(data)
        self.ask()
        self._find_mistakes()

    def _find_mistakes(self) -> None:
        state, subject = self.state, self.subject
        if (state.source, state.browse) != ("test", "mistakes"):
            self._trying.cancel()
        elif isinstance(subject, Subject) and self.data is not None:
            self._trying.request(subject, self.data)
        elif isinstance(subject, Handed):
            self.said.emit("Mistakes are found for networks of cnnviz only.")

    # ---------------------------------------------------------------- threads

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return any(part.busy for part in self._parts)

    def shut_down(self) -> None:
        """Cancel and join everything."""
        for part in self._parts:
            part.shut_down()

    @property
    def _parts(self) -> tuple[Any, ...]:
        return self._opening, self._loader, self._asking, self._trying
