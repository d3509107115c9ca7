"""Signals from text, .csv and .wav files."""

from __future__ import annotations

import csv
import io
import math
import wave
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cnnviz.errors import InputError
from cnnviz.files import read_bytes
from cnnviz.ops.signals import MAX_LENGTH, MAX_VALUE, Signal

FILE_FILTER = "Signals (*.wav *.csv *.txt)"
MAX_WAV = 64_000_000
MAX_TEXT = 4_000_000

_PARTS = str.maketrans("[](){}", " " * 6)


class Loaded(NamedTuple):
    """A signal, and a sentence on what was left out, which may be empty."""

    signal: Signal
    note: str


def parse(text: str, name: str = "Own values") -> Signal:
    """Read numbers that a person typed or pasted.

    They are parted by spaces, commas, semicolons, tabs or line breaks, in brackets or
    not; ``1/3`` is a fraction. A comma is a decimal comma where the numbers are parted
    by semicolons, tabs or line breaks and no space follows it.

    Raises
    ------
    InputError
        If something is no number, or there are none or too many.
    """
    if len(text) > MAX_TEXT:
        raise InputError(
            f"This text is too long for a signal; use at most {MAX_LENGTH:,} numbers."
        )
    body = text.translate(_PARTS).strip()
    decimal = ", " not in body and any(sign in body for sign in ";\t\n")
    body = body.replace(",", ".") if decimal else body.replace(",", " ")
    words = body.replace(";", " ").split()
    if not words:
        raise InputError("There are no numbers; type some, such as 3 1 4 1 5.")
    if len(words) > MAX_LENGTH:
        raise InputError(
            f"These are {len(words):,} numbers; use at most {MAX_LENGTH:,}."
        )
    return Signal(name, tuple(map(_number, words)))


def load(path: str | Path) -> Loaded:
    """Read a .wav file, or the first column of numbers of any other.

    Raises
    ------
    InputError
        If the file cannot be read, is too large or holds no signal.
    """
    path = Path(path)
    if path.suffix.lower() == ".wav":
        values, count = _wav(read_bytes(path, MAX_WAV), path.name)
    else:
        values, count = _column(read_bytes(path, MAX_TEXT), path.name)
    if not values:
        raise InputError(f"“{path.name}” holds no samples; choose another file.")
    note = ""
    if count > MAX_LENGTH:
        note = (
            f"“{path.name}” has {count:,} samples; the first {MAX_LENGTH:,} are here."
        )
    return Loaded(Signal(path.stem[:60] or "Signal", tuple(values)), note)


def _wav(data: bytes, name: str) -> tuple[list[float], int]:
    """Return the first samples, −1 to 1, the mean of all channels; how many in all."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width = file.getnchannels(), file.getsampwidth()
            count, frames = file.getnframes(), file.readframes(MAX_LENGTH)
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:
        raise InputError(
            f"“{name}” is not a .wav file of plain PCM samples; "
            "save it as 16-bit PCM and open it again."
        ) from error
    if not 1 <= width <= 4 or not channels:
        raise InputError(f"“{name}” is damaged; choose another .wav file.")
    whole = len(frames) // (width * channels) * width * channels
    raw = np.frombuffer(frames[:whole], np.uint8).reshape(-1, channels, width)
    # Little-endian samples in the upper bytes of 32 bits; 8-bit ones have no sign.
    wide = np.zeros((*raw.shape[:2], 4), np.uint8)
    wide[..., 4 - width :] = raw if width > 1 else raw ^ 0x80
    samples = wide.view("<i4")[..., 0] / 2.0**31
    return samples.mean(axis=1).tolist(), count


def _column(data: bytes, name: str) -> tuple[list[float], int]:
    """Return the first numbers of the first column that has any; how many lines."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"“{name}” is not a text file; choose a .csv or .wav file."
        ) from error
    lines = [line for line in text.splitlines() if line.strip()]
    part = next((sign for sign in ";\t," if sign in "".join(lines[-1:])), ",")
    try:
        rows = list(csv.reader(lines[: MAX_LENGTH + 1], delimiter=part))
    except csv.Error as error:
        raise InputError(
            f"“{name}” is not a table of numbers; choose another file."
        ) from error
    if len(rows) == 1:
        rows, lines = [[cell] for cell in rows[0]], rows[0]
    found: list[tuple[list[float], int]] = []
    for place in range(max(map(len, rows), default=0)):
        cells = [row[place].strip() if place < len(row) else "" for row in rows]
        if part != ",":
            cells = [cell.replace(",", ".") for cell in cells]
        headed = not _is_number(cells[0])
        filled = [cell for cell in cells[headed:] if cell]
        if filled and _is_number(filled[0]):
            kept = filled[:MAX_LENGTH]
            try:
                found.append(([_number(cell) for cell in kept], len(lines) - headed))
            except InputError:
                if not found:
                    raise
    if not found:
        raise InputError(f"“{name}” has no column of numbers; choose another file.")
    # Where others follow it, an even count is when the samples were taken.
    return found[1] if len(found) > 1 and _is_count(found[0][0]) else found[0]


def _is_count(values: list[float]) -> bool:
    steps = {round(b - a, 9) for a, b in pairwise(values)}
    return len(values) > 2 and len(steps) == 1 and min(steps) > 0


def _is_number(word: str) -> bool:
    try:
        float(word.replace("−", "-"))
    except ValueError:
        return False
    return True


def _number(word: str) -> float:
    try:
        above, slash, below = word.replace("−", "-").partition("/")
        value = float(above) / (float(below) if slash else 1.0)
    except (ValueError, ZeroDivisionError):
        raise InputError(
            f"“{word[:20]}” is not a number; write values like 2, −0.5 or 1/3."
        ) from None
    if math.isfinite(value) and abs(value) <= MAX_VALUE:
        return value
    raise InputError(
        f"“{word[:20]}” cannot be a value; use numbers between "
        f"−{MAX_VALUE:,.0f} and {MAX_VALUE:,.0f}."
    )
