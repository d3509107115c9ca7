"""The table of layers as text: what each cell says, and what typing in it means.

Pure functions on :class:`cnnviz.nn.network.Network`; the widget is
:mod:`cnnviz.pages.train.network_view`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from cnnviz.errors import InputError
from cnnviz.nn.network import (
    MAX_LAYERS,
    TITLES,
    WINDOWED,
    Kind,
    Layer,
    Network,
    layer_parameters,
    layer_shape,
    why_layer_invalid,
)

if TYPE_CHECKING:
    from cnnviz.nn.network import Shape

NEW: dict[Kind, Layer] = {
    "conv": Layer("conv", 16, (3, 3)),
    "max-pool": Layer("max-pool", 0, (2, 2), (2, 2)),
    "average-pool": Layer("average-pool", 0, (2, 2), (2, 2)),
    "subsample": Layer("subsample", 0, (2, 2), (2, 2)),
    "dense": Layer("dense", 10),
    "rbf": Layer("rbf", 10),
}
"""A layer as it is when its kind is chosen; other kinds have nothing to set."""


class Column(NamedTuple):
    """A column of the table: title, tooltip, field of Layer (empty: worked out)."""

    title: str
    tip: str
    field: str = ""


COLUMNS = (
    Column("Layer", "What the layer does", "kind"),
    Column("Outputs", "Maps of a convolution, units of a dense layer", "outputs"),
    Column("Window", "Rows × columns of the kernel or pooling window", "kernel"),
    Column("Stride", "Steps of the window", "stride"),
    Column("Padding", "Zeros around the maps", "padding"),
    Column("Dilation", "Distance of the kernel's cells", "dilation"),
    Column("Rate", "Share of values that dropout sets to zero", "rate"),
    Column("Shape", "Maps × rows × columns that come out, or units"),
    Column("Parameters", "Numbers that the layer learns"),
)


class Row(NamedTuple):
    """A row worked out: the texts of its cells, and why it does not fit or None."""

    texts: tuple[str, ...]
    reason: str | None


def uses(layer: Layer, field: str) -> bool:
    """Whether a layer's kind has a use for a field."""
    match field:
        case "kind":
            return True
        case "outputs":
            return layer.kind in ("conv", "dense")
        case "rate":
            return layer.kind == "dropout"
        case "kernel" | "stride" | "padding":
            return layer.kind in WINDOWED
        case "dilation":
            return layer.kind == "conv"
        case _:
            return False


def rows(network: Network) -> list[Row]:
    """Work out the whole table; shapes stop at the first layer that does not fit."""
    before: Shape | None = network.input
    result = []
    for layer in network.layers:
        reason = why_layer_invalid(layer, before) if before else None
        fits = before is not None and reason is None
        after = layer_shape(layer, before) if before and fits else None
        count = layer_parameters(layer, before) if before and fits else 0
        texts = [cell(layer, column.field) for column in COLUMNS[:-2]]
        texts.append(" × ".join(f"{n:,}" for n in after) if after else "–")
        texts.append(f"{count:,}" if count else "")
        result.append(Row(tuple(texts), reason))
        before = after
    return result


def cell(layer: Layer, field: str) -> str:
    """Return the text of one cell, empty where the kind has no use for it."""
    if not uses(layer, field):
        return ""
    value = getattr(layer, field)
    if field == "kind":
        return TITLES[layer.kind]
    if isinstance(value, tuple):
        return str(value[0]) if value[0] == value[1] else f"{value[0]} × {value[1]}"
    return f"{value:g}"


def edited(network: Network, row: int, field: str, text: str) -> Network:
    """Return the network with one cell changed.

    Raises
    ------
    InputError
        The text cannot be read; whether the layer then fits is another matter, which
        :func:`rows` tells.
    """
    layer = network.layers[row]
    if field == "kind":
        kind = next(
            (key for key, title in TITLES.items() if text in (key, title)), None
        )
        if kind is None:
            raise InputError(f"There is no layer “{text}”; choose one from the list.")
        layer = NEW.get(kind, Layer(kind))
    elif field == "rate":
        layer = replace(layer, rate=_number(text))
    elif field == "outputs":
        layer = replace(layer, outputs=_whole(text), connections=())
    else:
        pair: dict[str, Any] = {field: _pair(text)}
        layer = replace(layer, **pair)
    layers = (*network.layers[:row], layer, *network.layers[row + 1 :])
    return custom(network, layers)


def inserted(network: Network, row: int, kind: Kind) -> Network:
    """Return the network with a new layer before `row`."""
    if len(network.layers) >= MAX_LAYERS:
        raise InputError(f"{MAX_LAYERS} layers are the most: take one away first.")
    layers = list(network.layers)
    layers.insert(row, NEW.get(kind, Layer(kind)))
    return custom(network, tuple(layers))


def removed(network: Network, row: int) -> Network:
    """Return the network without one layer."""
    return custom(network, network.layers[:row] + network.layers[row + 1 :])


def moved(network: Network, row: int, by: int) -> Network:
    """Return the network with one layer further up or down, if there is room."""
    target = row + by
    if not 0 <= target < len(network.layers):
        return network
    layers = list(network.layers)
    layers.insert(target, layers.pop(row))
    return custom(network, tuple(layers))


def custom(network: Network, layers: tuple[Layer, ...]) -> Network:
    """Return a network of other layers, no longer called by a known name."""
    return replace(network, id="custom", title="My network", note="", layers=layers)


def _whole(text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text.strip()):
        raise InputError(f"“{text}” is not a whole number; type one such as 32.")
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise InputError(f"“{text}” is not a number; type one such as 0.5.") from None


def _pair(text: str) -> tuple[int, int]:
    parts = re.split(r"\s*[×x*,;]\s*|\s+", text.strip())
    if len(parts) not in (1, 2):
        raise InputError(f"“{text}” is not a size; type one such as 3 or 3 × 5.")
    rows, columns = _whole(parts[0]), _whole(parts[-1])
    return rows, columns
