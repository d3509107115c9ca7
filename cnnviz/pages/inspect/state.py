"""The state of the Inspect page: which network, which picture, which value of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops.changes import RANGES
from cnnviz.ops.handwriting import Steps
from cnnviz.pages.inspect.packed import pack, unpack
from cnnviz.pages.inspect.why_state import Why

if TYPE_CHECKING:
    from numpy.typing import NDArray

View = Literal["layers", "why", "adversarial", "dream", "points", "changes"]
Source = Literal["drawing", "test", "file", "example"]
Scaling = Literal["map", "layer", "all"]
Layers = Literal["main", "all"]
Order = Literal["number", "strength"]
Compare = Literal["off", "both", "difference"]
Browse = Literal["index", "class", "mistakes"]

SIDE = 280
"""Rows and columns of the drawing pad's sheet."""

DAMAGED = "This state of the Inspect page is damaged."


@dataclass(frozen=True)
class Changes:
    """What is done to the picture before the network sees it; zeros do nothing.

    Attributes
    ----------
    shift_down, shift_right : float
        Pixels.
    rotate : float
        Degrees, anticlockwise.
    scale : float
        Factor.
    noise : float
        Standard deviation, of values 0 to 1.
    """

    shift_down: float = 0.0
    shift_right: float = 0.0
    rotate: float = 0.0
    scale: float = 1.0
    noise: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no slider can be set to."""
        for name, limits in RANGES.items():
            value = getattr(self, name.replace("-", "_"))
            if not limits.low <= value <= limits.high:
                raise InputError(DAMAGED)


@dataclass(frozen=True)
class State:
    """All that the page shows is a function of this, the networks and the test set.

    Attributes
    ----------
    network : str
        The id of a network that is shipped, the path of a file of weights or of the
        folder of a run; ``"module"`` for what a script handed over.
    source : {"drawing", "test", "file", "example"}
        Where the picture is from; the example is what a script handed over.
    drawing : str
        The sheet of the pad, packed: 1 × 280 × 280, ink 255 on 0.
    photo : str
        A packed picture from a file, for networks that take no drawing.
    data : str
        The test set: ``"mnist"``, ``"generated"`` or a folder; empty for MNIST where
        it is on this computer, else generated digits.
    index : int
        The picture's number in the test set, from 0.
    browse : {"index", "class", "mistakes"}
        How the test set is leafed through.
    steps : Steps
        How a drawing is made ready for the network.
    normalise : bool
        Whether bytes become 0 to 1, as in the training.
    changes : Changes
        What else is done to the picture.
    pinned : str
        A second picture to compare with, packed as the network sees it; may be empty.
    compare : {"off", "both", "difference"}
    view : str
        The tab.
    layer : str
        The layer on show; empty for all of them.
    place : tuple of int
        In this layer: (map,) for a map, (map, row, column) or (unit,) for a value;
        empty for all of it.
    channel : int
        Of the pinned value's terms the input channel written out; −1 for the strongest.
    layers : {"main", "all"}
        Whether activations, pooling and the like are layers of their own.
    scaling : {"map", "layer", "all"}
        What shares one colour scale.
    order : {"number", "strength"}
        How the maps of a layer are sorted.
    strongest : int
        How many of the strongest maps are on show; 0 for all.
    filters : bool
        Whether a layer's filters are beside its maps.
    activated : bool
        Whether a layer's maps are shown after the activation behind it.
    why : Why
        The settings of the other views.
    """

    network: str = "lecture"
    source: Source = "drawing"
    drawing: str = ""
    photo: str = ""
    data: str = ""
    index: int = 23  # a clear 5, in MNIST and among the generated digits
    browse: Browse = "index"
    steps: Steps = field(default_factory=Steps)
    normalise: bool = True
    changes: Changes = field(default_factory=Changes)
    pinned: str = ""
    compare: Compare = "off"
    view: View = "layers"
    layer: str = ""
    place: tuple[int, ...] = ()
    channel: int = -1
    layers: Layers = "main"
    scaling: Scaling = "layer"
    order: Order = "number"
    strongest: int = 0
    filters: bool = False
    activated: bool = False
    why: Why = field(default_factory=Why)

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        for text in (self.drawing, self.photo, self.pinned):
            if text:
                unpack(text)
        sheet = unpack(self.drawing).shape if self.drawing else (1, SIDE, SIDE)
        if sheet != (1, SIDE, SIDE) or self.index < 0 or self.strongest < 0:
            raise InputError(DAMAGED)
        if len(self.place) not in (0, 1, 3) or any(n < 0 for n in self.place):
            raise InputError(DAMAGED)

    @property
    def sheet(self) -> NDArray[np.uint8]:
        """The drawing pad's sheet, uint8 (280, 280), ink 255 on 0."""
        if not self.drawing:
            return np.zeros((SIDE, SIDE), np.uint8)
        sheet: NDArray[np.uint8] = unpack(self.drawing)[0]
        return sheet

    def with_sheet(self, sheet: NDArray[np.uint8]) -> State:
        """Show a drawing, uint8 (280, 280); one without ink is none."""
        packed = pack(sheet[None]) if sheet.any() else ""
        return replace(self, drawing=packed, source="drawing")

    def at(self, layer: str = "", place: tuple[int, ...] = ()) -> State:
        """Go to a layer, a map or a value of it, or to all layers."""
        return replace(self, layer=layer, place=place, channel=-1, view="layers")

    def out(self) -> State:
        """Go back one level: from a value to its map, its layer, all layers."""
        if len(self.place) == 3:
            return self.at(self.layer, self.place[:1])
        return self.at(self.layer if self.place else "")


def same(one: State, other: State, *names: str) -> bool:
    """Whether two states agree in these fields."""
    return all(getattr(one, name) == getattr(other, name) for name in names)


def unlike(one: State, other: State) -> set[str]:
    """Return the names of the fields in which two states differ."""
    found: dict[str, Any] = {
        each.name: getattr(one, each.name) != getattr(other, each.name)
        for each in fields(State)
    }
    return {name for name, differs in found.items() if differs}
