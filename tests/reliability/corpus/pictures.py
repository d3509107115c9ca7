"""Malformed pictures in every format that the application opens."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from reliability.corpus import Case
from reliability.corpus.bombs import bombs, png
from reliability.corpus.damage import LIES, broken_off, flipped, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reliability.corpus import Door

FLIPS = 10
"""Copies with flipped bits of each sound picture."""

WRONG = ("png", "jpg", "gif", "bmp", "ppm", "webp", "tif", "avif", "txt", "")
"""Endings that a file of another kind is given."""

Named = tuple[str, bytes]


def cases(seed: int = 0) -> list[Case]:
    """Return at least 600 pictures, and the sound ones that they were made of."""
    random = np.random.default_rng(seed)
    good = sound(random)
    made: list[Named] = []
    for name, data in good.items():
        stem, _, end = name.partition(".")
        for damage, bad in (*broken_off(data), *flipped(data, random, FLIPS)):
            made.append((f"{stem}-{damage}.{end}", bad))
    made += [*_png_lies(), *_gif_lies(), *_jpeg_lies(), *_bmp_lies(), *_ppm_lies()]
    made += [*_riff_lies(good), *_tiff_lies(good), *_avif_lies(good)]
    made += [*_misnamed(good), *_others(random)]
    doors: tuple[Door, Door] = ("kernel-lab", "inspect")
    opened = [
        Case(door, f"{door}-{n}", d, "opens")
        for n, d in good.items()
        for door in doors[:1]
    ]
    damaged = [
        Case(doors[number % 4 == 3], name, data)
        for number, (name, data) in enumerate(made)
    ]
    refused = [Case("kernel-lab", name, data, end) for name, data, end in bombs()]
    return [*opened, *damaged, *refused]


def sound(random: np.random.Generator) -> dict[str, bytes]:
    """Return small pictures by file name, one or more of each format."""
    rows, columns = np.mgrid[:40, :56]
    waves = np.sin(rows / 5)[..., None] + np.cos(columns[..., None] / (4, 5, 6))
    noise = random.normal(0, 0.1, waves.shape)
    colour = np.clip((waves + noise + 2) * 63, 0, 255).astype(np.uint8)
    rgb = Image.fromarray(colour)
    grey, cells = rgb.convert("L"), rgb.quantize(16)
    veil = Image.fromarray(np.dstack([colour, colour[..., 0]]), "RGBA")
    deep = Image.fromarray(colour[..., 0].astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[274] = 6  # turned by 90°
    turned = {"exif": exif, "quality": 90}
    film: dict[str, Any] = {"save_all": True, "append_images": [cells.rotate(90)] * 2}
    kinds: tuple[tuple[str, Image.Image, dict[str, Any]], ...] = (
        ("colour.png", rgb, {}),
        ("veil.png", veil, {}),
        ("cells.png", cells, {"bits": 4, "transparency": 3}),
        ("deep.png", deep, {}),
        ("turned.jpg", rgb, turned),
        ("steps.jpg", grey, {"progressive": True}),
        ("ink.jpg", rgb.convert("CMYK"), {}),
        ("film.gif", cells, film),
        ("colour.bmp", rgb, {}),
        ("cells.bmp", cells, {}),
        ("bits.pbm", grey.convert("1"), {}),
        ("grey.pgm", grey, {}),
        ("colour.ppm", rgb, {}),
        ("colour.webp", rgb, {}),
        ("exact.webp", veil, {"lossless": True}),
        ("raw.tif", rgb, {}),
        ("packed.tif", grey, {"compression": "tiff_adobe_deflate"}),
        ("words.tif", cells, {"compression": "tiff_lzw"}),
        ("deep.tif", deep, {"compression": "packbits"}),
        ("colour.avif", rgb, {"speed": 10}),
    )
    return {name: _saved(image, name, told) for name, image, told in kinds}


def _saved(image: Image.Image, name: str, told: dict[str, Any]) -> bytes:
    kinds = {"jpg": "JPEG", "pbm": "PPM", "pgm": "PPM", "tif": "TIFF"}
    stream, end = io.BytesIO(), name.partition(".")[2]
    image.save(stream, kinds.get(end, end.upper()), **told)
    return stream.getvalue()


# ------------------------------------------------------------------ headers that lie


def _png_lies() -> Iterator[Named]:
    pixels = zlib.compress(bytes(9 * 28))
    for width, height in ((9, v) for v in LIES):
        yield f"png-9-by-{height}.png", png(width, height, pixels)
        yield f"png-{height}-by-9.png", png(height, width, pixels)
    for depth, kind in ((0, 2), (3, 0), (16, 3), (8, 1), (8, 7), (255, 255), (1, 6)):
        data = png(9, 9, pixels, depth=depth, kind=kind)
        yield f"png-depth-{depth}-kind-{kind}.png", data
    for length in (*LIES[1:], 2**24):
        chunk = struct.pack(">I4s", length, b"zTXt") + b"note\0\0" + pixels
        yield f"png-chunk-of-{length}.png", png(9, 9, pixels, before=chunk)
    text = zlib.compress(bytes(200_000_000), 9)
    for kind, start in ((b"zTXt", b"note\0\0"), (b"iCCP", b"note\0\0")):
        body = kind + start + text
        chunk = struct.pack(">I", len(body) - 4) + body
        chunk += struct.pack(">I", zlib.crc32(body))
        yield f"png-{kind.decode()}-bomb.png", png(9, 9, pixels, before=chunk)
    yield "png-no-end-of-chunks.png", png(9, 9, pixels)[:-12] * 500
    yield "png-too-few-rows.png", png(9, 900, pixels)
    yield "png-not-packed.png", png(9, 9, bytes(500))


def _gif_lies() -> Iterator[Named]:
    for width, height in ((0, 0), (1, 65535), (65535, 1), (65535, 65535)):
        screen = struct.pack("<6sHHBBB", b"GIF89a", width, height, 0x80, 0, 0) + bytes(
            6
        )
        for frame in ((0, 0, 3, 3), (65535, 65535, 9, 9), (0, 0, 65535, 65535)):
            place = struct.pack("<BHHHHB", 0x2C, *frame, 0)
            name = f"gif-{width}-by-{height}-frame-{frame[0]}-{frame[2]}.gif"
            yield name, screen + place + b"\x02\x02\x4c\x01\x00\x3b"
    start = struct.pack("<6sHHBBB", b"GIF89a", 9, 9, 0x80, 0, 0) + bytes(6)
    yield "gif-comment-without-end.gif", start + b"\x21\xfe" + b"\xffx" * 100_000
    yield "gif-empty-frames.gif", start + b"\x2c" + bytes(9) + b"\x3b"
    codes = b"\x2c" + struct.pack("<HHHHB", 0, 0, 9, 9, 0)
    for size in (0, 1, 12, 13, 255):
        data = start + codes + bytes([size]) + b"\x04\xff\xff\xff\xff\x00\x3b"
        yield f"gif-code-size-{size}.gif", data


def _jpeg_lies() -> Iterator[Named]:
    image = Image.fromarray(np.full((16, 16, 3), 90, np.uint8))
    good = _saved(image, "good.jpg", {})
    frame = good.index(b"\xff\xc0")
    for width, height in (
        (0, 16),
        (16, 0),
        (65535, 65535),
        (65535, 1500),
        (9000, 9000),
    ):
        data = put(good, frame + 5, struct.pack(">HH", height, width))
        yield f"jpeg-{width}-by-{height}.jpg", data
    for at, name in ((2, "length"), (4, "depth"), (9, "channels"), (11, "sampling")):
        for value in (0, 5, 255):
            yield f"jpeg-{name}-{value}.jpg", put(good, frame + at, bytes([value]))
    for mark, name in ((b"\xff\xdb", "tables"), (b"\xff\xc4", "codes")):
        at = good.index(mark)
        length = int.from_bytes(good[at + 2 : at + 4], "big") + 2
        yield f"jpeg-no-{name}.jpg", good[:at] + good[at + length :]
        yield f"jpeg-{name}-too-long.jpg", put(good, at + 2, b"\xff\xff")
    for start in (
        b"Exif\0\0MM\0*\0\0\0\x08",
        b"Exif\0\0II*\0\xff\xff\xff\xff",
        b"Exif\0\0",
    ):
        body = start + b"\xff" * 60
        block = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
        yield (
            f"jpeg-exif-{len(start)}-{start[6:8].decode()}.jpg",
            good[:2] + block + good[2:],
        )


def _bmp_lies() -> Iterator[Named]:
    good = _saved(Image.new("RGB", (9, 9), "red"), "good.bmp", {})
    fields = {2: "file", 10: "start", 14: "header", 18: "width", 22: "height"}
    fields |= {30: "packing", 34: "pixels", 46: "colours"}
    for at, name in fields.items():
        for value in LIES:
            data = put(good, at, struct.pack("<I", value))
            yield f"bmp-{name}-{value}.bmp", data
    for bits in (0, 1, 4, 7, 64, 65535):
        yield f"bmp-bits-{bits}.bmp", put(good, 28, struct.pack("<H", bits))


def _ppm_lies() -> Iterator[Named]:
    for kind in range(1, 8):
        for size in ("0 0", "-3 3", "99999999999 9", "9 99999999999", "9999 9999"):
            name = f"ppm-{kind}-{size.replace(' ', '-by-')}.ppm"
            yield name, f"P{kind} {size} 255\n".encode() + bytes(27)
    for most in ("0", "-1", "70000", "1e9", "x", "9" * 400):
        yield f"ppm-most-{most[:8]}.pgm", f"P5 3 3 {most}\n".encode() + bytes(9)
    yield "ppm-comment.ppm", b"P6 #" + b"x" * 3_000_000
    yield "ppm-words.pgm", b"P2 3 3 255\n" + b"one two three " * 9
    yield "ppm-long-number.pgm", b"P2 3 3 255\n" + b"1" * 3_000_000


def _riff_lies(good: dict[str, bytes]) -> Iterator[Named]:
    data = good["colour.webp"]
    for value in LIES:
        for at, name in ((4, "file"), (16, "chunk")):
            yield f"webp-{name}-{value}.webp", put(data, at, struct.pack("<I", value))
    for side in (0, 1, 2**14 - 1, 2**14, 2**15 - 1):
        name, field = f"webp-{side}-squared.webp", struct.pack("<HH", side, side)
        yield name, put(data, 26, field)
    canvas = struct.pack("<4sII", b"VP8X", 10, 0) + b"\xff" * 6
    body = b"WEBP" + canvas + data[12:]
    yield "webp-canvas.webp", b"RIFF" + struct.pack("<I", len(body)) + body


def _tiff_lies(good: dict[str, bytes]) -> Iterator[Named]:
    data = good["raw.tif"]
    first = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[first : first + 2], "little")
    for entry in range(count):
        at = first + 2 + 12 * entry
        tag = int.from_bytes(data[at : at + 2], "little")
        for value in (0, 7, 2**16 - 1, 2**31 - 1, 2**32 - 1):
            field = struct.pack("<I", value)
            yield f"tiff-{tag}-is-{value}.tif", put(data, at + 8, field)
            if value:
                yield f"tiff-{tag}-times-{value}.tif", put(data, at + 4, field)
    round_again = put(data, first + 2 + 12 * count, struct.pack("<I", first))
    yield "tiff-in-a-circle.tif", round_again
    yield "tiff-starts-at-its-end.tif", put(data, 4, b"\xff\xff\xff\x7f")


def _avif_lies(good: dict[str, bytes]) -> Iterator[Named]:
    data = good["colour.avif"]
    for box in (b"ftyp", b"meta", b"iprp", b"ispe", b"iloc", b"mdat", b"av1C"):
        at = data.index(box)
        for value in (0, 1, 2**31 - 1):
            lying = put(data, at - 4, struct.pack(">I", value))
            yield f"avif-{box.decode()}-{value}.avif", lying
    size = data.index(b"ispe") + 8
    for side in (0, 1, 9999, 65535, 2**31 - 1):
        lying = put(data, size, struct.pack(">II", side, side))
        yield f"avif-{side}-squared.avif", lying


# ------------------------------------------------------------------ something else


def _misnamed(good: dict[str, bytes]) -> Iterator[Named]:
    for number, (name, data) in enumerate(good.items()):
        end = WRONG[number % len(WRONG)]
        yield f"misnamed-{name.replace('.', '-')}.{end}".rstrip("."), data


def _others(random: np.random.Generator) -> Iterator[Named]:
    noise = random.bytes(5000)
    for name, data in (
        ("empty", b""),
        ("zeros", bytes(5000)),
        ("noise", noise),
        ("page", b"<!DOCTYPE html><html><body>Not found</body></html>"),
        ("text", b"Kein Bild, nur Text.\n" * 50),
        ("drawing", b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"),
        ("print", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n"),
        ("packed", b"PK\x03\x04" + noise),
        ("program", b"\x7fELF" + noise),
    ):
        for end in ("png", "jpg", "tif", "gif"):
            yield f"{name}.{end}", data
    for start, end in ((b"\x89PNG\r\n\x1a\n", "png"), (b"GIF89a", "gif")):
        yield f"noise-after-its-mark.{end}", start + noise
    yield "noise-after-its-mark.webp", b"RIFF\xff\x13\0\0WEBPVP8 " + noise
    yield "noise-after-its-mark.jpg", b"\xff\xd8\xff\xe0" + noise
    yield "noise-after-its-mark.bmp", b"BM" + noise
