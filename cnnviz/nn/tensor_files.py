"""Named arrays with plain facts in one safetensors file, which cannot carry code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

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

LIMIT = 2**30
"""Bytes; the largest network with Adam's two averages has 600 MB."""


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
    # One entry, as safetensors writes several in an order that changes.
    metadata = {ENTRY: json.dumps(facts)}
    # safetensors copies an array's memory as it lies, whatever its strides.
    whole = {name: np.asarray(array, order="C") for name, array in tensors.items()}
    write_atomic(path, save(whole, metadata=metadata))


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
        raise InputError(
            f"“{path.name}” is damaged or is no safetensors file; open another file."
        ) from None
