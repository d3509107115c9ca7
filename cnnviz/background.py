"""Work off the GUI thread: generators that report, and a question whose answer ages.

What a thread has to say crosses over in a plain queue, and a signal without arguments
wakes the GUI: signals that carry Python objects between threads crash PySide6 now and
then. This module knows nothing of pictures, pages or torch.
"""

from __future__ import annotations

from collections import deque
from contextlib import closing
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

_Question = tuple[int, "Callable[[], Any]"]

CAPACITY = 64  # values that a worker may be ahead of the GUI
PATIENCE = 1.0
"""Seconds that a thread waits for the next question before it ends. OpenMP counts the
threads that a waiting one keeps; where they outnumber the processors, those of a
training sleep at each barrier instead of waiting awake, which costs it a fifth."""


class Worker(QObject):
    """Runs a generator once, in a thread of its own, and hands on what it yields.

    Signals, in the GUI thread and none after :meth:`cancel`: ``yielded(object)`` for
    each value in order, ``failed(Exception)`` if it raised, ``finished()`` at the end.

    Parameters
    ----------
    make : callable
        Makes the generator; it is called in the thread, and closed there.
    latest : bool
        Hand on only the newest value (a camera), instead of letting the generator wait
        while the GUI is behind (training).
    """

    yielded = Signal(object)
    failed = Signal(object)
    finished = Signal()
    _woken = Signal()

    def __init__(
        self,
        make: Callable[[], Generator[Any, None, None]],
        parent: QObject | None = None,
        *,
        latest: bool = False,
    ) -> None:
        super().__init__(parent)
        self._make = make
        self._latest = latest
        self._queue: deque[tuple[Any, ...]] = deque()
        self._changed = Condition()
        self._cancelled = False
        self._thread = Thread(target=self._run, name="cnnviz worker", daemon=True)
        self._woken.connect(self._hand_on, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Start; a worker runs once, and a second start changes nothing."""
        if self._thread.ident is None:
            self._thread.start()

    def cancel(self) -> None:
        """Stop at the next yield, and emit nothing from now on."""
        with self._changed:
            self._cancelled = True
            self._queue.clear()
            self._changed.notify()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread, at most ``timeout`` seconds; return whether it ended."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with closing(self._make()) as values:
                # A for loop's variable would keep the last value alive meanwhile.
                while not self._cancelled:
                    self._put(self.yielded, next(values))
        except StopIteration:
            pass
        except Exception as error:
            self._put(self.failed, _explained(error))
        self._put(self.finished)

    def _put(self, *message: Any) -> None:
        with self._changed:
            while len(self._queue) >= CAPACITY and not self._cancelled:
                self._changed.wait()
            if self._cancelled:
                return
            awake = bool(self._queue)
            if self._latest and message[0] is self.yielded:
                self._queue.clear()
            self._queue.append(message)
        if not awake:  # outside of the lock, for which the GUI would wait at once
            self._woken.emit()

    def _hand_on(self) -> None:
        with self._changed:
            messages, self._queue = self._queue, deque()
            self._changed.notify()
        while messages and not self._cancelled:
            signal, *values = messages.popleft()
            signal.emit(*values)


class _Desk(QObject):
    """Hands questions to one thread, which is there while there are any."""

    yielded = Signal(object)

    def __init__(
        self,
        answer: Callable[[int, Callable[[], Any]], Iterable[Any]],
        parent: QObject | None,
    ) -> None:
        super().__init__(parent)
        self._answer = answer
        self._questions: SimpleQueue[_Question | None] = SimpleQueue()
        self._worker: Worker | None = None
        self._closed = False

    def put(self, number: int, question: Callable[[], Any]) -> None:
        """Have a question answered after those before it."""
        self._questions.put((number, question))
        if self._worker is None and not self._closed:
            self._open()

    def close(self, timeout: float | None) -> bool:
        """Emit nothing from now on and join the thread; return whether it ended."""
        self._closed = True
        if self._worker is None:
            return True
        self._worker.cancel()
        self._questions.put(None)
        return self._worker.join(timeout)

    def _open(self) -> None:
        self._worker = Worker(self._answers, self)
        self._worker.yielded.connect(self.yielded)
        self._worker.finished.connect(self._end)
        self._worker.start()

    def _end(self) -> None:
        assert self._worker is not None
        self._worker.join()
        self._worker.deleteLater()
        self._worker = None
        if not self._questions.empty():  # asked while the thread was ending
            self._open()

    def _answers(self) -> Generator[Any, None, None]:
        while (question := self._next()) is not None:
            yield from self._answer(*question)
            del question  # or it would live until the next one comes

    def _next(self) -> _Question | None:
        try:
            return self._questions.get(timeout=PATIENCE)
        except Empty:
            return None


class Latest(QObject):
    """Answers questions in one thread; a newer question overtakes the older ones.

    Signals, in the GUI thread: ``done(object)`` with what the newest function returned
    or ``failed(Exception)`` with what it raised. An overtaken function that has not
    begun is never called; the answer of one that has is dropped.

    Parameters
    ----------
    follow : bool
        Hand on overtaken answers too, each in its turn, so that a picture follows a
        slider that never rests even where one answer takes longer than one step.
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, follow: bool = False) -> None:
        super().__init__(parent)
        self._follow = follow
        self._asked = self._answered = 0
        self._desk = _Desk(self._answers, self)
        self._desk.yielded.connect(self._hand_on)

    @property
    def busy(self) -> bool:
        """Whether the newest question is still unanswered."""
        return self._answered != self._asked

    def request(self, function: Callable[[], Any]) -> None:
        """Ask for ``function()``, in place of everything asked before."""
        self._asked += 1
        self._desk.put(self._asked, function)

    def shut_down(self, timeout: float | None = None) -> bool:
        """Emit nothing from now on and join the thread; return whether it ended."""
        self._answered = self._asked
        return self._desk.close(timeout)

    def _answers(
        self, number: int, function: Callable[[], Any]
    ) -> Iterator[tuple[Any, ...]]:
        if number != self._asked:
            return
        try:
            answer = number, self.done, function()
        except Exception as error:
            answer = number, self.failed, _explained(error)
        yield answer

    def _hand_on(self, answer: tuple[Any, ...]) -> None:
        number, signal, value = answer
        if number == self._asked or self._follow:
            self._answered = number
            signal.emit(value)


