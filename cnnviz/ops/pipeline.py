"""A chain of stages over a picture: kernel → bias → activation → pooling → again.

One stage may hold several kernels, a bank; the maps of all of them are on show and the
chosen one's goes on to the next stage. Nothing here knows a page or a file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from cnnviz.errors import InputError
from cnnviz.ops import kernels
from cnnviz.ops.convolution import correlate, terms
from cnnviz.ops.geometry import (
    Geometry,
    Padding,
    PaddingMode,
    Pair,
    output_size,
    why_invalid,
)
from cnnviz.ops.kernels import Kernel  # noqa: TC001  (codec reads the fields)
from cnnviz.ops.pooling import PoolKind, pool, pool_terms, why_invalid_pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnviz.ops.convolution import Terms
    from cnnviz.ops.pooling import PoolTerms

Operation = Literal["correlation", "convolution"]
Activation = Literal["none", "relu", "abs"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)
ACTIVATIONS: tuple[Activation, ...] = get_args(Activation)

MAX_STAGES = 8
MAX_KERNELS = 16
MAX_BIAS = 1_000_000


@dataclass(frozen=True)
class Pool:
    """A pooling step; ``size`` and ``stride`` are rows and columns, 1 or more."""

    kind: PoolKind = "max"
    size: Pair = (2, 2)
    stride: Pair = (2, 2)

    @property
    def geometry(self) -> Geometry:
        """The sliding window of this step, without padding."""
        return Geometry(self.size, self.stride)


@dataclass(frozen=True)
class Stage:
    """One stage; ``kernels[chosen]`` makes the map that goes on."""

    kernels: tuple[Kernel, ...] = (kernels.make("sobel-vertical"),)
    chosen: int = 0
    operation: Operation = "correlation"
    stride: Pair = (1, 1)
    padding: Padding = "same"
    dilation: Pair = (1, 1)
    padding_mode: PaddingMode = "zero"
    bias: float = 0.0
    activation: Activation = "none"
    pool: Pool | None = None

    def __post_init__(self) -> None:
        """Refuse a bank that is empty or too large, and a choice outside it."""
        if not 1 <= len(self.kernels) <= MAX_KERNELS:
            raise InputError(f"A stage holds 1 to {MAX_KERNELS} kernels.")
        if not 0 <= self.chosen < len(self.kernels):
            raise InputError("The chosen kernel is not one of the stage.")
        if not abs(self.bias) <= MAX_BIAS:  # which NaN is not
            raise InputError(f"The bias lies between −{MAX_BIAS:,} and {MAX_BIAS:,}.")

    @property
    def kernel(self) -> Kernel:
        """The chosen kernel."""
        return self.kernels[self.chosen]

    @property
    def weights(self) -> NDArray[np.float32]:
        """The chosen weights as they lie on the picture, flipped for convolution."""
        weights = self.kernel.array
        return weights[::-1, ::-1] if self.operation == "convolution" else weights

    @cached_property
    def geometry(self) -> Geometry:
        """The sliding window of the chosen kernel."""
        return self.geometry_of(self.kernel)

    def geometry_of(self, kernel: Kernel) -> Geometry:
        """Return the sliding window of one of the kernels."""
        return Geometry(
            kernel.size, self.stride, self.padding, self.dilation, self.padding_mode
        )

    def with_kernel(self, kernel: Kernel) -> Stage:
        """Return the stage with another kernel in the chosen place."""
        changed = list(self.kernels)
        changed[self.chosen] = kernel
        return replace(self, kernels=tuple(changed))

    def choose(self, index: int) -> Stage:
        """Return the stage with another kernel chosen."""
        return replace(self, chosen=index)


@dataclass(frozen=True, eq=False)
class Maps:
    """What one stage made: float32 (H, W) or (H, W, 3) arrays.

    Without an activation ``activated`` is ``filtered`` itself, and without pooling
    ``pooled`` is ``activated``.
    """

    filtered: NDArray[np.float32]
    activated: NDArray[np.float32]
    pooled: NDArray[np.float32]


def why_stage_invalid(size: Pair, stage: Stage) -> str | None:
    """Say in one sentence why a stage cannot follow a map of ``size``, if so.

    Every kernel of the bank is tried.
    """
    for kernel in stage.kernels:
        geometry = stage.geometry_of(kernel)
        reason = why_invalid(size, geometry)
        if not reason and stage.pool:
            after = output_size(size, geometry)
            reason = why_invalid_pool(after, stage.pool.geometry)
            reason = reason and f"Pooling: {reason}"
        if reason:
            return reason
    return None


def run_stage(picture: NDArray[np.float32], stage: Stage) -> Maps:
    """Run one stage with its chosen kernel.

    Parameters
    ----------
    picture : float32 array, (H, W) or (H, W, 3)
        The channels of a colour picture are filtered one by one by the same weights.
    stage : Stage
        What to do.

    Returns
    -------
    Maps
        After the filter with its bias, after the activation, after pooling.

    Raises
    ------
    InputError
        The stage cannot work on a picture of this size.
    """
    filtered = correlate(picture, stage.weights, stage.geometry, stage.bias)
    activated = activate(filtered, stage.activation)
    if stage.pool is None:
        return Maps(filtered, activated, activated)
    pooled = pool(activated, stage.pool.kind, stage.pool.geometry)
    return Maps(filtered, activated, pooled)


def activate(array: NDArray[np.float32], kind: Activation) -> NDArray[np.float32]:
    """Return max(0, x) for ``"relu"``, |x| for ``"abs"``, ``array`` itself for none."""
    if kind == "relu":
        return np.maximum(array, np.float32(0))
    return np.abs(array) if kind == "abs" else array


def filter_terms(plane: NDArray[np.float32], stage: Stage, position: Pair) -> Terms:
    """Return the products behind one value of ``filtered``."""
    return terms(plane, stage.weights, stage.geometry, position, stage.bias)


def pooling_terms(
    activated: NDArray[np.float32], step: Pool, position: Pair
) -> PoolTerms:
    """Return the window behind one value of ``pooled``."""
    return pool_terms(activated, step.kind, step.geometry, position)
