"""Learning rates against torch's schedulers."""

from __future__ import annotations

import pytest
import torch
from torch.optim import lr_scheduler

from cnnviz.nn.recipe import SCHEDULES
from cnnviz.nn.schedules import factor


def torchs(steps: int, make) -> list[float]:
    """Return the rates that a scheduler of torch gives, from a rate of 1."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = make(optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


@pytest.mark.parametrize("steps", [10, 469, 4690])
def test_one_cycle_is_torchs(steps):
    expected = torchs(
        steps, lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=steps + 1)
    )
    theirs = torchs(
        steps - 1, lambda o: lr_scheduler.OneCycleLR(o, 1.0, total_steps=steps)
    )
    ours = [factor("one-cycle", step, steps) for step in range(steps)]
    assert ours[:-1] == pytest.approx(theirs, rel=1e-6)
    assert len(expected) == steps


@pytest.mark.parametrize("steps", [10, 469])
def test_cosine_is_torchs(steps):
    expected = torchs(steps, lambda o: lr_scheduler.CosineAnnealingLR(o, steps))
    ours = [factor("cosine", step, steps) for step in range(steps)]
    assert ours == pytest.approx(expected, abs=1e-6)


def test_steps_are_tenths():
    rates = [factor("step", step, 8) for step in range(8)]
    assert rates == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01])


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_the_shortest_trainings_have_a_rate(schedule, steps):
    rates = [factor(schedule, step, steps) for step in range(steps)]
    assert all(0 < rate <= 1 for rate in rates)
