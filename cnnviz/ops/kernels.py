"""A kernel: made by name, edited, and put into JSON.

A kernel knows its weights and the recipe that made it; it does not know a picture. The
named kernels are the table in `cnnviz.ops.recipes`; text and files are in
`cnnviz.ops.kernel_text`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.recipes import MAX_SIZE as MAX_SIZE
from cnnviz.ops.recipes import RECIPES as RECIPES
from cnnviz.ops.recipes import Parameter as Parameter
from cnnviz.ops.recipes import Recipe as Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_WEIGHT = 1e6


@dataclass(frozen=True)
class Kernel:
    """A named matrix of weights, 1 × 1 to 31 × 31; equal and hashed by value.

    Parameters
    ----------
    name : str
        What the user reads.
    weights : tuple of tuple of float
        Rows from the top, each between −`MAX_WEIGHT` and `MAX_WEIGHT`. Any other
        two-dimensional sequence of numbers (an array, lists) is taken over as tuples.
    recipe : str
        Id of the `Recipe` that made it, "" for a kernel made by hand.
    parameters : tuple of (str, float)
        What the recipe was given, so that its sliders can go on from here.

    Raises
    ------
    InputError
        If the weights are none, too many, ragged or not finite.
    """

    name: str
    weights: tuple[tuple[float, ...], ...]
    recipe: str = ""
    parameters: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        """Check the weights and make them tuples of floats."""
        object.__setattr__(self, "weights", _checked(self.weights))

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.weights), len(self.weights[0])

    def verified(self) -> Kernel:
        """Return what of a kernel from a file can be relied on: the weights.

        A recipe that is unknown here, or does not give these weights, is dropped.

        Raises
        ------
        InputError
            If the name is longer than a name.
        """
        if len(self.name) > 100:
            raise InputError("The name of a kernel has at most 100 characters.")
        try:
            made = make(self.recipe, **dict(self.parameters))
        except InputError:
            return replace(self, recipe="", parameters=())
        same = made.size == self.size and np.allclose(
            made.weights, self.weights, 1e-9, 1e-12
        )
        return made if same else replace(self, recipe="", parameters=())

    @cached_property
    def array(self) -> NDArray[np.float32]:
        """The weights as float32 (rows, columns), read-only."""
        array = np.array(self.weights, np.float32)
        array.flags.writeable = False
        return array


def make(recipe_id: str, **parameters: float) -> Kernel:
    """Make a named kernel; a parameter that is left out takes its default.

    Raises
    ------
    InputError
        If there is no such recipe or parameter, or a value lies outside its range.
    """
    recipe = next((recipe for recipe in RECIPES if recipe.id == recipe_id), None)
    if recipe is None:
        names = ", ".join(recipe.id for recipe in RECIPES)
        raise InputError(f"There is no kernel “{recipe_id}”; choose one of {names}.")
    if unknown := parameters.keys() - {each.name for each in recipe.parameters}:
        known = ", ".join(each.name for each in recipe.parameters) or "none"
        raise InputError(
            f"The kernel “{recipe_id}” has no {min(unknown)}; its parameters: {known}."
        )
    values = {
        each.name: _checked_value(each, parameters.get(each.name, each.default))
        for each in recipe.parameters
    }
    weights = recipe.make(**values).tolist()
    return Kernel(recipe.title, weights, recipe.id, tuple(values.items()))


def edited(kernel: Kernel, weights: Any) -> Kernel:
    """Return the kernel with other weights, named as edited and without its recipe.

    ``weights`` is any two-dimensional sequence of numbers; the same weights give the
    same kernel back.
    """
    suffix = " (edited)"
    other = Kernel(kernel.name.removesuffix(suffix) + suffix, weights)
    return kernel if other.weights == kernel.weights else other


def flip_horizontal(kernel: Kernel) -> Kernel:
    """Swap left and right."""
    return edited(kernel, [row[::-1] for row in kernel.weights])


def flip_vertical(kernel: Kernel) -> Kernel:
    """Swap top and bottom."""
    return edited(kernel, kernel.weights[::-1])


def rotate(kernel: Kernel) -> Kernel:
    """Turn by 90° clockwise; rows and columns change places."""
    return edited(kernel, list(zip(*kernel.weights[::-1], strict=True)))


def negate(kernel: Kernel) -> Kernel:
    """Change the sign of every weight."""
    return edited(kernel, [[-weight for weight in row] for row in kernel.weights])


def normalise(kernel: Kernel) -> Kernel:
    """Divide by the sum of the weights, so that a flat area keeps its brightness.

    Weights that add up to zero (an edge detector) are divided by the sum of their
    absolute values instead, so that no result exceeds the brightest pixel.

    Raises
    ------
    InputError
        If every weight is zero.
    """
    flat = [weight for row in kernel.weights for weight in row]
    total, absolute = math.fsum(flat), math.fsum(map(abs, flat))
    if absolute == 0:
        raise InputError("Every weight is 0, so set one before you normalise.")
    divisor = total if abs(total) * MAX_WEIGHT > absolute else absolute
    return edited(kernel, [[each / divisor for each in row] for row in kernel.weights])


def resize(kernel: Kernel, rows: int, columns: int) -> Kernel:
    """Cut or pad with zeros about the middle, the weight at index (size − 1) // 2.

    That is the pixel under which "same" padding puts the result, so a picture does not
    shift, and growing followed by shrinking gives the old weights back.
    """
    old_rows, old_columns = kernel.size
    down = (rows - 1) // 2 - (old_rows - 1) // 2
    right = (columns - 1) // 2 - (old_columns - 1) // 2

    def weight(row: int, column: int) -> float:
        inside = 0 <= row < old_rows and 0 <= column < old_columns
        return kernel.weights[row][column] if inside else 0.0

    return edited(
        kernel,
        [
            [weight(row - down, column - right) for column in range(columns)]
            for row in range(rows)
        ],
    )


def _checked(rows: Any) -> tuple[tuple[float, ...], ...]:
    """Return the weights as tuples of finite floats, without a negative zero."""
    try:
        height, widths = len(rows), [len(row) for row in rows[: MAX_SIZE + 1]]
    except TypeError:
        raise InputError(
            "A kernel is rows of numbers, such as “0 1 0; 1 2 1”."
        ) from None
    if not height or not widths[0]:
        raise InputError("A kernel needs a weight; type one, such as 1.")
    if max(height, *widths) > MAX_SIZE:
        raise InputError(
            f"This kernel has {max(height, *widths)} rows or columns; "
            f"use at most {MAX_SIZE} of each."
        )
    for number, width in enumerate(widths, 1):
        if width != widths[0]:
            raise InputError(
                f"Row {number} has another length than row 1 ({width} and {widths[0]} "
                "weights); give every row the same number of weights."
            )
    return tuple(tuple(map(_checked_weight, row)) for row in rows)


def _checked_weight(weight: Any) -> float:
    if _is_number(weight) and abs(weight) <= MAX_WEIGHT:  # which NaN is not
        return float(weight) + 0.0  # turns −0.0 into 0.0
    raise InputError(
        f"“{str(weight)[:20]}” cannot be a weight; use numbers between "
        f"−{MAX_WEIGHT:,.0f} and {MAX_WEIGHT:,.0f}."
    )


def _checked_value(parameter: Parameter, value: Any) -> float:
    if not _is_number(value) or not parameter.low <= value <= parameter.high:
        raise InputError(
            f"{parameter.title} must lie between {parameter.low:g} and "
            f"{parameter.high:g}; “{str(value)[:20]}” does not."
        )
    if parameter.integer and value != int(value):
        raise InputError(f"{parameter.title} must be a whole number, not {value}.")
    return int(value) if parameter.integer else float(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, float):
        return True
    number = isinstance(value, (int, np.integer, np.floating))
    return number and not isinstance(value, bool)
