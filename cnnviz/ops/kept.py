"""The phases of the picture that was filtered last, for the next kernel.

Pictures are float32 (H, W) or (H, W, 3). Only those are known that nobody can change.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cnnviz.ops.filtering import grows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Geometry, Pair

    Floats = NDArray[np.float32]
    Phases = dict[Pair, Floats]

_kept: dict[int, Kept] = {}


@dataclass(frozen=True, eq=False)
class Kept:
    """The picture filtered last, how, and its phases if it was so twice."""

    picture: weakref.ref[Floats]
    how: tuple[object, ...]
    phases: Phases


def comes_again(picture: Floats, g: Geometry) -> bool:
    """Tell whether a picture that nobody can change is taken apart as it was before.

    It is then worth keeping its phases; only what was asked for last is remembered.
    """
    if g.stride[1] == 1 or picture.flags.writeable or picture.base is not None:
        return False
    if kept_of(picture, g):
        return True
    keep(picture, g, {})
    return False


@lru_cache(256)
def _how_apart(g: Geometry) -> tuple[object, ...]:
    """Return what the phases of a picture depend on."""
    return (g.stride, g.padding_mode, g.pads) if needs_padding(g) else (g.stride,)


def needs_padding(g: Geometry) -> bool:
    """Tell whether there is padding that filter2D does not add to a phase."""
    return g.padding_mode != "zero" or grows(g)


def kept_of(picture: Floats, g: Geometry) -> Kept | None:
    """Return what is known of a picture that is taken apart in the same way."""
    kept = _kept.get(id(picture))
    same = kept and kept.picture() is picture and kept.how == _how_apart(g)
    return kept if same else None


def keep(picture: Floats, g: Geometry, phases: Phases) -> None:
    """Keep phases, and no longer than the picture lives."""
    number = id(picture)
    _kept.clear()
    alive = weakref.ref(picture, lambda _: _kept.pop(number, None))
    _kept[number] = Kept(alive, _how_apart(g), phases)
