"""Small networks with drawn weights, and what they make of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn import probing
from cnnviz.nn.modules import build
from cnnviz.nn.network import Layer, Network, average_pool, conv, dense, max_pool
from cnnviz.pages.inspect.stages import Seen, chain_stages
from cnnviz.pages.inspect.subject import Subject

if TYPE_CHECKING:
    from pathlib import Path

MIXED = Network(
    id="mixed",
    title="Mixed",
    input=(1, 28, 28),
    layers=(
        conv(4, 5, stride=2, padding=1),
        Layer("batch-norm"),
        Layer("tanh"),
        max_pool(2),
        conv(6, 3, connections=tuple((n % 4, (n + 1) % 4) for n in range(6))),
        Layer("relu"),
        average_pool(2),
        Layer("flatten"),
        dense(12),
        Layer("sigmoid"),
        Layer("dropout", rate=0.3),
        dense(10),
    ),
)

NAMES = tuple("0123456789")


def subject(network: Network = MIXED, seed: int = 0) -> Subject:
    module = build(network, seed)
    weights = probing.weights(module)
    return Subject(network, weights, network.title, NAMES)


def seen(one: Subject, seed: int = 0) -> Seen:
    from cnnviz.nn import replay

    picture = np.random.default_rng(seed).random(one.network.input, np.float32)
    module = replay.module_of(one.network, complete(one))
    outputs = probing.outputs(module, picture)
    return Seen(chain_stages(one), outputs, subject=one)


def complete(one: Subject) -> dict[str, np.ndarray]:
    """Return the weights with the counts that torch's batch norm wants too."""
    counts = {
        f"{name}.num_batches_tracked": np.array(0)
        for name in one.network.names
        if name.startswith("norm")
    }
    return {**one.weights, **counts}


def saved(one: Subject, folder: Path) -> Path:
    """Write a network as a file."""
    from cnnviz.nn import checkpoints

    path = folder / f"{one.network.id}.safetensors"
    checkpoints.save(path, one.network, complete(one), {"classes": list(one.classes)})
    return path
