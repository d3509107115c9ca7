"""The time of an epoch on each device."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from small import DATA, RECIPE

from cnnviz.nn import device, timing
from cnnviz.nn.timing import time_devices


def test_the_cpu_agrees_with_itself():
    (*_, last) = time_devices(RECIPE, DATA)
    assert (last.device, last.precision) == ("CPU", "float32")
    assert last.batches == last.of == 7
    assert 0 < last.seconds < 10
    assert last.difference == 0


def test_bf16_differs_a_little():
    (*_, last) = time_devices(replace(RECIPE, precision="bf16"), DATA)
    assert last.precision == "bf16"
    assert 0 < last.difference < 0.05


def test_a_part_of_an_epoch_is_reckoned_up(monkeypatch):
    monkeypatch.setattr(timing, "SECONDS", 0.0)
    times = list(time_devices(RECIPE, DATA))
    assert len(times) == len(device.available())
    assert all((time.batches, time.of) == (1, 7) for time in times)
    assert all(time.seconds > 0 for time in times)


def test_it_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(timing, "TOLD_PER_SECOND", 1e9)
    told = list(time_devices(RECIPE, DATA))
    count = len(device.available())
    assert [time.batches for time in told] == [1, 2, 3, 4, 5, 6, 7, 7] * count
    undecided = [time.difference is None for time in told]
    assert undecided == ([True] * 7 + [False]) * count


def test_every_device_is_timed():
    done = [t for t in time_devices(RECIPE, DATA) if t.difference is not None]
    names = [device.title(torch.device(name)) for name in device.available()]
    assert [t.device for t in done] == names
    assert all(t.difference == pytest.approx(0, abs=1e-3) for t in done)
