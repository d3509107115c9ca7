"""A kernel as text, as CSV and as a NumPy file, and back."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import read_bytes, write_atomic
from cnnviz.ops.kernels import MAX_SIZE, Kernel

SUFFIXES = (".txt", ".csv", ".npy")

_MAX_CHARACTERS = 100_000  # 31 × 31 weights of 25 characters are 24,000
_INNERMOST = re.compile(r"\[([^\[\]]*)\]")
_SPACED = re.compile(r"[^\s,;]\s+[^\s,;]")


def parse(text: str, name: str = "Own kernel") -> Kernel:
    """Read a kernel that a person typed or copied.

    Rows end with a line break or ";", cells with a space, tab or comma; nested
    brackets as Python, NumPy and PyTorch print them are read too. A weight is a number
    or a fraction such as 1/16, with "-" or "−". A comma is a decimal comma where
    something else parts the cells: spaces, tabs, or ";" in a text of several lines.

    Raises
    ------
    InputError
        If the text is no kernel: not numbers, ragged, empty, or too large.
    """
    if len(text) > _MAX_CHARACTERS:
        raise InputError(
            f"This text is too long for a kernel; use at most {MAX_SIZE} × {MAX_SIZE} "
            "weights."
        )
    text = text.replace("−", "-").replace("–", "-")
    rows = _cells(_without_brackets(text) if "[" in text else text)
    return Kernel(name, tuple(tuple(_number(cell) for cell in row) for row in rows))


def format_text(kernel: Kernel) -> str:
    """Return rows of right-aligned numbers; `parse` gives exactly the weights back."""
    width = max(len(_exact(weight)) for row in kernel.weights for weight in row)
    return _lines(kernel, " ", width)


def format_csv(kernel: Kernel) -> str:
    """Return rows of comma-separated numbers; `parse` gives the weights back."""
    return _lines(kernel, ",")


def load(path: str | Path) -> Kernel:
    """Read a kernel from a .npy file, or from any other as text.

    Raises
    ------
    InputError
        If the file cannot be read or holds no kernel.
    """
    path = Path(path)
    data, name = read_bytes(path, _MAX_CHARACTERS), path.stem[:60]
    if path.suffix.lower() == ".npy":
        return Kernel(name, _numpy_rows(data, path.name))
    try:
        return parse(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise InputError(
            f"“{path.name}” is not a text file; choose a .txt, .csv or .npy file."
        ) from error


def save(kernel: Kernel, path: str | Path) -> None:
    """Write a .txt, .csv or .npy (float64) file, whole or not at all.

    Raises
    ------
    InputError
        If the name ends otherwise or the file cannot be written.
    """
    path = Path(path)
    match path.suffix.lower():
        case ".txt":
            data = format_text(kernel).encode()
        case ".csv":
            data = format_csv(kernel).encode()
        case ".npy":
            stream = io.BytesIO()
            np.save(stream, np.array(kernel.weights))
            data = stream.getvalue()
        case _:
            raise InputError(
                f"“{path.name}” has no ending for a kernel; use .txt, .csv or .npy."
            )
    write_atomic(path, data)


def _cells(text: str) -> list[list[str]]:
    """Part a text into rows and cells, with points for decimal commas."""
    lines = [line.strip().removesuffix(";") for line in text.splitlines()]
    lines = [line for line in lines if line]
    rows = [row.strip() for line in lines for row in line.split(";")]
    if any(_SPACED.search(line) for line in lines):
        return [row.replace(",", ".").split() for row in rows]
    if len(rows) > len(lines) > 1:
        return [line.replace(",", ".").split(";") for line in lines]
    return [row.removesuffix(",").split(",") for row in rows]


def _without_brackets(text: str) -> str:
    """Return the rows of a bracketed matrix as lines; "[1 2; 3 4]" keeps its own.

    A name and a call around the matrix, as in ``k = np.array([[1, 2]], dtype=float)``,
    are dropped; anything else would be lost, a factor for instance, and is refused.
    """
    start, end = text.find("["), text.rfind("]") + 1
    body = text[start:end]
    head, frame, tail = (
        "".join(part.split())
        for part in (text[:start], _INNERMOST.sub("", body), text[end:])
    )
    depth = frame.count("[")
    if not (
        re.fullmatch(r"(\w+=)?([\w.]+\()?", head)
        and re.fullmatch(r"(,[\w.,:'=]*)?\)?;?", tail)
        and frame == "[" * depth + frame.strip("[]") + "]" * depth
        and not frame.strip("[],")
    ):
        raise InputError(
            "The brackets do not form one matrix; write it like [[0, 1], [1, 0]]."
        )
    rows = _INNERMOST.findall(body)
    if len(rows) == 1 and not depth:
        return str(rows[0])
    return "\n".join(" ".join(row.split()) for row in rows)


def _number(text: str) -> float:
    try:
        numerator, slash, denominator = text.partition("/")
        return float(numerator) / (float(denominator) if slash else 1.0)
    except (ValueError, ZeroDivisionError):
        raise InputError(
            f"“{text.strip()[:20]}” is not a number; "
            "write weights like 2, −0.5 or 1/16."
        ) from None


def _exact(weight: float) -> str:
    """Return the shortest digits that give this number back."""
    return repr(weight).removesuffix(".0")


def _lines(kernel: Kernel, separator: str, width: int = 0) -> str:
    rows = [[_exact(each).rjust(width) for each in row] for row in kernel.weights]
    return "\n".join(map(separator.join, rows)) + "\n"


def _numpy_rows(data: bytes, name: str) -> Any:
    """Return the rows in a .npy file; the header is checked before any memory is."""
    try:
        stream = io.BytesIO(data)
        version = np.lib.format.read_magic(stream)
        read_header = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, _, dtype = read_header(stream)
        if dtype.kind in "fiu" and np.prod(shape, dtype=float) <= MAX_SIZE**2:
            array = np.load(io.BytesIO(data), allow_pickle=False)
            # PyTorch's weights (1, 1, rows, columns) lose the axes in front.
            if array.ndim >= 1 and array.size == np.prod(array.shape[-2:]):
                return array.reshape(-1, array.shape[-1]).tolist()
    except Exception as error:  # a damaged header can raise nearly anything
        raise InputError(
            f"“{name}” is not a NumPy file, or it is damaged; choose another one."
        ) from error
    raise InputError(
        f"“{name}” does not hold one matrix of numbers up to {MAX_SIZE} × {MAX_SIZE}; "
        "save such an array with numpy.save."
    )
