"""What layers are called on the screen, and which have values of either sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnviz.nn.network import Network

UNSIGNED = {"relu", "sigmoid"}
INHERITED = {"max-pool", "average-pool", "dropout", "flatten"}

_TITLES = {
    "conv": "Conv",
    "relu": "ReLU",
    "pool": "Pool",
    "dense": "Dense",
    "norm": "Batch norm",
    "rbf": "Codes",
}


def titled(name: str) -> str:
    """Return a layer's name for the screen: ``"conv1"`` becomes ``"Conv 1"``."""
    word = name.rstrip("0123456789")
    return f"{_TITLES.get(word, word.capitalize())} {name[len(word) :]}".rstrip()


def signs(network: Network) -> tuple[bool, ...]:
    """Return for each layer whether values of either sign are to be expected."""
    result, signed = [], False
    for layer in network.layers:
        if layer.kind not in INHERITED:
            signed = layer.kind not in UNSIGNED
        result.append(signed)
    return tuple(result)
