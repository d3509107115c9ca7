"""The columns of the picture that was filtered last, taken apart for the next kernel.

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
    Columns = dict[int, Floats]

_kept: dict[int, Kept] = {}


@dataclass(frozen=True, eq=False)
class Kept:
    """Every so many columns of the picture that was filtered last, by the first one."""

    picture: weakref.ref[Floats]
    step: Pair
    columns: Columns


def never_changes(picture: Floats) -> bool:
    """Tell whether nobody can change a picture any more: its columns may be kept."""
    return not picture.flags.writeable and picture.base is None


def kept_of(picture: Floats, step: Pair) -> Columns | None:
    """Return the columns of a picture that was taken apart in the same way last."""
    kept = _kept.get(id(picture))
    same = kept and kept.picture() is picture and kept.step == step
    return kept.columns if kept and same else None


def keep(picture: Floats, step: Pair, columns: Columns) -> None:
    """Keep columns, and no longer than the picture lives."""
    number = id(picture)
    _kept.clear()
    alive = weakref.ref(picture, lambda _: _kept.pop(number, None))
    _kept[number] = Kept(alive, step, columns)