class Stream(QObject):
    """Runs generators in one thread; a newer one ends the older ones.

    Signals, in the GUI thread, of the newest alone: ``yielded(object)`` for each value
    in order, ``failed(Exception)`` if it raised, and ``finished()`` at the end of both.
    An overtaken generator ends at its next yield and is closed in the thread.
    """

    yielded = Signal(object)
    failed = Signal(object)
    finished = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked = 0
        self._busy = False
        self._desk = _Desk(self._answers, self)
        self._desk.yielded.connect(self._hand_on)

    @property
    def busy(self) -> bool:
        """Whether the newest generator still runs."""
        return self._busy

    def request(self, make: Callable[[], Generator[Any, None, None]]) -> None:
        """Run what ``make()`` returns, in place of everything before."""
        self._asked += 1
        self._busy = True
        self._desk.put(self._asked, make)

    def cancel(self) -> None:
        """End the generator at its next yield, and emit nothing more of it."""
        self._asked += 1
        self._busy = False

    def shut_down(self, timeout: float | None = None) -> bool:
        """Emit nothing from now on and join the thread; return whether it ended."""
        self.cancel()
        return self._desk.close(timeout)

    def _answers(
        self, number: int, make: Callable[[], Generator[Any, None, None]]
    ) -> Iterator[tuple[Any, ...]]:
        if number != self._asked:
            return
        try:
            with closing(make()) as values:
                for value in values:
                    if number != self._asked:
                        return
                    yield number, self.yielded, (value,)
        except Exception as error:
            yield number, self.failed, (_explained(error),)
        yield number, self.finished, ()

    def _hand_on(self, answer: tuple[Any, ...]) -> None:
        number, signal, values = answer
        if number == self._asked:
            if signal is self.finished:
                self._busy = False
            signal.emit(*values)


def _explained(error: Exception) -> Exception:
    """Return a lack of memory, which any work can meet, as a sentence."""
    if not isinstance(error, MemoryError):
        return error
    sentence = "There is too little memory for this; close other programs, then retry."
    explained = InputError(sentence)
    explained.__cause__ = error
    return explained


def raise_again(error: Exception) -> None:
    """Raise what no worker should have raised where the error dialog sees it."""
    raise error
