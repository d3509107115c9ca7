"""What was seen of a network for one picture: its layers and what they gave.

The same for a chain of layers that cnnviz describes and for any module of others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn import naming
from cnnviz.nn.network import ACTIVATIONS
from cnnviz.nn.terms import INPUT, SOFTMAX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnnviz.nn.arithmetic import Floats, Place
    from cnnviz.nn.foreign import Inspected, Step
    from cnnviz.pages.inspect.subject import Subject

MINOR = {*ACTIVATIONS, "flatten", "dropout", "batch-norm", "reshape"}
"""Layers that are on show with all others only."""


@dataclass(frozen=True)
class Stage:
    """One layer on show.

    Attributes
    ----------
    name : str
        What its output is called.
    title : str
        For the screen: ``"Conv 2"``.
    kind : str
        A kind of layer, ``"input"``, ``"softmax"``, or what torch calls it.
    shape : tuple of int
    parameters : int
        How many numbers it learns.
    signed : bool
        Whether values of either sign are to be expected.
    note : str
        Why its terms cannot be shown; empty if they can.
    sources : tuple of str
        The layers that it reads.
    """

    name: str
    title: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    signed: bool
    note: str = ""
    sources: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        """Shape and parameters in a line."""
        shape = " × ".join(f"{n:,}" for n in self.shape)
        return f"{shape} · {self.parameters:,} parameters" if self.parameters else shape

    @property
    def main(self) -> bool:
        """Whether it is no activation or the like."""
        return self.kind not in MINOR


@dataclass(frozen=True, eq=False)
class Seen:
    """Every layer's output for one picture.

    Attributes
    ----------
    stages : tuple of Stage
        From the picture to the probabilities.
    outputs : dict of float32 arrays
        By the stages' names.
    subject : Subject or None
        The chain that was asked, or ...
    inspected : Inspected or None
        ... what was taken down of any other module.
    """

    stages: tuple[Stage, ...]
    outputs: Mapping[str, Floats]
    subject: Subject | None = None
    inspected: Inspected | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The stages' names."""
        return tuple(stage.name for stage in self.stages)

    @property
    def probabilities(self) -> Floats | None:
        """The shares of the classes, float32 (classes,), or None if there are none."""
        last = self.stages[-1]
        shares = self.outputs[last.name]
        return shares if last.kind == SOFTMAX and shares.ndim == 1 else None

    def stage(self, name: str) -> Stage | None:
        """Return a stage by its name, None if there is none."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def around(self, name: str) -> tuple[Stage | None, Stage | None]:
        """Return the stage below and the one above, None where there is none."""
        stage, after = self.stage(name), None
        before = self.stage(stage.sources[0]) if stage and stage.sources else None
        for other in self.stages:
            if name in other.sources:
                after = other
                break
        return before, after

    def after(self, name: str) -> Stage | None:
        """Return a stage as it is after the activation behind it, if there is one."""
        return self.activation(name) or self.stage(name)

    def activation(self, name: str) -> Stage | None:
        """Return the activation right behind a layer, None if there is none."""
        stage = self.around(name)[1]
        return stage if stage is not None and stage.kind in ACTIVATIONS else None

    def has(self, name: str, place: Place) -> bool:
        """Whether there is such a map or value."""
        stage = self.stage(name)
        return stage is not None and (
            len(place) <= len(stage.shape)
            and all(n < size for n, size in zip(place, stage.shape, strict=False))
        )

    def is_value(self, name: str, place: Place) -> bool:
        """Whether a place is that of one value, not of a map."""
        stage = self.stage(name)
        return stage is not None and bool(place) and len(place) == len(stage.shape)


@lru_cache(8)
def chain_stages(subject: Subject) -> tuple[Stage, ...]:
    """Return picture, layers and softmax of a chain."""
    network = subject.network
    stages = [Stage(INPUT, "Picture", "input", network.input, 0, False)]
    table = zip(
        network.names,
        network.layers,
        network.shapes,
        network.parameters,
        naming.signs(network),
        strict=True,
    )
    for name, layer, shape, parameters, signed in table:
        below = (stages[-1].name,)
        title = naming.titled(name)
        stages.append(
            Stage(name, title, layer.kind, shape, parameters, signed, sources=below)
        )
    last = stages[-1]
    softmax = Stage(
        SOFTMAX, "Softmax", SOFTMAX, last.shape, 0, False, sources=(last.name,)
    )
    return (*stages, softmax)


def module_seen(inspected: Inspected) -> Seen:
    """Return what was taken down of a module as stages; odd shapes become flat."""
    picture = _plain(inspected.input)
    outputs = {INPUT: picture}
    signed = bool((picture < 0).any())
    stages = [Stage(INPUT, "Input", "input", picture.shape, 0, signed)]
    for step in inspected.steps:
        values = _plain(step.output)
        outputs[step.name] = values
        note = step.call.note
        if values.ndim == 1 < step.output.ndim and not note:
            shape = " × ".join(map(str, step.output.shape))
            note = f"Its output of {shape} has no maps with rows and columns."
        stages.append(
            Stage(
                step.name,
                _titled(step),
                step.call.kind,
                values.shape,
                step.parameters,
                bool((values < 0).any()),
                note,
                step.sources,
            )
        )
    last = stages[-1]
    if last.kind != SOFTMAX and len(last.shape) == 1 and last.shape[0] > 1:
        scores = outputs[last.name]
        shares = np.exp(scores - scores.max())
        outputs[SOFTMAX] = shares / shares.sum(dtype=np.float32)
        stages.append(
            Stage(SOFTMAX, "Softmax", SOFTMAX, last.shape, 0, False, "", (last.name,))
        )
    return Seen(tuple(stages), outputs, inspected=inspected)


def _titled(step: Step) -> str:
    """Return a step's name, with its module's where the name is but a number."""
    number = step.name.rsplit(".")[-1].isdecimal()
    return f"{step.name} {step.title.split('(')[0]}" if number else step.name


def _plain(values: Floats) -> Floats:
    """Return maps or units as they are, curves as maps of one row, all else flat."""
    if values.ndim == 2:
        return values[:, None, :]
    return values if values.ndim in (1, 3) else values.reshape(-1)
