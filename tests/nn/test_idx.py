"""idx files: bytes worked by hand, gzip's own files, and all that can be wrong."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cnnviz.errors import InputError
from cnnviz.nn import idx

if TYPE_CHECKING:
    from pathlib import Path

# Two pictures of 2 × 3, written out by hand from the format's description.
BY_HAND = bytes(
    [
        *(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3),
        *(1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255),
    ]
)
PICTURES = np.array(
    [[[1, 2, 3], [4, 5, 6]], [[250, 251, 252], [253, 254, 255]]], np.uint8
)


def header(*sizes: int, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{len(sizes)}I", 0, kind, len(sizes), *sizes)


def refused(data: bytes, dimensions: int = 3) -> str:
    with pytest.raises(InputError) as caught:
        idx.parse(data, "file", dimensions)
    sentence = str(caught.value)
    assert sentence.startswith("“file” ")
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    return sentence


@pytest.mark.parametrize("data", [BY_HAND, gzip.compress(BY_HAND, mtime=0)])
def test_a_file_written_by_hand_is_read(data: bytes) -> None:
    array = idx.parse(data, "file", 3)
    np.testing.assert_array_equal(array, PICTURES)
    assert array.dtype == np.uint8
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert idx.encode(array) == BY_HAND


def test_two_packed_parts_one_after_the_other_are_one_file() -> None:
    data = gzip.compress(BY_HAND[:20]) + gzip.compress(BY_HAND[20:])
    np.testing.assert_array_equal(idx.parse(data, "file", 3), PICTURES)


@given(
    arrays.arrays(np.uint8, arrays.array_shapes(min_dims=1, max_dims=4, max_side=5)),
    st.booleans(),
)
def test_what_is_written_is_read(array: np.ndarray, packed: bool) -> None:
    data = idx.encode(array)
    if packed:
        data = gzip.compress(data)
    np.testing.assert_array_equal(idx.parse(data, "file", array.ndim), array)


@pytest.mark.parametrize("name", ["pictures", "pictures.gz"])
def test_files_are_written_packed_if_called_so(tmp_path: Path, name: str) -> None:
    idx.write(tmp_path / name, PICTURES)
    np.testing.assert_array_equal(idx.read(tmp_path / name, 3), PICTURES)
    assert (tmp_path / name).read_bytes().startswith(b"\x1f\x8b") == ("gz" in name)
    first = (tmp_path / name).read_bytes()
    idx.write(tmp_path / name, PICTURES)
    assert (tmp_path / name).read_bytes() == first


def test_only_bytes_are_written() -> None:
    with pytest.raises(ValueError, match="int64"):
        idx.encode(np.arange(3))  # type: ignore[arg-type]


@given(st.integers(0, len(BY_HAND) - 1), st.booleans())
def test_every_truncation_is_refused(length: int, packed: bool) -> None:
    if packed:
        data = gzip.compress(BY_HAND, mtime=0)
        data = data[: length * len(data) // len(BY_HAND)]
    else:
        data = BY_HAND[:length]
    sentence = refused(data)
    assert "breaks off" in sentence or "not an idx file" in sentence


@given(st.integers(11, 60), st.integers(1, 255))
def test_a_changed_byte_of_a_packed_file_is_seen(place: int, change: int) -> None:
    # From the eleventh on: the header before it holds the time and other trifles.
    data = bytearray(gzip.compress(header(48) + np.random.default_rng(0).bytes(48)))
    data[place] ^= change
    refused(bytes(data), 1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not an idx file"),
        (b"\x89PNG\r\n\x1a\n", "not an idx file"),
        (b"PK\x03\x04zip", "not an idx file"),
        (b"<!DOCTYPE html><html>Not found</html>", "is a web page"),
        (b"\r\n <html>", "is a web page"),
        (header(2, 2, 2, kind=0x0D) + bytes(32), "numbers that are no bytes"),
        (header(5) + bytes(5), "1 dimensions and not 3, so it holds no pictures"),
        (header(2**31, 28, 28), "claims to hold 2,147,483,648 × 28 × 28 values"),
        (header(2**32 - 1, 2**32 - 1, 2**32 - 1), "claims to hold"),
        (header(0, 28, 28), "is empty"),
        (BY_HAND + b"\0", "holds more than its header says"),
        (gzip.compress(BY_HAND + b"\0", mtime=0), "holds more than its header says"),
        (gzip.compress(BY_HAND, mtime=0) + b"garbage", "is damaged"),
        (b"\x1f\x8b" + bytes(40), "is damaged"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, words: str) -> None:
    assert words in refused(data)


def test_labels_are_no_pictures_and_pictures_no_labels() -> None:
    assert "so it holds no labels" in refused(BY_HAND, 1)


def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(BY_HAND + bytes(200_000_000), 1)
    tracemalloc.start()
    sentence = refused(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "holds more than its header says" in sentence
    assert peak < 5_000_000


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="“absent” cannot be read: there is no such"):
        idx.read(tmp_path / "absent", 3)
