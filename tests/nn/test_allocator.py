"""Keeping freed memory: a training meets almost no page faults."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from cnnviz.nn.allocator import keep_large_blocks

PROGRAM = """
import resource, sys
from threading import Thread
from cnnviz.nn.allocator import keep_large_blocks
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def work():
    assert "kept" not in sys.argv or keep_large_blocks()
    for turn in range(20):
        if turn == 10:
            begin = faults()
        blocks = [b"1" * 24_000_000 for _ in range(6)]
        del blocks
    print(faults() - begin)
if "thread" in sys.argv:
    thread = Thread(target=work)
    thread.start()
    thread.join()
else:
    work()
"""


def faults(*words: str) -> int:
    run = [sys.executable, "-c", PROGRAM, *words]
    return int(subprocess.run(run, check=True, capture_output=True).stdout)


@pytest.mark.parametrize("where", ["thread", "process"])
@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc can be told what to keep"
)
def test_memory_that_is_kept_is_not_filled_with_zeros_again(where):
    assert faults(where) > 1000
    assert faults(where, "kept") < 100


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert not keep_large_blocks()
