"""How a value was made, as what is written on the screen: numbers in order, no Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn import arithmetic
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from cnnviz.nn.arithmetic import Floats
    from cnnviz.nn.terms import Explanation
    from cnnviz.pages.inspect.stages import Seen

MOST_COLUMNS = 12
"""Contributions of a dense layer, or classes, that are written out."""

DIGITS = 4

TURNED = "Kernel, turned"
"""What a kernel is called of which each value below lays a stamp."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A grid of numbers under its name.

    Attributes
    ----------
    title : str
    values : float32 (rows, columns)
    inside : bool array (rows, columns) or None
        False where they are padding.
    marked : (row, column) or None
        The cell that was taken.
    """

    title: str
    values: Floats
    inside: NDArray[np.bool_] | None = None
    marked: tuple[int, int] | None = None


@dataclass(frozen=True)
class Part:
    """One part of a sum: its name, its number, and the input channel it stands for.

    Attributes
    ----------
    name : str
    value : float
    channel : int or None
        None where there is none to be written out.
    result : bool
        Whether it is what comes out.
    """

    name: str
    value: float
    channel: int | None = None
    result: bool = False


@dataclass(frozen=True, eq=False)
class Written:
    """All that is said of one value.

    Attributes
    ----------
    position : str
        ``"Conv 2, map 12, row 2, column 5"``.
    summary : str
        ``"32 channels, 800 products; here channel 6"``.
    planes : tuple of Plane
        Side by side with the signs between them, or as rows under each other.
    signs : tuple of str
        One fewer than planes.
    heads : tuple of str
        A name for each column of rows; empty where the planes are side by side.
    parts : tuple of Part
        What is added up, and what comes out.
    formula : str
        In words and numbers, where there is no plane to show.
    closing : str
        How near the total is to the network's own tensor.
    """

    position: str
    summary: str
    planes: tuple[Plane, ...]
    signs: tuple[str, ...]
    heads: tuple[str, ...]
    parts: tuple[Part, ...]
    formula: str
    closing: str


def write(
    seen: Seen, made: Explanation, wanted: int, classes: Sequence[str]
) -> Written:
    """Write an explanation out.

    Parameters
    ----------
    seen : Seen
        Where it is from.
    made : Explanation
    wanted : int
        Which input channel of a convolution; the strongest if it is not read.
    classes : sequence of str
        What the units of the last layer are called.
    """
    found = made.terms
    if isinstance(found, arithmetic.ConvTerms):
        body = _conv(found, wanted)
    elif isinstance(found, arithmetic.PoolTerms):
        body = _pool(found)
    elif isinstance(found, arithmetic.DenseTerms):
        body = _dense(found, _input_names(seen, made.before))
    elif isinstance(found, arithmetic.RbfTerms):
        body = _codes(found)
    elif isinstance(found, arithmetic.SoftmaxTerms):
        body = _softmax(found, made.place[0], classes)
    elif isinstance(found, arithmetic.AddTerms):
        body = _add(found)
    else:
        body = _point(found)
    parts = list(body.parts)
    if made.activation is not None:
        name = ACTIVATION.get(made.activation.kind, made.activation.kind)
        parts.append(Part(name, made.activation.total, result=True))
    title = next((s.title for s in seen.stages if s.name == made.name), made.name)
    return Written(
        f"{title}, {where(made.place)}",
        body.summary,
        body.planes,
        body.signs,
        body.heads,
        tuple(parts),
        body.formula,
        closing(found),
    )


def channel(made: Explanation, wanted: int) -> int | None:
    """Return the input channel that is written out; None where there is no choice."""
    found = made.terms
    if not isinstance(found, arithmetic.ConvTerms):
        return None
    read = found.channels.tolist()
    return wanted if wanted in read else read[int(found.strongest(1)[0])]


ACTIVATION = {
    "relu": "ReLU",
    "tanh": "tanh",
    "sigmoid": "sigmoid",
    "scaled-tanh": "scaled tanh",
}


def where(place: Sequence[int]) -> str:
    """Say a place in words: ``"map 12, row 2, column 5"``."""
    if len(place) == 1:
        return f"unit {place[0]}"
    names = ("map", "row", "column", "axis")
    return ", ".join(f"{names[min(n, 3)]} {at}" for n, at in enumerate(place))


def closing(total: arithmetic.Total) -> str:
    """Say how near the total is to the network's own value."""
    if total.total == total.own:
        return "Equal to the network’s own tensor, bit for bit."
    if not math.isfinite(total.difference):
        return "The network’s own value is not finite here, so no sum can close."
    gap = numbers.text(float(total.difference), 1)
    if total.closes:
        return f"Equal to the network’s own tensor within {gap}."
    return f"The network’s own tensor differs by {gap}: more than rounding explains."


