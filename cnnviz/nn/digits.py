"""Generated digits: handwriting-like pictures for a machine without a network.

Strokes as cubic Bézier curves in several styles a digit, shaken, warped, slanted and
drawn with a pen of changing width, then boxed and centred by mass as MNIST is. No
picture of MNIST is in them, and no network learned from MNIST made them. Their styles
and ranges were chosen by hand, by looking at which pictures of MNIST's *training* split
networks trained on generated digits got wrong; its test split only gave the figures.
The lecture network, trained on them alone, reads about 96 % of it. An accuracy on
generated digits is not one on MNIST.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic
from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.digit_drawing import draw

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from numpy.typing import NDArray

    _Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]

NAME = "generated digits"
TRAIN, TEST = 60_000, 10_000
SEEDS = (0, 1)
"""Of the training and of the test pictures."""
CHUNK = 1000
"""Pictures drawn at a time: a small part of a second."""

VERSION = 1
"""To be raised whenever `generate` draws other pictures, so that caches are renewed."""
MAX_CACHE_BYTES = 100_000_000
CACHE = "digits.npz"

_drawing = Lock()
"""Held by who draws: two at once would take twice as long, and the window's time."""
_drawn = 0
"""How many pictures there are of those being drawn."""
WAIT = 0.1
"""Seconds between two looks at how far another one is."""


@dataclass(frozen=True)
class Progress:
    """How many of all pictures are there."""

    done: int
    total: int


def generate(count: int, seed: int) -> Split:
    """Draw generated digits; the same count and seed give the same ones.

    Parameters
    ----------
    count : int
        At least 1.
    seed : int
        At least 0.

    Returns
    -------
    split : Split
        Images uint8 (count, 1, 28, 28), 0 paper to 255 ink. Labels 0 to 9 in random
        order, each as often as any other or once more.
    """
    images, labels = _empty(count)
    for _ in _fill(images, labels, seed):
        pass
    return Split(images, labels)


def load_generated(home: Path) -> Dataset:
    """Return the 60,000 + 10,000 generated digits, from the cache if it is sound.

    Parameters
    ----------
    home : Path
        The user's data folder; the cache lies in its folder ``generated``. Where it
        cannot be written, the digits are drawn anew each time.
    """
    steps = generating(home)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            dataset: Dataset = stop.value
            return dataset


def generating(home: Path) -> Generator[Progress, None, Dataset]:
    """Do as `load_generated`, with progress after every small part of a second.

    The generator may be closed at any progress; the cache is then as it was. It returns
    the data set and yields nothing where the cache is sound. While another one draws,
    this one waits for what that one keeps, with the progress of the other.
    """
    path = home / "generated" / CACHE
    while not _drawing.acquire(timeout=WAIT):
        yield Progress(_drawn, TRAIN + TEST)
    try:
        cached = _cached(path)
        if cached is not None:
            return _dataset(*cached)
        train, test = _empty(TRAIN), _empty(TEST)
        yield from _draw_both(train, test)
        with suppress(InputError, OSError):  # the digits are there, cached or not
            _save(path, *train, *test)
        return _dataset(Split(*train), Split(*test))
    finally:
        _drawing.release()


def _draw_both(train: _Arrays, test: _Arrays) -> Generator[Progress]:
    global _drawn
    _drawn = 0
    for (images, labels), seed in zip((train, test), SEEDS, strict=True):
        for count in _fill(images, labels, seed):
            _drawn += count
            yield Progress(_drawn, TRAIN + TEST)


def _empty(count: int) -> _Arrays:
    return np.empty((count, 1, 28, 28), np.uint8), np.empty(count, np.int64)


def _fill(
    images: NDArray[np.uint8], labels: NDArray[np.int64], seed: int
) -> Generator[int]:
    """Draw into arrays; yield how many pictures each part has added."""
    rng = np.random.default_rng(seed)
    labels[:] = rng.permutation(np.arange(len(labels)) % 10)
    for start in range(0, len(labels), CHUNK):
        part = slice(start, start + CHUNK)
        images[part, 0] = draw(labels[part], rng)
        yield len(labels[part])


def _dataset(train: Split, test: Split) -> Dataset:
    return Dataset(NAME, train, test, tuple("0123456789"))


def _save(path: Path, *arrays: NDArray[np.uint8] | NDArray[np.int64]) -> None:
    stream = io.BytesIO()
    np.savez(stream, np.array(VERSION), *arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, stream.getvalue())


def _cached(path: Path) -> tuple[Split, Split] | None:
    """Read a cache; None where there is none, or a damaged or an older one."""
    try:
        # Each member of a zip archive has a checksum, which reading compares.
        with np.load(io.BytesIO(read_bytes(path, MAX_CACHE_BYTES))) as members:
            version, *arrays = (members[f"arr_{i}"] for i in range(5))
    except (
        InputError,
        OSError,
        ValueError,
        KeyError,
        EOFError,
        MemoryError,
        zipfile.BadZipFile,
        zlib.error,
    ):
        return None
    expected = [array for count in (TRAIN, TEST) for array in _empty(count)]
    same = all(
        (a.shape, a.dtype) == (b.shape, b.dtype)
        for a, b in zip(arrays, expected, strict=True)
    )
    if not same or version.shape or version != VERSION:
        return None
    return Split(*arrays[:2]), Split(*arrays[2:])
