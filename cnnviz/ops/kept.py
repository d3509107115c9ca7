"""The phases of the picture that was filtered last, for the next kernel.

Pictures are float32 (H, W) or (H, W, 3). Only those are known that nobody can change.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.ops.geometry import Pair

    Floats = NDArray[np.float32]
    Phases = dict[Pair, Floats]

_kept: dict[int, Kept] = {}


@dataclass(frozen=True, eq=False)
class Kept:
    """The picture filtered last, with what stride, and its phases if so twice."""

    picture: weakref.ref[Floats]
    step: Pair
    phases: Phases


def comes_again(picture: Floats, step: Pair) -> bool:
    """Tell whether a picture that nobody can change is filtered again with a stride.

    It is then worth keeping its phases; only what was asked for last is remembered.
    """
    if step[1] == 1 or picture.flags.writeable or picture.base is not None:
        return False
    if kept_of(picture, step):
        return True
    keep(picture, step, {})
    return False


def kept_of(picture: Floats, step: Pair) -> Kept | None:
    """Return what is known of a picture that is taken apart in the same way."""
    kept = _kept.get(id(picture))
    same = kept and kept.picture() is picture and kept.step == step
    return kept if same else None


def keep(picture: Floats, step: Pair, phases: Phases) -> None:
    """Keep phases, and no longer than the picture lives."""
    number = id(picture)
    _kept.clear()
    alive = weakref.ref(picture, lambda _: _kept.pop(number, None))
    _kept[number] = Kept(alive, step, phases)
