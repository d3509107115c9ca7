"""What is known of one value of a map, and the words for it; no widget.

The numbers are those that made the picture. Rounding happens in the words only, and is
marked with ≈.
"""

from __future__ import annotations

import io
import math
from csv import writer
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from cnnviz.widgets.cells import Coloring
    from cnnviz.widgets.grid import Cell

Plane: TypeAlias = "NDArray[np.floating[Any]]"
Steps: TypeAlias = tuple[tuple[str, float], ...]

DIGITS, TABLE_DIGITS = 6, 8
HEADER = ("Kernel row", "Kernel column", "Value", "Weight", "Product", "Running sum")

_POOLED = {"max": "largest of {n} values", "min": "smallest of {n} values"}


@dataclass(frozen=True, eq=False)
class TermsContent:
    """The sum behind one value that a kernel made.

    Attributes
    ----------
    title, position : str
        Headings, such as ``"Feature map"`` and ``"row 136, column 222"``.
    values, weights, products : float arrays (rows, columns)
        Window with its padding, kernel as it lies on it, and what they multiply to.
    inside : bool array (rows, columns)
        False where the window lies on padding.
    bias : float
        Added to the sum of the products.
    total : float
        The exact sum of products and bias.
    shown : float
        The value in the map, a float32.
    after : tuple of (name, value)
        The later steps of this value, such as ``("ReLU", 0.0)``.
    note : str
        One more line, may be empty.
    coloring, limit
        Of the window's cells, as in :class:`cnnviz.widgets.matrix.MatrixView`.
    """

    title: str
    position: str
    values: Plane
    weights: Plane
    products: Plane
    inside: NDArray[np.bool_]
    bias: float
    total: float
    shown: float
    after: Steps = ()
    note: str = ""
    coloring: Coloring = "signed"
    limit: float | None = None

    def sentence(self) -> str:
        """Say what the sum is made of: ``"sum −517, bias 0"``."""
        # In single precision, as the value in the map: beside it the same number
        # cannot bear another mark.
        added = numbers.approx(np.float32(math.fsum(self.products.flat)), DIGITS)
        return f"sum {added}, bias {numbers.approx(self.bias, DIGITS)}"


@dataclass(frozen=True, eq=False)
class PoolContent:
    """The window behind one value that pooling made.

    Attributes
    ----------
    title, position, values, inside, total, shown, after, note, coloring, limit
        As in :class:`TermsContent`.
    kind : {"max", "average", "min", "l2"}
        How the window became one value.
    chosen : (row, column) or None
        The cell that was taken, for the largest and the smallest.
    """

    title: str
    position: str
    kind: Literal["max", "average", "min", "l2"]
    values: Plane
    inside: NDArray[np.bool_]
    chosen: Cell | None
    total: float
    shown: float
    after: Steps = ()
    note: str = ""
    coloring: Coloring = "signed"
    limit: float | None = None

    def sentence(self) -> str:
        """Say how the window became one value: ``"largest of 4 values"``."""
        if self.kind in _POOLED:
            return _POOLED[self.kind].format(n=self.values.size)
        values = self.values.astype(np.float64)
        if self.kind == "l2":
            squares = numbers.approx(math.fsum((values * values).flat), DIGITS)
            return f"root of the sum of squares, {squares}"
        added = numbers.approx(math.fsum(values.flat), DIGITS)
        return f"sum {added} ÷ {values.size} values"


Content: TypeAlias = TermsContent | PoolContent


def value_text(content: Content) -> str:
    """Return the value in the map as it is written large."""
    return numbers.approx(np.float32(content.shown), DIGITS)


def later_lines(content: Content) -> list[str]:
    """Return a line for each later step, ``"ReLU → 0"``."""
    return [
        f"{name} → {numbers.approx(np.float32(value), DIGITS)}"
        for name, value in content.after
    ]


def difference(content: Content) -> str:
    """Say by how much the float32 in the map differs from the exact sum, if it does."""
    gap = abs(content.shown - content.total)
    if not gap or not math.isfinite(gap):
        return ""
    return f"float32 sum differs by {numbers.text(gap, 1)}"


def table(
    content: TermsContent, digits: int | None = TABLE_DIGITS
) -> list[tuple[str, ...]]:
    """Return a row of texts for each term, and a last one that adds the bias.

    Parameters
    ----------
    content : TermsContent
        The terms.
    digits : int or None
        Significant digits; None for all of them, with an ASCII minus, for machines.
    """

    def write(value: float) -> str:
        return repr(value) if digits is None else numbers.approx(value, digits)

    rows = []
    products = content.products.astype(np.float64)
    running: list[float] = []
    for cell in np.ndindex(*products.shape):
        running.append(float(products[cell]))
        factors = (
            write(_number(part[cell])) for part in (content.values, content.weights)
        )
        place = map(str, cell)
        rows.append((*place, *factors, write(running[-1]), write(math.fsum(running))))
    return [*rows, ("with bias", "", "", "", write(content.bias), write(content.total))]


def as_csv(content: TermsContent) -> str:
    """Return all terms as comma-separated values, unrounded."""
    text = io.StringIO()
    writer(text, lineterminator="\n").writerows([HEADER, *table(content, None)])
    return text.getvalue()


def as_markdown(content: TermsContent) -> str:
    """Return all terms as a Markdown table, as they are shown."""

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |"

    return (
        "\n".join(map(line, [HEADER, ["---:"] * len(HEADER), *table(content)])) + "\n"
    )


def _number(value: Any) -> float:
    # Its shortest decimals: a float32 of 0.1 is read as 0.1.
    return numbers.parse(numbers.plain(value)) if math.isfinite(value) else float(value)
