"""A picture that a channel or a class answers to most, grown step by step.

Gradient ascent on the picture (Erhan et al. 2009, "Visualizing higher-layer features of
a deep network") with the helps that keep it a picture: jitter (Mordvintsev, Olah and
Tyka 2015, "Inceptionism"), blur and L2 decay (Yosinski et al., arXiv:1506.06579) and
total variation (Mahendran and Vedaldi, arXiv:1412.0035).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import conv2d, pad

from cnnviz.errors import InputError
from cnnviz.nn.probing import (
    as_batch,
    evaluating,
    guarded,
    slope,
    to_numpy,
    watched,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor, nn

    from cnnviz.nn.probing import Floats


@dataclass(frozen=True)
class Dream:
    """How a picture grows; all helps at 0 is plain gradient ascent.

    Attributes
    ----------
    step : float
        How far the picture goes in a step, above 0 and up to 1: the gradient has a
        mean square of 1 before.
    jitter : int
        The most pixels, 0 to 8, that the picture is rolled by for a step.
    blur : float
        Standard deviation in pixels, 0 to 4, of a blur after every `blur_every` steps.
    blur_every : int
        1 or more.
    variation : float
        Weight, 0 to 10, of the total variation, which counts against rough pictures.
    decay : float
        Share of the picture, 0 up to 0.5, that is taken away in each step.
    seed : int
        Draws the noise at the start and the jitter.
    """

    step: float = 0.05
    jitter: int = 1
    blur: float = 0.5
    blur_every: int = 4
    variation: float = 0.1
    decay: float = 0.01
    seed: int = 0

    def why_invalid(self) -> str | None:
        """Say in one sentence why this cannot be done, or None."""
        for field, (low, high) in RANGES.items():
            value = getattr(self, field)
            if not low <= value <= high:
                name = field.replace("_", " ")
                return f"A {name} of {value:g} does not work: {low:g} to {high:g} does."
        return None


RANGES: dict[str, tuple[float, float]] = {
    "step": (1e-4, 1.0),
    "jitter": (0, 8),
    "blur": (0.0, 4.0),
    "blur_every": (1, 1000),
    "variation": (0.0, 10.0),
    "decay": (0.0, 0.5),
}


@dataclass(frozen=True, eq=False)
class DreamStep:
    """A picture on its way.

    Attributes
    ----------
    number : int
        0 for the start.
    picture : float32 (C, H, W)
        0 to 1.
    activation : float
        The mean over the channel's map, or the unit's value, for this picture.
    """

    number: int
    picture: Floats
    activation: float


def dream(
    module: nn.Module,
    layer: str,
    channel: int,
    start: Floats | tuple[int, int, int],
    settings: Dream = Dream(),
) -> Iterator[DreamStep]:
    """Grow a picture for a channel of a layer, without end; take as many as you like.

    A pause is not asking for the next one. For a class, take the last layer, whose
    channels are the classes.

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    layer : str
    channel : int
        A map of the layer, or a unit.
    start : float32 (C, H, W) or a shape
        A picture to begin with, 0 to 1; or the shape of one, which begins as noise.
    settings : Dream

    Yields
    ------
    DreamStep
        The start, then the picture after each step.

    Raises
    ------
    InputError
        The settings, the layer or the channel do not work, or the channel answers
        nothing at all to the start.
    """
    if reason := settings.why_invalid():
        raise InputError(reason)
    draw = np.random.default_rng(settings.seed)
    if isinstance(start, tuple):
        start = draw.normal(0.5, 0.1, start).clip(0, 1).astype(np.float32)
    picture = as_batch(module, start)
    number = 0
    while True:
        down, right = draw.integers(-settings.jitter, settings.jitter + 1, 2).tolist()
        rolled = torch.roll(picture, (down, right), (2, 3))
        gradient = _ascent(module, layer, channel, rolled)
        gradient = torch.roll(gradient, (-down, -right), (2, 3))
        if number == 0 and not bool(gradient.any()):
            raise InputError(
                f"Channel {channel} of {layer} answers nothing to this start, so there "
                "is no way up: begin with another picture or take the layer before."
            )
        yield DreamStep(
            number, to_numpy(picture[0]), _value(module, layer, channel, picture)
        )
        number += 1
        picture = _moved(picture, gradient, settings)
        if settings.blur and number % settings.blur_every == 0:
            picture = blurred(picture, settings.blur)


def _ascent(module: nn.Module, layer: str, channel: int, picture: Tensor) -> Tensor:
    """Return the gradient of the activation by the picture."""
    with evaluating(module), torch.enable_grad(), watched(module, [layer]) as seen:
        inputs = picture.detach().requires_grad_()
        with guarded(module, inputs):
            module(inputs)
        return slope(_activation(seen, layer, channel), inputs)


def _value(module: nn.Module, layer: str, channel: int, picture: Tensor) -> float:
    with evaluating(module), torch.no_grad(), watched(module, [layer]) as seen:
        module(picture)
        return _activation(seen, layer, channel).item()


def _activation(seen: dict[str, Tensor], layer: str, channel: int) -> Tensor:
    """Return the mean over one channel."""
    output = seen.get(layer)
    if output is None or output.ndim < 2:
        raise InputError(f"{layer} has no channels: choose another layer.")
    if not 0 <= channel < output.shape[1]:
        raise InputError(
            f"{layer} has no channel {channel}: choose 0 to {output.shape[1] - 1}."
        )
    value = output[0, channel].mean()
    if not bool(torch.isfinite(value)):
        raise InputError(
            f"Channel {channel} of {layer} is not finite: the network's weights or the "
            "picture are not numbers; choose another."
        )
    return value


def _moved(picture: Tensor, gradient: Tensor, settings: Dream) -> Tensor:
    gradient = gradient / gradient.square().mean().sqrt().clamp(min=1e-12)
    if settings.variation:
        gradient = gradient - settings.variation * variation_gradient(picture)
    kept = picture * (1 - settings.decay)
    return (kept + settings.step * gradient).clamp(0, 1)


def variation_gradient(picture: Tensor) -> Tensor:
    """Return the gradient of half the sum of squared differences of neighbours.

    The smooth total variation of Mahendran and Vedaldi, equation 4 with β = 2.
    """
    down, right = picture.diff(dim=2), picture.diff(dim=3)
    return (
        pad(down, (0, 0, 1, 0))
        - pad(down, (0, 0, 0, 1))
        + pad(right, (1, 0))
        - pad(right, (0, 1))
    )


def blurred(picture: Tensor, deviation: float) -> Tensor:
    """Blur (N, C, H, W) with a Gaussian, its edges repeated."""
    reach, channels = math.ceil(3 * deviation), picture.shape[1]
    places = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    weights = torch.exp(-(places**2) / (2 * deviation**2))
    across = (weights / weights.sum()).expand(channels, 1, 1, -1)
    down = across.transpose(2, 3)
    picture = pad(picture, (reach, reach, reach, reach), "replicate")
    return conv2d(conv2d(picture, across, groups=channels), down, groups=channels)
