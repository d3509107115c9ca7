"""The network on show: its table, its weights, and what its classes are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.network import Network


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
        One picture, without the batch axis.
    name : str
        For the screen.
    classes : tuple of str
        Empty: the units are numbered.
    """

    module: Any
    example: NDArray[np.float32]
    name: str
    classes: tuple[str, ...] = ()