@dataclass(frozen=True, eq=False)
class _Body:
    summary: str
    planes: tuple[Plane, ...] = ()
    signs: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    heads: tuple[str, ...] = ()
    formula: str = ""


def _conv(found: arithmetic.ConvTerms, wanted: int) -> _Body:
    ranked = found.strongest(len(found.sums))
    read = found.channels.tolist()
    at = read.index(wanted) if wanted in read else int(ranked[0])
    inside = found.taps.inside
    planes = (
        Plane("Window", found.values[at], inside),
        Plane(TURNED if found.transposed else "Kernel", found.weights[at]),
        Plane("Products", found.products[at], inside),
    )
    parts = [
        Part(f"channel {read[n]}", float(found.sums[n]), read[n])
        for n in ranked.tolist()
    ]
    if len(parts) == 1:
        parts = [Part("sum of products", float(found.sums[0]), read[0])]
    parts += [
        Part("bias", found.bias),
        Part("total", found.total, result=True),
    ]
    laid = int(inside.sum())
    count = len(read) * laid if found.transposed else found.products.size
    many = f"{len(read)} channels, " if len(read) > 1 else ""
    which = "the strongest, " if at == int(ranked[0]) else ""
    here = f"; here {which}channel {read[at]}" if len(read) > 1 else ""
    cells = f" ({laid} of {inside.size} kernel cells)" if found.transposed else ""
    summary = f"{many}{count:,} products{cells}{here}"
    return _Body(summary, planes, ("×", "="), tuple(parts))


def _pool(found: arithmetic.PoolTerms) -> _Body:
    values = np.where(np.isfinite(found.values), found.values, 0).astype(np.float32)
    inside = found.taps.inside
    plane = Plane("Window", values, inside, found.chosen)
    count = found.values.size
    if found.kind == "max-pool":
        parts: tuple[Part, ...] = (
            Part(f"largest of {count}", found.total, result=True),
        )
        return _Body(f"{count} values, the largest is taken", (plane,), (), parts)
    if found.kind == "average-pool":
        parts = (
            Part(f"sum of {count}", found.sum),
            Part(f"divided by {count}", found.total, result=True),
        )
        return _Body(f"{count} values, their mean", (plane,), (), parts)
    parts = (
        Part(f"sum of {count}", found.sum),
        Part("times the coefficient", found.coefficient),
        Part("plus the bias", found.bias),
        Part("total", found.total, result=True),
    )
    return _Body(f"{count} values, their sum scaled", (plane,), (), parts)


def _dense(found: arithmetic.DenseTerms, names: Sequence[str]) -> _Body:
    strongest = found.strongest(MOST_COLUMNS).tolist()
    planes = _rows(
        ("Input", found.values),
        ("× Weight", found.weights),
        ("= Product", found.products),
        at=strongest,
    )
    shown = float(found.products[strongest].sum(dtype=np.float32))
    rest = len(found.products) - len(strongest)
    parts = [Part(f"these {len(strongest)}", shown)]
    if rest:
        parts.append(Part(f"{rest:,} more", float(np.float32(found.sum - shown))))
    parts += [Part("bias", found.bias), Part("total", found.total, result=True)]
    heads = tuple(names[n] if names else str(n) for n in strongest)
    above = ", by map: row, column" if ":" in heads[0] else ""
    summary = f"{len(found.products):,} products; here the largest{above}"
    return _Body(summary, planes, (), tuple(parts), heads)


