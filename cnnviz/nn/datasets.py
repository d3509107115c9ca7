"""Pictures with labels: MNIST and its kind, generated digits, folders of pictures.

Numpy only, so that a page can show pictures before torch is there; a training makes one
tensor that shares their memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Split:
    """Pictures for training or for the test.

    Attributes
    ----------
    images : uint8 (N, C, H, W)
        0 to 255.
    labels : int64 (N,)
        0 to the number of classes less one.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Two splits and the names of their classes.

    Attributes
    ----------
    name : str
        For the screen: ``"MNIST"``, ``"generated digits"``, a folder's name.
    train, test : Split
    classes : tuple of str
        A name for each label.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
