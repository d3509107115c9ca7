"""The words, the formula and the facts under the canvas, with their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnviz.widgets import numbers
from cnnviz.widgets.facts import Fact

if TYPE_CHECKING:
    from cnnviz.nn.events import Metrics, Started
    from cnnviz.nn.network import Network
    from cnnviz.nn.recipe import Optimizer, Recipe
    from cnnviz.pages.train.curves import Curves

RULES: dict[Optimizer, str] = {
    "sgd": "v ← {momentum} v + g,  w ← w − {rate} v",
    "rmsprop": "s ← 0.99 s + 0.01 g²,  w ← w − {rate} g / (√s + 10⁻⁸)",
    "adam": "w ← w − {rate} m̂ / (√v̂ + 10⁻⁸),  m: 0.9, v: 0.999",
    "adamw": "w ← (1 − {rate}·{decay}) w − {rate} m̂ / (√v̂ + 10⁻⁸)",
    "adadelta": "w ← w − {rate} g √(u + 10⁻⁶) / √(s + 10⁻⁶)",
    "adagrad": "s ← s + g²,  w ← w − {rate} g / (√s + 10⁻¹⁰)",
    "adamax": "u ← max(0.999 u, |g|),  w ← w − {rate} m̂ / (u + 10⁻⁸)",
    "nadam": "w ← w − {rate} (μ m + (1 − μ) g) / (√v̂ + 10⁻⁸), bias corrected",
    "ftrl": "w ← argmin Σ g·w + Σ σ‖w − wₛ‖²/2, steps of {rate} / √Σg²",
}
"""One step of each optimizer: g is the gradient, w a weight."""

NO_BREAK = "\N{NO-BREAK SPACE}"
LONGEST_DATA = 24
"""Letters of the data's name beside its accuracy."""


def loss_words(recipe: Recipe, curves: Curves, step: int) -> str:
    """Say what the loss of a batch is, with its number; the first is number 1."""
    if not curves.steps:
        return "Start, and the loss of every batch is drawn."
    if not step:
        return "Before the first batch: every weight is as it was drawn."
    loss, share = (curves.column(n)[step - 1] for n in ("loss", "accuracy"))
    what = (
        "mean of −log p(true class)"
        if recipe.loss == "cross-entropy"
        else "mean of (p − one-hot)² over the classes"
    )
    if recipe.loss == "cross-entropy" and recipe.label_smoothing:
        what += f", targets smoothed by {recipe.label_smoothing:g}"
    also = "and " if recipe.loss == "squared-error" else ""
    return (
        f"Batch {step:,}: {what} {also}over its pictures "
        f"{_equals(float(loss))}; {percent(float(share))} of them right."
    )


def step_words(recipe: Recipe, rate: float) -> str:
    """Return one step of the optimizer with its numbers filled in."""
    return RULES[recipe.optimizer].format(
        rate=numbers.text(rate),
        momentum=numbers.text(recipe.momentum),
        decay=numbers.text(recipe.weight_decay),
    )


def facts(
    started: Started | None, curves: Curves, shown: Network, step: int, data: str
) -> list[Fact]:
    """Return the facts of a training after so many batches, on data of this name."""
    result = [
        Fact(
            "Parameters",
            f"{sum(shown.parameters):,}" if not shown.why_invalid() else "–",
            "Numbers that the network learns.",
        )
    ]
    if lines := [line for line in curves.metrics if line.step <= step]:
        result.append(_accuracy(lines[-1], data))
    if step:
        rate, norm = (
            curves.column(n)[step - 1] for n in ("learning_rate", "gradient_norm")
        )
        result += [
            Fact("Learning rate", numbers.approx(rate), "Of this batch."),
            Fact(
                "Gradient norm",
                numbers.approx(norm),
                "Length of all gradients of this batch as one vector.",
            ),
        ]
    if curves.speed:
        result.append(
            Fact(
                "Speed",
                f"{curves.speed:,.0f} pictures/s",
                "Lately, pauses and tests left out.",
            )
        )
    if started is not None:
        result.append(
            Fact(
                "Computed on",
                f"{started.device}, {started.precision}",
                started.repeatable or "The same seed gives the same numbers here.",
            )
        )
    return result


def _accuracy(line: Metrics, data: str) -> Fact:
    # With the data's name, as nobody is to take that on generated digits for MNIST's.
    name = data if len(data) <= LONGEST_DATA else f"{data[:LONGEST_DATA]}…"
    return Fact(
        f"Test accuracy, {name}" if name else "Test accuracy",
        f"{percent(line.test_accuracy)} after epoch {line.epoch}",
        f"After batch {line.step:,}, on pictures that were never trained on.",
    )


def when(line: Metrics) -> str:
    """Say when a network was tested: ``"after epoch 1, batch 469"``."""
    return f"after epoch{NO_BREAK}{line.epoch}, {batch(line.step)}"


def batch(step: int) -> str:
    """Call a batch by its number, in one piece: ``"batch 469"``."""
    return f"batch{NO_BREAK}{step:,}"


def percent(share: float) -> str:
    """Write a share in per cent, with two decimals: ``"98.36 %"``."""
    return f"{share:.2%}".replace("%", " %")


def _equals(value: float) -> str:
    text = numbers.text(value)
    return f"{numbers.ROUNDED if numbers.is_rounded(value, text) else '='} {text}"
