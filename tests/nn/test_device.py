"""The device in words, for machines that this one is not."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
from types import SimpleNamespace

import pytest

from cnnviz.nn import device


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Make a machine without accelerators."""
    import torch

    monkeypatch.setattr(gc, "freeze", lambda: None)  # the tests go on collecting
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    return monkeypatch


def test_a_plain_machine(machine):
    assert device.describe() == "CPU"
    assert gc.isenabled()


def test_a_machine_of_apple(machine):
    import torch

    machine.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device.describe() == "MPS"


def test_a_machine_with_a_card(machine):
    import torch

    started = []
    driver = SimpleNamespace(cuInit=started.append)
    load = ctypes.CDLL
    machine.setattr(
        ctypes, "CDLL", lambda name: driver if "cuda" in str(name) else load(name)
    )
    machine.setattr(torch.version, "cuda", "13.0")
    machine.setattr(torch.cuda, "is_available", lambda: True)
    machine.setattr(torch.cuda, "get_device_name", lambda: "Card 9000")
    assert device.describe() == "CUDA, Card 9000"
    assert started == [0]


def test_a_machine_with_the_torch_for_cards_but_no_driver(machine):
    import torch

    machine.setattr(torch.version, "cuda", "13.0")
    assert device.describe() == "CPU"


def test_no_torch_is_left_to_the_import_statement(machine):
    machine.setattr(importlib.util, "find_spec", lambda name: None)
    device._load_libraries()
