"""The device in words, for machines that this one is not."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import threading
from types import SimpleNamespace

import pytest

from cnnviz.errors import InputError
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
    device.load_libraries()


def test_the_fastest_device_is_chosen(machine):
    import torch

    assert device.available() == ("cpu",)
    assert device.choose("auto") == torch.device("cpu")
    for name, word in (("cuda", "CUDA card"), ("mps", "Apple GPU")):
        with pytest.raises(InputError, match=f"no {word}"):
            device.choose(name)
    machine.setattr(torch.backends.mps, "is_available", lambda: True)
    assert device.choose("auto") == torch.device("mps")
    machine.setattr(torch.cuda, "is_available", lambda: True)
    assert device.available() == ("cuda", "mps", "cpu")
    assert device.choose("auto") == device.choose("cuda") == torch.device("cuda")
    assert device.choose("cpu") == torch.device("cpu")


def test_devices_say_what_they_cannot_promise(machine):
    import torch

    machine.setattr(torch.cuda, "get_device_name", lambda card: "Card 9000")
    assert device.title(torch.device("cuda")) == "CUDA, Card 9000"
    assert device.title(torch.device("cpu")) == "CPU"
    assert device.why_not_repeatable(torch.device("cpu")) == ""
    assert "The CUDA card" in device.why_not_repeatable(torch.device("cuda"))


@pytest.mark.parametrize(
    ("flags", "pays"),
    [
        ({"amx_bf16": True}, True),
        ({"avx512_bf16": True}, True),
        ({"avx2": True}, False),
    ],
)
def test_bf16_is_for_processors_that_multiply_it(machine, flags, pays):
    import torch

    machine.setattr(torch.cpu, "get_capabilities", lambda: flags, raising=False)
    assert device.bf16_pays(torch.device("cpu")) == pays
    assert not device.bf16_pays(torch.device("mps"))
    machine.delattr(torch.cpu, "get_capabilities")
    assert not device.bf16_pays(torch.device("cpu"))


def test_one_core_is_for_the_thread_that_asks_alone() -> None:
    import torch

    counts: list[int] = []

    def note() -> None:
        counts.append(torch.get_num_threads())

    def ask() -> None:
        device.use_one_core()
        note()

    note()
    for work in (ask, note):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    note()
    assert counts == [counts[0], 1, counts[0], counts[0]]
