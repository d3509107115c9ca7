"""What a training reports: frozen, numpy only, so that it may cross to any thread.

The order is ``Started``, then any of the others, then ``Finished`` last. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.recipe import Augmentation

    Floats = NDArray[np.float32]
    Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Started:
    """A training begins or goes on.

    Attributes
    ----------
    device : str
        Such as ``"CPU"`` or ``"CUDA, NVIDIA H100"``.
    precision : str
        ``"float32"`` or ``"bf16"``.
    step, epoch : int
        Batches done so far, and complete epochs; 0 for a new training.
    steps_per_epoch, steps : int
        Batches an epoch, and in all.
    repeatable : str
        Empty where the same seed gives the same numbers here; else why not.
    """

    device: str
    precision: str
    step: int
    epoch: int
    steps_per_epoch: int
    steps: int
    repeatable: str = ""


@dataclass(frozen=True, eq=False)
class Steps:
    """Some batches, one number each: all float32 (n,).

    Attributes
    ----------
    step : int
        Number of the last one, from 1.
    loss, accuracy : arrays
        Of the batch, before its step; accuracy from 0 to 1.
    learning_rate : array
    gradient_norm : array
        Euclidean norm of all gradients together.
    speed : float
        Pictures a second lately, pauses left out.
    """

    step: int
    loss: Floats
    accuracy: Floats
    learning_rate: Floats
    gradient_norm: Floats
    speed: float


@dataclass(frozen=True, eq=False)
class Watched:
    """The pinned picture seen by the network as it is now.

    Attributes
    ----------
    step : int
        Batches done.
    outputs : dict
        By layer name in order, float32 (C, H, W) or (n,); after ReLU and pooling where
        those are layers of their own.
    weights : dict
        By parameter name, such as ``conv1.weight``: float32 as torch shapes them.
        Convolutions, and what is asked for; see :class:`cnnviz.nn.control.Watch`.
        Empty in most of many looks a second: weights are copied ten times a second.
    gradients : dict
        The same for the gradients of the last batch; empty also if not asked for.
    probabilities : float32 (classes,)
        Their sum is 1.
    """

    step: int
    outputs: dict[str, Floats]
    weights: Weights
    gradients: Weights
    probabilities: Floats


@dataclass(frozen=True)
class Metrics:
    """One line of ``metrics.jsonl``: an epoch's end.

    Losses are means over pictures, accuracies from 0 to 1. Those of training are
    running means over the epoch's batches, as Keras prints them. ``None`` where there
    is no validation split. ``seconds`` counts training alone since the run began,
    without pauses and tests.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    seconds: float
    val_loss: float | None = None
    val_accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class EpochEnd:
    """An epoch is complete and was tested.

    Attributes
    ----------
    metrics : Metrics
    probabilities : float32 (N, classes)
        Of every test picture, in the data's order.
    """

    metrics: Metrics
    probabilities: Floats


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The weights at one moment: on a log-like grid early on, and at each epoch's end.

    Attributes
    ----------
    step, epoch : int
        Batches and complete epochs done.
    weights : dict
        Every parameter and buffer by its name, float32.
    """

    step: int
    epoch: int
    weights: Weights


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """All that a training needs to go on from here as if it had never stopped.

    Attributes
    ----------
    step, epoch : int
        Batches and complete epochs done.
    tensors : dict
        Weights (``model.…``), the optimizer's state (``optimizer.…``) and the random
        generators' (``random.…``); any numpy dtype that safetensors knows.
    facts : dict
        Plain JSON: what is no array.
    notice : str
        What whoever goes on from here is told, a sentence; it is not recorded.
    """

    step: int
    epoch: int
    tensors: dict[str, NDArray[np.generic]]
    facts: dict[str, object] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True)
class Diverged:
    """The loss is no number any more; the training has stopped before this step.

    Attributes
    ----------
    step : int
        The batch whose loss is NaN or infinite.
    layer : str
        Name of the first layer whose output is not finite; empty if only the loss is.
    sentence : str
        For the person: what happened and the way out.
    """

    step: int
    layer: str
    sentence: str


@dataclass(frozen=True)
class Changed:
    """From this batch on the training goes by other settings than it did before.

    Attributes
    ----------
    step : int
        Batches done before.
    learning_rate : float
        In place of the recipe's; the schedule still scales it.
    augmentation : Augmentation
    """

    step: int
    learning_rate: float
    augmentation: Augmentation


@dataclass(frozen=True)
class Notice:
    """One sentence for the person, such as a smaller batch after memory ran out."""

    sentence: str


@dataclass(frozen=True)
class Paused:
    """The training waits; ``step`` batches are done."""

    step: int


@dataclass(frozen=True)
class Finished:
    """The last event; not ``complete`` if the training was stopped before its end."""

    step: int
    complete: bool


Event: TypeAlias = (
    Started
    | Steps
    | Watched
    | EpochEnd
    | Snapshot
    | Checkpoint
    | Changed
    | Diverged
    | Notice
    | Paused
    | Finished
)
