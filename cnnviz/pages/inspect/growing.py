"""Grows a picture for a channel, step by step, and finds its favourites; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz.nn.network import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cnnviz.nn.dreaming import DreamStep
    from cnnviz.nn.favourites import Favourites
    from cnnviz.pages.inspect.asked import Asked
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
    from cnnviz.pages.inspect.why_state import Dreaming

PLAIN = {*ACTIVATIONS, "flatten", "dropout", "reshape", "softmax"}
"""Layers that have no channels of their own."""

TOP = 9


@dataclass(frozen=True, eq=False)
class Grown:
    """Some steps more.

    Attributes
    ----------
    question : object
        What they answer.
    steps : tuple of DreamStep
    """

    question: object
    steps: tuple[DreamStep, ...]


class Grower:
    """Keeps the picture that grows, for one thread alone.

    Parameters
    ----------
    kept : Kept
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._question: object = None
        self._growing: Iterator[DreamStep] = iter(())

    def grow(
        self, question: object, inputs: Inputs, settings: Dreaming, count: int
    ) -> Grown:
        """Go on by so many steps; another question begins anew."""
        if question != self._question:
            self._growing = _dream(self._kept, inputs, settings)
            self._question = question
        steps = tuple(next(self._growing) for _ in range(count))
        return Grown(question, steps)


def _dream(kept: Kept, inputs: Inputs, settings: Dreaming) -> Iterator[DreamStep]:
    from cnnviz.nn.dreaming import Dream, dream

    asked = inputs.asked
    layer, channel = chosen(asked, settings)
    start: Any = asked.input if settings.start == "noise" else inputs.picture
    helps = Dream(
        settings.step,
        settings.jitter,
        settings.blur,
        variation=settings.variation,
        seed=settings.seed,
    )
    module = kept.module(asked, inputs.span)
    return dream(module, layer, channel, start, helps)


def layers(asked: Asked) -> tuple[str, ...]:
    """Return the layers that have channels or units of their own, or all."""
    found = tuple(stage.name for stage in asked.stages if stage.kind not in PLAIN)
    return found or asked.names


def chosen(asked: Asked, settings: Dreaming) -> tuple[str, int]:
    """Return the wanted layer and channel, or those nearest to them that exist."""
    names = layers(asked)
    layer = settings.layer if settings.layer in names else names[-1]
    return layer, min(settings.channel, channels(asked, layer) - 1)


def channels(asked: Asked, layer: str) -> int:
    """Return how many maps or units a layer has."""
    return asked.stage(layer).shape[0]


def classed(asked: Asked, layer: str) -> bool:
    """Whether the channels of a layer are the classes."""
    last = layers(asked)[-1]
    return layer == last and channels(asked, layer) == len(asked.classes)


def favourites(
    kept: Kept, inputs: Inputs, layer: str
) -> Generator[Favourites, None, None]:
    """Look through the test set for the strongest pictures of each channel."""
    from cnnviz.nn.favourites import favourites

    assert inputs.data is not None
    module = kept.module(inputs.asked, inputs.span)
    yield from favourites(module, inputs.data.test, layer, TOP)
