"""Keeping freed memory: a training meets almost no page faults."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from cnnviz.nn.allocator import keep_large_blocks, share_memory

PROGRAM = """
import resource, sys
from threading import Thread
from cnnviz.nn.allocator import keep_large_blocks, share_memory
if "window" in sys.argv:
    from cnnviz import app
    from cnnviz.settings import Settings
    application = app.make_application(Settings())
assert "shared" not in sys.argv or share_memory()
assert "kept" not in sys.argv or keep_large_blocks()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def work():
    for turn in range(20):
        if turn == 10:
            begin = faults()
        blocks = [b"1" * 24_000_000 for _ in range(3)]
        del blocks
    print(faults() - begin)
if "thread" in sys.argv:
    thread = Thread(target=work)
    thread.start()
    thread.join()
else:
    work()
"""

glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc can be told what to keep"
)


def faults(*words: str) -> int:
    run = [sys.executable, "-c", PROGRAM, *words]
    return int(subprocess.run(run, check=True, capture_output=True).stdout)


@glibc
def test_memory_that_is_kept_is_not_filled_with_zeros_again():
    assert faults() > 1000
    assert faults("kept") < 100


@glibc
def test_what_is_shared_is_kept_in_a_thread_too():
    assert faults("thread", "kept") > 1000
    assert faults("thread", "kept", "shared") < 100
    assert faults("thread", "kept", "window") < 100


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert not keep_large_blocks()
    assert not share_memory()
