"""Malformed data sets: idx files, packed or not, and folders of pictures."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from cnnviz.nn import idx
from reliability.corpus import Case
from reliability.corpus.damage import LIES, broken_off, flipped, put

if TYPE_CHECKING:
    from collections.abc import Iterator

FLIPS = 6
"""Copies with flipped bits of each sound file."""

TRAIN, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
TEST, ANSWERS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"

Files = dict[str, bytes]


def cases(seed: int = 0) -> list[Case]:
    """Return at least 100 folders of idx files or pictures, sound ones first."""
    random = np.random.default_rng(seed)
    good = sound(random)
    packed = {f"{name}.gz": gzip.compress(data, 6) for name, data in good.items()}
    pictures = _pictures(random)
    sets = {"plain": good, "packed": packed, "pictures": pictures}
    made: list[tuple[str, Files]] = []
    for kind, files in (("plain", good), ("packed", packed)):
        for name in list(files)[:2]:
            for damage, bad in (
                *broken_off(files[name]),
                *flipped(files[name], random, FLIPS),
            ):
                made.append((f"{kind}-{name}-{damage}", {**files, name: bad}))
        for name in files:
            rest = {key: data for key, data in files.items() if key != name}
            made.append((f"{kind}-without-{name}", rest))
    made += [*_lies(good), *_bombs(good, packed), *_picture_folders(pictures)]
    return [
        *(
            Case("train", f"sound-{name}", files, "opens")
            for name, files in sets.items()
        ),
        *(Case("train", name, files) for name, files in made),
    ]


def sound(random: np.random.Generator) -> Files:
    """Return the four files of a data set like MNIST, of 60 and 20 pictures."""

    def pictures(count: int) -> bytes:
        return idx.encode(random.integers(0, 256, (count, 28, 28), np.uint8))

    def labels(count: int) -> bytes:
        return idx.encode(random.integers(0, 10, count).astype(np.uint8))

    return {
        TRAIN: pictures(60),
        LABELS: labels(60),
        TEST: pictures(20),
        ANSWERS: labels(20),
    }


def _lies(good: Files) -> Iterator[tuple[str, Files]]:
    for name, at, field in (
        (TRAIN, 4, "count"),
        (TRAIN, 8, "rows"),
        (TRAIN, 12, "columns"),
        (LABELS, 4, "labels"),
    ):
        for value in LIES:
            lying = put(good[name], at, struct.pack(">I", value))
            yield f"{field}-{value}", {**good, name: lying}
    for value in (0x0, 0x801, 0x901, 0xD03, 0x8FF, 0x80000803, 0x803 << 8):
        lying = put(good[TRAIN], 0, struct.pack(">I", value))
        yield f"magic-{value}", {**good, TRAIN: lying}
    yield "labels-of-ten", {**good, LABELS: good[LABELS][:-1] + b"\x0a"}
    yield "swapped", {**good, TRAIN: good[LABELS], LABELS: good[TRAIN]}
    yield "page", {**good, TRAIN: b"<!DOCTYPE html><title>Not found</title>"}
    yield "empty", {**good, TEST: b""}
    yield "longer", {**good, TEST: good[TEST] + b"x"}
    yield "other-size", {**good, TEST: idx.encode(np.zeros((20, 9, 9), np.uint8))}


def _bombs(good: Files, packed: Files) -> Iterator[tuple[str, Files]]:
    """Yield packed files that claim much, or hold it."""
    name = f"{TRAIN}.gz"
    for count in (10**6, 300_000, 2**31 - 1):
        header = struct.pack(">IIII", 0x803, count, 28, 28)
        yield f"claims-{count}", {**packed, name: gzip.compress(header)}
        zeros = _gzip(header, min(count, 10**6) * 784)
        yield f"holds-{count}", {**packed, name: zeros}
        emnist = {
            f"emnist-digits-{part}-{end}": data
            for part, end, data in (
                ("train", "images-idx3-ubyte.gz", zeros),
                ("train", "labels-idx1-ubyte", good[LABELS]),
                ("test", "images-idx3-ubyte", good[TEST]),
                ("test", "labels-idx1-ubyte", good[ANSWERS]),
            )
        }
        yield f"holds-{count}-by-columns", emnist
    whole = packed[name]
    yield "more-after-its-end", {**packed, name: whole + b"noise" * 99}
    yield "zeros-after-its-end", {**packed, name: _gzip(good[TRAIN], 600_000_000)}
    yield "twice-packed", {**packed, name: gzip.compress(whole)}
    yield "in-two-parts", {**packed, name: whole + whole}
    yield "wrong-sum", {**packed, name: whole[:-8] + bytes(8)}


def _gzip(start: bytes, zeros: int) -> bytes:
    """Pack so many zeros after a start, with a wrong checksum, without making them."""
    packer = zlib.compressobj(9, wbits=-15)
    begun = packer.compress(start) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    head = b"\x1f\x8b\x08" + bytes(7)
    return head + begun + block * (zeros >> 20) + packer.flush() + bytes(8)


def _pictures(random: np.random.Generator) -> Files:
    files = {}
    for label in ("cats", "dogs"):
        for number in range(4):
            stream = io.BytesIO()
            pixels = random.integers(0, 256, (28, 28), np.uint8)
            Image.fromarray(pixels).save(stream, "PNG")
            files[f"{label}/{number}.png"] = stream.getvalue()
    return files


def _picture_folders(good: Files) -> Iterator[tuple[str, Files]]:
    name = "cats/0.png"
    for damage, bad in list(broken_off(good[name]))[::4]:
        yield f"pictures-{damage}", {**good, name: bad}
    large = io.BytesIO()
    Image.new("L", (7000, 7000)).save(large, "PNG")
    yield "pictures-one-large", {**good, name: large.getvalue()}
    yield "pictures-all-large", {key: large.getvalue() for key in good}
    yield "pictures-one-class", {k: v for k, v in good.items() if k[0] == "c"}
    yield "pictures-empty-class", {**good, "birds/note.txt": b"none yet"}
    yield "pictures-none", {"note.txt": b"nothing"}
    yield "pictures-train-alone", {f"train/{k}": v for k, v in good.items()}
