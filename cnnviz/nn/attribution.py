"""Which pixels a score depends on: saliency, integrated gradients, Grad-CAM.

Every function takes a module that maps float32 (N, C, H, W) to scores (N, classes), and
leaves its weights, gradients, mode and hooks alone. What is explained is the score
before softmax, whose gradient does not fade when the network is sure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.probing import as_batch, evaluating, run, slope, to_numpy, watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor, nn

    from cnnviz.nn.probing import Floats

MAX_STEPS = 512
_BATCH = 32


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each input value has to do with a score.

    Attributes
    ----------
    target : int
        The class whose score it is.
    values : float32 (C, H, W)
    heat : float32 (H, W)
        What is drawn: the largest or the sum over the channels.
    score : float
    """

    target: int
    values: Floats
    heat: Floats
    score: float


@dataclass(frozen=True, eq=False)
class IntegratedGradients(Attribution):
    """An attribution whose sum can be checked, or the part of it that is done.

    Attributes
    ----------
    baseline_score : float
        The score of the picture that the path starts from.
    gap : float
        Completeness gap: the sum of all values less the difference of the two scores.
        At the end it is 0 but for the finite number of steps.
    done, total : int
        Steps.
    """

    baseline_score: float
    gap: float
    done: int
    total: int


@dataclass(frozen=True, eq=False)
class GradCam:
    """Where the maps of a layer speak for a class.

    Attributes
    ----------
    target : int
    weights : float32 (maps,)
        The mean gradient of the score over each map.
    coarse : float32 (h, w)
        ReLU of the maps' weighted sum, at their own size.
    heat : float32 (H, W)
        The same, interpolated to the picture's size.
    """

    target: int
    weights: Floats
    coarse: Floats
    heat: Floats


def saliency(
    module: nn.Module, picture: Floats, target: int | None = None
) -> Attribution:
    """Return the magnitude of the gradient, its largest over the channels as heat.

    Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks",
    arXiv:1312.6034.

    Parameters
    ----------
    module : nn.Module
    picture : float32 (C, H, W)
        0 to 1.
    target : int, optional
        A class; else the one with the highest score.

    Raises
    ------
    InputError
        The network cannot take the picture or has no such class.
    """
    gradient, _, target, score = _gradient(module, picture, target)
    values = np.abs(gradient)
    return Attribution(target, values, values.max(axis=0), score)


def gradient_times_input(
    module: nn.Module, picture: Floats, target: int | None = None
) -> Attribution:
    """Return gradient × input, summed over the channels as heat; see :func:`saliency`.

    Shrikumar et al., "Not just a black box", arXiv:1605.01713.
    """
    gradient, picture, target, score = _gradient(module, picture, target)
    values = gradient * picture
    return Attribution(target, values, values.sum(axis=0), score)


def integrated_gradients(
    module: nn.Module,
    picture: Floats,
    target: int | None = None,
    *,
    baseline: Floats | float = 0.0,
    steps: int = 50,
) -> Iterator[IntegratedGradients]:
    """Take (picture − baseline) × the mean gradient on the straight way between them.

    Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks",
    arXiv:1703.01365; the mean is a Gauss-Legendre quadrature.

    Parameters
    ----------
    module, picture, target
        See :func:`saliency`.
    baseline : float32 (C, H, W) or float
        The picture that says nothing; 0 is black.
    steps : int
        1 to 512 points on the way.

    Yields
    ------
    IntegratedGradients
        After every 32 steps, the last one whole; may be closed after any.

    Raises
    ------
    InputError
        See :func:`saliency`; or the baseline or the number of steps does not fit.
    """
    if not 1 <= steps <= MAX_STEPS:
        raise InputError(f"{steps} steps do not work: choose 1 to {MAX_STEPS}.")
    start = np.broadcast_to(np.asarray(baseline, np.float32), picture.shape)
    with evaluating(module), torch.no_grad():
        ends = torch.cat([as_batch(module, picture), as_batch(module, start)])
        scores = run(module, ends)
    target = _chosen(scores, target)
    score, baseline_score = (float(value) for value in scores[:, target])
    change = to_numpy(ends[0] - ends[1])
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    mean = np.zeros_like(change)
    for first in range(0, steps, _BATCH):
        part = slice(first, first + _BATCH)
        places, shares = (nodes[part] + 1) / 2, weights[part] / 2
        mean = mean + _gradients(module, ends, target, places, shares)
        values = change * mean
        yield IntegratedGradients(
            target,
            values,
            values.sum(axis=0),
            score,
            baseline_score,
            float(values.sum(dtype=np.float64)) - (score - baseline_score),
            min(first + _BATCH, steps),
            steps,
        )


def grad_cam(
    module: nn.Module, picture: Floats, layer: str, target: int | None = None
) -> GradCam:
    """Weigh the maps of a layer by their mean gradients, add them and keep what is > 0.

    Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
    gradient-based localization", arXiv:1610.02391.

    Parameters
    ----------
    module, picture, target
        See :func:`saliency`.
    layer : str
        A layer whose output has rows and columns, or is of curves, which count as maps
        of one row. The paper takes a convolution's maps after their ReLU, and so should
        who asks: before it they are mostly negative, and the heat may be 0 everywhere.

    Raises
    ------
    InputError
        See :func:`saliency`; or the layer has no maps.
    """
    with evaluating(module), torch.enable_grad(), watched(module, [layer]) as seen:
        batch = as_batch(module, picture).requires_grad_()
        scores = run(module, batch)
        target = _chosen(scores, target)
        maps = seen.get(layer)
        if maps is None or maps.ndim not in (3, 4) or len(maps) != 1:
            raise InputError(
                f"{layer} has no maps with rows and columns: choose a convolution."
            )
        gradient = slope(scores[0, target], maps)
    if maps.ndim == 3:
        gradient, maps = gradient[:, :, None], maps[:, :, None]
    weights = gradient.mean(dim=(2, 3), keepdim=True)
    coarse = (weights * maps.detach()).sum(dim=1, keepdim=True).relu()
    heat = torch.nn.functional.interpolate(
        coarse, picture.shape[1:], mode="bilinear", align_corners=False
    )
    return GradCam(
        target,
        to_numpy(weights.flatten()),
        to_numpy(coarse[0, 0]),
        to_numpy(heat[0, 0]),
    )


def _gradient(
    module: nn.Module, picture: Floats, target: int | None
) -> tuple[Floats, Floats, int, float]:
    with evaluating(module), torch.enable_grad():
        batch = as_batch(module, picture).requires_grad_()
        scores = run(module, batch)
        target = _chosen(scores, target)
        gradient = slope(scores[0, target], batch)
    score = scores[0, target].item()
    return to_numpy(gradient[0]), to_numpy(batch[0]), target, score


def _chosen(scores: Tensor, target: int | None) -> int:
    if target is None:
        return int(scores[0].argmax())
    if not 0 <= target < scores.shape[1]:
        raise InputError(
            f"This network has no class {target}: choose 0 to {scores.shape[1] - 1}."
        )
    return target


def _gradients(
    module: nn.Module,
    ends: Tensor,
    target: int,
    places: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> Floats:
    """Add up the gradients (C, H, W) at places on the way, each times its share."""
    picture, start = ends
    way, weights = (
        torch.from_numpy(array).to(ends)[:, None, None, None]
        for array in (places, shares)
    )
    with evaluating(module), torch.enable_grad():
        inputs = (start + way * (picture - start)).requires_grad_()
        gradient = slope(run(module, inputs)[:, target].sum(), inputs)
    return to_numpy((gradient * weights).sum(dim=0))
