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
print(len(said), loading.is_whole(), "torch._dynamo.eval_frame" in sys.modules)
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
        ("cnnviz.nn.loading", "0 False False"),
        ("torch", "0 False False"),
        ("torch._tensor", "0 False False"),
        ("torch._dynamo", "1 True False"),
    ],
)
def test_the_end_of_the_program_ends_the_import(name: str, expected: str) -> None:
    assert run(LEAVING.format(name=name)) == expected


def test_a_training_still_imports_what_it_needs() -> None:
    assert run(SAVING) == "saved"
