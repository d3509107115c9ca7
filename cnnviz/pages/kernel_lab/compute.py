"""From a picture and a pipeline to every map on the page; no Qt, fit for a thread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cnnviz.ops.colour import reduce, value_range
from cnnviz.ops.pipeline import Maps, Stage, run_stage, why_stage_invalid
from cnnviz.pages.kernel_lab.state import Step, steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

THUMB = 96
"""Longest side of a thumbnail's array, in pixels at text size 200 %."""

# What the GUI thread may do between two frames: about 5 ms of filtering on two cores.
QUICK_WORK = 100_000_000


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
    thumbs : dict
        A small copy of each map of the chosen kernel.
    bank : tuple of Thumb
        What each kernel of the stage passes on, the chosen one among them.
    """

    stage: Stage
    input: NDArray[np.float32]
    maps: Maps
    thumbs: dict[Step, Thumb]
    bank: tuple[Thumb, ...]

    @property
    def output(self) -> NDArray[np.float32]:
        """What goes on to the next stage."""
        return self.maps.pooled


def thumb(array: NDArray[np.float32]) -> Thumb:
    """Return a small copy of a map with its range."""
    low, high = value_range(array)
    rows, columns = array.shape[:2]
    share = min(1.0, THUMB / max(rows, columns))
    size = max(1, round(rows * share)), max(1, round(columns * share))
    return Thumb(reduce(array, *size), low, high)


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
    known = {} if old is None else _known(old)
    maps = run_stage(array, stage)
    thumbs = {step: thumb(getattr(maps, step)) for step in steps_of(stage)}
    own = thumbs[steps_of(stage)[-1]]
    bank = [
        own if index == stage.chosen else known.get(_single(one)) or _aside(array, one)
        for index, one in enumerate(map(stage.choose, range(len(stage.kernels))))
    ]
    return Layer(stage, array, maps, thumbs, tuple(bank))


def _aside(array: NDArray[np.float32], stage: Stage) -> Thumb:
    return thumb(run_stage(array, stage).pooled)


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
        kernel.size[0] * kernel.size[1] + 12
        for stage in stages
        for kernel in stage.kernels
    )
    return values * taps
