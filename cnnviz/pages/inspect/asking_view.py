"""What the views of the other tabs share: what they are given, and when they ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from cnnviz.background import Stream, raise_again
from cnnviz.errors import InputError
from cnnviz.pages.inspect.asked import PIXELS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QHideEvent, QShowEvent

    from cnnviz.nn.datasets import Dataset
    from cnnviz.pages.inspect.asked import Asked, Span
    from cnnviz.pages.inspect.state import State


@dataclass(frozen=True, eq=False)
class Inputs:
    """What is asked about; see :meth:`cnnviz.pages.inspect.views.View.show_inputs`.

    Attributes
    ----------
    span : (low, high)
        What 0 and 1 in the picture stand for, of a module of others.
    """

    asked: Asked
    picture: NDArray[np.float32]
    data: Dataset | None
    span: Span = PIXELS

    @property
    def classes(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.asked.classes

    @property
    def missing(self) -> str:
        """Why there are no test pictures to ask about; empty if there are."""
        if self.data is None:
            return "The test set is not there yet."
        if self.data.test.images.shape[1:] != self.asked.input:
            return "The pictures of the test set do not fit this network."
        return ""

    def same(self, other: Inputs | None) -> bool:
        """Whether nothing differs."""
        return (
            other is not None
            and self.asked.same(other.asked)
            and self.data is other.data
            and np.array_equal(self.picture, other.picture)
        )


class Kept:
    """Keeps the module of the network that was asked last, for one thread alone."""

    def __init__(self) -> None:
        self._key: tuple[object, Span] | None = None
        self._module: Any = None
        self._asked: Asked | None = None

    def module(self, asked: Asked, span: Span = PIXELS) -> Any:
        """Return the network as a module of torch; see :meth:`Asked.module`."""
        key = asked.key, span
        if key != self._key:
            self._module, self._key = asked.module(span), key
            self._asked = asked  # whose id must not be used again
        return self._module


class AskingView(QWidget):
    """A view that asks a network in a thread, and only while it is on show.

    A view fills in :meth:`question`, :meth:`ask`, :meth:`take`, :meth:`clear` and
    :meth:`show_settings`.

    Attributes
    ----------
    raw : bool
        Whether it takes a picture's values as they are, not black as 0 and white as 1.
    """

    raw = False

    edited = Signal(object, str)
    """A new state, and the key of the gesture."""
    readout = Signal(str)

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self.inputs: Inputs | None = None
        self.kept = Kept()
        self.stream = Stream(self)
        self.stream.yielded.connect(self.take)
        self.stream.failed.connect(self.fail)
        self.stream.finished.connect(self.end)
        self.sentence = sentence()
        self._asked: object = None

    # ---------------------------------------------------------------- what a view does

    def show_settings(self) -> None:
        """Show the state's settings and offer what the inputs have to choose from."""

    def question(self) -> object:
        """Return all that the answer depends on; None if nothing can be asked."""
        raise NotImplementedError

    def ask(self) -> None:
        """Ask it."""
        raise NotImplementedError

    def take(self, answer: Any) -> None:
        """Show an answer, or a part of it."""

    def clear(self) -> None:
        """Show no answer."""

    def end(self) -> None:
        """Show that the answer is whole."""

    def fail(self, error: Exception) -> None:
        """Say why there is no answer."""
        if not isinstance(error, InputError):
            raise_again(error)
        self.clear()
        self.say(str(error))

    # ---------------------------------------------------------------- given

    def set_state(self, state: State) -> None:
        """Show a state's settings."""
        self.state = state
        self.refresh()

    def show_inputs(
        self,
        asked: Asked,
        picture: NDArray[np.float32],
        data: Dataset | None,
    ) -> None:
        """Take the network and its picture, float32 (C, H, W), as it sees it."""
        if asked.own and picture.max(initial=0) > 1:
            self.show_nothing(
                "Switch “0 to 1” on, at the left: this view needs such values."
            )
            return
        picture = picture if self.raw else asked.unit(picture)
        span = PIXELS if self.raw else asked.span
        inputs = Inputs(asked, picture, data, span)
        if not inputs.same(self.inputs):
            self.inputs = inputs
            self.refresh()

    def show_nothing(self, text: str) -> None:
        """Have nothing to ask about; say why."""
        self.inputs = self._asked = None
        self.stop()
        self.clear()
        self.say(text)

    def shut_down(self) -> None:
        """Cancel and join work in threads."""
        self.stream.shut_down()

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self.stream.busy

    # ---------------------------------------------------------------- for a view

    def refresh(self) -> None:
        """Show the settings, and ask anew if the answer would differ."""
        if not self.isVisible():
            return
        self.show_settings()
        question = None if self.inputs is None else self.question()
        if question != self._asked:
            self._asked = question
            self.stream.cancel()
            self.say("")
            if question is not None:
                self.ask()

    def forget(self) -> None:
        """Ask again with the next refresh."""
        self._asked = None

    def stop(self) -> None:
        """Cancel what is not needed while nobody looks."""
        if self.stream.busy:
            self.stream.cancel()
            self.forget()

    def say(self, text: str) -> None:
        """Show a sentence, or none."""
        self.sentence.setText(text)
        self.sentence.setVisible(bool(text))

    def edit_why(self, part: str, gesture: str = "", **fields: Any) -> None:
        """Ask for a state with other settings in one part of :class:`Why`."""
        why = self.state.why
        settings = replace(getattr(why, part), **fields)
        why = replace(why, **{part: settings})
        self.edited.emit(replace(self.state, why=why), gesture)

    # ---------------------------------------------------------------- Qt

    def hasHeightForWidth(self) -> bool:
        """Say no: the sentences in it wrap, and yet it does with what room there is."""
        return False

    def heightForWidth(self, width: int) -> int:
        """Ask for none; a scroll area asks even so."""
        return -1

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what was not asked while it was hidden."""
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop asking."""
        self.stop()
        super().hideEvent(event)


def sentence() -> QLabel:
    """Return a label for a sentence, hidden while there is none."""
    label = QLabel()
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    label.hide()
    return label


def unbroken(text: str) -> str:
    """Keep a percentage, and the ends of the pixels, in one line."""
    for together in (" %", "0 and 1"):
        text = text.replace(together, together.replace(" ", "\N{NO-BREAK SPACE}"))
    return text
