"""A network as the views beside the layers ask it: a chain of ours or any module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.nn.terms import INPUT
from cnnviz.pages.inspect.stages import chain_stages
from cnnviz.pages.inspect.subject import Subject
from cnnviz.widgets import numbers

if TYPE_CHECKING:
    from cnnviz.nn.foreign import Inspected
    from cnnviz.nn.probing import Floats
    from cnnviz.pages.inspect.stages import Seen, Stage
    from cnnviz.pages.inspect.subject import Handed

    Span = tuple[float, float]

PIXELS: Span = (0.0, 1.0)


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked.

    Attributes
    ----------
    subject : Subject or Handed
    stages : tuple of Stage
        Its layers, without the picture and our softmax.
    classes : tuple of str
        As many as it has scores.
    input : (channels, rows, columns)
        A curve is a picture of one row, a list of numbers one of one channel and row.
    span : (low, high)
        The values that black and white stand for.
    inspected : Inspected or None
        What was taken down of a module of others.
    """

    subject: Subject | Handed
    stages: tuple[Stage, ...]
    classes: tuple[str, ...]
    input: tuple[int, int, int]
    span: Span = PIXELS
    inspected: Inspected | None = None

    @property
    def own(self) -> bool:
        """Whether it is a chain that cnnviz describes."""
        return self.inspected is None

    @property
    def names(self) -> tuple[str, ...]:
        """The layers' names."""
        return tuple(stage.name for stage in self.stages)

    def stage(self, name: str) -> Stage:
        """Return a layer; a KeyError if there is none such."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def title(self, name: str) -> str:
        """Return what a layer, or the picture, is called on the screen."""
        return "Pixels" if name == INPUT else self.stage(name).title

    def same(self, other: Asked) -> bool:
        """Whether they answer alike."""
        if not self.own or not other.own:
            mine, theirs = ((one.subject, one.names) for one in (self, other))
            return mine == theirs and self.span == other.span
        assert isinstance(self.subject, Subject) and isinstance(other.subject, Subject)
        return (
            self.subject.network == other.subject.network
            and self.subject.weights is other.subject.weights
            and self.classes == other.classes
        )

    @property
    def key(self) -> object:
        """What answers depend on that do not depend on the picture."""
        if isinstance(self.subject, Subject):
            return id(self.subject.weights)
        return id(self.subject), self.span, self.names

    def module(self, span: Span) -> Any:
        """Return a module of torch that takes (N, C, H, W) and gives scores.

        Parameters
        ----------
        span : (low, high)
            What 0 and 1 stand for, of a module of others.
        """
        if isinstance(self.subject, Subject):
            from cnnviz.nn import replay

            return replay.module_of(self.subject.network, self.subject.weights)
        from cnnviz.nn.scoring import Scores

        assert self.inspected is not None
        return Scores(self.subject.module, self.inspected, span)

    def unit(self, picture: Floats) -> Floats:
        """Return a picture with black as 0 and white as 1."""
        if self.span == PIXELS:
            return picture
        low, high = self.span
        unit: Floats = ((picture - low) / (high - low)).astype(np.float32)
        return unit

    def shares(self, seen: Seen) -> Floats | None:
        """Return the shares of the classes, float32 (classes,), None if unknown."""
        if self.inspected is None:
            return seen.probabilities
        from cnnviz.nn.scoring import shares

        return shares(self.inspected)

    # ---------------------------------------------------------------- in words

    @property
    def nothing(self) -> str:
        """What a picture of zeros is called."""
        return "black" if self.span[0] == 0 else "0"

    @property
    def ranged(self) -> str:
        """A sentence on what 0 to 1 means; empty where pixels go from 0 to 1."""
        if self.span == PIXELS:
            return ""
        low, high = (numbers.approx(np.float32(n), 3) for n in self.span)
        return (
            f" Here 0 to 1 stands for {low} to {high}, the least and the largest value "
            "of the input."
        )

    @property
    def scored(self) -> str:
        """A sentence on what the score of a class is, where that is not plain."""
        if self.inspected is None:
            return ""
        from cnnviz.nn.scoring import gives_shares

        if gives_shares(self.inspected):
            return " It ends in softmax, so s is ln p."
        result = self.inspected.step(self.inspected.result).output
        return " s is the mean over the class’s map." if result.ndim > 1 else ""


@lru_cache(8)
def of_chain(subject: Subject) -> Asked:
    """Return a chain of ours."""
    return Asked(
        subject, chain_stages(subject)[1:-1], subject.classes, subject.network.input
    )


def of_module(handed: Handed, seen: Seen) -> Asked:
    """Return a module of others.

    Raises
    ------
    InputError
        Its input is neither a picture nor a curve nor a list of numbers.
    """
    from cnnviz.nn import scoring

    inspected = seen.inspected
    assert inspected is not None
    picture = planes(inspected.input)
    steps = {step.name for step in inspected.steps}
    stages = tuple(stage for stage in seen.stages if stage.name in steps)
    count = scoring.classes(inspected)
    told = handed.classes
    classes = told if len(told) == count else tuple(map(str, range(count)))
    low, high = float(picture.min()), float(picture.max())
    span = PIXELS if low >= 0 and high <= 1 else (low, max(high, low + 1e-6))
    channels, rows, columns = picture.shape
    return Asked(handed, stages, classes, (channels, rows, columns), span, inspected)


def of(subject: Subject | Handed | None, seen: Seen | None) -> Asked | None:
    """Return a network that is open; a module of others once it was seen.

    Raises
    ------
    InputError
        See :func:`of_module`.
    """
    if isinstance(subject, Subject):
        return of_chain(subject)
    if subject is None or seen is None or seen.inspected is None:
        return None
    return of_module(subject, seen)


def planes(values: Floats) -> Floats:
    """Return what a network takes as a picture (C, H, W); see :attr:`Asked.input`.

    Raises
    ------
    InputError
        It cannot be one.
    """
    if not 1 <= values.ndim <= 3:
        shape = " × ".join(map(str, values.shape))
        raise InputError(
            f"The input of {shape} is neither a picture nor a curve, so this network "
            "shows its layers only."
        )
    if values.ndim == 2:
        return values[:, None]
    return values if values.ndim == 3 else values[None, None]
