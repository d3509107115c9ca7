"""Numbers as text and back: true minus, never −0, and honest about rounding.

The only place where a number is rounded. :func:`text` and :func:`fixed` round for the
eye, :func:`is_rounded` tells that they did, and :func:`plain` never rounds.
"""

from __future__ import annotations

import math
import re
from typing import Any, TypeAlias

import numpy as np

from cnnviz.errors import InputError

Number: TypeAlias = float | np.floating[Any]

MINUS = "−"
ROUNDED = "≈"

# From here on whole numbers are grouped by thousands, and others written as m·10ⁿ.
GROUPED = 10_000
LARGEST_WHOLE = 1e15
LARGEST, SMALLEST = 9, -4
BRIEF = 1e6

_TO_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FROM_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_POWER = re.compile(r"[·×*]10\^?(?=[⁻⁰¹²³⁴⁵⁶⁷⁸⁹+-]?\d|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹])")


def text(value: Number, digits: int = 4) -> str:
    """Write a number for reading.

    Parameters
    ----------
    value : float
        Any number; infinities and NaN are written ``∞`` and ``NaN``.
    digits : int
        Significant digits of a number that is not whole; the digits before the point
        are never rounded away below 10⁹.

    Returns
    -------
    str
        ``"−517"``, ``"68,719,476,736"``, ``"0.1297"``, ``"2.5·10⁻⁷"``.
    """
    number = float(value)
    if not math.isfinite(number):
        return _unending(number)
    if number.is_integer() and abs(number) < LARGEST_WHOLE:
        return _signed(number, _grouped(abs(number), 0))
    mantissa, _, power = f"{abs(number):.{digits - 1}e}".partition("e")
    exponent = int(power)
    if SMALLEST <= exponent < LARGEST:
        body = _grouped(abs(number), max(0, digits - 1 - exponent))
        return _signed(number, _trimmed(body))
    return _signed(number, _powered(mantissa, power))


def counted(number: float) -> str:
    """Write a whole number with commas from 1,000 on, and any other as :func:`text`.

    For counts that stand in one row, where ``"5000"`` beside ``"10,000"`` looks amiss.
    """
    whole = float(number).is_integer() and abs(number) < LARGEST_WHOLE
    return _signed(number, f"{abs(number):,.0f}") if whole else text(number)


def fixed(value: Number, decimals: int) -> str:
    """Write a number with at most so many decimals, as the cells of a grid need it.

    Trailing zeros go where the number is exact and stay where it is rounded: ``"0.5"``
    and ``"0.00"`` in one grid are a half and something that is not quite zero.
    """
    return approx_fixed(value, decimals).removeprefix(ROUNDED)


def approx_fixed(value: Number, decimals: int) -> str:
    """Write a number as :func:`fixed` does, with ``≈`` before it if that rounded it."""
    number = float(value)
    if not math.isfinite(number):
        return _unending(number)
    body, mark = _grouped(abs(number), decimals), ROUNDED
    if not is_rounded(value, _signed(number, body)):
        body, mark = _trimmed(body), ""
    return f"{mark}{_signed(number, body) if body.strip('0.') else body}"


def approx(value: Number, digits: int = 4) -> str:
    """Write a number as :func:`text` does, with ``≈`` before it if that rounded it."""
    shown = text(value, digits)
    return f"{ROUNDED}{shown}" if is_rounded(value, shown) else shown


def brief(value: Number, digits: int = 4) -> str:
    """Write a number as :func:`approx` does, but from 10⁶ on always as m·10ⁿ.

    For narrow places, where ``"−4,936,783,888,384"`` finds no room.
    """
    if not BRIEF <= abs(float(value)) < math.inf:
        return approx(value, digits)
    return powered(value, digits)


def powered(value: Number, digits: int = 4) -> str:
    """Write a finite number as m·10ⁿ, with ``≈`` before it if that rounded it."""
    number = float(value)
    mantissa, _, power = f"{abs(number):.{digits - 1}e}".partition("e")
    shown = _signed(number, _powered(mantissa, power))
    return f"{ROUNDED}{shown}" if is_rounded(value, shown) else shown


def is_rounded(value: Number, shown: str) -> bool:
    """Say whether ``shown`` differs from ``value`` by more than its own precision.

    Single precision is taken at its word, so the float32 nearest to 0.1 counts as 0.1;
    double precision may carry the last bits of a calculation, as 0.1 + 0.2 does.
    """
    if not math.isfinite(value):
        return False
    single = isinstance(value, np.floating) and value.itemsize < 8
    # That of the half, doubled: the largest number has no next one.
    unit = 2 * np.spacing(np.float32(value / 2) if single else np.float64(value / 2))
    slack = abs(float(unit)) * (0.5 if single else 4)
    body = shown.replace(",", "").replace(MINUS, "-")
    try:
        written = float(body)  # as most are: ten times as fast
    except ValueError:
        written = _read(body)
    return abs(written - float(value)) > slack


def plain(value: Number) -> str:
    """Write the shortest text that :func:`parse` reads back as the very same number."""
    if value == 0:
        return "0"
    return str(value).removesuffix(".0").replace("-", MINUS)


def parse(written: str) -> float:
    """Read a number that a person typed.

    Accepts ASCII and true minus, a decimal point or comma, fractions such as ``1/16``,
    ``2e-3`` and ``2·10⁻³``.

    Raises
    ------
    InputError
        It is not a finite number.
    """
    value = _read(written)
    if math.isnan(value):
        raise InputError(
            f"“{written.strip()}” is not a number; write it like −0.5, 1/16 or 2e−3."
        )
    if math.isinf(value) and "/" in written and not _read(written.split("/")[1]):
        raise InputError(f"“{written.strip()}” divides by zero; write another number.")
    if math.isinf(value):
        raise InputError(f"“{written.strip()}” is not finite; write a smaller number.")
    return value


def _read(written: str) -> float:
    """Return the number that is written, NaN for none."""
    body = "".join(written.split()).replace(MINUS, "-").replace("–", "-")
    if body.count(",") == 1 and "." not in body:
        body = body.replace(",", ".")
    parts = [_POWER.sub("e", part).translate(_FROM_RAISED) for part in body.split("/")]
    if len(parts) > 2 or not all(_NUMBER.fullmatch(part) for part in parts):
        return math.nan
    numerator, denominator = float(parts[0]), float([*parts, "1"][1])
    return numerator / denominator if denominator else math.inf


def _unending(number: float) -> str:
    return "NaN" if math.isnan(number) else _signed(number, "∞")


def _signed(number: float, body: str) -> str:
    return f"{MINUS}{body}" if number < 0 else body


def _powered(mantissa: str, power: str) -> str:
    return f"{_trimmed(mantissa)}·10{str(int(power)).translate(_TO_RAISED)}"


def _grouped(size: float, decimals: int) -> str:
    return f"{size:{',' if size >= GROUPED else ''}.{decimals}f}"


def _trimmed(body: str) -> str:
    return body.rstrip("0").removesuffix(".") if "." in body else body
