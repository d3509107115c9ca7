"""Small files that claim, and keep, hundreds of millions of pixels."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

End = Literal["", "opens", "refused"]


def bombs() -> Iterator[tuple[str, bytes, End]]:
    """Yield file name, content, and how opening it must end."""
    for width, height in ((30_000, 30_000), (65_500, 65_500), (10_001, 10_000)):
        yield f"bomb-{width}-{height}.png", zeros(width, height), "refused"
        yield f"bomb-{width}-{height}.bmp", black(width, height), "refused"
        yield f"bomb-{width}-{height}.tif", strips(width, height), "refused"
        if width <= 65_535:
            yield f"bomb-{width}-{height}.gif", frames(width, height), "refused"
    yield "bomb-16-bits.png", zeros(30_000, 20_000, depth=16), "refused"
    yield "bomb-of-colour.png", zeros(20_000, 20_000, kind=2), "refused"
    # As large as may be: they open, or are refused, within the bounds all the same.
    for width, height in ((9_990, 10_000), (10_000, 5_000), (1, 100_000), (300_000, 3)):
        yield f"large-{width}-{height}.png", zeros(width, height), ""
        yield f"large-colour-{width}-{height}.png", zeros(width, height, kind=2), ""
        yield f"large-{width}-{height}.bmp", black(width, height), ""
        yield f"large-{width}-{height}.tif", strips(width, height), ""


def png(
    width: int,
    height: int,
    packed: bytes,
    *,
    depth: int = 8,
    kind: int = 0,
    before: bytes = b"",
) -> bytes:
    """Return a PNG file of this header and packed pixels, with right checksums.

    `before` goes between the two as it is.
    """

    def chunk(name: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + body))
        return struct.pack(">I", len(body)) + name + body + checksum

    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
    return head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def zeros(width: int, height: int, *, depth: int = 8, kind: int = 0) -> bytes:
    """Return a real PNG, black throughout."""
    row = 1 + width * (depth // 8) * (3 if kind == 2 else 1)
    return png(width, height, _packed(row * height), depth=depth, kind=kind)


def _packed(length: int) -> bytes:
    """Return so many zero bytes in zlib's format, made without making them."""
    block = 1 << 20
    packer = zlib.compressobj(9, wbits=-15)
    whole = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    end = packer.compress(bytes(length % block)) + packer.flush()
    checksum = struct.pack(">HH", length % 65521, 1)  # Adler-32 of zeros
    return b"\x78\xda" + whole * (length // block) + end + checksum


def black(width: int, height: int) -> bytes:
    """Return a BMP, run-length encoded, whose one run is its end."""
    pixels = b"\x00\x01"
    start = 14 + 40 + 4 * 256
    sizes = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, 2, 0, 0, 256, 0)
    file = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    return file + sizes + bytes(4 * 256) + pixels


def strips(width: int, height: int) -> bytes:
    """Return a real grey TIFF in one strip, packed with deflate."""
    packed = _packed(width * height)
    entries = (
        (256, 4, width),
        (257, 4, height),
        (258, 3, 8),
        (259, 3, 8),
        (262, 3, 1),
        (273, 4, 8),
        (277, 3, 1),
        (278, 4, height),
        (279, 4, len(packed)),
    )
    table = struct.pack("<H", len(entries))
    for tag, kind, value in entries:
        table += struct.pack("<HHII", tag, kind, 1, value)
    head = struct.pack("<2sHI", b"II", 42, 8 + len(packed))
    return head + packed + table + bytes(4)


def frames(width: int, height: int) -> bytes:
    """Return a GIF of one frame that fills its screen and then breaks off."""
    screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0x80, 0, 0) + bytes(6)
    frame = struct.pack("<BHHHHB", 0x2C, 0, 0, width, height, 0)
    return screen + frame + b"\x02\x02\x4c\x01\x00\x3b"
