"""Small changes that fool a network: FGSM and PGD, in pixel units of 0 to 1.

Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples",
arXiv:1412.6572; Madry et al., "Towards deep learning models resistant to adversarial
attacks", arXiv:1706.06083.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import torch

from cnnviz.errors import InputError
from cnnviz.nn.probing import (
    Prediction,
    as_batch,
    evaluating,
    predict,
    run,
    slope,
    to_numpy,
)

if TYPE_CHECKING:
    from torch import Tensor, nn

    from cnnviz.nn.probing import Floats

Method = Literal["fgsm", "pgd"]
Norm = Literal["linf", "l2"]
METHODS: tuple[Method, ...] = get_args(Method)
NORMS: tuple[Norm, ...] = get_args(Norm)

MAX_STEPS = 200
_TINY = 1e-12  # keeps the length of a gradient that is 0 from dividing


@dataclass(frozen=True)
class Attack:
    """How a picture is changed.

    Attributes
    ----------
    method : {"fgsm", "pgd"}
        One step along the gradient, or several, each brought back into the ball.
    norm : {"linf", "l2"}
        What `epsilon` limits: every pixel's change, or the length of the whole change.
    epsilon : float
        At least 0, where a pixel goes from 0 to 1.
    steps : int
        1 to 200, of PGD.
    step : float
        Of one step of PGD; 0 takes 2.5 · epsilon / steps, as Madry et al. do.
    random_start : bool
        Whether PGD begins somewhere in the ball, which `seed` draws.
    """

    method: Method = "fgsm"
    norm: Norm = "linf"
    epsilon: float = 0.1
    steps: int = 10
    step: float = 0.0
    random_start: bool = False
    seed: int = 0

    def why_invalid(self) -> str | None:
        """Say in one sentence why this cannot be done, or None."""
        if not 0 <= self.epsilon <= 1000:
            return f"An epsilon of {self.epsilon:g} does not work: choose 0 or more."
        if not 1 <= self.steps <= MAX_STEPS:
            return f"{self.steps} steps do not work: choose 1 to {MAX_STEPS}."
        if not 0 <= self.step <= 1000:
            return f"A step of {self.step:g} does not work: choose 0 or more."
        return None


@dataclass(frozen=True, eq=False)
class Adversarial:
    """A picture, its change and what a network says of both.

    Attributes
    ----------
    original, result : float32 (C, H, W)
        0 to 1.
    perturbation : float32 (C, H, W)
        ``result − original``.
    before, after : Prediction
    label : int
        The class led away from; for a targeted attack, the one led to.
    targeted : bool
    """

    original: Floats
    result: Floats
    perturbation: Floats
    before: Prediction
    after: Prediction
    label: int
    targeted: bool

    @property
    def fooled(self) -> bool:
        """Whether the attack got what it was for."""
        return (self.after.label == self.label) == self.targeted

    @property
    def factor(self) -> float:
        """A round factor (1, 2, 5, 10, …) that brings the change to half a scale."""
        largest = float(np.abs(self.perturbation).max())
        if largest == 0:
            return 1.0
        room = 0.5005 / largest  # 0.1 in float32 is to have 5 as well
        power = 10.0 ** np.floor(np.log10(room))
        return float(next(n for n in (5, 2, 1) if n * power <= room) * power)

    @property
    def magnified(self) -> Floats:
        """The change times :attr:`factor` on mid-grey, 0 to 1."""
        grey = np.float32(0.5) + np.float32(self.factor) * self.perturbation
        return np.asarray(grey.clip(0, 1), np.float32)


def perturb(
    module: nn.Module,
    picture: Floats,
    attack: Attack,
    *,
    label: int | None = None,
    target: int | None = None,
) -> Adversarial:
    """Change one picture so that the network errs.

    Parameters
    ----------
    module : nn.Module
        Left as it was.
    picture : float32 (C, H, W)
        0 to 1.
    attack : Attack
    label : int, optional
        The true class, to be led away from; else the one predicted.
    target : int, optional
        A class to be led to, in place of only away from `label`.

    Raises
    ------
    InputError
        The attack or the class does not work, or the network cannot take the picture.
    """
    before = predict(module, picture)
    goal = target if target is not None else before.label if label is None else label
    if not 0 <= goal < len(before.scores):
        raise InputError(
            f"This network has no class {goal}: choose 0 to {len(before.scores) - 1}."
        )
    batch = as_batch(module, picture)
    goals = torch.tensor([goal], device=batch.device)
    changed = attacked(module, batch, goals, attack, targeted=target is not None)
    result = to_numpy(changed[0])
    return Adversarial(
        picture,
        result,
        result - picture,
        before,
        predict(module, result),
        goal,
        target is not None,
    )


def attacked(
    module: nn.Module,
    pictures: Tensor,
    goals: Tensor,
    attack: Attack,
    *,
    targeted: bool = False,
) -> Tensor:
    """Return changed pictures (N, C, H, W), clipped to 0…1 and without gradients.

    Parameters
    ----------
    pictures : float32 (N, C, H, W)
    goals : int64 (N,)
        Classes to be led away from, or to if `targeted`.
    """
    if reason := attack.why_invalid():
        raise InputError(reason)
    if attack.epsilon == 0:
        return pictures.clone()
    if attack.method == "fgsm":
        gradient = loss_gradient(module, pictures, goals, targeted=targeted)
        return stepped(pictures, gradient, attack.norm, attack.epsilon)
    step = attack.step or 2.5 * attack.epsilon / attack.steps
    changed = _start(pictures, attack) if attack.random_start else pictures
    for _ in range(attack.steps):
        gradient = loss_gradient(module, changed, goals, targeted=targeted)
        changed = changed + step * _direction(gradient, attack.norm)
        change = _limited(changed - pictures, attack.norm, attack.epsilon)
        changed = (pictures + change).clamp(0, 1)
    return changed


def loss_gradient(
    module: nn.Module, pictures: Tensor, goals: Tensor, *, targeted: bool = False
) -> Tensor:
    """Return the gradient (N, C, H, W) along which the attack goes.

    It is that of the cross-entropy of `goals`, turned round if they are targets.
    """
    with evaluating(module), torch.enable_grad():
        inputs = pictures.detach().requires_grad_()
        scores = run(module, inputs)
        loss = torch.nn.functional.cross_entropy(scores, goals, reduction="sum")
        gradient = slope(loss, inputs)
    return -gradient if targeted else gradient


def stepped(pictures: Tensor, gradient: Tensor, norm: Norm, epsilon: float) -> Tensor:
    """Go so far along a gradient, clipped to 0…1: FGSM, given its gradient."""
    return (pictures + epsilon * _direction(gradient, norm)).clamp(0, 1)


def _direction(gradient: Tensor, norm: Norm) -> Tensor:
    return gradient.sign() if norm == "linf" else gradient / _lengths(gradient)


def _limited(change: Tensor, norm: Norm, epsilon: float) -> Tensor:
    if norm == "linf":
        return change.clamp(-epsilon, epsilon)
    return change * (epsilon / _lengths(change)).clamp(max=1)


def _lengths(batch: Tensor) -> Tensor:
    """Return the length of each picture of a batch, (N, 1, 1, 1)."""
    lengths: Tensor = torch.linalg.vector_norm(batch, dim=(1, 2, 3), keepdim=True)
    return lengths.clamp(min=_TINY)


def _start(pictures: Tensor, attack: Attack) -> Tensor:
    """Draw a start in the ball around each picture."""
    generator = torch.Generator().manual_seed(attack.seed)
    noise = torch.rand(pictures.shape, generator=generator).to(pictures.device) * 2 - 1
    change = _limited(noise * attack.epsilon, attack.norm, attack.epsilon)
    return (pictures + change).clamp(0, 1)
