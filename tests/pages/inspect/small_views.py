"""A small network, its data, and a way to show one of its views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cnnviz.nn.datasets import Dataset, Split
from cnnviz.nn.network import Layer, Network, conv, dense, max_pool
from cnnviz.pages.inspect.asked import Asked, of_chain
from cnnviz.pages.inspect.subject import Subject

if TYPE_CHECKING:
    from cnnviz.pages.inspect.asking_view import AskingView

SMALL = Network(
    id="small",
    input=(1, 8, 8),
    layers=(
        conv(4, 3),
        Layer("relu"),
        max_pool(2),
        Layer("flatten"),
        dense(4),
    ),
)
CLASSES = tuple("abcd")


def data(count: int = 300) -> Dataset:
    """Draw pictures with one bright quarter in the noise: its number is the label."""
    random = np.random.default_rng(3)
    labels = random.integers(0, 4, count)
    images = random.integers(0, 90, (count, 1, 8, 8))
    for picture, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 2)
        picture[0, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4] += 120
    split = Split(images.astype(np.uint8), labels.astype(np.int64))
    return Dataset("quarters", split, split, CLASSES)


def weights() -> dict[str, Any]:
    """Return weights that know the quarters: each class sees the mean of its own."""
    from cnnviz.nn import replay
    from cnnviz.nn.recipe import Recipe

    found = replay.first_weights(Recipe(SMALL))
    random = np.random.default_rng(5)
    kernel = random.uniform(0.02, 0.2, (4, 1, 3, 3)).astype(np.float32)
    last = np.full((4, 4, 3, 3), -0.3, np.float32)
    for label in range(4):
        row, column = divmod(label, 2)
        last[label, :, 2 * row : 2 * row + 1, 2 * column : 2 * column + 1] = 2.5
    named = {"conv1.weight": kernel, "dense1.weight": last.reshape(4, -1)}
    zeros = {key: np.zeros_like(value) for key, value in found.items()}
    return {**zeros, **named}


DATA = data()
PICTURE = DATA.test.images[0].astype(np.float32) / np.float32(255)


def give(
    view: AskingView,
    weights: dict[str, Any],
    picture: Any = PICTURE,
    data: Dataset | None = DATA,
) -> None:
    """Hand a view its inputs."""
    view.show_inputs(asked(weights), picture, data)


def asked(weights: dict[str, Any], network: Network = SMALL) -> Asked:
    """Return a network as a view asks it."""
    return of_chain(Subject(network, weights, "small", CLASSES))
