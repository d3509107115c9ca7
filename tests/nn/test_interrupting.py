"""A long batch that is given up between two layers has changed nothing."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from small import DATA, RECIPE

from cnnviz.nn import training
from cnnviz.nn.control import Control
from cnnviz.nn.events import Checkpoint, Finished, Steps
from cnnviz.nn.learner import Batch, Interrupted, Learner
from cnnviz.nn.network import Layer, Network, conv, dense, max_pool
from cnnviz.nn.recipe import Augmentation
from cnnviz.nn.training import train

NETWORK = Network(
    input=(1, 8, 8),
    layers=(
        conv(4, 3),
        Layer("batch-norm"),
        Layer("relu"),
        max_pool(2),
        Layer("flatten"),
        Layer("dropout", rate=0.2),
        dense(6),
        Layer("relu"),
        dense(4),
    ),
)
BENT = Augmentation(shift=1, rotate=5, elastic=0.5)
CHANCE = replace(RECIPE, network=NETWORK, augmentation=BENT)
ASKED = 2 * len(NETWORK.layers)
"""How often a batch asks: after each layer, forth and back."""


def batch(step: int) -> Batch:
    return Batch(step, CHANCE.learning_rate, CHANCE.augmentation)


def at_the(number: int):
    """Return what says yes when it is asked for the so-manieth time, and from then."""
    asked = count(1)
    return lambda: next(asked) >= number


@pytest.mark.parametrize("number", range(1, ASKED + 1))
def test_nothing_has_changed(number):
    learner = Learner(CHANCE, DATA, torch.device("cpu"))
    learner.learn(batch(0))
    before = learner.capture()
    with pytest.raises(Interrupted):
        learner.learn(batch(1), at_the(number))
    after = learner.capture()
    assert before.keys() == after.keys()
    for name, values in before.items():
        assert torch.equal(values, after[name]), name
    assert all(p.grad is None for p in learner.module.parameters())
    whole = Learner(CHANCE, DATA, torch.device("cpu"))
    whole.learn(batch(0))
    torch.testing.assert_close(
        learner.learn(batch(1)), whole.learn(batch(1)), rtol=0, atol=0
    )


def test_a_batch_asks_after_each_layer_and_none_after_it_is_done():
    learner, asked = Learner(CHANCE, DATA, torch.device("cpu")), []
    learner.learn(batch(0), lambda: asked.append(1) is not None)
    assert len(asked) == ASKED
    learner.learn(batch(1))
    learner.scores(torch.rand(3, 1, 8, 8)).sum().backward()
    assert len(asked) == ASKED


@pytest.mark.parametrize("number", [1, ASKED // 2, ASKED])
def test_a_training_stopped_in_a_batch_goes_on_as_if_it_had_not(number, monkeypatch):
    monkeypatch.setattr(training, "LONG_BATCH", 0.0)
    whole = list(train(CHANCE, DATA, Control()))
    control, asked = Control(), count(1)

    def stop(_):
        if next(asked) == 3 * ASKED + number:
            control.stop()
        return control.stopped

    monkeypatch.setattr(training._Training, "_is_stopped", stop)
    first = list(train(CHANCE, DATA, control))
    assert first[-1] == Finished(3, complete=False)
    monkeypatch.undo()
    last = [event for event in first if isinstance(event, Checkpoint)][-1]
    assert last.step == 3
    second = list(train(CHANCE, DATA, Control(), last))
    losses = [
        np.concatenate([e.loss for e in events if isinstance(e, Steps)])
        for events in (whole, first + second)
    ]
    np.testing.assert_array_equal(*losses)


def test_short_batches_are_done_to_their_end(monkeypatch):
    monkeypatch.setattr(training, "LONG_BATCH", 60.0)
    control = Control()
    asked = []
    monkeypatch.setattr(
        training._Training, "_is_stopped", lambda _: asked.append(1) is not None
    )
    events = train(CHANCE, DATA, control)
    while not isinstance(next(events), Steps):
        pass
    control.stop()
    list(events)
    assert len(asked) == ASKED, "of the first batch nobody knows how long it takes"


def test_what_is_saved_already_is_not_saved_again():
    control = Control(paused=True)
    events = train(RECIPE, DATA, control)
    control.stop()
    saved = [event for event in events if isinstance(event, Checkpoint)]
    assert [point.step for point in saved] == [0]
