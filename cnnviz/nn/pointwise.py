"""The arithmetic of values that are made of few others: activations, norm, sums.

In float32, as in :mod:`cnnviz.nn.arithmetic`, which describes the results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnviz.nn.arithmetic import AddTerms, PointTerms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnnviz.nn.arithmetic import Place


def point_terms(kind: str, value: float, own: float, source: Place) -> PointTerms:
    """Write out an activation, dropout after training, or flatten."""
    x, scale = np.float32(value), abs(value)
    match kind:
        case "relu":
            total = x if np.isnan(x) else max(x, np.float32(0))
        case "tanh":
            total, scale = np.tanh(x), 1.0
        case "sigmoid":
            with np.errstate(over="ignore"):  # 1 / (1 + ∞) is the right 0
                total, scale = 1 / (1 + np.exp(-x)), 1.0
        case "scaled-tanh":
            total, scale = np.float32(1.7159) * np.tanh(x * np.float32(2 / 3)), 1.7159
        case _:
            total = x
    return PointTerms(
        kind=kind,
        value=value,
        source=source,
        numbers={},
        total=float(total),
        own=own,
        scale=scale,
    )


def norm_terms(
    value: float, own: float, source: Place, numbers: dict[str, float]
) -> PointTerms:
    """Write out batch norm after training; `numbers` as :class:`PointTerms` says."""
    mean, variance, epsilon, weight, bias = (
        np.float32(numbers[name])
        for name in ("mean", "variance", "epsilon", "weight", "bias")
    )
    slope = weight / np.sqrt(variance + epsilon)
    return PointTerms(
        kind="batch-norm",
        value=value,
        source=source,
        numbers=numbers,
        total=float((np.float32(value) - mean) * slope + bias),
        own=own,
        scale=float((abs(value) + abs(mean)) * abs(slope) + abs(bias)),
    )


def add_terms(values: Sequence[float], own: float) -> AddTerms:
    """Write out where branches are added."""
    return AddTerms(
        values=tuple(values),
        total=float(np.array(values, np.float32).sum(dtype=np.float32)),
        own=own,
        scale=sum(map(abs, values)),
    )
