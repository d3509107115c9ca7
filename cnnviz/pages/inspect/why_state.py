"""What the views that ask why a network answers as it does are set to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cnnviz.errors import InputError

DAMAGED = "The settings of this view are damaged: close the file and begin anew."

Method = Literal["fgsm", "pgd"]
Norm = Literal["linf", "l2"]
Start = Literal["noise", "picture"]
Projected = Literal["pca", "tsne"]
Change = Literal["shift-right", "shift-down", "rotate", "scale", "noise"]

MOST_EPSILON: dict[Norm, float] = {"linf": 0.5, "l2": 5.0}
FIRST_EPSILON: dict[Norm, float] = {"linf": 0.25, "l2": 2.5}

_OUTLINES: dict[str, tuple[float, float]] = {
    "target": (-1, 99_999),
    "steps": (1, 200),
    "window": (1, 64),
    "stride": (1, 64),
    "fill": (0, 1),
    "channel": (0, 99_999),
    "step": (1e-4, 1),
    "jitter": (0, 8),
    "blur": (0, 4),
    "variation": (0, 10),
    "seed": (0, 2**31),
    "count": (100, 5000),
}


def _check(settings: object) -> None:
    """Refuse what no control can set."""
    for name, value in vars(settings).items():
        low, high = _OUTLINES.get(name, (0, 0))
        if name in _OUTLINES and not low <= value <= high:
            raise InputError(DAMAGED)


@dataclass(frozen=True)
class Attributing:
    """Which pixels speak for a class.

    Attributes
    ----------
    target : int
        The class; −1 for the predicted one.
    layer : str
        Whose maps Grad-CAM weighs; empty for the last convolution.
    steps : int
        Of the integrated gradients.
    window, stride : int
        Pixels, of the covered square.
    fill : float
        What is put in its place, 0 to 1.
    """

    target: int = -1
    layer: str = ""
    steps: int = 50
    window: int = 5
    stride: int = 1
    fill: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        _check(self)


@dataclass(frozen=True)
class Attacking:
    """How a picture is changed to fool the network.

    Attributes
    ----------
    method, norm, epsilon, steps
        See :class:`cnnviz.nn.adversarial.Attack`.
    target : int
        The class to be led to; −1 for only away from the predicted one.
    """

    method: Method = "fgsm"
    norm: Norm = "linf"
    epsilon: float = FIRST_EPSILON["linf"]
    steps: int = 10
    target: int = -1

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        _check(self)
        if not 0 <= self.epsilon <= MOST_EPSILON[self.norm]:
            raise InputError(DAMAGED)


@dataclass(frozen=True)
class Dreaming:
    """A picture grown for a channel; see :class:`cnnviz.nn.dreaming.Dream`.

    Attributes
    ----------
    layer : str
        Empty for the last one, whose channels are the classes.
    channel : int
    start : {"noise", "picture"}
    """

    layer: str = ""
    channel: int = 0
    start: Start = "noise"
    step: float = 0.05
    jitter: int = 1
    blur: float = 0.5
    variation: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        _check(self)


@dataclass(frozen=True)
class Mapping:
    """Test pictures as points.

    Attributes
    ----------
    layer : str
        By whose output; ``"input"`` is the picture, empty the last layer.
    method : {"pca", "tsne"}
    count : int
        The most pictures.
    """

    layer: str = ""
    method: Projected = "pca"
    count: int = 2000

    def __post_init__(self) -> None:
        """Refuse what no control can set."""
        _check(self)


@dataclass(frozen=True)
class Changing:
    """One change over all of its range.

    Attributes
    ----------
    change : str
    other : str
        The network beside, as a state calls one; empty for the fully connected one.
    """

    change: Change = "shift-right"
    other: str = ""


@dataclass(frozen=True)
class Why:
    """The settings of the views behind the tabs "why" to "changes"."""

    attributing: Attributing = field(default_factory=Attributing)
    attacking: Attacking = field(default_factory=Attacking)
    dreaming: Dreaming = field(default_factory=Dreaming)
    mapping: Mapping = field(default_factory=Mapping)
    changing: Changing = field(default_factory=Changing)
