"""Imports of torch are left off where nobody needs them any more, and only there."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A thread loads torch, until it has come so far; then the program ends.
LEAVING = """
import sys, threading, time
from cnnviz.nn import loading
said = []
thread = threading.Thread(target=lambda: said.extend(loading.load()))
thread.start()
while {name!r} not in sys.modules:
    time.sleep(0.001)
refusal = loading.leave()
thread.join()
sys.meta_path.remove(refusal)
print(len(said), loading.is_whole())
"""

# What waits for torch goes on where the loading begins, and where the program ends.
WAITING = """
import sys, threading
from cnnviz.nn import loading
said = []
def ask():
    loading.wait_for_turn()
    try:
        import torch
    except loading.Left:
        said.append("left")
thread = threading.Thread(target=ask)
loading.hold()
thread.start()
thread.join(0.2)
print(thread.is_alive(), "torch" in sys.modules)
{end}
thread.join()
print(*said, loading.is_whole())
"""

# While torch is loaded a page is made, for which it waits wherever it is by then; other
# modules, also those that torch needs, can be imported meanwhile.
PAUSED = """
import sys, threading, time
from cnnviz.nn import loading
thread = threading.Thread(target=lambda: list(loading.load()))
{before}
thread.start()
while {name!r} not in sys.modules:
    time.sleep(0.001)
loading.pause()
counts = [-1, 0]
def count():
    return sum(name.startswith("torch.") for name in sys.modules)
end = time.monotonic() + loading.PATIENCE / 2
rests = 0
while time.monotonic() < end and rests < 20:
    counts = [counts[-1], count()]
    rests = rests + 1 if counts[0] == counts[1] else 0
    time.sleep(0.02)
import csv, tarfile, cnnviz.nn.recipe
print(rests == 20, loading.is_whole())
loading.{after}()
thread.join()
print(loading.is_whole())
"""

# A batch with each optimizer, as a training does it.
STEPPING = """
import sys
import torch
from cnnviz.nn import optimizers
from cnnviz.nn.recipe import OPTIMIZERS, Recipe
for name in OPTIMIZERS:
    weight = torch.ones(3, requires_grad=True)
    optimizer = optimizers.make(Recipe(optimizer=name), [weight])
    optimizer.zero_grad()
    weight.square().sum().backward()
    optimizer.step()
print(sorted(name for name in sys.modules if name.startswith("torch._dynamo")))
"""

# A training has all that it needs of torch, and imports another part when it saves.
SAVING = """
import sys, threading
import torch
from cnnviz.nn import loading
loading.leave()
def save():
    assert "torch.utils.bundled_inputs" not in sys.modules
    import torch.utils.bundled_inputs
    print("saved")
thread = threading.Thread(target=save)
thread.start()
thread.join()
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cnnviz.nn.loading", "0 False"),
        ("torch", "0 False"),
        ("torch._tensor", "0 False"),
        ("cnnviz.nn.training", "1 True"),
    ],
)
def test_the_end_of_the_program_ends_the_import(name: str, expected: str) -> None:
    assert run(LEAVING.format(name=name)) == expected


def test_a_training_still_imports_what_it_needs() -> None:
    assert run(SAVING) == "saved"


@pytest.mark.parametrize(
    ("end", "expected"),
    [("list(loading.load())", "True"), ("loading.leave()", "left False")],
)
def test_what_needs_torch_waits_for_its_turn(end: str, expected: str) -> None:
    assert run(WAITING.format(end=end)) == f"True False\n{expected}"


@pytest.mark.parametrize("before", ["", "import PySide6.QtWidgets"])
@pytest.mark.parametrize(("after", "whole"), [("go_on", True), ("leave", False)])
def test_it_waits_while_a_page_is_made(before: str, after: str, whole: bool) -> None:
    code = PAUSED.format(before=before, name="torch._C", after=after)
    assert run(code) == f"True False\n{whole}"


def test_training_needs_no_compiler() -> None:
    assert run(STEPPING) == "[]"
