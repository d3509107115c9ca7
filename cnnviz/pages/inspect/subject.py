"""The network on show: its table, its weights, and what its classes are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.network import Network
    from cnnviz.pages.inspect.state import Source


@dataclass(frozen=True, eq=False)
class Subject:
    """A network that can be asked.

    Attributes
    ----------
    network : Network
    weights : dict of float32 arrays
        By their names in a checkpoint.
    name : str
        For the screen.
    classes : tuple of str
        As many as the network has scores.
    """

    network: Network
    weights: dict[str, NDArray[np.float32]]
    name: str
    classes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Handed:
    """A module of others with an example, as a script hands it over.

    Attributes
    ----------
    module : torch.nn.Module
    example : float32 array (C, H, W) or any other shape
        One picture, without the batch axis; noise of 0 to 1 where a file told no more
        than its shape.
    name : str
        For the screen.
    classes : tuple of str
        Empty: the units are numbered.
    """

    module: Any
    example: NDArray[np.float32]
    name: str
    classes: tuple[str, ...] = ()

    @property
    def drawable(self) -> bool:
        """Whether a picture can be scaled to what it takes."""
        return self.example.ndim == 3 and len(self.example) in (1, 3)


def fitting_source(subject: Subject | Handed | None, source: Source) -> Source:
    """Return where a picture that fits is from: from there, if that can be."""
    if isinstance(subject, Handed):
        return source if subject.drawable else "example"
    return "drawing" if source == "example" else source
