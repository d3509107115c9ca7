"""Asks for a change that fools a network, and for accuracy against its size; no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.errors import InputError
from cnnviz.pages.inspect.why_state import MOST_EPSILON
from cnnviz.widgets import numbers
from cnnviz.widgets.probability_bars import percentage as percentage

if TYPE_CHECKING:
    from collections.abc import Generator

    from cnnviz.nn.adversarial import Adversarial, Attack
    from cnnviz.nn.probing import Floats
    from cnnviz.nn.robustness import AccuracyCurve
    from cnnviz.pages.inspect.asking_view import Inputs, Kept
from cnnviz.pages.inspect.why_state import Attacking

POINTS = 11
"""Of the curve, from 0 to the greatest epsilon."""


def attack(kept: Kept, inputs: Inputs, settings: Attacking) -> Adversarial:
    """Change the picture."""
    from cnnviz.nn.adversarial import perturb

    module = kept.module(inputs.asked, inputs.span)
    if len(inputs.classes) == 1:
        raise InputError(
            "This network gives one number, so there is no class to lead it away from."
        )
    wanted = 0 <= settings.target < len(inputs.classes)
    target = settings.target if wanted else None
    return perturb(module, inputs.picture, _attack(settings), target=target)


def measure(
    kept: Kept, inputs: Inputs, settings: Attacking
) -> Generator[AccuracyCurve, None, None]:
    """Attack the test set at epsilons from 0 to the greatest."""
    from cnnviz.nn.robustness import accuracy_curve

    assert inputs.data is not None
    if len(inputs.data.classes) > len(inputs.classes):
        raise InputError("The test set knows more classes than this network.")
    module = kept.module(inputs.asked, inputs.span)
    epsilons = np.linspace(0, MOST_EPSILON[settings.norm], POINTS).tolist()
    yield from accuracy_curve(module, inputs.data.test, epsilons, _attack(settings))


def curve_key(settings: Attacking) -> tuple[object, ...]:
    """Return what the curve depends on: it is untargeted, at every epsilon."""
    steps = settings.steps if settings.method == "pgd" else 0
    return settings.method, settings.norm, steps


def _attack(settings: Attacking) -> Attack:
    from cnnviz.nn.adversarial import Attack

    return Attack(
        settings.method, settings.norm, settings.epsilon, steps=settings.steps
    )


def strongest(change: Floats) -> Floats:
    """Return (H, W) of (C, H, W): of each pixel the channel that changes most."""
    places = np.abs(change).argmax(axis=0, keepdims=True)
    found: Floats = np.take_along_axis(change, places, axis=0)[0]
    return found


def in_words(found: Adversarial, classes: tuple[str, ...]) -> str:
    """Say how large the change is and what became of the answer."""
    most = numbers.approx(np.abs(found.perturbation).max(), 3)
    length = numbers.approx(np.float32(np.linalg.norm(found.perturbation)), 3)
    before, after = found.before, found.after
    share, name = percentage(after.probability), classes[after.label]
    if before.label == after.label:
        end = f"It is still taken for {name}, with {share}."
    else:
        end = f"{classes[before.label]} is taken for {name}, with {share}."
    if found.targeted and not found.fooled:
        end += f" It was to be {classes[found.label]}: raise ε or take PGD."
    return f"At most {most} a pixel; length {length}. {end}"
