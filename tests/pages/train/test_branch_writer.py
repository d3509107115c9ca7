"""A run that nobody takes, however late it is cancelled, is not left behind."""

from __future__ import annotations

from threading import Event

import pytest

from cnnviz.errors import InputError
from cnnviz.nn import recording
from cnnviz.nn.recipe import Recipe
from cnnviz.pages.train.branch_writer import BranchWriter


@pytest.fixture
def writer(qtbot):
    made = BranchWriter()
    yield made
    made.shut_down()


@pytest.fixture
def make(tmp_path):
    return lambda: recording.create(tmp_path, Recipe())


def test_one_that_is_taken_stays(qtbot, writer, make, tmp_path):
    writer.written.connect(lambda _: writer.take())
    with qtbot.waitSignal(writer.finished):
        writer.request(make)
        assert writer.busy
    assert not writer.busy
    assert len(recording.runs(tmp_path)) == 1


def test_one_that_nobody_takes_is_removed(qtbot, writer, make, tmp_path):
    with qtbot.waitSignals([writer.written, writer.finished]):
        writer.request(make)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", ["cancel", "shut_down", "request"])
def test_one_that_is_cancelled_while_it_is_written_is_removed(
    qtbot, writer, make, tmp_path, how
):
    begun, go_on, came = Event(), Event(), []

    def slowly():
        run = make()
        begun.set()
        go_on.wait()
        return run

    writer.written.connect(came.append)
    writer.request(slowly)
    assert begun.wait(20)
    if how == "request":
        writer.written.connect(lambda _: writer.take())
        with qtbot.waitSignal(writer.finished):
            writer.request(make)
            go_on.set()
        assert recording.runs(tmp_path) == came, "the second, and it alone"
        return
    if how == "cancel":
        writer.cancel()
    go_on.set()
    writer.shut_down()
    assert list(tmp_path.iterdir()) == []
    assert came == []


def test_one_that_is_cancelled_before_the_window_heard_of_it_is_removed(
    qtbot, writer, make, tmp_path
):
    writer.request(make)
    waiting = writer._stream._desk._worker._queue
    while not waiting:  # no event is handled here, so it stays on its way
        pass
    assert len(recording.runs(tmp_path)) == 1
    writer.cancel()
    writer.shut_down()
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_told(qtbot, writer):
    def fail():
        raise InputError("The disk is full.")

    told = []
    writer.failed.connect(lambda error: told.append(str(error)))
    with qtbot.waitSignal(writer.finished):
        writer.request(fail)
    assert told == ["The disk is full."]
