"""Read and write idx files, the format of MNIST: a short header, then plain bytes.

The header is two zero bytes, 8 for unsigned bytes, the number of dimensions, and each
dimension as a big-endian 32-bit number (Y. LeCun, C. Cortes and C. Burges, "The MNIST
database", which says so in its last section). A file may be packed with gzip; what it
holds decides, not what it is called. Nothing a file claims is believed before it is
checked, and never is more unpacked than the header claims.
"""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

MAX_VALUES = 250_000_000  # the pictures of EMNIST digits are 188 million
GZIP = b"\x1f\x8b"

_AGAIN = "get the file again or choose another."
_WORDS = {1: "labels", 3: "pictures"}
_CHUNK = 1 << 20


def read(path: str | Path, dimensions: int) -> Bytes:
    """Read an idx file of unsigned bytes, packed or not; see :func:`parse`.

    Raises
    ------
    InputError
        If it cannot be read, or as :func:`parse` says.
    """
    path = Path(path)
    return parse(read_bytes(path, MAX_VALUES + 100), path.name, dimensions)


def parse(data: bytes, name: str, dimensions: int) -> Bytes:
    """Return the array in an idx file's bytes.

    Parameters
    ----------
    data : bytes
        The whole file, packed with gzip or not.
    name : str
        What a sentence calls it.
    dimensions : int
        What the file must have: 3 for pictures (N, H, W), 1 for labels (N,).

    Returns
    -------
    uint8 array
        Its own memory, C-contiguous and writable, so that torch can share it.

    Raises
    ------
    InputError
        If it is no idx file, holds something else, claims too much, is damaged, or is
        shorter or longer than it says.
    """
    if data[:200].lstrip().startswith(b"<"):
        raise InputError(f"“{name}” is a web page and not a data file; {_AGAIN}")
    buffer = io.BytesIO(data)
    packed = data.startswith(GZIP)
    stream: io.BufferedIOBase = gzip.GzipFile(fileobj=buffer) if packed else buffer
    try:
        array = np.empty(_shape(stream, name, dimensions), np.uint8)
        if not _fill(stream, array):
            raise EOFError
        longer = bool(stream.read(1))  # the end, where gzip compares its checksum
    except EOFError as error:
        raise InputError(
            f"“{name}” breaks off before its end; get the file again."
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"“{name}” is damaged; {_AGAIN}") from error
    if longer:
        raise InputError(f"“{name}” holds more than its header says; {_AGAIN}")
    return array


def encode(array: Bytes) -> bytes:
    """Return a uint8 array of 1 to 255 dimensions as an idx file's bytes, not packed.

    Raises
    ------
    ValueError
        If the array is of another dtype.
    """
    if array.dtype != np.uint8:
        raise ValueError(f"an idx file of bytes cannot hold {array.dtype}")
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.tobytes()


def write(path: str | Path, array: Bytes) -> None:
    """Write an idx file, whole or not at all; packed where its name ends in ``.gz``.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    data = encode(array)
    if Path(path).suffix == ".gz":
        data = gzip.compress(data, 6, mtime=0)  # the same bytes for the same array
    write_atomic(path, data)


def _shape(stream: io.BufferedIOBase, name: str, dimensions: int) -> tuple[int, ...]:
    """Read the header and check all that it claims."""
    start = stream.read(4)
    if len(start) < 4 or start[:2] != b"\0\0":
        raise InputError(
            f"“{name}” is not an idx file as MNIST's are; choose another file."
        )
    if start[2] != 8:
        raise InputError(
            f"“{name}” holds numbers that are no bytes; only bytes from 0 to 255 open."
        )
    if start[3] != dimensions:
        raise InputError(
            f"“{name}” has {start[3]} dimensions and not {dimensions}, so it holds no "
            f"{_WORDS.get(dimensions, 'such data')}; choose another file."
        )
    sizes = stream.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise EOFError
    shape = struct.unpack(f">{dimensions}I", sizes)
    if math.prod(shape) > MAX_VALUES:
        raise InputError(
            f"“{name}” claims to hold {' × '.join(f'{n:,}' for n in shape)} values and "
            f"the limit is {MAX_VALUES // 10**6:,} million; {_AGAIN}"
        )
    if not math.prod(shape):
        raise InputError(f"“{name}” is empty; choose another file.")
    return shape


def _fill(stream: io.BufferedIOBase, array: NDArray[Any]) -> bool:
    """Read an array's bytes straight into it; return whether there were enough."""
    view = array.reshape(-1).data
    filled = 0
    while filled < len(view):
        part = stream.read(min(_CHUNK, len(view) - filled))
        if not part:
            return False
        view[filled : filled + len(part)] = part
        filled += len(part)
    return True
