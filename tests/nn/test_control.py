"""Pausing, stepping and stopping a training from another thread."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from cnnviz.nn.control import Control, Watch


def allowed(control: Control, most: int = 10) -> int:
    """Return how many batches in a row may begin, up to `most`."""
    return next((n for n in range(most) if not control.begin_batch()), most)


def test_it_runs_until_paused():
    control = Control()
    assert allowed(control) == 10
    control.pause()
    assert control.paused
    assert allowed(control) == 0
    control.run()
    assert allowed(control) == 10


def test_it_does_so_many_batches():
    control = Control(paused=True)
    control.step(3)
    assert allowed(control) == 3
    assert control.paused


def test_it_pauses_at_the_end_of_the_epoch():
    control = Control(paused=True)
    control.finish_epoch()
    assert allowed(control) == 10
    control.end_epoch()
    assert control.paused
    control.run()
    control.end_epoch()
    assert not control.paused


def test_stopped_is_for_ever():
    control = Control()
    control.stop()
    control.run()
    assert control.stopped
    assert allowed(control) == 0


@pytest.mark.parametrize(
    "wake",
    [Control.run, Control.stop, Control.step, lambda control: control.look(Watch())],
)
def test_a_paused_training_wakes(wake):
    control = Control(paused=True)
    awake = Event()

    def training() -> None:
        control.wait(control.watch)
        awake.set()

    thread = Thread(target=training)
    thread.start()
    assert not awake.is_set()
    wake(control)
    assert awake.wait(10)
    thread.join()
