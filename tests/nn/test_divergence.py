"""A loss that is no number stops the training at its batch, and says where it began."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from small import DATA, RECIPE, TINY
from test_training import curve, events_of, of, same

from cnnviz.nn import training
from cnnviz.nn.control import Control, Watch
from cnnviz.nn.events import Checkpoint, Diverged, Finished, Snapshot, Watched
from cnnviz.nn.naming import titled
from cnnviz.nn.network import Layer, Network, conv, dense
from cnnviz.nn.recipe import Augmentation

LINEAR = Network(  # without ReLU no unit can die, so that it always grows
    input=TINY.input, layers=(conv(4, 3), conv(4, 3), Layer("flatten"), dense(4))
)
WILD = replace(
    RECIPE.with_optimizer("sgd"),
    network=LINEAR,
    learning_rate=90.0,
    augmentation=Augmentation(1, 5),
    epochs=30,
)


def broken(tensor: str, value: float) -> Checkpoint:
    """Return a checkpoint of the second batch with one number overwritten."""
    control = Control(paused=True)
    control.step(2)
    point = None
    for event in training.train(RECIPE, DATA, control):
        if isinstance(event, Checkpoint):
            point = event
        if type(event).__name__ == "Paused":
            control.stop()
    assert point is not None
    point.tensors[tensor].flat[0] = value
    return point


def test_it_stops_at_that_batch_whenever_that_is_noticed(monkeypatch):
    monkeypatch.setattr(training, "REPORTS_PER_SECOND", 1e9)
    monkeypatch.setattr(training, "KEPT_SECONDS", 0.0)
    at_once = events_of(WILD)
    monkeypatch.setattr(training, "REPORTS_PER_SECOND", 1e-9)
    monkeypatch.setattr(training, "KEPT_SECONDS", 1e9)
    monkeypatch.setattr(training, "is_snapshot_step", lambda step: False)
    late = events_of(WILD)
    for events in (at_once, late):
        bad = of(Diverged, events)[0]
        assert 3 < bad.step < 210
        assert bad.layer
        assert titled(bad.layer) in bad.sentence
        assert f"batch {bad.step}" in bad.sentence
        assert events[-1] == Finished(bad.step - 1, complete=False)
        assert len(curve(events)) == bad.step - 1
        assert np.isfinite(curve(events)).all()
        assert np.isfinite(curve(events, "gradient_norm")).all()
        last = of(Snapshot, events)[-1]
        assert last.step == bad.step - 1 == of(Checkpoint, events)[-1].step
        assert all(np.isfinite(values).all() for values in last.weights.values())
        assert all(a.step < b.step for a, b in pairwise(of(Snapshot, events)))
    assert np.array_equal(curve(at_once), curve(late))
    assert of(Diverged, at_once) == of(Diverged, late)
    first, second = (of(Snapshot, events)[-1] for events in (at_once, late))
    assert same(first.weights, second.weights)
    rest = events_of(replace(WILD, learning_rate=0.001), None, of(Checkpoint, late)[-1])
    assert rest[0].step == bad.step - 1


@pytest.mark.parametrize(
    ("tensor", "value", "layer"),
    [
        ("model.conv1.weight", np.nan, "conv1"),
        ("model.conv1.bias", np.inf, "conv1"),
        ("model.dense1.weight", np.inf, "dense1"),
        ("model.dense1.bias", np.nan, "dense1"),
    ],
)
def test_it_names_the_layer(tensor, value, layer):
    events = events_of(resume=broken(tensor, value))
    bad = of(Diverged, events)[0]
    assert (bad.step, bad.layer) == (3, layer)


def test_gradients_that_overflow_stop_it_before_they_reach_the_weights():
    point = broken("model.dense1.weight", 0)
    # Scores stay finite, and the gradients of conv1 do not: 1e25 squared is too much.
    point.tensors["model.dense1.weight"] *= np.float32(1e25)
    point.tensors["model.conv1.weight"] *= np.float32(1e-20)
    point.tensors["model.conv1.bias"] *= np.float32(1e-20)
    events = events_of(resume=point)
    bad = of(Diverged, events)[0]
    assert (bad.step, bad.layer) == (3, "conv1")
    assert "gradients of Conv 1" in bad.sentence


def test_what_is_watched_is_always_finite():
    control = Control(Watch(DATA.test.images[0], rate=1e9))
    events = events_of(WILD, control)
    assert of(Diverged, events)
    for seen in of(Watched, events):
        assert all(np.isfinite(values).all() for values in seen.outputs.values())
