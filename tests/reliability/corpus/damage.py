"""What befalls files: they break off, bits flip, and fields of their headers lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFSETS = 20
"""At so many places a file is broken off."""

HEADER = 64
"""Bytes at a file's start in which every other flipped bit lies."""

LIES = (0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)
"""Values that a 32-bit field of a header takes when it lies."""


def broken_off(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield a file cut at 20 places, half of them close to its start."""
    close = np.geomspace(1, len(data) - 1, OFFSETS // 2, dtype=int) - 1
    ends = {int(end) for end in close}
    for end in np.linspace(len(data) - 1, 1, 4 * OFFSETS, dtype=int):
        if len(ends) < OFFSETS:
            ends.add(int(end))
    for end in sorted(ends):
        yield f"cut-at-{end}", data[:end]


def flipped(
    data: bytes, random: np.random.Generator, count: int
) -> Iterator[tuple[str, bytes]]:
    """Yield a file with 1 to 32 flipped bits, every other time in its header."""
    for number in range(count):
        changed = np.frombuffer(data, np.uint8).copy()
        reach = min(HEADER, len(changed)) if number % 2 else len(changed)
        for place in random.integers(0, reach, 2 ** int(random.integers(0, 6))):
            changed[place] ^= 1 << int(random.integers(0, 8))
        yield f"flipped-{number}", changed.tobytes()


def put(data: bytes, at: int, field: bytes) -> bytes:
    """Return a file with other bytes in one place."""
    return data[:at] + field + data[at + len(field) :]
