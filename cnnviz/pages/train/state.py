"""The state of the Train page: what is trained, and what of it is on show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from cnnviz.errors import InputError
from cnnviz.nn.recipe import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray

View = Literal["maps", "mistakes", "curves", "network", "runs"]
Scaling = Literal["map", "layer", "all"]
Layers = Literal["main", "all"]

SIZE = 28
MOST_COMPARED = 6


@dataclass(frozen=True)
class State:
    """All that the Train page shows is a function of this and of the runs on disk.

    Attributes
    ----------
    recipe : Recipe
        What the next start trains.
    run : str
        The run on show, empty before the first start: the name of its folder, or the
        whole path of one that lies elsewhere.
    compared : tuple of str
        Folders of other runs whose curves lie over those of `run`.
    moment : int or None
        The batch after which the network is shown, one that was recorded; ``None``
        for the newest.
    digit : int
        The pinned picture's number in the test set, from 0.
    drawing : str
        A drawn picture of 28 × 28 in its place: two hexadecimal digits a pixel.
    view : {"maps", "mistakes", "curves", "network", "runs"}
    layers : {"main", "all"}
        Whether ReLU, pooling and the like have maps of their own on show.
    opened : str
        Name of the one layer that fills the canvas, empty for all of them.
    scaling : {"map", "layer", "all"}
        What shares one colour scale.
    gradients : bool
        Whether the filters' gradients are on show in the place of the filters.
    smoothing : float
        0 up to 0.99: weight of the past in the smooth curves.
    logarithmic : bool
        Whether the loss is on a logarithmic scale.
    cell : (true, predicted) or None
        The cell of the confusion matrix whose pictures are on show.
    """

    recipe: Recipe = field(default_factory=Recipe)
    run: str = ""
    compared: tuple[str, ...] = ()
    moment: int | None = None
    digit: int = 23  # a clear 5, in MNIST and among the generated digits
    drawing: str = ""
    view: View = "maps"
    layers: Layers = "main"
    opened: str = ""
    scaling: Scaling = "layer"
    gradients: bool = False
    smoothing: float = 0.9
    logarithmic: bool = False
    cell: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        if self.drawing:
            drawn(self.drawing)
        if not 0 <= self.smoothing <= 0.99:
            raise InputError(
                f"A smoothing of {self.smoothing:g} does not work: choose 0 to 0.99."
            )
        if self.digit < 0 or len(self.compared) > MOST_COMPARED:
            raise InputError("This state of the Train page is damaged.")
        for name in (self.run, *self.compared):
            if name and not Path(name).is_absolute() and Path(name).name != name:
                raise InputError(f"“{name}” is not the name of a run.")

    def with_recipe(self, recipe: Recipe) -> State:
        """Take another recipe."""
        return replace(self, recipe=recipe)

    def with_drawing(self, pixels: NDArray[np.uint8]) -> State:
        """Pin a drawn picture, uint8 (28, 28)."""
        return replace(self, drawing=pixels.astype(np.uint8).tobytes().hex())

    @property
    def picture(self) -> NDArray[np.uint8] | None:
        """The drawn picture, uint8 (28, 28), or None."""
        return drawn(self.drawing) if self.drawing else None


def drawn(text: str) -> NDArray[np.uint8]:
    """Return the picture that `State.drawing` writes.

    Raises
    ------
    InputError
        It is not one.
    """
    try:
        return np.frombuffer(bytes.fromhex(text), np.uint8).reshape(SIZE, SIZE)
    except ValueError as error:
        raise InputError("The drawn picture in this file is damaged.") from error
