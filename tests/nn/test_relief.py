"""Too little memory on a card: halves first, then the CPU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small import DATA, NORMED, RECIPE, TINY
from test_training import curve, events_of, of

from cnnviz.nn import relief, training
from cnnviz.nn.evaluation import BATCH
from cnnviz.nn.events import Checkpoint, EpochEnd, Finished, Notice
from cnnviz.nn.learner import Batch, Learner
from cnnviz.nn.network import Layer, Network

PLAIN = replace(
    RECIPE,
    network=Network(
        input=TINY.input,
        layers=tuple(
            layer for layer in TINY.layers if layer != Layer("dropout", rate=0.2)
        ),
    ),
)


def test_halves_have_the_result_of_the_whole():
    whole, halves = (Learner(PLAIN, DATA, torch.device("cpu")) for _ in range(2))
    halves.parts = 2
    for step in range(5):
        batch = Batch(step, 0.01, PLAIN.augmentation)
        torch.testing.assert_close(halves.learn(batch), whole.learn(batch))
    for name, values in whole.weights().items():
        np.testing.assert_allclose(halves.weights()[name], values, atol=1e-5)


@pytest.mark.parametrize(
    ("network", "sentence"),
    [(PLAIN.network, relief.IN_HALVES), (NORMED, relief.HALVES_NORMED)],
)
def test_halves_promise_no_more_than_they_keep(network, sentence):
    learner = Learner(replace(PLAIN, network=network), DATA, torch.device("cpu"))
    assert relief.relieve(learner, DATA) == (learner, sentence)
    assert learner.parts == 2


def test_a_card_that_runs_out_of_memory(monkeypatch):
    expected = events_of(PLAIN)
    real, calls = Learner.learn, []

    def learn(learner, batch, stopped):
        calls.append(learner.parts)
        if len(calls) in (4, 9):  # no card here: raise what one would
            raise torch.OutOfMemoryError
        return real(learner, batch, stopped)

    monkeypatch.setattr(Learner, "learn", learn)
    events = events_of(PLAIN)
    sentences = [notice.sentence for notice in of(Notice, events)]
    assert sentences == [relief.IN_HALVES, relief.ON_CPU]
    assert calls == [1] * 4 + [2] * 5 + [1] * 7
    np.testing.assert_allclose(curve(events), curve(expected), rtol=1e-3)
    assert events[-1] == Finished(14, complete=True)
    assert len(of(EpochEnd, events)) == 2
    assert of(Checkpoint, events)[-1].step == 14


def test_a_card_too_small_for_the_test(monkeypatch):
    expected = of(EpochEnd, events_of(PLAIN))
    real, sizes = training.evaluate, []

    def evaluate(*arguments):
        sizes.append(arguments[-1])
        if len(sizes) <= 2:
            raise torch.OutOfMemoryError
        return real(*arguments)

    monkeypatch.setattr(training, "evaluate", evaluate)
    events = events_of(PLAIN)
    sentences = [notice.sentence for notice in of(Notice, events)]
    assert sentences == [relief.IN_HALVES, relief.ON_CPU]
    assert sizes == [BATCH, BATCH // 2, BATCH, BATCH]
    for found, wanted in zip(of(EpochEnd, events), expected, strict=True):
        np.testing.assert_allclose(found.probabilities, wanted.probabilities, atol=1e-4)


def test_a_card_too_small_for_the_data(monkeypatch):
    real = Learner.__init__
    asked = []

    def make(learner, recipe, data, device):
        asked.append(device.type)
        if len(asked) == 1:
            raise torch.OutOfMemoryError
        real(learner, recipe, data, device)

    monkeypatch.setattr(Learner, "__init__", make)
    events = events_of(PLAIN)
    assert of(Notice, events) == [Notice(relief.ON_CPU)]
    assert events[-1].complete