def _codes(found: arithmetic.RbfTerms) -> _Body:
    strongest = found.strongest(MOST_COLUMNS).tolist()
    planes = _rows(
        ("Input", found.values),
        ("Code", found.codes),
        ("(Input − code)²", found.squares),
        at=strongest,
    )
    shown = float(found.squares[strongest].sum(dtype=np.float32))
    parts = (
        Part(f"these {len(strongest)}", shown),
        Part(f"{len(found.squares) - len(strongest):,} more", -found.total - shown),
        Part("minus their sum", found.total, result=True),
    )
    heads = tuple(f"unit {n}" for n in strongest)
    summary = f"{len(found.squares):,} squared distances; here the largest, falling"
    return _Body(summary, planes, (), parts, heads)


def _softmax(
    found: arithmetic.SoftmaxTerms, unit: int, classes: Sequence[str]
) -> _Body:
    ranked = np.argsort(-found.scores, kind="stable")[:MOST_COLUMNS].tolist()
    if unit not in ranked:
        ranked[-1] = unit
    shares = found.exponentials / np.float32(found.sum)
    planes = _rows(
        ("Score", found.scores),
        ("e^(score − max)", found.exponentials),
        ("Share", shares),
        at=ranked,
    )
    heads = tuple(
        classes[n] if len(classes) == len(found.scores) else str(n) for n in ranked
    )
    parts = (
        Part("largest score", found.largest),
        Part("exponential", float(found.exponentials[unit])),
        Part(f"sum of all {len(found.scores)}", found.sum),
        Part("quotient", found.total, result=True),
    )
    summary = f"{len(found.scores)} exponentials and their sum"
    return _Body(summary, planes, (), parts, heads)


def _add(found: arithmetic.AddTerms) -> _Body:
    parts = [Part(f"branch {n + 1}", value) for n, value in enumerate(found.values)]
    parts.append(Part("total", found.total, result=True))
    words = " + ".join(number(value) for value in found.values)
    return _Body(
        "where branches are added",
        parts=tuple(parts),
        formula=f"{words} = {number(found.total)}",
    )


def _point(found: arithmetic.PointTerms) -> _Body:
    x, y = number(found.value), number(found.total)
    parts = (Part("below", found.value), Part("value", found.total, result=True))
    if found.kind == "batch-norm":
        n = {name: number(value) for name, value in found.numbers.items()}
        formula = (
            f"({x} − {n['mean']}) / √({n['variance']} + {n['epsilon']}) × "
            f"{n['weight']} + {n['bias']} = {y}"
        )
        return _Body(
            "normalised by what the training saw", parts=parts, formula=formula
        )
    formulas = {
        "relu": f"max(0, {x}) = {y}",
        "tanh": f"tanh({x}) = {y}",
        "sigmoid": f"1 / (1 + e^−({x})) = {y}",
        "scaled-tanh": f"1.7159 · tanh(2/3 · {x}) = {y}",
        "dropout": f"{x}: once a network is trained, dropout changes nothing",
        "flatten": f"{x}, read from {where(found.source)} of the layer below",
    }
    summary = "made of the value at the same place below"
    return _Body(summary, parts=parts, formula=formulas.get(found.kind, f"{x} → {y}"))


def _rows(*rows: tuple[str, Floats], at: Sequence[int]) -> tuple[Plane, ...]:
    return tuple(Plane(title, values[None, list(at)]) for title, values in rows)


def _input_names(seen: Seen, before: str) -> tuple[str, ...]:
    """Name the inputs of a dense layer: behind flatten by where they come from."""
    stage = seen.stage(before)
    if stage is None:
        return ()
    source = seen.stage(stage.sources[0]) if stage.sources else None
    if stage.kind == "flatten" and source is not None and len(source.shape) == 3:
        places = np.indices(source.shape).reshape(3, -1).T.tolist()
        return tuple(f"{m}: {r}, {c}" for m, r, c in places)
    return tuple(f"unit {n}" for n in range(math.prod(stage.shape)))


def number(value: float) -> str:
    """Write a number as everywhere on this page."""
    return numbers.approx(np.float32(value), DIGITS)
