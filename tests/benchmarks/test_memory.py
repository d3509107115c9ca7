"""Hundreds of edits and of pictures leave the process as large as it was."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import psutil
import pytest
from lab import Lab, photograph, save
from turns import timed

if TYPE_CHECKING:
    from collections.abc import Callable

EDITS, PICTURES, WARM_UP = 500, 200, 50
MOST_MB = 20


def resident_mb() -> float:
    """Return the memory that the process holds, without what is free to give back."""
    gc.collect()
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # else glibc keeps what is free
            library.malloc_trim(0)
    return psutil.Process().memory_info().rss / 1e6


def growth_mb(act: Callable[[], object], times: int) -> float:
    """Return by how much the process grows while something is done again and again."""
    for _ in range(WARM_UP):
        act()
    before = resident_mb()
    for _ in range(times):
        act()
    return resident_mb() - before


@timed
@pytest.mark.timeout(600)
def test_kernel_edits_on_12_megapixels(qapp, tmp_path, capsys):
    with closing(Lab(tmp_path, photograph(4000, 3000))) as lab:

        def edit() -> None:
            with lab.pressed():  # so that each edit is a step to undo
                lab.drag()

        grown = growth_mb(edit, EDITS)
    with capsys.disabled():
        print(f"\n{EDITS} edits on 4000×3000: {grown:+.1f} MB (at most {MOST_MB})")
    assert grown < MOST_MB


@timed
@pytest.mark.timeout(600)
def test_changes_of_the_picture(qapp, tmp_path, capsys):
    with closing(Lab(tmp_path, photograph(640, 480))) as lab:
        paths = [save(tmp_path, photograph(*size)) for size in ((640, 480), (300, 400))]

        def change() -> None:
            paths.reverse()
            lab.open(paths[0])

        grown = growth_mb(change, PICTURES)
    with capsys.disabled():
        print(f"\n{PICTURES} pictures: {grown:+.1f} MB (at most {MOST_MB})")
    assert grown < MOST_MB
