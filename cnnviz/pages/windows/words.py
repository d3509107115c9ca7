"""What one step says in words and numbers; no widget.

Every number is written by :mod:`cnnviz.widgets.numbers`, and a rounded one bears ≈.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from cnnviz.ops.worked_setting import size_formulas, unread, why_unworkable
from cnnviz.widgets import numbers
from cnnviz.widgets.facts import Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.ops.worked import Step
    from cnnviz.ops.worked_setting import Setting

DIGITS = 6
NAMED = 4
"""So many products are named one by one, and more only counted."""

MOST_ADDED = 8
"""So many products are added up in a line."""

NUMBER_WORDS = ("No", "One", "Two", "Three", "Four")


@lru_cache(maxsize=4096)
def number(value: float) -> str:
    """Write a number as everywhere on this page; a step writes the same few often."""
    return numbers.approx(value, DIGITS)


def bold(text: str) -> str:
    """Mark text as semi-bold, the weight that the font has."""
    return f"<span style='font-weight:600'>{text}</span>"


def added(values: Sequence[float]) -> str:
    """Write numbers as a sum: ``"62 − 33"``."""
    first, *rest = [number(value) for value in values] or ["0"]
    parts = [first]
    for value, text in zip(values[1:], rest, strict=True):
        if value < 0:
            parts.append(f"− {text.replace(numbers.MINUS, '', 1)}")
        else:
            parts.append(f"+ {text}")
    return " ".join(parts)


def factors(step: Step) -> list[tuple[str, str, str]]:
    """List value, weight and product of the terms that are not zero, as texts."""
    return [
        (number(value), number(weight), number(product))
        for value, weight, product in zip(
            step.values.flat, step.weights.flat, step.products.flat, strict=True
        )
        if product
    ]


def where(step: Step, setting: Setting) -> str:
    """Say where the window lies and which of its terms count."""
    if setting.pooling:
        return _pooled(step, setting)
    found = factors(step)
    count = step.products.size
    if len(found) > NAMED:
        return f"{len(found)} of {count} products are not zero."
    if not found:
        return f"All {count} products are zero."
    named = [bold(f"{v} × {w} = {p}") for v, w, p in found]
    text = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    products = "product is" if len(found) == 1 else "products are"
    only = "Only" if len(found) < count else "All"
    amount = NUMBER_WORDS[len(found)].lower()
    return f"{only} {amount} {products} not zero: {text}."


def _pooled(step: Step, setting: Setting) -> str:
    count = step.values.size
    if setting.mode == "max":
        return f"The largest of the {count} values under the window goes on."
    total = number(float(step.sums[0]))
    return f"The {count} values under the window add up to {bold(total)}."


def equation(step: Step, setting: Setting) -> tuple[str, str]:
    """Return the last line of the sum, left and right of its equals sign.

    ``("62 − 33", "29")``; for several channels the left side adds their sums.
    """
    result = number(step.total)
    if setting.mode == "max":
        return "largest value", result
    if setting.mode == "average":
        return f"{number(float(step.sums[0]))} ÷ {step.values.size}", result
    if len(step.sums) > 1:
        terms = [float(each) for each in step.sums]
    else:
        terms = [float(each) for each in step.products.flat if each]
    if len(terms) > MOST_ADDED:
        added_up = number(float(step.sums[0]))  # else what ReLU cuts off is not seen
        left = added_up if setting.relu else f"sum of {len(terms)} products"
    elif not terms:
        left = f"sum of {step.products.size} zeros"
    elif len(terms) == 1:
        ((value, weight, _),) = factors(step)
        left = f"{value} × {weight}"
    else:
        left = added(terms)
    if step.bias:
        left = f"{left} {_signed(step.bias)}"
    if setting.relu:
        left = f"ReLU({left})"
    return left, result


def related(right: str) -> tuple[str, str]:
    """Return the sign before a result, = or ≈ where it is rounded, and the result."""
    rounded = right.startswith(numbers.ROUNDED)
    sign = numbers.ROUNDED if rounded else "="
    return sign, right.removeprefix(numbers.ROUNDED)


def _signed(value: float) -> str:
    sign = numbers.MINUS if value < 0 else "+"
    return f"{sign} {number(abs(value))}"


def place(step: Step, setting: Setting) -> str:
    """Return where the output value stands: ``"filter 1, row 0, column 0"``."""
    unit = "channel" if setting.pooling else "filter"
    owner = f"{unit} {step.filter + 1}, " if setting.filters > 1 else ""
    return f"{owner}row {step.row}, column {step.column}"


def sizes(setting: Setting) -> list[Fact]:
    """Return the output-size formula with its numbers, once where both are alike."""
    rows, columns = size_formulas(setting)
    lost = (0, 0) if why_unworkable(setting) else unread(setting)
    axes = [("Output rows", rows, lost[0]), ("Output columns", columns, lost[1])]
    if rows == columns:
        axes = [("Output rows and columns", rows, lost[0])]
    if setting.mode == "transposed":
        sentence = (
            "(size − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1"
        )
    else:
        sentence = (
            "floor((size + padding − dilation·(kernel − 1) − 1) / stride) + 1; "
            "floor drops what is left of a stride at the far edge."
        )
    return [
        Fact(f"{name}, floor drops {count}" if count else name, text, sentence)
        for name, text, count in axes
    ]
