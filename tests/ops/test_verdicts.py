"""Confusion, accuracies and worst mistakes against plain counting."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.ops import verdicts


@st.composite
def answers(draw):
    classes = draw(st.integers(2, 5))
    count = draw(st.integers(1, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    generator = np.random.default_rng(seed)
    shares = generator.dirichlet(np.ones(classes), count).astype(np.float32)
    return shares, generator.integers(0, classes, count)


@given(answers())
def test_the_confusion_counts_every_picture_once(case):
    shares, labels = case
    counts = verdicts.confusion(shares, labels)
    for true in range(shares.shape[1]):
        for answer in range(shares.shape[1]):
            hits = sum(
                int(label == true and row.argmax() == answer)
                for row, label in zip(shares, labels, strict=True)
            )
            assert counts[true, answer] == hits
    assert counts.sum() == len(labels)


@given(answers())
def test_the_worst_are_wrong_and_in_order_of_confidence(case):
    shares, labels = case
    found = verdicts.worst(shares, labels, 1000)
    picked = shares.argmax(1)
    assert set(found) == set(np.flatnonzero(picked != labels))
    confidence = shares[found, picked[found]]
    assert (np.diff(confidence) <= 0).all()
    assert verdicts.worst(shares, labels, 2).tolist() == found[:2].tolist()


@given(answers())
def test_the_cells_share_out_all_pictures(case):
    shares, labels = case
    classes = range(shares.shape[1])
    cells = [
        verdicts.in_cell(shares, labels, (true, answer), 1000)
        for true in classes
        for answer in classes
    ]
    assert sorted(np.concatenate(cells)) == list(range(len(labels)))
    counts = verdicts.confusion(shares, labels).ravel()
    assert [len(cell) for cell in cells] == counts.tolist()
