"""Which maps are on show at each level, under what titles and on which scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.colour import Scale
from cnnviz.pages.inspect import sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from cnnviz.nn.arithmetic import Floats, Place
    from cnnviz.pages.inspect.stages import Seen, Stage
    from cnnviz.pages.inspect.state import State
    from cnnviz.widgets.mosaic_image import Scaling

FIRST, OTHER, DIFFERENCE, FILTERS = "", "pinned", "difference", "filters"


@dataclass(frozen=True, eq=False)
class Tile:
    """Some maps on show.

    Attributes
    ----------
    layer : str
        The layer that a click goes to.
    which : str
        ``""`` for the picture, ``"pinned"`` for the other one, ``"difference"``, or
        ``"filters"``.
    title, caption, note : str
    maps : float32 (N, H, W) or (n,)
    shown : int array (N,) or None
        The numbers of these maps, where they are not all in their order.
    signed : bool
    scale : Scale, "map" or "layer"
    """

    layer: str
    which: str
    title: str
    caption: str
    note: str
    maps: Floats
    shown: NDArray[np.intp] | None
    signed: bool
    scale: Scaling = "layer"

    @property
    def same_kind(self) -> tuple[str, str, str]:
        """What stays while the picture changes."""
        return self.layer, self.which, self.title

    def place_of(self, index: int, row: int, column: int) -> Place:
        """Return the place in the layer of a cell on show."""
        number = index if self.shown is None else int(self.shown[index])
        return (number,) if self.maps.ndim == 1 else (number, row, column)

    def indices(self, numbers: Sequence[int]) -> list[int]:
        """Return where maps of these numbers are on show."""
        if self.shown is None:
            return [n for n in numbers if n < len(self.maps)]
        where = {int(number): at for at, number in enumerate(self.shown)}
        return [where[n] for n in numbers if n in where]


def overview(seen: Seen, other: Seen | None, state: State) -> list[Tile]:
    """Return the layers from left to right; with another picture each of both."""
    stages = [s for s in seen.stages if state.layers == "all" or s.main]
    if state.layers == "main" and not any(s.main for s in stages[1:]):
        stages = list(seen.stages)
    found = [
        tile
        for which in _which(other, state)
        for stage in stages
        for tile in _layer(seen, other, stage, which, state)
    ]
    return _scaled(found, state)


def layer(seen: Seen, other: Seen | None, state: State) -> list[Tile]:
    """Return all maps of the layer on show, sorted as the state says."""
    stage = seen.stage(state.layer)
    if stage is None:
        return []
    found = [
        _sorted(tile, state)
        for which in _which(other, state)
        for tile in _layer(seen, other, stage, which, state)
    ]
    return _scaled(found, state)


def filters(seen: Seen, state: State, unit: int | None = None) -> Tile | None:
    """Return the filters of the layer on show, or of one of its maps.

    Of the strongest maps only theirs, in the order of the maps.
    """
    stage = seen.stage(state.layer)
    slices = sight.filters(seen, state.layer, unit) if stage else None
    if slices is None or stage is None:
        return None
    shown = None
    ranked = _ranked(_shown_maps(seen, stage, state), state) if unit is None else None
    if ranked is not None:
        parts = [sight.filters(seen, state.layer, n) for n in range(stage.shape[0])]
        ends = np.cumsum([0 if part is None else len(part) for part in parts])
        shown = np.concatenate(
            [np.arange(ends[n - 1] if n else 0, ends[n]) for n in ranked]
        )
        slices = np.ascontiguousarray(slices[shown])
    whose = stage.title.lower() + ("" if unit is None else f", map {unit}")
    shape = " × ".join(f"{n:,}" for n in slices.shape)
    return Tile(
        stage.name, FILTERS, f"Filters of {whose}", shape, "", slices, shown, True
    )


def around(seen: Seen, other: Seen | None, state: State) -> list[Tile]:
    """Return the layer below, the one on show, and the one above.

    Of a map that is on show alone, its filters come last instead.
    """
    stage = seen.stage(state.layer)
    if stage is None:
        return []
    before, after = seen.around(state.layer)
    if state.activated and after is not None and after is seen.activation(stage.name):
        after = seen.around(after.name)[1]
    found: list[Tile] = []
    for which in _which(other, state):
        if before is not None:
            found += _layer(seen, other, before, which, state, activated=False)
        own = list(_layer(seen, other, stage, which, state))
        alone = len(state.place) == 1 and len(stage.shape) == 3
        found += [_only(tile, state.place[0]) for tile in own] if alone else own
        kernels = filters(seen, state, state.place[0]) if alone else None
        if kernels is not None and which == FIRST:
            found.append(kernels)
        elif after is not None:
            found += _layer(seen, other, after, which, state, activated=False)
    return _scaled(found, state)


# ---------------------------------------------------------------- inside


def _which(other: Seen | None, state: State) -> tuple[str, ...]:
    if other is None or state.compare == "off":
        return (FIRST,)
    return (FIRST, OTHER) if state.compare == "both" else (DIFFERENCE,)


def _layer(
    seen: Seen,
    other: Seen | None,
    stage: Stage,
    which: str,
    state: State,
    *,
    activated: bool | None = None,
) -> Iterator[Tile]:
    """Yield the tile of a layer; none where the other picture has no such maps."""
    wanted = state.activated if activated is None else activated
    behind = seen.activation(stage.name) if wanted else None
    shown = behind or stage
    maps = seen.outputs[shown.name]
    signed = shown.signed
    if which != FIRST:
        theirs = other.outputs.get(shown.name) if other is not None else None
        if theirs is None or theirs.shape != maps.shape:
            return
        maps = maps - theirs if which == DIFFERENCE else theirs
        signed = signed or which == DIFFERENCE
    title = stage.title + (f", {behind.title}" if behind is not None else "")
    title += f", {which}" if which else ""
    # The pinned picture's is that of the other, beside it.
    shape = "" if which == OTHER else " × ".join(f"{n:,}" for n in shown.shape)
    note = f"{stage.parameters:,} params" if stage.parameters else ""
    yield Tile(stage.name, which, title, shape, note, maps, None, signed)


def _sorted(tile: Tile, state: State) -> Tile:
    shown = _ranked(tile.maps, state)
    return tile if shown is None else _with(tile, tile.maps[shown], shown)


def _ranked(maps: Floats, state: State) -> NDArray[np.intp] | None:
    """Return the numbers of the maps on show in order, None for all as they are."""
    if state.order == "number" and not state.strongest:
        return None
    flat = np.abs(maps.reshape(len(maps), -1)).max(axis=1)
    ranked = np.argsort(-flat, kind="stable")
    if state.strongest:
        ranked = ranked[: state.strongest]
    return ranked if state.order == "strength" else np.sort(ranked)


def _shown_maps(seen: Seen, stage: Stage, state: State) -> Floats:
    behind = seen.activation(stage.name) if state.activated else None
    return seen.outputs[(behind or stage).name]


def _only(tile: Tile, number: int) -> Tile:
    shown = np.array([number], np.intp)
    title = tile.title.partition(", ")
    named = f"{title[0]}, map {number}{title[1]}{title[2]}"
    alone = _with(tile, tile.maps[shown], shown)
    shape = " × ".join(map(str, tile.maps.shape[1:]))
    return replace(alone, title=named, caption=shape, note="")


def _with(tile: Tile, maps: Floats, shown: NDArray[np.intp]) -> Tile:
    return replace(tile, maps=np.ascontiguousarray(maps), shown=shown)


def _scaled(found: list[Tile], state: State) -> list[Tile]:
    """Give tiles their scales: own ones, or one for all that can share it."""
    if state.scaling == "map":
        return [replace(tile, scale="map") for tile in found]
    if state.scaling == "layer":
        # The same for both pictures, or they could not be compared.
        scales = [_common(t, found) for t in found]
        pairs = zip(found, scales, strict=True)
        return [t if s == t.scale else replace(t, scale=s) for t, s in pairs]
    hidden = [t for t in found if t.which != FILTERS and t.layer not in _ENDS]
    limit = max((_limit(tile) for tile in hidden), default=0.0)
    return [
        replace(t, scale=_scale(limit, t.signed)) if t in hidden and limit else t
        for t in found
    ]


_ENDS = {"input", "softmax"}


def _common(tile: Tile, found: list[Tile]) -> Scaling:
    pair = [t for t in found if t.layer == tile.layer and t.which in (FIRST, OTHER)]
    if tile.which not in (FIRST, OTHER) or len(pair) < 2:
        return "layer"
    limit = max(map(_limit, pair))
    return _scale(limit, tile.signed) if limit else "layer"


def _limit(tile: Tile) -> float:
    limit = float(np.abs(tile.maps).max(initial=0.0))
    return limit if np.isfinite(limit) and limit > 1e-30 else 0.0


def _scale(limit: float, signed: bool) -> Scale:
    low = -limit if signed else 0.0
    return Scale(low, limit, "signed" if signed else "sequential")
