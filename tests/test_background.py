"""Workers and questions: order, ends, cancelling, ageing, and nothing left behind."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from cnnviz import background
from cnnviz.background import CAPACITY, Latest, Stream, Worker
from cnnviz.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot


class Log(list[Any]):
    """What a worker or a question emitted, and in which threads."""

    def __init__(self, source: Worker | Latest | Stream) -> None:
        super().__init__()
        self.threads: set[str] = set()
        for name in ("yielded", "done", "failed", "finished"):
            if hasattr(source, name):
                getattr(source, name).connect(self._listener(name))

    def _listener(self, name: str) -> Callable[..., None]:
        def listen(*values: Any) -> None:
            self.append((name, *values))
            self.threads.add(threading.current_thread().name)

        return listen


@pytest.fixture
def run(qtbot: QtBot) -> Iterator[Callable[..., tuple[Worker, Log]]]:
    workers: list[Worker] = []

    def start(make: Callable[..., Any], **options: Any) -> tuple[Worker, Log]:
        worker = Worker(make, **options)
        log = Log(worker)
        workers.append(worker)
        worker.start()
        return worker, log

    yield start
    for worker in workers:
        worker.cancel()
        assert worker.join(5)


@pytest.fixture
def ask(qtbot: QtBot) -> Iterator[Callable[..., tuple[Latest, Log]]]:
    asked: list[Latest] = []

    def make(**options: Any) -> tuple[Latest, Log]:
        latest = Latest(**options)
        asked.append(latest)
        return latest, Log(latest)

    yield make
    for latest in asked:
        assert latest.shut_down(5)


def test_values_come_in_order_and_in_the_gui_thread(run, qtbot):
    values = [{1: "int keys"}, None, (2, 3)]
    _, log = run(lambda: iter_of(values))
    qtbot.waitUntil(lambda: ("finished",) in log)
    assert log == [*(("yielded", value) for value in values), ("finished",)]
    assert log.threads == {threading.main_thread().name}


def test_the_generator_runs_in_another_thread(run, qtbot):
    def work():
        yield threading.current_thread()

    _, log = run(work)
    qtbot.waitUntil(lambda: len(log) == 2)
    assert log[0][1] is not threading.main_thread()


@pytest.mark.parametrize("step", [0, 1])
def test_an_exception_is_reported_after_the_values_before_it(run, qtbot, step):
    def work():
        yield from range(step)
        raise OSError("gone")

    _, log = run(work)
    qtbot.waitUntil(lambda: ("finished",) in log)
    assert [name for name, *_ in log] == ["yielded"] * step + ["failed", "finished"]
    assert str(log[step][1]) == "gone"


def test_an_exception_before_the_generator_exists_is_reported(run, qtbot):
    def work():
        raise ValueError("no such file")

    _, log = run(work)
    qtbot.waitUntil(lambda: ("finished",) in log)
    assert log[0][0] == "failed"


def test_cancel_stops_at_once_closes_the_generator_and_silences_it(run, qtbot):
    closed = []

    def work():
        try:
            yield from range(10**9)
        finally:
            closed.append(threading.current_thread() is not threading.main_thread())

    worker, log = run(work)
    qtbot.waitUntil(lambda: len(log) > 3)
    before = time.monotonic()
    worker.cancel()
    count = len(log)
    assert worker.join(1)
    assert time.monotonic() - before < 1
    assert closed == [True]
    qtbot.wait(30)
    assert len(log) == count


def test_cancel_from_a_listener_drops_what_is_already_queued(run, qtbot):
    worker, log = run(lambda: iter_of(range(40)))
    worker.yielded.connect(lambda value: value == 5 and worker.cancel())
    assert worker.join(5)
    qtbot.wait(30)
    assert [value for _, value in log] == list(range(6))


def test_cancel_before_start_and_join_without_start(qtbot):
    worker = Worker(lambda: iter_of([1]))
    assert worker.join(0)
    log = Log(worker)
    worker.cancel()
    worker.start()
    assert worker.join(5)
    qtbot.wait(10)
    assert log == []


def test_a_worker_waits_while_the_gui_is_behind(run, qtbot):
    made = []

    def work():
        for number in range(5 * CAPACITY):
            made.append(number)
            yield number

    _, log = run(work)
    time.sleep(0.1)  # the GUI is busy and fetches nothing
    assert len(made) <= CAPACITY + 1
    qtbot.waitUntil(lambda: ("finished",) in log)
    assert [value for name, *value in log[:-1]] == [[n] for n in range(5 * CAPACITY)]


def test_a_worker_of_latest_values_does_not_wait(run, qtbot):
    worker, log = run(lambda: iter_of(range(10 * CAPACITY)), latest=True)
    assert worker.join(5)
    qtbot.waitUntil(lambda: ("finished",) in log)
    assert log == [("yielded", 10 * CAPACITY - 1), ("finished",)]


def test_a_worker_keeps_no_value_alive(run, qtbot):
    alive = []
    hold = threading.Event()

    def work():
        value = Thing()
        alive.append(weakref.ref(value))
        yield value
        del value
        hold.wait(5)
        yield None

    _, log = run(work)
    qtbot.waitUntil(lambda: len(log) == 1)
    log.clear()
    qtbot.waitUntil(lambda: alive[0]() is None)
    hold.set()


def test_many_workers_leave_no_thread(run, qtbot):
    before = threading.active_count()
    logs = [run(lambda: iter_of(range(3)))[1] for _ in range(50)]
    qtbot.waitUntil(lambda: all(("finished",) in log for log in logs))
    qtbot.waitUntil(lambda: threading.active_count() == before)


def test_an_answer_comes_back(ask, qtbot):
    latest, log = ask()
    assert not latest.busy
    latest.request(lambda: threading.current_thread())
    assert latest.busy
    qtbot.waitUntil(lambda: not latest.busy)
    assert log[0][1] is not threading.main_thread()
    assert log.threads == {threading.main_thread().name}


def test_an_exception_is_an_answer_and_the_next_question_is_served(ask, qtbot):
    latest, log = ask()
    latest.request(lambda: 1 // 0)
    qtbot.waitUntil(lambda: not latest.busy)
    latest.request(lambda: "well")
    qtbot.waitUntil(lambda: not latest.busy)
    assert isinstance(log[0][1], ZeroDivisionError)
    assert log[1] == ("done", "well")


def test_a_lack_of_memory_is_a_sentence(ask, run, stream, qtbot):
    def work():
        np.empty(2**62, np.uint8)
        yield

    latest, log = ask()
    latest.request(lambda: next(work()))
    _, others = run(work)
    one, third = stream
    one.request(work)
    qtbot.waitUntil(lambda: bool(log and third) and ("finished",) in others)
    for name, error in (log[0], others[0], third[0]):
        assert name == "failed"
        assert isinstance(error, InputError)
        assert isinstance(error.__cause__, MemoryError)
        assert str(error).startswith("There is too little memory for this; close")


def test_the_newest_question_wins(ask, qtbot):
    latest, log = ask()
    called, hold = [], threading.Event()
    latest.request(lambda: (called.append(0), hold.wait(5)))
    qtbot.waitUntil(lambda: called == [0])
    for number in range(1, 6):
        latest.request(lambda number=number: called.append(number) or number)
    hold.set()
    qtbot.waitUntil(lambda: not latest.busy)
    assert called == [0, 5]
    assert log == [("done", 5)]


def test_follow_shows_overtaken_answers_in_their_turn(ask, qtbot):
    latest, log = ask(follow=True)
    begun, hold = threading.Event(), threading.Event()
    latest.request(lambda: begun.set() or (hold.wait(5) and "first"))
    assert begun.wait(5)
    latest.request(lambda: "second")
    latest.request(lambda: "third")
    hold.set()
    qtbot.waitUntil(lambda: not latest.busy)
    assert log == [("done", "first"), ("done", "third")]


def test_shut_down_silences_and_joins(ask, qtbot):
    latest, log = ask()
    begun = threading.Event()
    latest.request(lambda: begun.set() or time.sleep(0.05))
    assert begun.wait(5)
    assert latest.shut_down(5)
    assert not latest.busy
    qtbot.wait(20)
    assert log == []


def test_shut_down_reports_a_thread_that_does_not_end(qtbot):
    latest, hold = Latest(), threading.Event()
    latest.request(lambda: hold.wait(5))
    assert not latest.shut_down(0.01)
    hold.set()
    assert latest.shut_down(5)


def test_neither_question_nor_answer_outlives_its_turn(ask, qtbot):
    latest, log = ask()
    question, answer = Thing(), Thing()
    refs = weakref.ref(question), weakref.ref(answer)
    latest.request(lambda question=question, box=[answer]: box.pop())
    del question, answer
    qtbot.waitUntil(lambda: not latest.busy)
    log.clear()
    gc.collect()
    qtbot.waitUntil(lambda: refs[0]() is None and refs[1]() is None)


class Thing:
    """Something that a weak reference can watch."""


def iter_of(values: Any) -> Any:
    yield from values


# ------------------------------------------------------------------ streams


@pytest.fixture
def stream(qtbot: QtBot) -> Iterator[tuple[Stream, Log]]:
    one = Stream()
    yield one, Log(one)
    assert one.shut_down(5)


def test_a_stream_tells_all_and_its_end(
    qtbot: QtBot, stream: tuple[Stream, Log]
) -> None:
    one, log = stream
    assert not one.busy
    one.request(lambda: iter_of([1, 2, 3]))
    assert one.busy
    qtbot.waitUntil(lambda: not one.busy)
    assert log == [("yielded", 1), ("yielded", 2), ("yielded", 3), ("finished",)]
    assert log.threads == {"MainThread"}


def test_a_newer_generator_ends_the_older_in_its_thread(
    qtbot: QtBot, stream: tuple[Stream, Log]
) -> None:
    one, log = stream
    began, goes_on, closed = threading.Event(), threading.Event(), []

    def endless() -> Any:
        try:
            while True:
                began.set()
                yield "old"
                goes_on.wait(5)
        finally:
            closed.append(threading.current_thread().name)

    one.request(endless)
    assert began.wait(5)
    one.request(lambda: iter_of(["never"]))
    one.request(lambda: iter_of(["new"]))
    goes_on.set()
    qtbot.waitUntil(lambda: not one.busy)
    assert log == [("yielded", "new"), ("finished",)]
    assert closed == ["cnnviz worker"]


def test_a_stream_fails_and_goes_on(qtbot: QtBot, stream: tuple[Stream, Log]) -> None:
    one, log = stream
    error = ValueError("no")

    def fails() -> Any:
        yield 1
        raise error

    one.request(fails)
    qtbot.waitUntil(lambda: not one.busy)
    one.request(lambda: iter_of([2]))
    qtbot.waitUntil(lambda: not one.busy)
    assert log[:3] == [("yielded", 1), ("failed", error), ("finished",)]
    assert log[3:] == [("yielded", 2), ("finished",)]


def test_a_cancelled_stream_is_silent(qtbot: QtBot, stream: tuple[Stream, Log]) -> None:
    one, log = stream
    one.request(lambda: iter_of([1]))
    one.cancel()
    assert not one.busy
    one.request(lambda: iter_of([2]))
    qtbot.waitUntil(lambda: not one.busy)
    assert log == [("yielded", 2), ("finished",)]


def test_a_thread_without_questions_ends_and_the_next_one_is_answered(
    ask, qtbot, monkeypatch
):
    monkeypatch.setattr(background, "PATIENCE", 0.01)
    latest, log = ask()
    threads = []
    for number in range(3):
        latest.request(threading.current_thread)
        qtbot.waitUntil(lambda count=number + 1: len(log) == count)
        threads.append(log[-1][1])
        qtbot.waitUntil(lambda: not threads[-1].is_alive())
    assert len(set(threads)) == 3


def test_no_question_is_lost_while_threads_end(ask, qtbot, monkeypatch):
    monkeypatch.setattr(background, "PATIENCE", 0.0)
    latest, log = ask()
    for number in range(200):
        latest.request(lambda number=number: number)
        qtbot.waitUntil(lambda: not latest.busy)
        assert log[-1] == ("done", number)
