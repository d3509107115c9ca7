"""How far the curves of a training reach, and how a name is cut."""

from __future__ import annotations

import pytest

from cnnviz.pages.train.plots import LONGEST, horizon, short


@pytest.mark.parametrize(
    ("done", "planned", "edge"),
    [
        (0, 0, 50),
        (0, 4690, 50),
        (50, 4690, 50),
        (51, 4690, 100),
        (101, 4690, 200),
        (469, 4690, 500),
        (2001, 4690, 4690),
        (4690, 4690, 4690),
        (10, 30, 30),
        (60, 0, 100),
        (31, 30, 31),
    ],
)
def test_the_right_edge_is_round_and_not_far_ahead(done, planned, edge):
    assert horizon(done, planned) == edge


def test_the_edge_never_moves_back():
    edges = [horizon(done, 4690) for done in range(4691)]
    assert edges == sorted(edges)
    assert all(edge >= done for done, edge in enumerate(edges))
    assert len(set(edges)) < 10, "each is a new drawing of all"


def test_short_names():
    assert short("LeNet-5") == "LeNet-5"
    assert len(short("a" * 40)) == LONGEST
