"""Pictures as short texts, so that they can be part of a state and of its file."""

from __future__ import annotations

import base64
import binascii
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SIDE = 1024
MAX_CHANNELS = 4


_latest: dict[str, bytes] = {}
"""What was packed last, by the body of its text: as a rule it is unpacked at once."""


def pack(pixels: NDArray[np.uint8]) -> str:
    """Return a picture, uint8 (C, H, W), as text: its shape and its packed bytes."""
    data = pixels.tobytes()
    # A drawing is runs of equal bytes; to look for others takes longer and finds none.
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS, 6, zlib.Z_RLE)
    body = base64.b64encode(packer.compress(data) + packer.flush()).decode("ascii")
    _latest.clear()
    _latest[body] = data
    return f"{'x'.join(map(str, pixels.shape))}:{body}"


@lru_cache(8)
def unpack(text: str) -> NDArray[np.uint8]:
    """Return the picture that :func:`pack` wrote; it cannot be written to.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        head, _, body = text.partition(":")
        channels, height, width = (int(number) for number in head.split("x"))
        sizes = (channels, MAX_CHANNELS), (height, MAX_SIDE), (width, MAX_SIDE)
        if not all(0 < size <= most for size, most in sizes):
            raise ValueError(head)
        count = channels * height * width
        data = _latest.get(body) or _unzipped(body, count)
        return np.frombuffer(data, np.uint8).reshape(channels, height, width)
    except (ValueError, zlib.error, binascii.Error) as error:
        raise InputError(
            "The picture in this file is damaged; draw or open another."
        ) from error


def _unzipped(body: str, count: int) -> bytes:
    # One byte more than there should be, so that a bomb never unfolds.
    packed = base64.b64decode(body, validate=True)
    return zlib.decompressobj().decompress(packed, count + 1)
