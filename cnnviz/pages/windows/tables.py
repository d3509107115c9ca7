"""The worked table of one step as Markdown and as LaTeX; no widget."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnnviz.pages.windows import words
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cnnviz.ops.worked import Step
    from cnnviz.ops.worked_setting import Setting

    Row = tuple[str, ...]

_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_POWER = re.compile("·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")


def rows(step: Step, setting: Setting) -> Iterator[Row]:
    """Yield channel, value, weight and product of every term; pooling: value alone."""
    channels = len(step.values) > 1
    for place, value in enumerate(step.values.flat):
        cells = [words.number(float(value))]
        if not setting.pooling:
            cells.append(words.number(float(step.weights.flat[place])))
            cells.append(words.number(float(step.products.flat[place])))
        if channels:
            cells.insert(0, str(place // step.inside.size + 1))
        yield tuple(cells)


def head(step: Step, setting: Setting) -> Row:
    """Return the headings of :func:`rows`."""
    cells = ("Value",) if setting.pooling else ("Value", "Weight", "Product")
    return ("Channel", *cells) if len(step.values) > 1 else cells


def as_markdown(step: Step, setting: Setting) -> str:
    """Return the table with the sum under it, as Markdown."""

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    names = head(step, setting)
    table = [names, ["---:"] * len(names), *rows(step, setting)]
    left, right = words.equation(step, setting)
    sign, right = words.related(right)
    lines = [words.place(step, setting), "", *map(line, table), ""]
    return "\n".join([*lines, f"{left} {sign} **{right}**", ""])


def as_latex(step: Step, setting: Setting) -> str:
    """Return the table with the sum under it, as LaTeX that needs no package."""
    names = head(step, setting)
    left, right = words.equation(step, setting)
    sign, right = words.related(right)
    body = [f"  {' & '.join(map(_math, row))} \\\\" for row in rows(step, setting)]
    where = words.place(step, setting)
    return "\n".join(
        [
            f"% {where}",
            f"\\begin{{tabular}}{{{'r' * len(names)}}}",
            f"  {' & '.join(names)} \\\\ \\hline",
            *body,
            "\\end{tabular}",
            "",
            f"\\[ {_symbols(left)} {_symbols(sign)} \\mathbf{{{_symbols(right)}}} \\]",
            "",
        ]
    )


def _math(text: str) -> str:
    return f"${_symbols(text)}$"


def _symbols(text: str) -> str:
    text = _POWER.sub(
        lambda found: rf" \cdot 10^{{{found[1].translate(_RAISED)}}}", text
    )
    for sign, command in (
        (numbers.MINUS, "-"),
        (numbers.ROUNDED, r"\approx "),
        ("÷", r"\div"),
        ("×", r"\times"),
        ("∞", r"\infty"),
        (",", "{,}"),
        ("ReLU", r"\mathrm{ReLU}"),
        ("largest value", r"\max"),
        ("sum of", r"\mathrm{sum\ of}\ "),
        (" products", r"\ \mathrm{products}"),
        (" zeros", r"\ \mathrm{zeros}"),
    ):
        text = text.replace(sign, command)
    return text
