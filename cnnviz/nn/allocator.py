"""Ask the system's allocator to keep memory that a training frees and takes again."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # malloc.h of glibc
_LARGEST = 32 << 20  # glibc refuses a larger threshold for blocks of their own
_KEPT = 1 << 30
_HEAP = 64 << 20
"""What threads but the first take their memory from is made of such pieces. One that is
free is given back whatever the threshold says, unless so much is to be left at the end
of those before it (``heap_trim`` in glibc's arena.c)."""


def keep_large_blocks() -> bool:
    """Let glibc keep freed blocks of megabytes instead of giving them back.

    Otherwise each batch gets its activations as fresh pages, which the system fills
    with zeros: some 3,000 page faults a step, a third of its time. It holds for the
    process, in all threads; a second call changes nothing.

    Returns
    -------
    bool
        Whether the allocator is one that understood.
    """
    if sys.platform != "linux":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other libraries have none
    if mallopt is None:
        return False
    wanted = (_MMAP_THRESHOLD, _LARGEST), (_TRIM_THRESHOLD, _KEPT), (_TOP_PAD, _HEAP)
    return all(mallopt(parameter, value) for parameter, value in wanted)
