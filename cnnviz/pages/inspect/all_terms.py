"""Every term of a value as a table, to read and to copy."""

from __future__ import annotations

from csv import writer
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.nn import arithmetic
from cnnviz.widgets.terms_table import TableDialog, TermsModel

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from cnnviz.nn.arithmetic import Terms

Rows = list[tuple[float, ...]]


def table(found: Terms) -> tuple[tuple[str, ...], Rows]:
    """Return the terms of a value: the names of the columns, and the rows."""
    header: tuple[str, ...]
    if isinstance(found, arithmetic.ConvTerms):
        header = (
            "Channel",
            "Kernel row",
            "Kernel column",
            "Value",
            "Weight",
            "Product",
        )
        rows: Rows = [
            (
                int(found.channels[at[0]]),
                *at[1:],
                float(found.values[at]),
                float(found.weights[at]),
                float(found.products[at]),
            )
            for at in np.ndindex(*found.products.shape)
        ]
        return header, rows
    if isinstance(found, arithmetic.PoolTerms):
        rows = [
            (*at, float(found.values[at])) for at in np.ndindex(*found.values.shape)
        ]
        return ("Row", "Column", "Value"), rows
    if isinstance(found, arithmetic.DenseTerms):
        header = ("Input", "Value", "Weight", "Product")
        return header, _counted(found.values, found.weights, found.products)
    if isinstance(found, arithmetic.RbfTerms):
        header = ("Input", "Value", "Code", "Square")
        return header, _counted(found.values, found.codes, found.squares)
    if isinstance(found, arithmetic.SoftmaxTerms):
        shares = found.exponentials / np.float32(found.sum)
        header = ("Unit", "Score", "Exponential", "Share")
        return header, _counted(found.scores, found.exponentials, shares)
    return ("Value", "Total"), [(float(found.own), float(found.total))]


def as_csv(found: Terms) -> str:
    """Return all terms as comma-separated values, unrounded."""
    header, rows = table(found)
    text = StringIO()
    writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def _counted(*columns: np.ndarray[Any, Any]) -> Rows:
    values = zip(*(column.tolist() for column in columns), strict=True)
    return [(number, *row) for number, row in enumerate(values)]


class AllTerms(TableDialog):
    """A window with every term of a value.

    Parameters
    ----------
    found : Terms
    position : str
        Whose they are, in words.
    parent : QWidget
    """

    def __init__(self, found: Terms, position: str, parent: QWidget) -> None:
        copies = {"Copy as CSV": partial(as_csv, found)}
        super().__init__(position, TermsModel(*table(found)), copies, parent)
