"""Growing arrays: nothing is lost, and what was handed out stays as it was."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.nn.events import Metrics, Steps
from cnnviz.pages.train.curves import Curves, Growing


@given(st.lists(st.integers(0, 700), max_size=8))
def test_growing_is_concatenation(sizes):
    column, parts, seen = Growing(), [], []
    for number, size in enumerate(sizes):
        part = np.full(size, number, np.float32)
        parts.append(part)
        column.append(part)
        seen.append((column.values, np.concatenate(parts)))
    assert all((view == whole).all() for view, whole in seen)


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_resumed_training_forgets_what_it_repeats(length, kept):
    column = Growing()
    column.append(np.arange(length, dtype=np.float32))
    before = column.values
    column.keep(kept)
    column.append(np.full(3, -1, np.float32))
    assert column.values.tolist() == [*range(min(kept, length)), -1, -1, -1]
    assert before.tolist() == [*range(length)]


def test_curves_hold_batches_and_epochs():
    curves, ones = Curves(), np.ones(4, np.float32)
    curves.add(Steps(4, ones, ones / 2, ones / 4, ones * 3, speed=9.0))
    curves.metrics.append(Metrics(1, 4, 0.5, 0.6, 0.7, 0.8, 1.0))
    assert curves.steps == 4
    assert curves.speed == 9.0
    assert curves.column("accuracy").tolist() == [0.5] * 4
    assert curves.epochs("test_loss") == [(4, 0.7)]
    assert curves.epochs("val_loss") == []
    curves.keep(3)
    assert (curves.steps, curves.metrics) == (3, [])
