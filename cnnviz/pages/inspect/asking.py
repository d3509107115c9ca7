"""Asks a network in a thread; a newer picture overtakes the older ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from cnnviz.background import Latest, raise_again
from cnnviz.errors import InputError
from cnnviz.nn import loading
from cnnviz.pages.inspect.preparing import Ready, Wish, make_ready
from cnnviz.pages.inspect.stages import Seen, chain_stages, module_seen
from cnnviz.pages.inspect.subject import Handed, Subject

NO_NETWORK = "Choose a trained network on the left, or open a file of weights."


@dataclass(frozen=True, eq=False)
class Answer:
    """What became of a picture.

    Attributes
    ----------
    ready : Ready
        The picture on its way to the network.
    seen : Seen or None
        What the network made of it, or ...
    sentence : str
        ... why it made nothing.
    other : Seen or None
        What it made of the pinned picture.
    """

    ready: Ready
    seen: Seen | None
    sentence: str = ""
    other: Seen | None = None


class Asking(QObject):
    """Questions to one network after another; its module lives in the thread alone."""

    answered = Signal(object)
    """An Answer."""
    refused = Signal(str)
    """Why there is no picture: one sentence."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asker = _Asker()
        self._latest = Latest(self, follow=True)
        self._latest.done.connect(self.answered)
        self._latest.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether the newest answer is still to come."""
        return self._latest.busy

    def ask(
        self, subject: Subject | Handed | None, wish: Wish, other: Wish | None = None
    ) -> None:
        """Ask about a picture and a pinned one; without a network just prepare it."""
        self._latest.request(partial(self._asker.answer, subject, wish, other))

    def shut_down(self) -> None:
        """Drop what was asked and join."""
        self._latest.shut_down()

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InputError):
            raise_again(error)
        self.refused.emit(str(error))


class _Asker:
    """Keeps the module of the last subject."""

    def __init__(self) -> None:
        self._subject: Subject | None = None
        self._module: Any = None

    def answer(
        self, subject: Subject | Handed | None, wish: Wish, other: Wish | None
    ) -> Answer:
        ready = make_ready(wish)
        if subject is None:
            return Answer(ready, None, NO_NETWORK)
        try:
            seen = self._see(subject, ready)
            compared = self._see(subject, make_ready(other)) if other else None
        except InputError as error:
            return Answer(ready, None, str(error))
        return Answer(ready, seen, other=compared)

    def _see(self, subject: Subject | Handed, ready: Ready) -> Seen:
        loading.wait_for_turn()
        if isinstance(subject, Handed):
            from cnnviz.nn.foreign import inspect_module

            try:
                inspected = inspect_module(subject.module, ready.values[None])
            except InputError as error:
                if ready.values.shape == subject.example.shape:
                    raise
                wanted = subject.example.shape, ready.values.shape
                raise InputError(_unfit(*wanted)) from error
            return module_seen(inspected)
        return self._see_chain(subject, ready)

    def _see_chain(self, subject: Subject, ready: Ready) -> Seen:
        from cnnviz.nn import device, probing, replay

        wanted, given = subject.network.input, ready.values.shape
        if wanted != given:
            raise InputError(_unfit(wanted, given))
        if subject is not self._subject:
            module = replay.module_of(subject.network, subject.weights)
            self._subject, self._module = subject, module
        device.use_one_core()
        outputs = probing.outputs(self._module, ready.values)
        return Seen(chain_stages(subject), outputs, subject)


def _unfit(wanted: tuple[int, ...], given: tuple[int, ...]) -> str:
    shapes = (" × ".join(map(str, shape)) for shape in (wanted, given))
    return (
        "This network takes pictures of {} and this one is {}: choose a picture that "
        "fits, or another network.".format(*shapes)
    )
