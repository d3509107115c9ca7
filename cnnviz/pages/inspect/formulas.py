"""What the views beside the layers compute: a formula and a sentence for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.ops.changes import RANGES
from cnnviz.pages.inspect import attributing, changing, growing, mapping
from cnnviz.widgets import numbers
from cnnviz.widgets.probability_bars import percentage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.pages.inspect.asked import Asked
    from cnnviz.pages.inspect.stages import Seen
    from cnnviz.pages.inspect.state import State

Words = tuple[str, str]

DECAY, BLUR_EVERY, STEP = 0.01, 4, 2.5
"""Of :class:`cnnviz.nn.dreaming.Dream` and, of PGD, of
:class:`cnnviz.nn.adversarial.Attack`, which bring torch with them."""


def of_view(
    state: State, asked: Asked, seen: Seen | None, classes: Sequence[str]
) -> Words:
    """Return a heading and a sentence on the view of a state.

    Parameters
    ----------
    state : State
    asked : Asked
    seen : Seen or None
        What it made of the picture; None without one, of which some views say nothing.
    classes : sequence of str
    """
    if state.view == "dream":
        heading, sentence = dream(state, asked, classes)
        return heading, sentence + asked.ranged
    if state.view == "points":
        return points(state, asked)
    shares = asked.shares(seen) if seen is not None else None
    if shares is None or len(shares) != len(classes):
        return "", ""
    if state.view == "why":
        heading, sentence = why(state, asked, shares, classes)
        return heading, sentence + asked.scored
    if state.view == "adversarial":
        heading, sentence = adversarial(state, shares, classes)
    else:
        heading, sentence = changes(state, shares, classes)
    return heading, sentence + asked.ranged


def why(
    state: State, asked: Asked, shares: np.ndarray, classes: Sequence[str]
) -> Words:
    """Say what the five maps are."""
    settings = state.why.attributing
    label = _label(settings.target, shares)
    share = percentage(float(shares[label]))
    heading = (
        f"Which pixels speak for {classes[label]}? s is its score, p its probability: "
        f"{share}"
    )
    layer = attributing.chosen_layer(asked, settings.layer)
    cam = f"ReLU(Σ αA) over the maps A of {asked.title(layer)}; " if layer else ""
    sides = (min(settings.window, size) for size in asked.input[1:])
    side = " × ".join(map(str, sides))
    start = "black x₀" if asked.nothing == "black" else "x₀ = 0"
    return heading, (
        "The slope |∂s/∂x|; slope times value, x · ∂s/∂x; (x − x₀) times the mean "
        f"slope on the way from {start} to x; {cam}p less what is left of p with "
        f"{side} pixels covered."
    )


def adversarial(state: State, shares: np.ndarray, classes: Sequence[str]) -> Words:
    """Say how the picture is changed."""
    settings = state.why.attacking
    targeted = 0 <= settings.target < len(classes)
    label = _label(settings.target, shares)
    sign, way = ("−", "fall") if targeted else ("+", "grow")
    slope = "sign(g)" if settings.norm == "linf" else "g / ‖g‖"
    epsilon = _short(settings.epsilon)
    loss = f"g = ∂L/∂x, and L = −ln p({classes[label]}) is to {way}"
    if settings.method == "fgsm":
        heading = f"FGSM: x′ = x {sign} ε · {slope}, ε = {epsilon}, cut off at 0 and 1"
    else:
        step = _short(STEP * settings.epsilon / settings.steps)
        heading = (
            f"PGD: x ← P(x {sign} α · {slope}), {settings.steps} times, α = {step}; P "
            f"goes back to within ε = {epsilon} of the picture, and to 0 to 1"
        )
    size = (
        "ε is the most that a pixel changes"
        if settings.norm == "linf"
        else "ε is the length of the whole change"
    )
    return heading, f"{loss}; p is {percentage(float(shares[label]))} before. {size}."


def dream(state: State, asked: Asked, classes: Sequence[str]) -> Words:
    """Say how the picture grows."""
    settings = state.why.dreaming
    layer, channel = growing.chosen(asked, settings)
    stage = asked.stage(layer)
    title = stage.title
    if len(stage.shape) == 3:
        what = f"the mean of map {channel} of {title}"
    elif growing.classed(asked, layer) and channel < len(classes):
        what = f"the score of {classes[channel]}"
    else:
        what = f"unit {channel} of {title}"
    rough = f" − {_short(settings.variation)} · ∂TV/∂x" if settings.variation else ""
    heading = (
        f"x ← {_short(1 - DECAY)} · x + {_short(settings.step)} · (g / rms(g){rough}), "
        "cut off at 0 and 1"
    )
    helps = []
    if settings.jitter:
        helps.append(f"for g the picture is rolled by up to {settings.jitter} px")
    if settings.blur:
        every = f"every {BLUR_EVERY} steps"
        helps.append(f"{every} it is blurred with σ = {_short(settings.blur)}")
    if settings.variation:
        helps.append("TV is half the sum of squared differences of neighbours")
    return heading, "; ".join([f"g = ∂a/∂x, and a is {what}", *helps]) + "."


def points(state: State, asked: Asked) -> Words:
    """Say what the plane is."""
    settings = state.why.mapping
    layer = mapping.chosen(asked, settings)
    shapes = {stage.name: stage.shape for stage in asked.stages}
    size = int(np.prod(shapes.get(layer, asked.input)))
    says = f"what {asked.title(layer)} says" if layer in shapes else "the pixels"
    if settings.method == "tsne":
        return (
            f"t-SNE: from {size:,} numbers to two, KL(P‖Q) = Σ pᵢⱼ ln(pᵢⱼ / qᵢⱼ) small",
            f"pᵢⱼ says how near pictures i and j are by {says} (perplexity "
            f"{mapping.PERPLEXITY:g}), qᵢⱼ how near their points are; only neighbours "
            "mean something.",
        )
    return (
        f"PCA: y = (a − ā) · [v₁ v₂], from {size:,} numbers to two",
        f"a is {says} of a picture, ā the mean over up to {settings.count:,}; v₁ and "
        "v₂ are the directions in which they differ most, turned to fit the other "
        "layers. What lies together is alike to the network.",
    )


def changes(state: State, shares: np.ndarray, classes: Sequence[str]) -> Words:
    """Say what the curves are over."""
    change = state.why.changing.change
    limits = RANGES[change]
    low, high = (numbers.text(np.float32(n), 3) for n in (limits.low, limits.high))
    unit = f" {limits.unit}" if limits.unit else ""
    now = float(getattr(state.changes, change.replace("-", "_")))
    label = int(shares.argmax())
    heading = (
        f"p(class) of {DONE[change]} t, {changing.VALUES} values from {low} to {high}"
        f"{unit}; now t = {changing.amount(change, now)}: "
        f"{classes[label]}, {percentage(float(shares[label]))}"
    )
    return heading, SHIFTED if change.startswith("shift") else LEARNED


DONE = {
    "shift-right": "the picture shifted right by",
    "shift-down": "the picture shifted down by",
    "rotate": "the picture turned anticlockwise by",
    "scale": "the picture scaled by",
    "noise": "the picture plus noise of standard deviation",
}

SHIFTED = (
    "A convolution gives shifted maps for a shifted picture, and pooling forgets a "
    "shift of a pixel or so; a dense layer has weights of its own for each place."
)
LEARNED = (
    "No layer is made for this: what the network bears, it learned from the training "
    "pictures."
)


def _label(target: int, shares: np.ndarray) -> int:
    return target if 0 <= target < len(shares) else int(shares.argmax())


def _short(value: float) -> str:
    return numbers.text(np.float32(value), 4)
