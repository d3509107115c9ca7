"""Ask the system's allocator to keep memory that a training frees and takes again."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # malloc.h of glibc
_LARGEST = 32 << 20  # glibc refuses a larger threshold for blocks of their own
_KEPT = 1 << 30


def keep_large_blocks() -> bool:
    """Let glibc keep freed blocks of megabytes instead of giving them back.

    Otherwise each batch gets its activations as fresh pages, which the system fills
    with zeros: some 3,000 page faults a step, a third of its time. It holds for the
    process; a second call changes nothing.

    Returns
    -------
    bool
        Whether the allocator is one that understood.
    """
    return _tell(_MMAP_THRESHOLD, _LARGEST) and _tell(_TRIM_THRESHOLD, _KEPT)


def share_memory() -> bool:
    """Let all threads take their memory where the first one does.

    By itself glibc gives each thread an arena of its own, of pieces of 64 MB, and of
    those it gives back any that is free, whatever :func:`keep_large_blocks` says
    (``heap_trim`` in its arena.c): a training in a thread meets up to 4,000 page faults
    a step. To be called while there is one thread, as others stay where they are.

    Returns
    -------
    bool
        Whether the allocator is one that understood.
    """
    return _tell(_ARENA_MAX, 1)


def _tell(parameter: int, value: int) -> bool:
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other libraries have none
    return mallopt is not None and bool(mallopt(parameter, value))
