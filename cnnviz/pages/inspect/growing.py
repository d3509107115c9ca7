"""Grows a picture for a channel, step by step, and finds its favourites; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cnnviz.nn.network import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cnnviz.nn.dreaming import DreamStep
    from cnnviz.nn.favourites import Favourites
    from cnnviz.nn.network import Network
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
    from cnnviz.pages.inspect.why_state import Dreaming

PLAIN = {*ACTIVATIONS, "flatten", "dropout"}
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

    network = inputs.network
    layer, channel = chosen(network, settings)
    start: Any = network.input if settings.start == "noise" else inputs.picture
    helps = Dream(
        settings.step,
        settings.jitter,
        settings.blur,
        variation=settings.variation,
        seed=settings.seed,
    )
    module = kept.module(network, inputs.weights)
    return dream(module, layer, channel, start, helps)


def layers(network: Network) -> tuple[str, ...]:
    """Return the layers that have channels or units of their own."""
    pairs = zip(network.names, network.layers, strict=True)
    return tuple(name for name, layer in pairs if layer.kind not in PLAIN)


def chosen(network: Network, settings: Dreaming) -> tuple[str, int]:
    """Return the wanted layer and channel, or those nearest to them that exist."""
    names = layers(network)
    layer = settings.layer if settings.layer in names else names[-1]
    return layer, min(settings.channel, channels(network, layer) - 1)


def channels(network: Network, layer: str) -> int:
    """Return how many maps or units a layer has."""
    return network.shapes[network.names.index(layer)][0]


def favourites(
    kept: Kept, inputs: Inputs, layer: str
) -> Generator[Favourites, None, None]:
    """Look through the test set for the strongest pictures of each channel."""
    from cnnviz.nn.favourites import favourites

    assert inputs.data is not None
    module = kept.module(inputs.network, inputs.weights)
    yield from favourites(module, inputs.data.test, layer, TOP)
