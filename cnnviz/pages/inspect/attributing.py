"""Asks a network which pixels speak for a class, in every way; no Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn.network import ACTIVATIONS
from cnnviz.widgets import numbers
from cnnviz.widgets.probability_bars import percentage as percentage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from cnnviz.nn.attribution import Attribution, GradCam, IntegratedGradients
    from cnnviz.nn.network import Network
    from cnnviz.nn.occlusion import Occlusion
    from cnnviz.nn.probing import Floats, Prediction
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
    from cnnviz.pages.inspect.why_state import Attributing


@dataclass(frozen=True, eq=False)
class Found:
    """What is known so far; None for what is still to come.

    Attributes
    ----------
    target : int
        The class that is explained.
    refusal : str
        Why there is no Grad-CAM; empty if there is one.
    """

    target: int
    prediction: Prediction
    saliency: Attribution | None = None
    product: Attribution | None = None
    integrated: IntegratedGradients | None = None
    cam: GradCam | None = None
    refusal: str = ""
    occlusion: Occlusion | None = None


def conv_layers(network: Network) -> tuple[str, ...]:
    """Return the layers whose maps Grad-CAM can weigh: the convolutions."""
    pairs = zip(network.names, network.layers, strict=True)
    return tuple(name for name, layer in pairs if layer.kind == "conv")


def chosen_layer(network: Network, wanted: str) -> str:
    """Return the wanted layer if it is a convolution, else the last; empty for none."""
    found = conv_layers(network)
    return wanted if wanted in found else found[-1] if found else ""


def activated(network: Network, layer: str) -> str:
    """Return the activation right behind a layer, or the layer if there is none.

    Selvaraju et al. weigh a convolution's maps after its ReLU.
    """
    names = network.names
    after = names.index(layer) + 1
    found = after < len(names) and network.layers[after].kind in ACTIVATIONS
    return names[after] if found else layer


def attribute(
    kept: Kept, inputs: Inputs, settings: Attributing
) -> Generator[Found, None, None]:
    """Explain a class, the quick ways first; may be closed at any yield."""
    from cnnviz.nn import attribution, probing
    from cnnviz.nn.occlusion import occlusion

    module = kept.module(inputs.network, inputs.weights)
    picture = inputs.picture
    prediction = probing.predict(module, picture)
    classes = len(prediction.scores)
    wanted = settings.target if settings.target < classes else -1
    target = prediction.label if wanted < 0 else wanted
    found = Found(
        target,
        prediction,
        attribution.saliency(module, picture, target),
        attribution.gradient_times_input(module, picture, target),
    )
    layer = chosen_layer(inputs.network, settings.layer)
    if layer:
        cam = attribution.grad_cam(
            module, picture, activated(inputs.network, layer), target
        )
        found = replace(found, cam=cam)
    else:
        refusal = "Grad-CAM weighs the maps of a convolution; this network has none."
        found = replace(found, refusal=refusal)
    yield found
    for integrated in attribution.integrated_gradients(
        module, picture, target, steps=settings.steps
    ):
        found = replace(found, integrated=integrated)
        yield found
    rows, columns = picture.shape[1:]
    for covered in occlusion(
        module,
        picture,
        target,
        window=(min(settings.window, rows), min(settings.window, columns)),
        stride=(settings.stride, settings.stride),
        fill=settings.fill,
    ):
        found = replace(found, occlusion=covered)
        yield found


# ------------------------------------------------------------------ in words


def described(found: Found, name: str, layer: str) -> Iterator[tuple[str, Floats, str]]:
    """Yield what is known: its key, its heat (H, W) and a sentence.

    Parameters
    ----------
    name, layer : str
        What the class, and Grad-CAM's layer, are called.
    """
    if found.saliency:
        words = about_saliency(found.saliency, name)
        yield "saliency", found.saliency.heat, words
    if found.product:
        yield "product", found.product.heat, about_product(found.product)
    if found.integrated:
        words = about_integrated(found.integrated)
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


def about_integrated(found: IntegratedGradients) -> str:
    """Say how nearly the sum is the difference of the scores."""
    if found.done < found.total:
        return f"{found.done} of {found.total} steps from black to the picture."
    total = numbers.approx(found.heat.sum(dtype=np.float64), 4)
    rise = numbers.approx(np.float32(found.score - found.baseline_score), 4)
    gap = numbers.approx(np.float32(abs(found.gap)), 2)
    return (
        f"In all {total}; s rises from black by {rise}: a gap of {gap} after "
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
