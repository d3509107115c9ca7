"""Named arrays with plain facts in one safetensors file, which cannot carry code.

The format is that of https://github.com/huggingface/safetensors: the length of a header
as eight bytes, the header as JSON, and the arrays' memory one after the other.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

SUFFIX = ".safetensors"

ENTRY = "cnnviz"
"""Where in the metadata the facts are, as JSON text."""

TYPES = {
    **{
        f"{kind}{bits}": f"{kind[0].upper()}{bits}"
        for kind in ("int", "uint")
        for bits in (8, 16, 32, 64)
    },
    **{f"float{bits}": f"F{bits}" for bits in (16, 32, 64)},
    "bool": "BOOL",
}
"""What the format calls numpy's types."""

LIMIT = 2**30
"""Bytes; the largest network with Adam's two averages has 600 MB."""

HEADER_LIMIT = 100_000_000
"""Bytes, as the format has it."""


def write(
    path: Path, tensors: Mapping[str, NDArray[np.generic]], facts: dict[str, Any]
) -> None:
    """Write arrays and facts atomically.

    Parameters
    ----------
    path : Path
    tensors : mapping of str to array
        Of any numpy dtype that safetensors knows.
    facts : mapping of str to plain JSON

    Raises
    ------
    InputError
        The file cannot be written; what was there is as it was.
    """
    # One entry, as others write several in an order that changes.
    metadata = {ENTRY: json.dumps(facts)}
    write_atomic(path, _pieces(tensors, metadata))


def _pieces(
    tensors: Mapping[str, NDArray[np.generic]], metadata: dict[str, str]
) -> list[bytes | memoryview]:
    """Return a file in pieces, of which the arrays are no copies.

    With Adam's averages the largest network has half a gigabyte, and safetensors copies
    it twice while whoever closes the window waits.
    """
    header: dict[str, Any] = {"__metadata__": metadata}
    pieces, end = [], 0
    # The widest first, so that each begins at a multiple of its width.
    for name in sorted(tensors, key=lambda name: (-tensors[name].itemsize, name)):
        array = np.asarray(tensors[name], order="C")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        begin, end = end, end + array.nbytes
        header[name] = {
            "dtype": TYPES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": (begin, end),
        }
        pieces.append(array.reshape(-1).view(np.uint8).data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return [len(text).to_bytes(8, "little"), text, *pieces]


def read(path: Path, limit: int = LIMIT) -> tuple[Tensors, dict[str, Any]]:
    """Read arrays and facts.

    Returns
    -------
    tensors : dict of str to array
        Writable.
    facts : dict of str to plain JSON
        Empty for a file of another program.

    Raises
    ------
    InputError
        The file is absent, larger than `limit` bytes, damaged, or no safetensors file.
    """
    data = read_bytes(path, limit)
    try:
        # Copies, as torch takes no memory that may not be written.
        tensors = {name: np.array(array) for name, array in load(data).items()}
        length = int.from_bytes(data[:8], "little")
        metadata = json.loads(data[8 : 8 + length]).get("__metadata__") or {}
        facts = json.loads(metadata.get(ENTRY, "{}"))
        return tensors, dict(facts)
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(path) from None


def read_facts(path: Path) -> dict[str, Any]:
    """Read the facts alone, which takes no time however large the arrays are.

    Raises
    ------
    InputError
        The file cannot be read, is damaged, or is no safetensors file.
    """
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            text = stream.read(length) if length <= HEADER_LIMIT else b""
        metadata = json.loads(text).get("__metadata__") or {}
        return dict(json.loads(metadata.get(ENTRY, "{}")))
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        raise _damaged(path) from None


def _damaged(path: Path) -> InputError:
    return InputError(
        f"“{path.name}” is damaged or is no safetensors file; open another file."
    )
