"""What a classifier got right and wrong: confusion, accuracies, worst mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]


def confusion(probabilities: Floats, labels: Integers) -> Integers:
    """Count pictures by true class (row) and predicted class (column).

    Parameters
    ----------
    probabilities : float32 (N, K)
    labels : int64 (N,)
        0 to K − 1.

    Returns
    -------
    int64 (K, K)
        Its sum is N, the sum of its diagonal the number of right answers.
    """
    classes = probabilities.shape[1]
    places = labels * classes + probabilities.argmax(1)
    return np.bincount(places, minlength=classes**2).reshape(classes, classes)


def worst(probabilities: Floats, labels: Integers, most: int) -> Integers:
    """Return the pictures answered wrongly, the most confident answer first.

    Returns
    -------
    int64 (n,)
        Numbers of pictures, at most `most`.
    """
    answers = probabilities.argmax(1)
    wrong = np.flatnonzero(answers != labels)
    confident = probabilities[wrong, answers[wrong]]
    return wrong[np.argsort(-confident, kind="stable")][:most]


def in_cell(
    probabilities: Floats, labels: Integers, cell: tuple[int, int], most: int
) -> Integers:
    """Return the pictures of one class that got one answer, most confident first."""
    true, answer = cell
    there = (labels == true) & (probabilities.argmax(1) == answer)
    found = np.flatnonzero(there)
    order = np.argsort(-probabilities[found, answer], kind="stable")
    return found[order][:most]
