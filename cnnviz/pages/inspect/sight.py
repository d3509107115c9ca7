"""What can be asked of a network that was seen: how a value was made, and of what.

No torch is needed until a module of others is asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cnnviz.errors import InputError
from cnnviz.nn import fields, terms
from cnnviz.nn.terms import INPUT, SOFTMAX, Explanation

if TYPE_CHECKING:
    from cnnviz.nn.arithmetic import Floats, Place
    from cnnviz.nn.fields import Cells, Field
    from cnnviz.ops.geometry import Taps
    from cnnviz.pages.inspect.stages import Seen, Stage

MOST_FILTERS = 16_384
"""More slices of kernels are too small to be seen, and slow to draw."""


def explain(seen: Seen, name: str, place: Place) -> Explanation:
    """Write out how a value was made.

    Raises
    ------
    InputError
        It cannot be: with the sentence that says why.
    """
    stage = seen.stage(name)
    if stage is None or not seen.has(name, place):
        raise InputError("This network has no such value; click another.")
    if stage.kind == INPUT:
        raise InputError("This is a pixel of the picture: nothing was computed here.")
    if stage.note:
        raise InputError(stage.note)
    if seen.subject is not None:
        subject = seen.subject
        return terms.explain(
            subject.network, subject.weights, seen.outputs, name, place
        )
    return _explain_step(seen, stage, place)


def _explain_step(seen: Seen, stage: Stage, place: Place) -> Explanation:
    from cnnviz.nn import arithmetic, foreign

    before = stage.sources[0] if stage.sources else INPUT
    assert seen.inspected is not None
    if stage.name == SOFTMAX and stage.name not in {
        step.name for step in seen.inspected.steps
    }:
        scores, shares = seen.outputs[before], seen.outputs[SOFTMAX]
        made = arithmetic.softmax_terms(scores, shares, place[0])
        return Explanation(stage.name, before, place, made, None)
    curve = seen.inspected.step(stage.name).output.ndim == 2  # here a map of one row
    own = (place[0], place[2]) if curve else place
    found = foreign.step_terms(seen.inspected, stage.name, own)
    if isinstance(found, arithmetic.PointTerms):
        found = replace(found, source=foreign.in_maps(found.source))
    return Explanation(stage.name, before, place, found, None)


def below(seen: Seen, name: str, place: Place) -> Cells | None:
    """Find the cells that a value is made of, None where that is not known."""
    if name == INPUT or not seen.has(name, place):
        return None
    if seen.subject is not None:
        return fields.below(seen.subject.network, name, place)
    try:
        made = explain(seen, name, place)
    except InputError:
        return None
    return _from_terms(made)


def _from_terms(made: Explanation) -> Cells | None:
    from cnnviz.nn import arithmetic

    found = made.terms
    if isinstance(found, arithmetic.ConvTerms):
        cells = _laying if found.transposed else _under
        return cells(made.before, found.taps, tuple(found.channels.tolist()))
    if isinstance(found, arithmetic.PoolTerms):
        return _under(made.before, found.taps, made.place[:1])
    if isinstance(found, arithmetic.PointTerms) and len(found.source) in (1, 3):
        return fields.Cells(made.before, *((n,) for n in found.source))
    if isinstance(found, arithmetic.AddTerms) and len(made.place) in (1, 3):
        return fields.Cells(made.before, *((n,) for n in made.place))
    return None


def _under(name: str, taps: Taps, maps: tuple[int, ...]) -> Cells:
    rows, columns = tuple(taps.rows.tolist()), tuple(taps.columns.tolist())
    return fields.Cells(name, maps, rows, columns)


def _laying(name: str, taps: Taps, maps: tuple[int, ...]) -> Cells | None:
    """Return the cells that lay their stamp on a value; None if none of them does."""
    rows, columns = taps.rows[taps.rows >= 0], taps.columns[taps.columns >= 0]
    if not taps.inside.any():
        return None
    return fields.Cells(name, maps, tuple(rows.tolist()), tuple(columns.tolist()))


def above(seen: Seen, name: str, place: Place) -> Cells | None:
    """Find the cells that a value feeds, None where there are none or nobody knows."""
    if seen.subject is None or not seen.has(name, place):
        return None
    return fields.above(seen.subject.network, name, place)


def field(seen: Seen, name: str, place: Place) -> Field | None:
    """Find the receptive field of a value, None where that is not known."""
    if seen.subject is None or not seen.has(name, place):
        return None
    return fields.field(seen.subject.network, name, place)


def block(seen: Seen, name: str, place: Place) -> tuple[int, int, int, int] | None:
    """Return top, left, bottom and right pixel that a value sees of the picture.

    None where that is not known, or the place is not that of one value.
    """
    found = field(seen, name, place) if seen.is_value(name, place) else None
    if found is None:
        return None
    rows, columns = found.seen_rows, found.seen_columns
    return rows[0], columns[0], rows[1], columns[1]


def filters(seen: Seen, name: str, unit: int | None = None) -> Floats | None:
    """Return a layer's kernels as slices (n, Kh, Kw), or those of one of its maps.

    None where there are none, or too many to be seen.
    """
    if seen.subject is not None:
        kernel = seen.subject.weights.get(f"{name}.weight")
        stage = seen.stage(name)
        if stage is None or stage.kind != "conv":
            return None
        if kernel is not None and kernel.ndim == 3 and unit is not None:
            layer = seen.subject.network.layers[seen.subject.network.names.index(name)]
            first = sum(map(len, layer.connections[:unit]))
            return kernel[first : first + len(layer.connections[unit])]
    else:
        kernel = _step_kernel(seen, name)
    if kernel is None or kernel.ndim not in (3, 4):
        return None
    if unit is not None and kernel.ndim == 4:
        kernel = kernel[unit]
    slices = kernel.reshape(-1, *kernel.shape[-2:])
    return slices if len(slices) <= MOST_FILTERS else None


def _step_kernel(seen: Seen, name: str) -> Floats | None:
    assert seen.inspected is not None
    for step in seen.inspected.steps:
        if step.name == name and step.call.kind == "conv":
            return step.call.weights.get("weight")
    return None


def crumbs(
    seen: Seen | None, layer: str, place: Place
) -> tuple[tuple[str, tuple[str, Place]], ...]:
    """Return the way to a value: a title, and the layer and place that it leads to."""
    found: list[tuple[str, tuple[str, Place]]] = [("Network", ("", ()))]
    stage = seen.stage(layer) if seen else None
    if stage is None:
        return tuple(found)
    found.append((stage.title, (layer, ())))
    if place and len(stage.shape) == 1:
        found.append((f"unit {place[0]}", (layer, place)))
    elif place:
        found.append((f"map {place[0]}", (layer, place[:1])))
    if len(place) == 3:
        found.append((f"row {place[1]}, column {place[2]}", (layer, place)))
    return tuple(found)
