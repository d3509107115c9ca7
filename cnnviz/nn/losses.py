"""What a training makes small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch.nn import functional as F

if TYPE_CHECKING:
    from torch import Tensor

    from cnnviz.nn.recipe import Recipe


def mean_loss(scores: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    """Return the mean loss of some pictures.

    Squared error compares the softmax of the scores with one-hot labels and is a mean
    over the classes too, as in Keras a network that ends in softmax is trained with
    ``"mse"``.

    Parameters
    ----------
    scores : float32 (N, classes)
    labels : int64 (N,)
    recipe : Recipe
        Its loss and, for cross-entropy, its label smoothing ε: each label counts
        1 − ε + ε/classes and every other class ε/classes.

    Returns
    -------
    float32 ()
    """
    if recipe.loss == "squared-error":
        truth = F.one_hot(labels, scores.shape[1]).to(scores.dtype)
        return F.mse_loss(scores.softmax(1), truth)
    return F.cross_entropy(scores, labels, label_smoothing=recipe.label_smoothing)
