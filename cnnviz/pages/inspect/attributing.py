"""Asks a network which pixels speak for a class, in every way; no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.errors import InputError
from cnnviz.nn.network import ACTIVATIONS
from cnnviz.widgets import numbers
from cnnviz.widgets.probability_bars import percentage as percentage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from cnnviz.nn.attribution import Attribution, GradCam, IntegratedGradients
    from cnnviz.nn.occlusion import Occlusion
    from cnnviz.nn.probing import Floats, Prediction
    from cnnviz.pages.inspect.asked import Asked
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
    from cnnviz.pages.inspect.why_state import Attributing


NO_MAPS = "Grad-CAM weighs the maps of a layer; this network has none."
ONE_SCORE = (
    "This network gives one number, so there is no class whose probability could fall."
)


@dataclass(frozen=True, eq=False)
class Found:
    """What is known so far; None for what is still to come.

    Attributes
    ----------
    target : int
        The class that is explained.
    refusals : dict of str
        By a tile's key, why it stays empty.
    """

    target: int
    prediction: Prediction
    saliency: Attribution | None = None
    product: Attribution | None = None
    integrated: IntegratedGradients | None = None
    cam: GradCam | None = None
    refusals: Mapping[str, str] = field(default_factory=dict)
    occlusion: Occlusion | None = None


def mapped_layers(asked: Asked) -> tuple[str, ...]:
    """Return the layers whose maps Grad-CAM can weigh.

    Of our chains the convolutions, of other modules every step with maps.
    """
    return tuple(
        stage.name
        for stage in asked.stages
        if (stage.kind == "conv" if asked.own else _has_places(stage.shape))
    )


def _has_places(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and shape[1] * shape[2] > 1


def chosen_layer(asked: Asked, wanted: str) -> str:
    """Return the wanted layer if it has maps, else the last; empty for none."""
    found = mapped_layers(asked)
    return wanted if wanted in found else found[-1] if found else ""


def activated(asked: Asked, layer: str) -> str:
    """Return the activation right behind a layer of ours, or the layer itself.

    Selvaraju et al. weigh a convolution's maps after its ReLU.
    """
    names = asked.names
    after = names.index(layer) + 1
    found = after < len(names) and asked.stages[after].kind in ACTIVATIONS
    return names[after] if found and asked.own else layer


def attribute(
    kept: Kept, inputs: Inputs, settings: Attributing
) -> Generator[Found, None, None]:
    """Explain a class, the quick ways first; may be closed at any yield."""
    from cnnviz.nn import probing

    module = kept.module(inputs.asked, inputs.span)
    prediction = probing.predict(module, inputs.picture)
    classes = len(prediction.scores)
    wanted = settings.target if settings.target < classes else -1
    target = prediction.label if wanted < 0 else wanted
    found = _by_gradient(module, inputs, settings, Found(target, prediction))
    yield found
    for further in _by_steps(module, inputs, settings, found):
        found = further
        yield found
    if classes == 1:
        yield replace(found, refusals={**found.refusals, "occlusion": ONE_SCORE})
        return
    yield from _by_covering(module, inputs, settings, found)


def _by_gradient(
    module: Any, inputs: Inputs, settings: Attributing, found: Found
) -> Found:
    """Add what takes one gradient."""
    from cnnviz.nn import attribution

    picture, target, asked = inputs.picture, found.target, inputs.asked
    layer = chosen_layer(asked, settings.layer)
    try:
        found = replace(
            found,
            saliency=attribution.saliency(module, picture, target),
            product=attribution.gradient_times_input(module, picture, target),
        )
    except InputError as error:
        keys = ("saliency", "product", "integrated", "cam")
        return replace(found, refusals=dict.fromkeys(keys, str(error)))
    if not layer:
        return replace(found, refusals={"cam": NO_MAPS})
    try:
        name = activated(asked, layer)
        return replace(found, cam=attribution.grad_cam(module, picture, name, target))
    except InputError as error:
        return replace(found, refusals={"cam": str(error)})


def _by_steps(
    module: Any, inputs: Inputs, settings: Attributing, found: Found
) -> Iterator[Found]:
    from cnnviz.nn import attribution

    if "integrated" in found.refusals:
        return
    for integrated in attribution.integrated_gradients(
        module, inputs.picture, found.target, steps=settings.steps
    ):
        found = replace(found, integrated=integrated)
        yield found


def _by_covering(
    module: Any, inputs: Inputs, settings: Attributing, found: Found
) -> Iterator[Found]:
    from cnnviz.nn.occlusion import occlusion

    rows, columns = inputs.picture.shape[1:]
    low, high = inputs.asked.span
    for covered in occlusion(
        module,
        inputs.picture,
        found.target,
        window=(min(settings.window, rows), min(settings.window, columns)),
        stride=(settings.stride, settings.stride),
        fill=low + settings.fill * (high - low),
    ):
        found = replace(found, occlusion=covered)
        yield found


# ------------------------------------------------------------------ in words


def described(
    found: Found, name: str, layer: str, nothing: str = "black"
) -> Iterator[tuple[str, Floats, str]]:
    """Yield what is known: its key, its heat (H, W) and a sentence.

    Parameters
    ----------
    name, layer : str
        What the class, and Grad-CAM's layer, are called.
    nothing : str
        What the picture is called that integrated gradients start from.
    """
    if found.saliency:
        words = about_saliency(found.saliency, name)
        yield "saliency", found.saliency.heat, words
    if found.product:
        yield "product", found.product.heat, about_product(found.product)
    if found.integrated:
        words = about_integrated(found.integrated, nothing)
        yield "integrated", found.integrated.heat, words
    if found.cam:
        yield "cam", found.cam.heat, about_cam(found.cam, layer)
    if found.occlusion:
        words = about_occlusion(found.occlusion, name)
        yield "occlusion", found.occlusion.heat, words


def about_saliency(found: Attribution, name: str) -> str:
    """Say where the score is steepest."""
    row, column = divmod(int(found.heat.argmax()), found.heat.shape[1])
    most = numbers.approx(found.heat.max(), 3)
    return (
        f"|∂s/∂x|, s the score of {name}: at most {most}, at row {row}, "
        f"column {column}."
    )


def about_product(found: Attribution) -> str:
    """Say what gradient × input adds up to, and what the score is."""
    total = numbers.approx(found.heat.sum(dtype=np.float64), 4)
    score = numbers.approx(np.float32(found.score), 4)
    return f"x · ∂s/∂x: in all {total}, which need not be the score, {score}."


def about_integrated(found: IntegratedGradients, nothing: str = "black") -> str:
    """Say how nearly the sum is the difference of the scores."""
    if found.done < found.total:
        return f"{found.done} of {found.total} steps from {nothing} to the picture."
    total = numbers.approx(found.heat.sum(dtype=np.float64), 4)
    rise = numbers.approx(np.float32(found.score - found.baseline_score), 4)
    gap = numbers.approx(np.float32(abs(found.gap)), 2)
    return (
        f"In all {total}; s rises from {nothing} by {rise}: a gap of {gap} after "
        f"{found.total} steps."
    )


def about_cam(found: GradCam, layer: str) -> str:
    """Say what was weighed and added."""
    rows, columns = found.coarse.shape
    nothing = "" if found.coarse.any() else " Nothing is above 0."
    return (
        f"ReLU(Σ αA) over {len(found.weights)} maps A of {layer}, {rows} × {columns}; "
        f"α is the mean of ∂s/∂A.{nothing}"
    )


def about_occlusion(found: Occlusion, name: str) -> str:
    """Say how far the probability falls at worst."""
    least = float(np.nanmin(found.probabilities))
    height, width = found.window
    return (
        f"p of {name} is {percentage(found.probability)}; with the worst "
        f"{height} × {width} covered {percentage(least)}. Orange: p falls."
    )
