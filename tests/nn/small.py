"""Pictures and networks so small that a training takes no time."""

from __future__ import annotations

import numpy as np

from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.network import Layer, Network, conv, dense, max_pool
from cnnviz.nn.recipe import Recipe

TINY = Network(
    input=(1, 8, 8),
    layers=(
        conv(4, 3),
        Layer("relu"),
        max_pool(2),
        Layer("flatten"),
        Layer("dropout", rate=0.2),
        dense(4),
    ),
)

NORMED = Network(
    input=(1, 8, 8),
    layers=(
        conv(3, 3),
        Layer("batch-norm"),
        Layer("relu"),
        Layer("flatten"),
        dense(4),
    ),
)

RECIPE = Recipe(
    network=TINY,
    batch=16,
    epochs=2,
    learning_rate=0.01,
    precision="float32",
    device="cpu",  # where the same seed gives the same numbers
)


def split(count: int, seed: int) -> Split:
    """Draw pictures with one bright quarter in the noise: its number is the label."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, count)
    images = random.integers(0, 120, (count, 1, 8, 8))
    for picture, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 2)
        picture[0, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 100
    return Split(images.astype(np.uint8), labels.astype(np.int64))


DATA = Dataset("quarters", split(101, 1), split(30, 2), tuple("abcd"))
