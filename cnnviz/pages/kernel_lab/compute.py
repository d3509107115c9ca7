"""From a picture and a pipeline to every map on the page; no Qt, fit for a thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from cnnviz.ops.colour import reduce, value_range
from cnnviz.ops.pipeline import Maps, Stage, run_stage, why_stage_invalid
from cnnviz.pages.kernel_lab.state import State, Step, steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.ops.images import Picture

THUMB = 96
"""Longest side of a small copy, in values."""

SIDE_BY_SIDE = 480
"""Longest side of a map among those of a bank, in values."""

# What the GUI thread may do between two frames: about 8 ms of filtering on two cores, a
# 5 × 5 kernel on a picture of 3840 × 2160. A thread would take 3 ms longer to show it.
QUICK_WORK = 320_000_000


@dataclass(frozen=True, eq=False)
class Thumb:
    """A small copy of a map, and the range of the whole one."""

    array: NDArray[np.float32]
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Layer:
    """One stage with what went in and what came out.

    Attributes
    ----------
    stage : Stage
        The setting that made this layer.
    input, maps
        Its input array, and the arrays of the chosen kernel.
    ranges : dict
        The least and the greatest value of each map.
    others : dict
        What the other kernels of the stage pass on, by their index.
    """

    stage: Stage
    input: NDArray[np.float32]
    maps: Maps
    ranges: dict[Step, tuple[float, float]]
    others: dict[int, Thumb]

    @cached_property
    def thumbs(self) -> dict[Step, Thumb]:
        """A small copy of each map, made when it is first asked for."""
        return {
            step: Thumb(small(getattr(self.maps, step), THUMB), *ends)
            for step, ends in self.ranges.items()
        }

    @cached_property
    def bank(self) -> tuple[Thumb, ...]:
        """What each kernel of the stage passes on, the chosen one among them."""
        ends = self.ranges[steps_of(self.stage)[-1]]
        own = Thumb(small(self.output, SIDE_BY_SIDE), *ends)
        indices = range(len(self.stage.kernels))
        return tuple(self.others.get(index, own) for index in indices)

    @property
    def output(self) -> NDArray[np.float32]:
        """What goes on to the next stage."""
        return self.maps.pooled


def small(array: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Return a copy of a map no longer than a side."""
    rows, columns = array.shape[:2]
    share = min(1.0, side / max(rows, columns))
    return reduce(array, max(1, round(rows * share)), max(1, round(columns * share)))


@dataclass(frozen=True, eq=False)
class Run:
    """The layers of a pipeline, and why it ends early if it does.

    Attributes
    ----------
    layers : tuple of Layer
        As many as the pipeline has stages, or those before the one that cannot work.
    reason : str
        One sentence about that one; empty when all of them work.
    """

    layers: tuple[Layer, ...] = ()
    reason: str = ""

    def with_copies(self) -> Run:
        """Make the small copies that strips of several maps show, in this thread."""
        several = sum(len(layer.ranges) for layer in self.layers) > 1
        _ = [layer.thumbs for layer in self.layers if several]
        _ = [layer.bank for layer in self.layers if layer.others]
        return self


@dataclass(frozen=True, eq=False)
class Made:
    """Maps, with the request's number and the state and picture they were made of."""

    number: int
    state: State
    picture: Picture | None
    run: Run

    def is_like(self, old: Made) -> bool:
        """Whether its maps belong where those of an earlier one do."""
        places = [
            (made.state.channels, made.state.right, made.state.current.geometry)
            for made in (self, old)
        ]
        return self.picture is old.picture and places[0] == places[1]


def run(
    picture: NDArray[np.float32], stages: Sequence[Stage], before: Run | None = None
) -> Run:
    """Run a pipeline, taking over from an earlier run what has not changed.

    Parameters
    ----------
    picture : float32 array, (H, W) or (H, W, 3)
        The picture's values.
    stages : sequence of Stage
        The pipeline.
    before : Run or None
        An earlier run; a layer is taken over when its input is the very same array.
    """
    old = before.layers if before else ()
    layers: list[Layer] = []
    array = picture
    for index, stage in enumerate(stages):
        reason = why_stage_invalid(array.shape[:2], stage)
        if reason:
            where = f"Stage {index + 1}: " if len(stages) > 1 else ""
            return Run(tuple(layers), where + reason)
        known = old[index] if index < len(old) else None
        if known and known.input is not array:
            known = None
        layers.append(_layer(array, stage, known))
        array = layers[-1].output
    return Run(tuple(layers))


def _layer(array: NDArray[np.float32], stage: Stage, old: Layer | None) -> Layer:
    if old and old.stage == stage:
        return old
    known = _known(old) if old and len(stage.kernels) > 1 else {}
    maps = run_stage(array, stage)
    ranges = {step: value_range(getattr(maps, step)) for step in steps_of(stage)}
    others = {
        index: known.get(_single(one)) or _aside(array, one)
        for index in range(len(stage.kernels))
        if index != stage.chosen
        for one in [stage.choose(index)]
    }
    return Layer(stage, array, maps, ranges, others)


def _aside(array: NDArray[np.float32], stage: Stage) -> Thumb:
    passed = run_stage(array, stage).pooled
    return Thumb(small(passed, SIDE_BY_SIDE), *value_range(passed))


def _known(old: Layer) -> dict[Stage, Thumb]:
    stages = (old.stage.choose(index) for index in range(len(old.bank)))
    return dict(zip(map(_single, stages), old.bank, strict=True))


def _single(stage: Stage) -> Stage:
    return replace(stage, kernels=(stage.kernel,), chosen=0)


def work(shape: tuple[int, ...], stages: Sequence[Stage]) -> int:
    """Estimate the multiplications of a run, to tell a quick one from a long one.

    Parameters
    ----------
    shape : tuple of int
        The picture's; later stages are counted as if none were smaller.
    stages : sequence of Stage
        The pipeline.
    """
    values = shape[0] * shape[1] * (shape[2] if len(shape) == 3 else 1)
    # Touching a value costs about as much as a dozen multiplications.
    taps = sum(
        kernel.size[0] * kernel.size[1] + 12 + _after(stage)
        for stage in stages
        for kernel in stage.kernels
    )
    return values * taps


def _after(stage: Stage) -> int:
    """Estimate what follows the filter, in multiplications a value."""
    pooling = 40 + 3 * sum(stage.pool.size) if stage.pool else 0
    return pooling + (40 if stage.activation != "none" else 0)
