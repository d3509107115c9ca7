"""What a training says on a terminal."""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnviz.console import Console, duration, epoch_line
from cnnviz.nn.events import EpochEnd, Finished, Metrics, Notice, Started, Steps
from cnnviz.nn.recipe import Recipe
from cnnviz.nn.run import Run

METRICS = Metrics(3, 24, 0.25, 0.9123, 0.125, 0.98765, 83.4)
RUN = Run(Path("my run"), "mine", "", Recipe(), "MNIST")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def steps(step: int, speed: float) -> Steps:
    values = np.array([0.5, 0.25], np.float32)
    return Steps(step, values, values, values, values, speed)


def test_an_epoch_is_a_line():
    assert epoch_line(METRICS, 10) == (
        "epoch  3/10  train  91.23% loss 0.2500  test  98.77% loss 0.1250  1:23"
    )
    split = Metrics(3, 24, 0.25, 1, 0.125, 1, 9.87, val_loss=0.5, val_accuracy=0.5)
    assert epoch_line(split, 3) == (
        "epoch 3/3  train 100.00% loss 0.2500  val  50.00% loss 0.5000  "
        "test 100.00% loss 0.1250  9.9 s"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.9, "59.9 s"), (59.99, "1:00"), (60, "1:00"), (3600, "1:00:00")],
)
def test_a_duration_in_words(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("width", "length"), [(120, 24), (80, 24), (70, 15), (60, 8)])
def test_a_bar_on_a_terminal(monkeypatch, capsys, width, length):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    size = os.terminal_size((width, 24))
    monkeypatch.setattr(shutil, "get_terminal_size", lambda *_, **__: size)
    with Console(RUN, Recipe(epochs=10)) as screen:
        screen.show(Started("CPU", "float32", 0, 0, 100, 1000))
        screen.show(steps(150, 12_800))
        screen.show(steps(151, 0))
    bar, unknown = terminal.getvalue().split("\r\x1b[K")[-3:-1]
    # Epoch 2 of 10, half of it done; 850 of 1000 batches of 128 are left.
    drawn = ("━" * round(length / 2)).ljust(length, "─")
    expected = f"2/10 {drawn}  50%  loss 0.2500  12,800 pictures/s  8.5 s left"
    assert bar == expected[: width - 1]
    assert width < 70 or bar == expected, "nothing but the bar is shorter"
    assert "left" not in unknown
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert "\r" not in capsys.readouterr().out


def test_a_finished_run_does_not_go_on(capsys):
    epochs = Recipe().epochs
    with Console(RUN, Recipe()) as screen:
        screen.show(Started("CPU", "float32", 4000, epochs, 400, 4000))
    assert capsys.readouterr().out.splitlines()[-1] == (
        "It is trained to the end: all 4,000 batches are done"
    )


def test_plain_lines_elsewhere(capsys):
    with Console(RUN, Recipe()) as screen:
        screen.show(Started("CUDA, Card", "bf16", 5, 0, 10, 100, "It may differ."))
        screen.show(steps(7, 100))
        screen.show(EpochEnd(METRICS, np.zeros((1, 10), np.float32)))
        screen.show(Notice("A smaller batch."))
        screen.show(Finished(7, complete=False))
    shown, errors = capsys.readouterr()
    assert errors == ""
    assert shown.splitlines() == [
        "Lecture network, 1,087,106 parameters, on MNIST",
        "adam, learning rate 0.001, batches of 128, seed 0; CUDA, Card, bf16",
        "It may differ.",
        "Goes on after 5 of 100 batches",
        epoch_line(METRICS, 10),
        "A smaller batch.",
        "Stopped after 7 batches; go on with",
        '  cnnviz train --resume "my run"',
    ]
