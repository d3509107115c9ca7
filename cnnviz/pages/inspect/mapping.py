"""Puts test pictures on a plane by what each layer says of them; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnviz.nn.terms import INPUT
from cnnviz.pages.inspect.stages import MINOR

if TYPE_CHECKING:
    from collections.abc import Generator

    import numpy as np
    from numpy.typing import NDArray

    from cnnviz.nn.embedding import Projection
    from cnnviz.pages.inspect.asked import Asked
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
    from cnnviz.pages.inspect.why_state import Mapping

    Floats = NDArray[np.float32]

PASSED_ON = {"flatten", "dropout", "reshape"}
"""Layers whose output is that of the one before."""

PERPLEXITY = 30.0
ITERATIONS = 750

EARLY = (125, 500)
"""After so many pictures the first map is made of those that are there."""


@dataclass(frozen=True, eq=False)
class Mapped:
    """The points known so far.

    Attributes
    ----------
    pictures : int64 (N,)
        Numbers in the test set.
    points : dict of float32 (N, 2)
        By layer.
    words : dict of str
        By layer: what the axes are.
    done, total : int
        Of what is being done now.
    doing : str
        What that is.
    """

    pictures: NDArray[np.int64]
    points: dict[str, Floats]
    words: dict[str, str]
    done: int
    total: int
    doing: str


def layers(asked: Asked) -> tuple[str, ...]:
    """Return what can be chosen: the pixels, and layers that do something."""
    kept = [stage.name for stage in asked.stages if stage.kind not in PASSED_ON]
    return (INPUT, *kept)


def stages(asked: Asked, layer: str) -> tuple[str, ...]:
    """Return the layers that points go through: the main ones, and the chosen one."""
    kinds = {stage.name: stage.kind for stage in asked.stages}
    return tuple(
        name
        for name in layers(asked)
        if name in (INPUT, layer) or kinds[name] not in MINOR
    )


def chosen(asked: Asked, settings: Mapping) -> str:
    """Return the wanted layer, or the last if there is none such."""
    names = layers(asked)
    return settings.layer if settings.layer in names else names[-1]


def project(
    kept: Kept, inputs: Inputs, layer: str, count: int
) -> Generator[Mapped, None, None]:
    """Gather what the layers say and map one after the other, from the last one back.

    That one is small and there at once, of the first pictures before all are gathered;
    each is turned to fit the one behind it.
    """
    from cnnviz.nn.embedding import journey
    from cnnviz.nn.gathering import gather

    assert inputs.data is not None
    module = kept.module(inputs.asked, inputs.span)
    points: tuple[dict[str, Floats], dict[str, str]] = {}, {}
    names = stages(inputs.asked, layer)[::-1]
    reference = None
    for gathered in gather(module, inputs.data.test, names, count):
        if gathered.done in EARLY and gathered.done < gathered.total:
            some = gathered.outputs[names[0]][: gathered.done]
            *_, (early,) = journey([some], reference=reference)
            reference = early.points
            words = f"{_about(early)} of the first {gathered.done:,}"
            points = {names[0]: early.points}, {names[0]: words}
        yield Mapped(
            gathered.pictures, *points, gathered.done, gathered.total, "pictures"
        )
    pictures = gathered.pictures
    rows = (gathered.outputs.pop(name) for name in names)
    for found in journey(rows, reference=reference):
        pairs = list(zip(names, found, strict=False))
        yield Mapped(
            pictures,
            {name: each.points for name, each in pairs},
            {name: _about(each) for name, each in pairs},
            len(found),
            len(names),
            "layers",
        )


def _about(found: Projection) -> str:
    share = 100 * float(found.explained.sum())
    return f"PCA: the two axes hold ≈{share:.0f} % of the variance"


def lay_out(
    kept: Kept, inputs: Inputs, layer: str, count: int
) -> Generator[Mapped, None, None]:
    """Gather what one layer says and lay it out by t-SNE."""
    from cnnviz.nn.embedding import tsne
    from cnnviz.nn.gathering import gather

    assert inputs.data is not None
    module = kept.module(inputs.asked, inputs.span)
    for gathered in gather(module, inputs.data.test, [layer], count):
        yield Mapped(
            gathered.pictures, {}, {}, gathered.done, gathered.total, "pictures"
        )
    # To find who is near whom takes seconds in which nothing else is to be told.
    yield Mapped(gathered.pictures, {}, {}, 0, ITERATIONS, "iterations")
    words = f"t-SNE, perplexity {PERPLEXITY:g}: only neighbours mean something"
    for step in tsne(gathered.outputs[layer], PERPLEXITY, ITERATIONS):
        yield Mapped(
            gathered.pictures,
            {layer: step.points},
            {layer: words},
            step.done,
            step.total,
            "iterations",
        )
