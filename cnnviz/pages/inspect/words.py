"""Sentences of the Inspect page: the value pointed at, and what is on the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnviz.pages.inspect import sight
from cnnviz.pages.inspect.writing import where
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.nn.arithmetic import Place
    from cnnviz.nn.fields import Cells
    from cnnviz.pages.inspect.stages import Seen, Stage
    from cnnviz.pages.inspect.tiles import Tile


def readout(seen: Seen, tile: Tile, place: Place) -> str:
    """Say a value, its window in the layer below, its field and what it feeds."""
    at = tile.indices(place[:1])
    if not at:
        return ""
    value = numbers.plain(tile.maps[(at[0], *place[1:])])
    parts = [f"{tile.title}, {where(place)}: {value}"]
    if tile.which:
        return parts[0]
    if made := _cells(seen, sight.below(seen, tile.layer, place)):
        parts.append(f"reads {made}")
    field = sight.field(seen, tile.layer, place)
    if field is not None and tile.layer != "input":
        rows, columns = field.seen_rows, field.seen_columns
        size = f"{rows[1] - rows[0] + 1} × {columns[1] - columns[0] + 1}"
        parts.append(f"sees {size} pixels from row {rows[0]}, column {columns[0]}")
    if fed := _cells(seen, sight.above(seen, tile.layer, place)):
        parts.append(f"feeds {fed}")
    return " · ".join(parts)


def _cells(seen: Seen, cells: Cells | None) -> str:
    stage = seen.stage(cells.name) if cells is not None else None
    if cells is None or stage is None:
        return ""
    count = len(cells.maps) * max(1, len(cells.rows)) * max(1, len(cells.columns))
    return f"{count:,} {'values' if count != 1 else 'value'} of {stage.title.lower()}"


def overview(seen: Seen, name: str, classes: Sequence[str]) -> tuple[str, str]:
    """Return a heading and a sentence on the whole network."""
    total = sum(stage.parameters for stage in seen.stages)
    count = len([s for s in seen.stages if s.kind not in ("input", "softmax")])
    heading = f"{name}: {count} layers, {total:,} parameters"
    sentence = (
        "Point at any value to see its window in the layer below, what it sees of the "
        "picture and what it feeds. Click a value for the sum behind it, a title for "
        "the whole layer; Esc goes back."
    )
    shares = seen.probabilities
    if shares is None:
        return heading, sentence
    best = int(shares.argmax())
    said = classes[best] if len(classes) == len(shares) else best
    return f"{heading}. It says {said}", sentence


def nothing(view: str, lacking: Lacking) -> tuple[str, str]:
    """Return what to do where a view has nothing to show, and what it will show."""
    return WAYS_OUT[lacking], f"Then {WAITING[view]}"


Lacking = Literal["picture", "answer"]
"""What there is not: a picture, or a network that answers to it."""

WAYS_OUT: dict[Lacking, str] = {
    "picture": "Draw a digit, take one of the test set, or open a picture",
    "answer": "Choose another picture or another network",
}

WAITING = {
    "layers": "every layer is on show here, and behind any value the sum that made it.",
    "why": "five maps show which of its pixels speak for a class.",
    "adversarial": "it is changed here so little that it looks alike and fools.",
    "dream": "a picture grows here for any channel or class.",
    "points": "test pictures are points here, by what a layer says of them.",
    "changes": "it is shifted, turned, scaled and roughened here, and the answers are "
    "curves.",
}


def layer(stage: Stage, values: np.ndarray) -> tuple[str, str]:
    """Return a heading and a sentence on one layer."""
    low, high = float(values.min()), float(values.max())
    zeros = float((values == 0).mean())
    heading = f"{stage.title}: {stage.caption}"
    span = " to ".join(numbers.approx(np.float32(v)) for v in (low, high))
    does = DOES.get(stage.kind, f"It computes “{stage.kind}”.")
    share = numbers.approx(np.float32(100 * zeros), 2)
    return heading, f"{does} Its values go from {span}; {share} % of them are 0."


DOES = {
    "input": "What the network is given, after all the steps on the left.",
    "conv": (
        "Each value is a window of every map below times a kernel, summed, plus a bias."
    ),
    "max-pool": "Each value is the largest under a window of the same map below.",
    "average-pool": "Each value is the mean under a window of the same map below.",
    "subsample": "Each value is the sum under a window, scaled and shifted.",
    "batch-norm": "Each map is shifted and scaled by what the training saw of it.",
    "dropout": "In the training it drops values; now it hands them on unchanged.",
    "relu": "Negative values become 0, the others stay.",
    "tanh": "Each value is squeezed between −1 and 1.",
    "sigmoid": "Each value is squeezed between 0 and 1.",
    "scaled-tanh": "Each value is squeezed between −1.7159 and 1.7159.",
    "flatten": "All values in one line: map after map, row after row.",
    "dense": "Each unit is every value below times a weight of its own, plus a bias.",
    "rbf": "Each unit says how near the values below are to the code of its class.",
    "softmax": "The scores as shares: e to the score, divided by the sum of all.",
    "add": "Two branches are added, value by value.",
}
