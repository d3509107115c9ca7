"""Many outputs of a layer as points on a plane: PCA, t-SNE, and one map after another.

Rows are pictures, columns the values of a layer; see :mod:`cnnviz.nn.gathering`.
"""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from cnnviz.errors import InputError, absent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.float32]

EXACT = 600
"""Up to so many rows or columns the covariance is solved exactly."""

_BLOCK, _ROUNDS = 16, 4
"""Of the Krylov iteration; a product with 10 columns takes seven times as long as one
with 16."""


@dataclass(frozen=True, eq=False)
class Projection:
    """Points on a plane.

    Attributes
    ----------
    points : float32 (N, 2)
        With a mean of 0.
    explained : float64 (2,)
        Share of the whole variance that lies along each axis, 0 to 1.
    """

    points: Floats
    explained: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TsneStep:
    """Points on their way.

    Attributes
    ----------
    points : float32 (N, 2)
    done, total : int
        Iterations.
    """

    points: Floats
    done: int
    total: int


def pca(rows: Floats, seed: int = 0) -> Projection:
    """Project rows on the two directions in which they differ most.

    Exact for up to 600 rows or columns; beyond, by randomised block Krylov iteration
    (Musco and Musco, arXiv:1504.05477), whose directions are good to some digits, in a
    fraction of a second. Each axis points to where its largest value lies.

    Parameters
    ----------
    rows : float32 (N, features)
        At least 2 rows.
    seed : int
        Draws the start of the iteration.

    Raises
    ------
    InputError
        There are too few rows, or they are not finite.
    """
    if len(rows) < 2:
        raise InputError("A map of pictures needs two at least: choose more.")
    values = torch.from_numpy(np.asarray(rows, np.float32))
    centred = values - values.mean(dim=0)
    lengths = torch.linalg.vector_norm(centred, dim=1)  # by rows: 30 times faster
    total = float(lengths.square().sum(dtype=torch.float64))
    if not np.isfinite(total):
        raise InputError(
            "These outputs are not finite, so they have no map: choose another layer "
            "or an earlier moment."
        )
    small = min(centred.shape) <= EXACT
    points, variances = _exact(centred) if small else _iterated(centred, seed)
    plane = torch.zeros(len(rows), 2)
    plane[:, : points.shape[1]] = points
    largest = plane.abs().argmax(dim=0, keepdim=True)
    plane = plane * torch.where(plane.gather(0, largest) < 0, -1.0, 1.0)
    shares = np.zeros(2)
    if total > 0:
        shares[: len(variances)] = variances.double().numpy() / total
    return Projection(plane.numpy(), shares)


def _exact(centred: Tensor) -> tuple[Tensor, Tensor]:
    """Return the points on two axes and the squares summed along each."""
    exact = centred.double()
    if exact.shape[1] <= exact.shape[0]:
        variances, axes = torch.linalg.eigh(exact.T @ exact)
        points = exact @ axes[:, -2:].flip(1)
    else:
        variances, vectors = torch.linalg.eigh(exact @ exact.T)
        lengths = variances[-2:].flip(0).clamp(min=0).sqrt()
        points = vectors[:, -2:].flip(1) * lengths
    return points.float(), variances[-2:].flip(0).clamp(min=0)


def _iterated(centred: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Do the same in the span of Y, CCᵀY, …, (CCᵀ)ⁿY with C centred and Y random."""
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(centred.shape[1], _BLOCK, generator=generator)
    blocks = [torch.linalg.qr(centred @ start).Q]
    for _ in range(_ROUNDS):
        blocks.append(torch.linalg.qr(centred @ (centred.T @ blocks[-1])).Q)
    span = torch.linalg.qr(torch.cat(blocks, dim=1)).Q
    inner = span.T @ centred
    variances, vectors = torch.linalg.eigh((inner @ inner.T).double())
    variances = variances[-2:].flip(0).clamp(min=0)
    axes = vectors[:, -2:].flip(1).float()
    return (span @ axes) * variances.sqrt().float(), variances


def aligned(points: Floats, reference: Floats) -> Floats:
    """Turn or mirror points so that each lies as near as can be to its reference.

    Orthogonal Procrustes (Schönemann 1966); distances within the points stay as they
    are, so an animation from one map to the next moves only what differs.

    Parameters
    ----------
    points : float32 (N, 2)
        With a mean of 0.
    reference : float32 (M, 2)
        Of the same pictures in the same order, or of the first of them.
    """
    shared = points[: len(reference)].T.astype(np.float64)
    left, _, right = np.linalg.svd(shared @ reference)
    return np.asarray(points @ (left @ right), np.float32)


def journey(
    layers: Iterable[Floats], seed: int = 0, reference: Floats | None = None
) -> Iterator[list[Projection]]:
    """Project one layer after the other, each aligned with the one before.

    Parameters
    ----------
    layers : iterable of float32 (N, features)
        The same pictures in every one, from the pixels to the last layer or back.
    reference : float32 (M, 2), optional
        What the first map is turned to fit, see :func:`aligned`.

    Yields
    ------
    list of Projection
        Those so far, one more each time; scaled to a root mean square of 1, because
        layers live on different scales. May be closed after any.
    """
    done: list[Projection] = []
    for rows in layers:
        found = pca(rows, seed)
        spread = float(np.sqrt(np.square(found.points).sum(axis=1).mean()))
        points = found.points / np.float32(spread or 1.0)
        if reference is not None:
            points = aligned(points, reference)
        reference = points
        done.append(Projection(points, found.explained))
        yield list(done)


def tsne_available() -> bool:
    """Tell whether openTSNE is installed, without importing it."""
    return importlib.util.find_spec("openTSNE") is not None


def tsne(
    rows: Floats, perplexity: float = 30.0, iterations: int = 750, seed: int = 0
) -> Iterator[TsneStep]:
    """Lay rows out so that neighbours stay neighbours: t-SNE, by openTSNE.

    van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 9 (2008), with the
    usual 250 iterations of exaggeration by 12 first; starts from the PCA.

    Parameters
    ----------
    rows : float32 (N, features)
        At least 10.
    perplexity : float
        How many neighbours count, at least 1; lowered to a third of N if need be.
    iterations : int
        In all, 1 or more.

    Yields
    ------
    TsneStep
        Every 25 iterations; may be closed after any.

    Raises
    ------
    InputError
        openTSNE is not installed, or there are too few rows.
    """
    if not tsne_available():
        raise InputError(absent("t-SNE maps", "openTSNE"))
    if len(rows) < 10:
        raise InputError("t-SNE needs ten pictures at least: choose more.")
    library: Any = importlib.import_module("openTSNE")
    start = pca(rows, seed).points
    start = start * (1e-4 / max(float(start[:, 0].std()), 1e-12))
    affinities = library.affinity.PerplexityBasedNN(
        np.asarray(rows, np.float64),
        perplexity=min(perplexity, (len(rows) - 1) / 3),
        n_jobs=-1,
        random_state=seed,
    )
    embedding = library.TSNEEmbedding(
        start.astype(np.float64), affinities, n_jobs=-1, random_state=seed
    )
    early = iterations // 3
    for done in range(0, iterations, 25):
        amount = min(25, iterations - done)
        exaggeration, momentum = (12, 0.5) if done < early else (1, 0.8)
        embedding.optimize(
            n_iter=amount, exaggeration=exaggeration, momentum=momentum, inplace=True
        )
        points = np.array(embedding, np.float32)
        yield TsneStep(points - points.mean(axis=0), done + amount, iterations)
