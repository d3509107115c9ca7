"""Tried settings, by name."""

from __future__ import annotations

from typing import NamedTuple

from cnnviz.nn.recipe import Recipe, fast_99


class Preset(NamedTuple):
    """A recipe with a title and a sentence."""

    title: str
    note: str
    recipe: Recipe


PRESETS = {
    "lecture": Preset(
        "Lecture", "Adam, batch 128, 10 epochs: section 8 of the lecture", Recipe()
    ),
    "fast-99": Preset(
        "Fast 99 %", "One cycle, smoothed labels: 99 % on MNIST in one epoch", fast_99()
    ),
}
